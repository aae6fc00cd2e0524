"""Where on a page its readers take over."""

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate

from vectorstore.furniture import CommentLine, CommentRules

_QUOTATION = re.compile(r"\"[^\"]*(?:\"|$)")
# How far above the chosen line the first comment's own first line may be.
_REACH = 4
# No line of a comment system is longer.
_LINE_CHARS = 300


def comments_begin(lines: Sequence[str], prose: Sequence[bool], rules: CommentRules) -> tuple[int, frozenset[int]]:
    """The number of the first line of the comments (``len(lines)`` for none), and lines that only comments have.

    ``lines`` are normalised paragraphs, ``prose`` whether each is one. Every line that could open the section is
    tried: what it costs is what speaks for comments above it, and for reporting from it on. When none is as good as
    the best, it is none, so that in doubt reporting stays.
    """
    found = [_line(line, rules) for line in lines]
    spoken = [there and not line for there, line in zip(prose, found, strict=True)]
    personal = [
        there and bool(rules.personal.search(_QUOTATION.sub("", line)))
        for line, there in zip(lines, spoken, strict=True)
    ]
    reported = [there and bool(rules.reported.search(line)) for line, there in zip(lines, spoken, strict=True)]
    weights = [
        (rules.reported_cost if said else rules.plain_cost) if there else 0.0
        for there, said in zip(spoken, reported, strict=True)
    ]
    signs = _totals(line.weight if line else 0.0 for line in found)
    articles = _totals(weights)
    others = _totals(0.0 if mine else weight for weight, mine in zip(weights, personal, strict=True))
    paragraphs, voices = _totals(map(float, prose)), _totals(map(float, personal))

    def cost(number: int) -> float:
        above, below = paragraphs[number], paragraphs[-1] - paragraphs[number]
        total = signs[number] + (rules.stub_cost if above == 1 and below else 0.0)
        total += rules.section_cost if number < len(lines) else 0.0
        # Where the author says "I" as well, it tells nothing.
        if above > 1 and voices[number] * 3 >= above:
            return total + articles[-1] - articles[number]
        gain = rules.personal_gain * min(rules.personal_most, voices[-1] - voices[number])
        return total + others[-1] - others[number] - gain

    openers = [n for n, line in enumerate(found) if line and line.opens and paragraphs[n]]
    begin = min([len(lines), *openers], key=cost)
    doubtless = [said and not mine for said, mine in zip(reported, personal, strict=True)]
    own = frozenset(number for number, line in enumerate(found) if line and line.own)
    return _reach_back(begin, found, prose, doubtless), own


def _totals(values: Iterable[float]) -> list[float]:
    """``[n]`` is the sum of the first n."""
    return list(accumulate(values, initial=0.0))


def _line(text: str, rules: CommentRules) -> CommentLine | None:
    if len(text) > _LINE_CHARS:
        return None
    return next((line for line in rules.lines if line.pattern.fullmatch(text)), None)


def _reach_back(
    begin: int, found: Sequence[CommentLine | None], prose: Sequence[bool], doubtless: Sequence[bool]
) -> int:
    """The first comment may begin above the line that gives the section away: its time stands before its text."""
    first = prose.index(True) if True in prose else len(prose)
    while begin < len(found):
        near = range(max(first + 1, begin - _REACH), begin)
        earlier = [number for number in near if found[number] and not any(doubtless[number:begin])]
        if not earlier:
            break
        begin = earlier[0]
    return begin
