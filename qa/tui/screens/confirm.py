"""One question before something that cannot be taken back."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from qa.tui.guard import Guarded
from qa.tui.text import safe


class ConfirmScreen(Guarded, ModalScreen[bool]):
    """True for y, False for n and Esc; any other key does nothing. ``question`` need not be safe."""

    DEFAULT_CSS = """
    ConfirmScreen { align: center middle; }
    ConfirmScreen > Vertical {
        width: 64; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
        border: round $warning; background: $surface;
    }
    ConfirmScreen Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="confirm.yes"),
        Binding("n,escape", "answer(False)", "No", key_display="n", id="confirm.no"),
    ]

    def __init__(self, question: str, consequence: str) -> None:
        super().__init__()
        self._question = safe(question, 400)
        self._consequence = safe(consequence, 400)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._question.stylize("bold"))
            yield Static(self._consequence)
            yield Static(safe("y yes · n no"), classes="label")
        yield Footer(show_command_palette=False)

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)
