import logging
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.vectorstore.synthetic import drop, exactly, open_catalog, open_index, put, unit_vectors
from vectorstore import dense
from vectorstore.catalog import Catalog
from vectorstore.dense import VectorIndex
from vectorstore.errors import IndexFault
from vectorstore.index import ChunkCollection
from vectorstore.journal import IndexJournal
from vectorstore.seal import seal

QUESTIONS = unit_vectors(5, seed=99)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(open_catalog(tmp_path)) as opened:
        for number in range(8):
            put(opened, f"a{number}", unit_vectors(25, seed=number), f"201{number}-03" if number else None)
        yield opened


def agrees(index: VectorIndex, catalog: Catalog, limit: int = 10, until: str | None = None) -> bool:
    """Whether ids, order and each bit of the scores are those of comparing with every vector."""
    return all(index.search(vector, limit, until) == exactly(catalog, vector, limit, until) for vector in QUESTIONS)


def in_use(index: VectorIndex) -> bool:
    """The property again each time, whatever was known of it before."""
    return index.in_use


@pytest.mark.parametrize("limit", [1, 10, 50, 200, 500])
@pytest.mark.parametrize("until", [None, "2014-03-30", "2014-03-31", "2012", "1999-01-01"])
def test_it_finds_what_comparing_with_every_vector_finds(
    index: VectorIndex, catalog: Catalog, limit: int, until: str | None
) -> None:
    until = f"{until}-12-31" if until == "2012" else until
    assert in_use(index)
    assert agrees(index, catalog, limit, until)
    assert in_use(index)


def test_an_empty_store(tmp_path: Path) -> None:
    with closing(open_catalog(tmp_path)) as catalog, closing(open_index(tmp_path, catalog)) as index:
        assert index.search(QUESTIONS[0], 5) == []
        assert index.fault(thorough=True) is None
        index.follow()
        assert index.search(QUESTIONS[0], 5) == []
        put(catalog, "one", unit_vectors(3))
        assert agrees(index, catalog)
        drop(catalog, "one")
        index.follow()
        assert index.search(QUESTIONS[0], 5) == []


def test_what_is_pending_is_searched_through_and_around_chroma(index: VectorIndex, catalog: Catalog) -> None:
    assert agrees(index, catalog)
    put(catalog, "new", QUESTIONS, "2015")
    drop(catalog, "a1")
    put(catalog, "a2", unit_vectors(30, seed=60))
    for until in (None, "2015-12-30", "2015-12-31"):
        assert agrees(index, catalog, until=until)
    assert in_use(index)
    assert IndexJournal(catalog.database).count() > 0
    index.follow()
    assert IndexJournal(catalog.database).count() == 0
    assert agrees(index, catalog)
    assert in_use(index)


