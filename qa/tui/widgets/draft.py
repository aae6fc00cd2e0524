"""Text as it is written, before anything of it is checked."""

from textual.containers import Vertical
from textual.widgets import Static

from qa.tui import answers
from qa.tui.text import safe


class Draft(Vertical):
    """A widget a line, so that only the last is drawn anew: one growing text would be laid out whole each time."""

    def __init__(self) -> None:
        super().__init__(classes="draft")
        self._lines: list[Static] = []

    def show(self, text: str) -> None:
        """Show ``text``, which begins with what was shown before."""
        lines = safe(text, answers.LIMIT).plain.split("\n")
        if self._lines:
            self._lines[-1].update(answers.draft(lines[len(self._lines) - 1]))
        new = [Static(answers.draft(line), classes="line") for line in lines[len(self._lines) :]]
        self._lines += new
        self.mount_all(new)

    @property
    def plain(self) -> str:
        """What is shown."""
        return "\n".join(str(line.visual) for line in self._lines)
