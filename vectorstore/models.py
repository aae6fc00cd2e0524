"""What passes between the steps of an article's way in. All offsets count Unicode code points of Article.text."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from vectorstore.dates import PartialDate

Vector = NDArray[np.float32]


class RegionKind(StrEnum):
    """Why a span of an article is not reporting; captions are, and are only labelled.

    An aside lies where reporting goes on around it: a chunk may span it, but says nothing of it.
    """

    COMMENTS = "comments"
    FORM = "form"
    SHARE = "share"
    MENU = "menu"
    LINKS = "links"
    TAGS = "tags"
    DONATION = "donation"
    SOURCE_LINE = "source_line"
    STAMP = "stamp"
    REPEAT = "repeat"
    HEADING = "heading"
    CAPTION = "caption"
    ASIDE = "aside"

    @property
    def excluded(self) -> bool:
        """Whether text of this kind stays out of every chunk."""
        return self not in (RegionKind.CAPTION, RegionKind.ASIDE)

    @property
    def reporting(self) -> bool:
        """Whether what it says is the article's."""
        return self is RegionKind.CAPTION


@dataclass(frozen=True, slots=True)
class Region:
    """A labelled span ``text[start:end]`` of an article."""

    kind: RegionKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Article:
    """One decoded file (or one record of a JSON Lines file) and what is known of it.

    ``origin`` is the outlet that the report is stated to come from: articles of one origin are one source.
    ``published_basis`` says how ``published`` is known: "stated", or "inferred: from what".
    ``sha256`` is of the file's bytes, or of a record's. ``encoding`` names the charset that the bytes were decoded
    with and how it was chosen. ``copied_from`` is the source of an article in the store that has nearly the same text;
    only the catalog sets it.
    """

    id: str
    title: str
    text: str
    sha256: str
    path: str
    publisher: str | None = None
    published: PartialDate | None = None
    published_basis: str = "unknown"
    language: str = "en"
    origin: str | None = None
    author: str | None = None
    url: str | None = None
    encoding: str = "utf-8 (strict)"
    copied_from: str | None = None

    @property
    def source(self) -> str:
        """What counts as one source: the origin, else what it was copied from, else the publisher, else the article."""
        return self.origin or self.copied_from or self.publisher or self.id


@dataclass(frozen=True, slots=True)
class Chunk:
    """A verbatim slice: ``article.text[start:end] == text``. ``heading`` is context and lies outside the slice."""

    id: str
    article_id: str
    ordinal: int
    start: int
    end: int
    text: str
    heading: str = ""
    caption: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence of a chunk, ``article.text[start:end] == text``, with its unit-length embedding."""

    start: int
    end: int
    text: str
    vector: Vector = field(repr=False, compare=False)

    @property
    def line(self) -> str:
        """The text with a blank for every white space, for patterns: web pages join words by other ones."""
        return re.sub(r"\s", " ", self.text)


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved chunk with its article.

    ``score`` is the fused score in [0, 1]; ``dense`` the cosine similarity, ``lexical`` the BM25 score (larger
    is better); a rank is 1 for the best and None where that leg did not return the chunk.
    """

    chunk: Chunk
    article: Article
    score: float
    dense: float = 0.0
    lexical: float = 0.0
    dense_rank: int | None = None
    lexical_rank: int | None = None
    sentences: tuple[Evidence, ...] = ()