def test_what_is_hidden_does_not_stand_in_for_what_was_not_found(
    index: VectorIndex, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server's query can lag behind what it has just taken."""
    drop(catalog, "a1")
    nearest = ChunkCollection.nearest
    lost = exactly(catalog, QUESTIONS[0], 1)[0][0]
    monkeypatch.setattr(ChunkCollection, "nearest", lambda *asked: [name for name in nearest(*asked) if name != lost])
    assert index.search(QUESTIONS[0], 300) == exactly(catalog, QUESTIONS[0], 300)
    assert in_use(index)


def test_more_that_is_hidden_than_the_margin_makes_the_search_exact(
    index: VectorIndex, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dense, "_MARGIN", 5)
    # The very ones that are nearest to the first question.
    nearest = [name.partition("#")[0] for name, _ in exactly(catalog, QUESTIONS[0], 10)]
    drop(catalog, *dict.fromkeys(nearest))
    assert agrees(index, catalog)


def test_with_very_much_pending_the_search_is_exact(
    index: VectorIndex, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dense, "_MOST_PENDING", 20)
    monkeypatch.setattr(ChunkCollection, "nearest", pytest.fail)
    put(catalog, "new", unit_vectors(21, seed=60))
    assert agrees(index, catalog)


def test_scores_have_the_same_bits_however_a_chunk_was_found(index: VectorIndex, catalog: Catalog) -> None:
    through = [index.search(vector, 20) for vector in QUESTIONS]
    assert in_use(index)
    IndexJournal(catalog.database).withdraw()
    assert not in_use(index)
    assert [index.search(vector, 20) for vector in QUESTIONS] == through


def test_copies_of_a_text_are_ordered_by_id(index: VectorIndex, catalog: Catalog) -> None:
    for number in range(5):
        put(catalog, f"copy{number}", QUESTIONS[:1])
    index.follow()
    found = index.search(QUESTIONS[0], 5)
    assert [name.partition("#")[0] for name, _ in found] == [f"copy{number}" for number in range(5)]


# What goes wrong with the index


def test_an_index_with_chunks_that_the_catalog_lacks_is_not_used(
    index: VectorIndex, catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    folder = catalog.path.with_name("index") / "1"
    with closing(ChunkCollection.open_folder(folder)) as collection:
        collection.upsert(["foreign"], QUESTIONS[:1])
    IndexJournal(catalog.database).publish("1", seal(folder))
    with caplog.at_level(logging.WARNING, "vectorstore"):
        assert agrees(index, catalog)
    assert "it has chunks that the catalog does not have" in caplog.text
    assert not in_use(index)


def test_a_fault_of_chroma_is_told_once_and_searched_around(
    index: VectorIndex, catalog: Catalog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise IndexFault("no room")

    monkeypatch.setattr(ChunkCollection, "nearest", fail)
    with caplog.at_level(logging.WARNING, "vectorstore"):
        assert agrees(index, catalog)
        assert agrees(index, catalog)
    assert caplog.text.count("it failed: no room") == 1


def test_a_damaged_index_is_told_once_and_used_when_it_was_made_anew(
    index: VectorIndex, catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    index.close()
    next(catalog.path.with_name("index").rglob("length.bin")).unlink()
    with caplog.at_level(logging.WARNING, "vectorstore"):
        assert agrees(index, catalog)
        assert agrees(index, catalog)
        assert caplog.text.count("length.bin is missing") == 1
        assert str(index.fault(thorough=False)).endswith("length.bin is missing")
        index.follow()
    assert in_use(index)
    assert agrees(index, catalog)
    assert index.fault(thorough=False) is None


def test_a_folder_that_was_cleared_away_in_the_middle_of_a_search(index: VectorIndex, catalog: Catalog) -> None:
    """A reader at an older state while two newer indexes were published."""
    with closing(open_catalog(catalog.path.parent)) as old, closing(open_index(catalog.path.parent, old)) as reader:
        with old.reading():
            before = [exactly(old, vector, 10) for vector in QUESTIONS]
            for step in range(2):
                put(catalog, "new", unit_vectors(5, seed=50 + step))
                index.follow()
            assert not (catalog.path.with_name("index") / "1").exists()
            assert [reader.search(vector, 10) for vector in QUESTIONS] == before
        assert not (catalog.path.with_name("index") / "1").exists()
        assert agrees(reader, old)
        assert in_use(reader)


def test_a_folder_that_goes_while_it_is_open(index: VectorIndex, catalog: Catalog) -> None:
    assert in_use(index)
    shutil.rmtree(catalog.path.with_name("index") / "1")
    assert agrees(index, catalog)


# Others


def test_a_reader_in_another_process_notices_at_once(index: VectorIndex, catalog: Catalog) -> None:
    code = (
        "import sys, pathlib\n"
        "from tests.vectorstore.synthetic import open_catalog, open_index, unit_vectors\n"
        "catalog = open_catalog(pathlib.Path(sys.argv[1]))\n"
        "index = open_index(pathlib.Path(sys.argv[1]), catalog)\n"
        "for line in sys.stdin:\n"
        "    print(index.in_use, index.search(unit_vectors(5, seed=99)[0], 1)[0][0].partition('#')[0], flush=True)\n"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", code, str(catalog.path.parent)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with reader:
        assert reader.stdin is not None
        assert reader.stdout is not None

        def asked() -> str:
            assert reader.stdin is not None
            assert reader.stdout is not None
            reader.stdin.write("\n")
            reader.stdin.flush()
            return reader.stdout.readline().strip()

        first = asked()
        assert first.startswith("True a")
        put(catalog, "new", QUESTIONS[:1])
        assert asked() == "True new"
        index.follow()
        assert asked() == "True new"
        drop(catalog, "new")
        assert asked() == first
        index.rebuild()
        assert asked() == first


def test_threads_search_while_another_writes(index: VectorIndex, catalog: Catalog) -> None:
    done = threading.Event()

    def search(_: int) -> int:
        searches = 0
        while not done.is_set():
            with catalog.reading():
                assert index.search(QUESTIONS[searches % 5], 10) == exactly(catalog, QUESTIONS[searches % 5], 10)
            searches += 1
        return searches

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(search, number) for number in range(3)]
        try:
            for number in range(4):
                put(catalog, f"more{number}", unit_vectors(3, seed=40 + number))
                index.follow()
        finally:
            done.set()
        assert all(future.result() > 0 for future in running)
