"""Articles and chunks as rows of a server's collections, and back. Nothing of them is changed on the way."""

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, cast

import numpy as np

from vectorstore.dates import PartialDate
from vectorstore.index import Fields, Record, day
from vectorstore.models import Article, Chunk, Vector

CHUNKS, ARTICLES = "chunks", "articles"

# Chroma wants a vector with every row; the one of an article means nothing, and two numbers cost next to nothing.
_NO_MEANING = np.array([1, 0], np.float32)


def article_record(article: Article) -> Record:
    """The text as document, the rest as fields; what is unknown is left out, since Chroma takes no None."""
    known = {each.name: getattr(article, each.name) for each in fields(Article) if each.name not in ("id", "text")}
    if article.published is not None:
        known["published"] = article.published.iso
    return Record(article.id, article.text, {k: v for k, v in known.items() if v is not None}, _NO_MEANING)


def read_article(record: Record) -> Article:
    known = cast(dict[str, Any], dict(record.fields))
    if "published" in known:
        known["published"] = PartialDate(known["published"])
    return Article(id=record.id, text=record.text, **known)


def chunk_record(chunk: Chunk, vector: Vector, latest: str | None, sha256: str) -> Record:
    """``sha256`` is of the article's bytes, of which the text is a slice."""
    known: Fields = {
        "article_id": chunk.article_id,
        "sha256": sha256,
        "ordinal": chunk.ordinal,
        "start": chunk.start,
        "end": chunk.end,
        "heading": chunk.heading,
        "caption": chunk.caption,
        "latest": day(latest),
    }
    return Record(chunk.id, chunk.text, known, vector)


def read_chunk(record: Record) -> Chunk:
    known = cast(dict[str, Any], dict(record.fields))
    names = ("article_id", "ordinal", "start", "end", "heading", "caption")
    return Chunk(id=record.id, text=record.text, **{name: known[name] for name in names})


def article_of(chunk_id: str) -> str:
    """The article's id, which a chunk's begins with."""
    return chunk_id.rpartition("#")[0]


def years_text(years: Sequence[int] | frozenset[int]) -> str:
    return json.dumps(sorted(years))


def read_years(text: object) -> frozenset[int]:
    return frozenset(json.loads(text)) if isinstance(text, str) else frozenset()
