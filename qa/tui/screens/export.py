"""Writes an answer to a file."""

from itertools import count
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from qa.models import Answer
from qa.render import render_json, render_markdown
from qa.tui.guard import Guarded

FORMATS = (("Markdown", "md", render_markdown), ("JSON", "json", render_json))


class ExportScreen(Guarded, ModalScreen[str | None]):
    """Markdown or JSON, into the folder that the program was started in; dismissed with what was done."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back", id="export.back"),
        Binding("m", "write(0)", "Markdown", id="export.markdown"),
        Binding("j", "write(1)", "JSON", id="export.json"),
    ]

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content("Export the answer to this folder"), classes="label")
            yield OptionList(
                *(Option(Content(f"{name} ({name[0].lower()}): {self._file(ending)}")) for name, ending, _ in FORMATS),
                compact=True,
            )

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_write(event.option_index)

    def action_write(self, chosen: int) -> None:
        _, ending, render = FORMATS[chosen]
        try:
            path = write_new(Path.cwd() / self._file(ending), render(self._answer) + "\n")
        except OSError as error:
            self.dismiss(f"Nothing was written to {self._file(ending)}: {error.strerror}.")
        else:
            self.dismiss(f"Written to {path.name}.")

    def _file(self, ending: str) -> str:
        return f"isisk-qa-{self._answer.id}.{ending}"


def write_new(path: Path, text: str) -> Path:
    """Write to ``path``, or to the first ``name-2``, ``name-3`` … that is not there yet. Raises OSError."""
    for number in count(1):
        target = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        try:
            with target.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            continue
        break
    return target
