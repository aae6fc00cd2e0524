"""Asks for the file or folder that is to be added."""

import asyncio
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Footer, Input, Static

from qa.tui.guard import Guarded
from qa.tui.text import safe
from qa.tui.widgets.fields import SafeInput

# A folder may hold any number of files; a suggestion is not worth reading them all.
_MOST_NAMES = 2_000


class AddScreen(Guarded, ModalScreen[Path | None]):
    """Dismissed with what is to be added, which is there, or None."""

    AUTO_FOCUS = "#add-path"
    DEFAULT_CSS = """
    AddScreen { align: center middle; }
    AddScreen > Vertical {
        width: 72; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
        border: round $primary; background: $surface;
    }
    AddScreen Static { height: auto; }
    AddScreen #add-problem { color: $warning; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", key_display="Esc", id="add.back"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(safe("Add a file, or the files of a folder (Enter adds, → completes)"), classes="label")
            yield SafeInput(id="add-path", placeholder="~/articles", suggester=PathSuggester())
            yield Static(id="add-problem")
        yield Footer(show_command_palette=False)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        problem = ""
        try:
            path = Path(typed).expanduser()
            if not typed:
                problem = "Name a file or a folder."
            elif not path.exists():
                problem = f"There is no file or folder {path}."
        except (OSError, RuntimeError, ValueError) as error:
            problem = f"{typed} cannot be looked at ({error})."
        if problem:
            self.query_one("#add-problem", Static).update(safe(problem, 600))
        else:
            self.dismiss(path)


class PathSuggester(Suggester):
    """The first name, by the alphabet, that begins with what was typed; a folder's ends with a slash."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        return await asyncio.to_thread(suggestion, value)


def suggestion(typed: str) -> str | None:
    """None when there is nothing to suggest."""
    folder, slash, beginning = typed.rpartition("/")
    if not beginning:
        return None
    try:
        place = Path((folder + slash) or ".").expanduser()
        found = []
        for path, _ in zip(place.iterdir(), range(_MOST_NAMES), strict=False):
            if path.name.startswith(beginning) and path.name.isprintable():
                found.append(f"{path.name}/" if path.is_dir() else path.name)
    except (OSError, RuntimeError, ValueError):
        return None
    return f"{folder}{slash}{min(found)}" if found else None
