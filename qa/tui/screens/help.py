"""What the keys do."""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from qa.tui.guard import Guarded

SIGNS = (
    ("…", "not checked yet"),
    ("✓", "the quoted words support the sentence"),
    ("≈", "they support a part of it"),
    ("✗", "they do not support it, or there is no such passage"),
    ("∅", "the articles do not answer the question"),
    ("≠", "sources differ"),
)
OUTSIDE = "Letters and digits are keys outside the prompt: Esc leads into it, Tab and F3 out of it."


class HelpScreen(Guarded, ModalScreen[None]):
    """The keys as they are bound now. Closed by Esc, F1 or q."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "dismiss", "Close", id="help.close")]
    AUTO_FOCUS = "#help"

    def __init__(self, keys: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = tuple(keys)

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            yield Static(Content("Keys"), classes="label")
            yield from _rows(self._keys)
            yield Static(Content(f"\n{OUTSIDE}\n"))
            yield Static(Content("Signs"), classes="label")
            yield from _rows(SIGNS)


def _rows(rows: tuple[tuple[str, str], ...]) -> ComposeResult:
    for name, what in rows:
        yield Horizontal(Static(Content(name), classes="key"), Static(Content(what)), classes="row")
