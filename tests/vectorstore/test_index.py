"""Chroma itself, in a folder of the test's."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromadb.errors import InternalError

from tests.vectorstore.synthetic import unit_vectors
from vectorstore import index
from vectorstore.errors import IndexFault
from vectorstore.index import BATCH, ChunkCollection

VECTORS = unit_vectors(60)
NAMES = [f"c{number:02d}" for number in range(60)]


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[ChunkCollection]:
    with closing(ChunkCollection.open_folder(tmp_path / "index", make=True)) as opened:
        opened.upsert(NAMES, VECTORS)
        yield opened


@pytest.mark.parametrize("limit", [1, 10, 60, 100])
def test_the_nearest_are_found(collection: ChunkCollection, limit: int) -> None:
    for vector in unit_vectors(5, seed=1):
        expected = np.argsort(-(VECTORS @ vector))[:limit]
        assert collection.nearest(vector, limit) == [NAMES[n] for n in expected]


def test_what_is_told_again_is_replaced_and_what_is_deleted_is_gone(collection: ChunkCollection) -> None:
    collection.upsert(["c00"], VECTORS[1:2])
    collection.delete(["c01", "no such"])
    assert collection.count() == 59
    assert collection.nearest(VECTORS[1], 1) == ["c00"]
    stored = collection.vectors(0, 100)
    assert sorted(stored) == sorted({*NAMES} - {"c01"})
    assert np.allclose(stored["c00"], VECTORS[1], atol=1e-6)


def test_vectors_come_by_pages(collection: ChunkCollection) -> None:
    pages = [collection.vectors(start, 25) for start in (0, 25, 50, 75)]
    assert [len(page) for page in pages] == [25, 25, 10, 0]
    together = {name: vector for page in pages for name, vector in page.items()}
    assert np.allclose(np.stack([together[name] for name in NAMES]), VECTORS, atol=1e-6)


def test_it_is_all_there_when_it_is_opened_again(collection: ChunkCollection, tmp_path: Path) -> None:
    collection.flush_after(60)
    collection.close()
    with closing(ChunkCollection.open_folder(tmp_path / "index")) as again:
        assert again.count() == 60
        assert again.nearest(VECTORS[7], 1) == ["c07"]


def test_it_was_made_with_the_parameters_that_were_measured(collection: ChunkCollection, tmp_path: Path) -> None:
    collection.close()
    with closing(sqlite3.connect(tmp_path / "index" / "chroma.sqlite3")) as connection:
        (stored,) = connection.execute("SELECT config_json_str || schema_str FROM collections").fetchone()
    for name in ("ef_construction", "ef_search", "max_neighbors"):
        assert f'"{name}":{index._HNSW[name]}' in stored.replace(" ", "")
    assert '"space":"cosine"' in stored.replace(" ", "")


def test_one_batch_may_be_as_large_as_it_says(tmp_path: Path) -> None:
    with closing(ChunkCollection.open_folder(tmp_path / "index", make=True)) as collection:
        collection.upsert([f"c{number}" for number in range(BATCH)], unit_vectors(BATCH))
        assert collection.count() == BATCH
        collection.delete([f"c{number}" for number in range(BATCH)])
        assert collection.count() == 0


def test_what_chroma_raises_is_one_kind_of_error(collection: ChunkCollection, tmp_path: Path) -> None:
    with pytest.raises(IndexFault, match="dimension"):
        collection.nearest(np.ones(3, np.float32), 1)
    with pytest.raises(IndexFault):
        collection.upsert(["a", "a"], VECTORS[:2])
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "chroma.sqlite3").write_bytes(b"no database " * 1_000)
    with pytest.raises(IndexFault):
        ChunkCollection.open_folder(tmp_path / "other")


def test_nothing_is_sent_and_nothing_downloaded(collection: ChunkCollection, caplog: pytest.LogCaptureFixture) -> None:
    """The guard on sockets would raise; Chroma logs what its telemetry fails with."""
    with caplog.at_level(logging.DEBUG):
        collection.nearest(VECTORS[0], 1)
    assert "telemetry" not in caplog.text.lower()


@pytest.mark.parametrize(("refusals", "kept"), [(2, True), (99, False)])
def test_a_write_that_chroma_refuses_for_its_own_is_tried_again(
    collection: ChunkCollection, refusals: int, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_PAUSES_S", (0.0, 0.0, 0.0))
    left, upsert = [None] * refusals, collection._collection.upsert

    def refusing(**rows: Any) -> None:
        if left:
            left.pop()
            raise InternalError("error returned from database: (code: 5) database is locked")
        upsert(**rows)

    monkeypatch.setattr(collection._collection, "upsert", refusing)
    before = collection.count()
    with nullcontext() if kept else pytest.raises(IndexFault, match="database is locked"):
        collection.upsert(["new"], unit_vectors(1, seed=9))
    assert collection.count() == before + kept
