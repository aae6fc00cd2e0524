"""Passages -> the numbered sentences in data blocks that a model reads. Pure; only the model's copy is altered."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from typing import NamedTuple

from vectorstore.models import Passage
from vectorstore.plain import plain
from vectorstore.structure import split_sentences

_MARK = re.compile(r"[0-9a-z]{8,}")
# The most characters that a number with its brackets takes, and the line that opens or closes a block, less the mark.
_NUMBER_COST, _FENCE_COST = 8, 18


class NumberedSentence(NamedTuple):
    """``passage.article.text[start:end]``, which a model knows by its number."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Context:
    """Number n in the text is ``sentences[n - 1]``. ``left_out`` sentences had no room."""

    text: str
    sentences: tuple[NumberedSentence, ...]
    left_out: int
    mark: str


def sentences_of(passages: Iterable[Passage]) -> list[NumberedSentence]:
    """The sentences of passages, in order; one that stands in two passages is of the first."""
    found: dict[tuple[str, int, int], NumberedSentence] = {}
    for passage in passages:
        start = passage.chunk.start
        spans = [(part.start, part.end) for part in passage.sentences] or [
            (start + first, start + last) for first, last in split_sentences(passage.chunk.text)
        ]
        for first, last in spans:
            found.setdefault((passage.article.id, first, last), NumberedSentence(passage, first, last))
    return list(found.values())


def build_context(
    sentences: Sequence[NumberedSentence], *, mark: str, budget_chars: int, brief: bool = False
) -> Context:
    """Number the sentences inside data blocks, one a passage, of at most ``budget_chars`` characters in all.

    The sentences come the most wanted first: a whole passage that has no room is left out, or with ``brief`` a single
    sentence. They are shown in the order of their passages, and there as they stand. ``brief`` puts what is known
    of an article into one line. ``mark`` opens and closes every block and must be new and random for each request: at
    least eight digits or lower-case letters, else ValueError. No text inside a block holds it.
    """
    if not _MARK.fullmatch(mark):
        raise ValueError("a mark is at least eight digits or lower-case letters")
    lines = {(one.passage.chunk.id, one.start): _line(one.text, mark) for one in sentences}
    heads: dict[str, list[str]] = {}
    kept: list[NumberedSentence] = []
    room = budget_chars
    for group in [[one] for one in sentences] if brief else _by_passage(sentences):
        passage = group[0].passage
        head = _brief_head(passage, mark) if brief else _head(passage, mark)
        cost = sum(len(lines[one.passage.chunk.id, one.start]) + _NUMBER_COST for one in group)
        if passage.chunk.id not in heads:
            cost += sum(len(line) + 1 for line in head) + 2 * (len(mark) + _FENCE_COST)
        if cost <= room:
            room -= cost
            heads.setdefault(passage.chunk.id, head)
            kept += group
    kept = _in_order(kept)
    blocks: list[str] = []
    number = count(1)
    for place, group in enumerate(_by_passage(kept), start=1):
        chunk = group[0].passage.chunk.id
        content = [*heads[chunk], *(f"[{next(number)}] {lines[chunk, one.start]}" for one in group)]
        blocks.append("\n".join([f"<<passage {place} {mark}>>", *content, f"<<end {place} {mark}>>"]))
    return Context("\n\n".join(blocks), tuple(kept), len(sentences) - len(kept), mark)


def _by_passage(sentences: Iterable[NumberedSentence]) -> list[list[NumberedSentence]]:
    return [list(group) for _, group in groupby(sentences, key=lambda one: one.passage.chunk.id)]


def _in_order(sentences: Sequence[NumberedSentence]) -> list[NumberedSentence]:
    ranks: dict[str, int] = {}
    for one in sentences:
        ranks.setdefault(one.passage.chunk.id, len(ranks))
    return sorted(sentences, key=lambda one: (ranks[one.passage.chunk.id], one.start))


def _line(text: str, mark: str) -> str:
    return plain(text, mark).replace("\n", " ")


def _head(passage: Passage, mark: str) -> list[str]:
    article, chunk = passage.article, passage.chunk
    head = [
        f"Publisher: {_line(article.publisher or 'unknown', mark)}",
        f"Published: {_when(passage)}",
        f"Title: {_line(article.title, mark)}",
    ]
    if article.origin and article.origin != article.publisher:
        head.insert(1, f"Taken over from: {_line(article.origin, mark)}")
    if chunk.heading:
        head.append(f"Section: {_line(chunk.heading, mark)}")
    if chunk.caption:
        head.append("This is the caption of a picture.")
    return [*head, "Text:"]


def _brief_head(passage: Passage, mark: str) -> list[str]:
    return [f"{_line(passage.article.publisher or 'Publisher unknown', mark)}, {_when(passage)}:"]


def _when(passage: Passage) -> str:
    published = passage.article.published
    if published is None:
        return "date unknown"
    inferred = passage.article.published_basis.startswith("inferred")
    return f"{published.spoken()} (inferred)" if inferred else published.spoken()
