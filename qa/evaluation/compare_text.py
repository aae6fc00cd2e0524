"""A comparison as plain text: the figures in columns, and the changed answers side by side."""

import textwrap
from collections.abc import Iterator
from itertools import zip_longest

from qa.evaluation.compare import LEGEND, Changed, Compared, Comparison
from qa.evaluation.report.text import FIGURE_TITLES, table

_HEAD = (
    "figure",
    "A",
    "B",
    "B - A",
    "95% interval",
    "n",
    "won",
    "lost",
    "tied",
    "test",
    "p",
    "Holm",
    "detectable",
    "B is",
)
_MARK = {True: "right", False: "wrong", None: "error"}


def render_comparison(comparison: Comparison, *, answers: int = 10, width: int = 100) -> str:
    """All of it; ``answers`` changed ones at most, in two columns within ``width`` characters.

    Answers to questions of the test split are only shown when it was asked for by name.
    """
    parts = [_head(comparison), table([_HEAD, *map(_row, comparison.figures)]), LEGEND]
    if comparison.changed:
        shown = [each for each in comparison.changed if each.question.split == "dev" or comparison.split == "test"]
        parts.append(_counts(comparison, len(shown[:answers])))
        parts += [_side_by_side(each, width) for each in shown[:answers]]
    return "\n\n".join(parts)


def _head(comparison: Comparison) -> str:
    lines = [
        f"A: {comparison.a.path}",
        f"B: {comparison.b.path}",
        f"questions: {comparison.questions} ({comparison.split}), {comparison.unpaired} left out for an error",
        *(f"differs: {each}" for each in comparison.changed_setup),
    ]
    return "\n".join(lines)


def _row(each: Compared) -> tuple[str, ...]:
    found = each.found
    return (
        FIGURE_TITLES.get(each.figure, each.figure),
        f"{found.mean_a:.3f}",
        f"{found.mean_b:.3f}",
        f"{found.difference:+.3f}" if found.difference else "0",
        f"{found.low:+.3f} to {found.high:+.3f}" if found.low or found.high else "0 to 0",
        str(found.n),
        str(each.wins),
        str(each.losses),
        str(found.ties),
        found.test,
        _p(found.p),
        "" if each.corrected is None else _p(each.corrected),
        "-" if found.detectable is None else f"{found.detectable:.3f}",
        each.verdict if each.corrected is not None else "",
    )


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _counts(comparison: Comparison, shown: int) -> str:
    lost = sum(bool(each.right_a) and not each.right_b for each in comparison.changed)
    won = sum(bool(each.right_b) and not each.right_a for each in comparison.changed)
    return f"{len(comparison.changed)} answers changed: {won} became right, {lost} became wrong; {shown} follow."


def _side_by_side(changed: Changed, width: int) -> str:
    column = max(20, (width - 3) // 2)
    question = changed.question
    lines = [f"{question.id} ({question.category}): {question.question}"]
    left = [f"A, {_MARK[changed.right_a]}:", *_wrapped(changed.a, column)]
    right = [f"B, {_MARK[changed.right_b]}:", *_wrapped(changed.b, column)]
    lines += [f"{a.ljust(column)} | {b}".rstrip() for a, b in zip_longest(left, right, fillvalue="")]
    return "\n".join(lines)


def _wrapped(text: str, column: int) -> Iterator[str]:
    for line in text.splitlines() or [""]:
        yield from textwrap.wrap(line, column) or [""]
