"""Spans of articles: which overlap, and by how much. Ends are exclusive, offsets count code points."""

from collections.abc import Iterable, Sequence
from typing import Protocol


class Span(Protocol):
    """Anything with a place in an article: gold evidence, a citation, a chunk."""

    @property
    def article_id(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def overlap(a: Span, b: Span) -> bool:
    """Whether the two have at least one character in common."""
    return a.article_id == b.article_id and max(a.start, b.start) < min(a.end, b.end)


def holds(outer: Span, inner: Span) -> bool:
    """Whether the whole of ``inner`` lies in ``outer``."""
    return outer.article_id == inner.article_id and outer.start <= inner.start and inner.end <= outer.end


def hits(span: Span, others: Iterable[Span]) -> bool:
    """Whether ``span`` overlaps any of the others."""
    return any(overlap(span, other) for other in others)


def shared_characters(span: Span, others: Sequence[Span]) -> int:
    """How many characters of ``span`` lie in the others, each counted once however often it is covered."""
    inside = sorted(
        (max(span.start, other.start), min(span.end, other.end)) for other in others if overlap(span, other)
    )
    total, reached = 0, span.start
    for start, end in inside:
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total
