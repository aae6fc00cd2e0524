"""Text as it is written, each sentence with its state as soon as it is checked."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from qa.tui import answers
from qa.tui.text import safe


class Draft(Vertical):
    """A widget a line, so that only the last is drawn anew: one growing text would be laid out whole each time."""

    def __init__(self) -> None:
        super().__init__(classes="draft")
        self._lines: list[Static] = []
        self._checks = 0

    def show(self, text: str, checks: Sequence[answers.Check] = ()) -> None:
        """Show ``text`` and ``checks``, which begin with what was shown before."""
        lines = safe(text, answers.LIMIT).plain.split("\n")
        starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
        places = [bisect_right(starts, check.at - 1) - 1 for check in checks]

        def drawn(number: int) -> Content:
            here = [check for place, check in zip(places, checks, strict=True) if place == number]
            return answers.draft(lines[number], [replace(check, at=check.at - starts[number]) for check in here])

        last = len(self._lines) - 1
        for number in range(max(min([last, *places[self._checks :]]), 0), last + 1):
            self._lines[number].update(drawn(number))
        new = [Static(drawn(number), classes="line") for number in range(last + 1, len(lines))]
        self._checks = len(checks)
        self._lines += new
        self.mount_all(new)

    @property
    def plain(self) -> str:
        """What is shown."""
        return "\n".join(str(line.visual) for line in self._lines)
