"""Articles with made-up vectors, put into a catalog without a model."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vectorstore.analysis import ANALYSIS_VERSION
from vectorstore.catalog import Catalog, PreparedArticle
from vectorstore.dates import PartialDate
from vectorstore.dense import VectorIndex
from vectorstore.embedding import EmbedderIdentity, Matrix
from vectorstore.models import Article, Chunk, Evidence, Vector

DIMENSION = 16
IDENTITY = EmbedderIdentity("made-up", DIMENSION, "fake")


def unit_vectors(count: int, seed: int = 0) -> Matrix:
    """Of shape (count, DIMENSION), each of length 1."""
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def open_catalog(home: Path) -> Catalog:
    return Catalog(home / "catalog.sqlite3", ANALYSIS_VERSION)


def open_index(home: Path, catalog: Catalog) -> VectorIndex:
    return VectorIndex(home / "index", catalog)


def put(catalog: Catalog, name: str, vectors: Matrix, published: str | None = None) -> list[str]:
    """Store an article with a chunk, of one sentence, for each vector. The chunks' ids."""
    lines = [f"Report {number} of {name} says nothing new." for number in range(len(vectors))]
    starts = np.cumsum([0, *(len(line) + 1 for line in lines)])
    chunks = [
        Chunk(
            f"{name}#{number:03d}-{hashlib.sha256(line.encode()).hexdigest()[:8]}",
            name, number, int(start), int(start) + len(line), line,
        )
        for number, (line, start) in enumerate(zip(lines, starts, strict=False))
    ]  # fmt: skip
    text = "\n".join(lines)
    prepared = PreparedArticle(
        Article(
            name, name, text, hashlib.sha256(text.encode()).hexdigest(), f"texts/{name}.txt",
            published=PartialDate(published) if published else None,
        ),
        (),
        chunks,
        vectors,
        [[Evidence(chunk.start, chunk.end, chunk.text, vector)] for chunk, vector in zip(chunks, vectors, strict=True)],
        [f"report {number} {name.lower()}" for number in range(len(vectors))],
        {},
    )  # fmt: skip
    with catalog.writing():
        catalog.replace(prepared, prepared.article.path, IDENTITY)
        catalog.finish_file(prepared.article.path, prepared.article.sha256, "", [name])
    return [chunk.id for chunk in chunks]


def drop(catalog: Catalog, *names: str) -> None:
    with catalog.writing():
        catalog.remove(names)


def exactly(catalog: Catalog, vector: Vector, limit: int, until: str | None = None) -> list[tuple[str, float]]:
    """What comparing a vector with every one in the catalog gives, row by row."""
    ids: Sequence[str] = [row[0] for row in catalog.database.rows("SELECT id FROM chunks")]
    found = [
        (name, float(row @ vector))
        for start in range(0, len(ids), 1_000)
        for name, row, latest in catalog.vectors_and_days(ids[start : start + 1_000])
        if until is None or (latest is not None and latest <= until)
    ]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]
