"""What the keys do."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

KEYS = (
    ("Enter", "send the question; on a passage: open the whole article"),
    ("Tab, Shift+Tab", "move between the prompt, the passages and the conversation"),
    ("F3", "to the evidence and back"),
    ("1 to 9", "choose the passage of that marker (outside the prompt)"),
    ("n, p", "next and previous passage (outside the prompt)"),
    ("j, k", "next and previous answer (outside the prompt)"),
    ("Page Up, Down", "scroll the conversation"),
    ("Esc", "stop the answer that is being written, else back to the prompt"),
    ("F1", "this help"),
    ("Ctrl+Q", "quit"),
)
SIGNS = (
    ("✓", "the quoted words support the sentence"),
    ("≈", "they support a part of it"),
    ("✗", "they do not support it, or there is no such passage"),
    ("∅", "the articles do not answer the question"),
    ("≠", "sources differ"),
)


class HelpScreen(ModalScreen[None]):
    """Closed by Esc, F1 or q."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "dismiss", "Close", id="help.close")]
    AUTO_FOCUS = "#help"

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            yield Static(Content("Keys"), classes="label")
            yield from _rows(KEYS)
            yield Static()
            yield Static(Content("Signs"), classes="label")
            yield from _rows(SIGNS)


def _rows(rows: tuple[tuple[str, str], ...]) -> ComposeResult:
    for name, what in rows:
        yield Horizontal(Static(Content(name), classes="key"), Static(Content(what)), classes="row")
