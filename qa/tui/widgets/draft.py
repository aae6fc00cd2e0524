"""Text as it is written, each sentence with its state as soon as it is checked."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from qa.tui import answers
from qa.tui.sizing import LaidOutOnce
from qa.tui.text import safe

# Of the lines in one widget: more are drawn anew with each word, fewer make more widgets to lay out.
BLOCK = 16


class Block(LaidOutOnce, Static):
    """A few lines."""


class Draft(LaidOutOnce, Vertical):
    """A widget for every few lines, so that only the last is drawn anew: one text would be laid out whole each time."""

    def __init__(self) -> None:
        super().__init__(classes="draft")
        self._blocks: list[Static] = []
        self._checks = 0

    def show(self, text: str, checks: Sequence[answers.Check] = ()) -> None:
        """Show ``text`` and ``checks``, which begin with what was shown before."""
        lines = safe(text, answers.LIMIT).plain.split("\n")
        starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
        places = [bisect_right(starts, check.at - 1) - 1 for check in checks]

        def drawn(number: int) -> Content:
            here = [check for place, check in zip(places, checks, strict=True) if place == number]
            return answers.draft(lines[number], [replace(check, at=check.at - starts[number]) for check in here])

        def block(number: int) -> Content:
            first = number * BLOCK
            return Content("\n").join(drawn(line) for line in range(first, min(first + BLOCK, len(lines))))

        last = len(self._blocks) - 1
        for number in range(max(min([last, *(place // BLOCK for place in places[self._checks :])]), 0), last + 1):
            self._blocks[number].update(block(number))
        new = [Block(block(number), classes="block") for number in range(last + 1, -(-len(lines) // BLOCK))]
        self._checks = len(checks)
        self._blocks += new
        self.mount_all(new)

    @property
    def plain(self) -> str:
        """What is shown."""
        return "\n".join(str(block.visual) for block in self._blocks)
