"""What is wrong with a store: every row, offset and vector of the catalog looked at, and what is derived from it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vectorstore.catalog import Catalog
from vectorstore.database import damaged
from vectorstore.dates import PartialDate
from vectorstore.errors import StoreError
from vectorstore.models import RegionKind

# A store that is wrong throughout need not be told row by row.
_MOST = 20
_EXCLUDED = frozenset(kind.value for kind in RegionKind if kind.excluded)
_KINDS = frozenset(kind.value for kind in RegionKind)


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found. ``catalog`` cannot be mended, ``lexical`` can; both are empty in a sound store."""

    articles: int
    chunks: int
    sentences: int
    catalog: tuple[str, ...]
    lexical: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A chunk as it is stored."""

    number: int
    id: str
    start: int
    end: int
    vector: bytes


def audit(catalog: Catalog) -> Audit:
    """Look at all that the catalog holds, one article at a time. Raises StoreError when it cannot be read."""
    if faults := _structure(catalog):
        # Its rows mean nothing then.
        return Audit(0, 0, 0, tuple(faults), ())
    with catalog.reading():
        articles, chunks, sentences = (
            int(catalog.database.rows(f"SELECT count(*) FROM {table}")[0][0])
            for table in ("articles", "chunks", "sentences")
        )
        found = [*_first(_articles(catalog)), *_first(_journal(catalog))]
    return Audit(articles, chunks, sentences, tuple(found[:_MOST]), tuple(_first(_lexical(catalog))))


def _first(found: Iterator[str]) -> list[str]:
    return [fault for fault, _ in zip(found, range(_MOST), strict=False)]


def _structure(catalog: Catalog) -> list[str]:
    rows = catalog.database.rows
    faults = [str(row[0]) for row in rows(f"PRAGMA integrity_check ({_MOST})") if row[0] != "ok"]
    if not faults:
        faults = [f"a row of {row[0]} belongs to no row of {row[2]}" for row in rows("PRAGMA foreign_key_check")]
    return faults[:_MOST]


def _articles(catalog: Catalog) -> Iterator[str]:
    known = catalog.meta("embedder")
    dimension = int(json.loads(known)["dimension"]) if known else None
    for article_id, published, latest in catalog.database.each("SELECT id, published, latest FROM articles"):
        if latest != (PartialDate(published).latest().isoformat() if published else None):
            yield f"{article_id}: {latest} is not the last day of {published}"
    for article_id, text in catalog.database.each("SELECT id, text FROM articles ORDER BY id"):
        regions = catalog.database.rows("SELECT kind, start, end FROM regions WHERE article_id = ?", (article_id,))
        for kind, start, end in regions:
            if kind not in _KINDS or not 0 <= start <= end <= len(text):
                yield f"{article_id}: the region {kind!r} from {start} to {end} is not one of its text"
        excluded = [(start, end) for kind, start, end in regions if kind in _EXCLUDED]
        asides = [(start, end) for kind, start, end in regions if kind == RegionKind.ASIDE]
        rows = catalog.database.rows(
            "SELECT number, id, start, end, vector FROM chunks WHERE article_id = ? ORDER BY ordinal", (article_id,)
        )
        for row in rows:
            yield from _chunk(catalog, text, excluded, asides, dimension, _Row(*row))


def _chunk(
    catalog: Catalog,
    text: str,
    excluded: list[tuple[int, int]],
    asides: list[tuple[int, int]],
    dimension: int | None,
    row: _Row,
) -> Iterator[str]:
    if not 0 <= row.start < row.end <= len(text):
        yield f"{row.id}: characters {row.start} to {row.end} are not in the article's text"
        return
    digest = hashlib.sha256(text[row.start : row.end].encode("utf-8", "surrogatepass")).hexdigest()
    if not digest.startswith(row.id.rpartition("-")[2]):
        yield f"{row.id}: its text is not the one that it was made from"
    if any(start < row.end and row.start < end for start, end in excluded):
        yield f"{row.id}: it overlaps text that is no reporting"
    if fault := _vector_fault(row.vector, dimension):
        yield f"{row.id}: its vector {fault}"
    sentences = catalog.database.rows(
        "SELECT start, end, vector FROM sentences WHERE chunk = ? ORDER BY start", (row.number,)
    )
    # No sentence is kept of an aside.
    for start, end in asides:
        text = text[:start] + " " * (end - start) + text[end:]
    at = row.start
    for start, end, vector in sentences:
        if not at <= start < end <= row.end or text[at:start].strip():
            yield f"{row.id}: its sentences are not one after another what it says"
            return
        if fault := _vector_fault(vector, dimension):
            yield f"{row.id}: the vector of its sentence at {start} {fault}"
        at = end
    if not sentences or text[at : row.end].strip():
        yield f"{row.id}: its sentences do not reach its end"


def _vector_fault(stored: bytes, dimension: int | None) -> str | None:
    if dimension is None or len(stored) != 4 * dimension:
        return f"has {len(stored)} bytes, for {dimension} numbers"
    length = float(np.linalg.norm(np.frombuffer(stored, np.float32).astype(np.float64)))
    return None if abs(length - 1) < 1e-3 else f"has length {length:.4g}, not 1"


def _journal(catalog: Catalog) -> Iterator[str]:
    rows = catalog.database.each(
        "SELECT chunk_id, present, chunks.id IS NOT NULL FROM pending LEFT JOIN chunks ON chunks.id = chunk_id"
    )
    for name, present, there in rows:
        if present != there:
            yield f"{name}: the journal says that it is {'there' if present else 'gone'}, which it is not"


def _lexical(catalog: Catalog) -> Iterator[str]:
    rows = catalog.database.rows
    try:
        for number, *_ in rows("SELECT number FROM chunks EXCEPT SELECT rowid FROM lexical"):
            yield f"chunk number {number} has no terms"
        for number, *_ in rows("SELECT rowid FROM lexical EXCEPT SELECT number FROM chunks"):
            yield f"there are terms of chunk number {number}, which is gone"
        # Compares the postings with the terms that they are of; a statement that writes by its form only.
        rows("INSERT INTO lexical (lexical) VALUES ('integrity-check')")
    except StoreError as error:
        if not damaged(error):
            raise
        yield str(error.__cause__)
