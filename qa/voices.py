"""Whose words two sentences are: of two sources or speakers, or of one; and which goes on about the other."""

from collections.abc import Iterator, Sequence

from qa.attribution import same_voice, speaker
from qa.candidate import Candidate


def independent(one: Candidate, other: Candidate) -> bool:
    """Whether two sentences are two voices: of two sources, of two dates, or of two speakers in one report."""
    article, elsewhere = one.passage.article, other.passage.article
    if article.id == elsewhere.id:
        first, second = speaker(one.passage, one.evidence), speaker(other.passage, other.evidence)
        return first is not None and second is not None and not same_voice(first, second)
    return article.source != elsewhere.source or article.published != elsewhere.published


def follows(item: Candidate, other: Candidate) -> bool:
    """Whether it stands within two sentences after the other."""
    if item.passage.chunk.id != other.passage.chunk.id:
        return False
    between = [part for part in item.passage.sentences if other.evidence.start < part.start <= item.evidence.start]
    return 0 < len(between) <= 2


def one_a_voice(items: Sequence[Candidate], most: int) -> Iterator[Candidate]:
    heard: list[Candidate] = []
    for item in items:
        if len(heard) < most and all(independent(item, each) for each in heard):
            heard.append(item)
            yield item
