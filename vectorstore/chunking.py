"""An article becomes chunks: verbatim slices along paragraphs and sentences, never across an excluded region.

What an aside adds is not counted, so that it moves no border.
"""

import hashlib
import re
from dataclasses import dataclass

from vectorstore.models import Article, Chunk, Region, RegionKind
from vectorstore.structure import Span, split_paragraphs, split_sentences

MIN_WORDS = 80
MAX_WORDS = 180
# Twice the mean of English, space included.
_WORD_CHARS = 12
# In characters; more of them part a chunk.
_WIDEST_ASIDE = 1_500
_WORD = re.compile(rf"\S{{1,{MIN_WORDS * _WORD_CHARS}}}")


@dataclass(frozen=True, slots=True)
class _Block:
    """Consecutive reporting with no region inside it."""

    pieces: tuple[Span, ...]
    heading: str
    caption: bool = False


def chunk_article(article: Article, regions: list[Region]) -> list[Chunk]:
    """Slices of about 80 to 180 words. A heading starts a new chunk and is its context; a caption is a chunk alone."""
    chunks: list[Chunk] = []
    for block in _blocks(article.text, regions):
        for start, end in _pack(article.text, block.pieces):
            text = article.text[start:end]
            digest = hashlib.sha256(text.encode()).hexdigest()[:8]
            chunks.append(
                Chunk(
                    id=f"{article.id}#{len(chunks):03d}-{digest}",
                    article_id=article.id,
                    ordinal=len(chunks),
                    start=start,
                    end=end,
                    text=text,
                    heading=block.heading,
                    caption=block.caption,
                )
            )
    return chunks


def _blocks(text: str, regions: list[Region]) -> list[_Block]:
    kinds = {(region.start, region.end): region.kind for region in regions}
    blocks: list[_Block] = []
    run: list[Span] = []
    heading = ""
    for span in split_paragraphs(text):
        kind = kinds.get(span)
        if kind is RegionKind.ASIDE:
            # Reporting goes on behind it, unless there is too much of it.
            if not run or span[1] - run[-1][1] <= _WIDEST_ASIDE:
                continue
        elif kind is None:
            run.extend(_fitting(text, span))
            continue
        if run:
            blocks.append(_Block(tuple(run), heading))
            run = []
        if kind is RegionKind.HEADING:
            heading = text[span[0] : span[1]]
        elif kind is RegionKind.CAPTION:
            blocks.append(_Block((span,), heading, caption=True))
    if run:
        blocks.append(_Block(tuple(run), heading))
    return blocks


def _fitting(text: str, span: Span) -> list[Span]:
    """The paragraph, or its sentences when it alone is longer than a chunk, or pieces of an endless sentence."""
    if _size(text, span) <= MAX_WORDS:
        return [span]
    start = span[0]
    pieces = []
    for first, last in split_sentences(text[start : span[1]]):
        pieces.extend(_cut(text, (start + first, start + last)))
    return pieces


def _cut(text: str, span: Span) -> list[Span]:
    """Cut what no chunk could hold between words, and a word that alone is too long anywhere."""
    if _size(text, span) <= MAX_WORDS:
        return [span]
    pieces: list[Span] = []
    begin: int | None = None
    for word in _WORD.finditer(text, *span):
        begin = word.start() if begin is None else begin
        if _size(text, (begin, word.end())) >= MIN_WORDS:
            pieces.append((begin, word.end()))
            begin = None
    return pieces if begin is None else [*pieces, (begin, span[1])]


def _pack(text: str, pieces: tuple[Span, ...]) -> list[Span]:
    """Join neighbours into slices near the middle of the range: the cheapest cutting, found from the end.

    The cost of a slice is its squared distance in words from the range MIN_WORDS..MAX_WORDS, so that a short rest is
    shared out instead of being left over.
    """
    sizes = [_size(text, piece) for piece in pieces]
    best: list[tuple[int, int]] = [(0, 0)] * (len(pieces) + 1)
    for first in range(len(pieces) - 1, -1, -1):
        total = 0
        options = []
        for last in range(first, len(pieces)):
            total += sizes[last]
            if total > MAX_WORDS and last > first:
                break
            options.append((max(0, MIN_WORDS - total) ** 2 + 1 + best[last + 1][0], last + 1))
        best[first] = min(options)
    slices, first = [], 0
    while first < len(pieces):
        following = best[first][1]
        slices.append((pieces[first][0], pieces[following - 1][1]))
        first = following
    return slices


def _size(text: str, span: Span) -> int:
    """Words; where they are very long or not parted by spaces, what so many characters would make."""
    return max(len(text[span[0] : span[1]].split()), (span[1] - span[0]) // _WORD_CHARS)
