"""Chroma itself, in a folder of the test's."""

import logging
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.vectorstore.conftest import Write
from tests.vectorstore.fakes import Store, WordEmbedder
from vectorstore.errors import StoreError
from vectorstore.models import Vector

QUESTION = "How many fighters did the group have in 2017?"


def exactly(store: Store, vector: Vector, limit: int, allowed: frozenset[str] | None = None) -> list[tuple[str, float]]:
    """What a search of the catalog's own vectors gives."""
    ids, matrix = store.catalog.vectors(allowed)
    return sorted(zip(ids, map(float, matrix @ vector), strict=True), key=lambda pair: (-pair[1], pair[0]))[:limit]


def same(found: list[tuple[str, float]], expected: list[tuple[str, float]]) -> bool:
    """Whether the scores agree place by place, and the ids where no neighbour has the same score."""
    scores = [score for _, score in expected]
    return np.allclose([score for _, score in found], scores, atol=1e-5) and {
        name for name, score in found if score > scores[-1] + 1e-5
    } == {name for name, score in expected if score > scores[-1] + 1e-5}


@pytest.fixture
def filled(store: Store, write: Write) -> Store:
    for number in range(20):
        write(f"report{number}.txt")
    store.ingestor.run([write("last.txt").parent])
    return store


def ask(store: Store, text: str = "report of report7.txt officials") -> Vector:
    return np.asarray(store.embedder.embed([text])[0])


@pytest.mark.parametrize("limit", [1, 5, 100])
@pytest.mark.parametrize("allowed", [None, frozenset({"southfront-2020-02", "sputnik-2017-12"})])
def test_chroma_finds_what_an_exact_search_finds(shipped: Store, limit: int, allowed: frozenset[str] | None) -> None:
    assert shipped.index.in_use
    for question in (QUESTION, "bread", "Who commands US forces?"):
        vector = ask(shipped, question)
        found = shipped.index.search(vector, limit, allowed)
        assert found == sorted(found, key=lambda pair: -pair[1])
        assert same(found, exactly(shipped, vector, limit, allowed))


def test_no_article_allowed_finds_nothing(shipped: Store) -> None:
    assert shipped.index.search(ask(shipped, QUESTION), 5, frozenset()) == []


def test_an_empty_store_finds_nothing(store: Store) -> None:
    assert store.index.search(ask(store), 5) == []


def test_an_empty_store_without_an_index_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("in the way")
    with Store.open(tmp_path, WordEmbedder()) as store:
        assert store.index.search(ask(store), 5) == []


def test_changes_are_followed(filled: Store, write: Write) -> None:
    assert filled.catalog.pending() == ([], [])
    before = {name for name, _ in filled.index.search(ask(filled), 100)}
    filled.ingestor.run([write("report7.txt", "Something else entirely was written in its place, on one line.")])
    assert filled.catalog.pending() == ([], [])
    assert in_use(filled)
    after = {name for name, _ in filled.index.search(ask(filled), 100)}
    assert after == {chunk.id for chunk in filled.catalog.chunks()}
    assert {name.split("-")[0] for name in before ^ after} == {"report7"}


def in_use(store: Store) -> bool:
    """The property again each time, whatever was known of it before."""
    return store.index.in_use


def test_while_chroma_lags_the_search_is_exact(filled: Store, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    assert in_use(filled)
    # A writer that was stopped after it had committed to the catalog.
    with monkeypatch.context() as patch:
        patch.setattr(filled.index, "follow", lambda: None)
        filled.ingestor.run([write("late.txt", "The late report alone names the zebra of the valley.")])
    assert filled.catalog.pending()[0] != []
    assert not in_use(filled)
    vector = ask(filled, "zebra")
    assert filled.index.search(vector, 3) == exactly(filled, vector, 3)
    assert filled.index.search(vector, 1)[0][0].startswith("late-")
    filled.index.follow()
    assert in_use(filled)
    assert same(filled.index.search(vector, 3), exactly(filled, vector, 3))


def test_a_reader_in_use_notices_what_another_wrote(filled: Store, write: Write) -> None:
    with Store.open(filled.home, WordEmbedder()) as reader:
        vector = ask(reader, "zebra")
        assert not reader.index.search(vector, 1)[0][0].startswith("late-")
        filled.ingestor.run([write("late.txt", "The late report alone names the zebra of the valley.")])
        assert reader.index.search(vector, 1)[0][0].startswith("late-")
        assert in_use(reader)


def garbage(folder: Path) -> None:
    (folder / "1" / "chroma.sqlite3").write_bytes(b"no database " * 1_000)


def cut_short(folder: Path) -> None:
    path = folder / "1" / "chroma.sqlite3"
    path.write_bytes(path.read_bytes()[:5_000])


def overwritten(folder: Path) -> None:
    path = folder / "1" / "chroma.sqlite3"
    data = bytearray(path.read_bytes())
    for page in range(3 * 4096, len(data), 4096):
        data[page : page + 200] = b"\xff" * 200
    path.write_bytes(data)


def emptied(folder: Path) -> None:
    (folder / "1" / "chroma.sqlite3").write_bytes(b"")


def removed(folder: Path) -> None:
    shutil.rmtree(folder)


damage = pytest.mark.parametrize("harm", [garbage, cut_short, overwritten, emptied, removed])


@damage
def test_a_damaged_index_is_searched_around(filled: Store, harm: Callable[[Path], None]) -> None:
    filled.close()
    harm(filled.home / "index")
    with Store.open(filled.home, WordEmbedder()) as store:
        vector = ask(store)
        assert store.index.search(vector, 5) == exactly(store, vector, 5)
        assert not in_use(store)
        assert store.index.search(vector, 5) == exactly(store, vector, 5)


@damage
@pytest.mark.parametrize("searched_before", [True, False])
def test_a_damaged_index_is_made_anew_by_the_next_ingest(
    filled: Store, write: Write, harm: Callable[[Path], None], searched_before: bool
) -> None:
    before = filled.contents()
    filled.close()
    harm(filled.home / "index")
    embedder = WordEmbedder()
    with Store.open(filled.home, embedder) as store:
        if searched_before:
            store.index.search(ask(store), 5)
        embedder.texts.clear()
        store.ingestor.run([write("report7.txt")])
        assert embedder.texts == []
        assert store.contents() == before
        assert in_use(store)
        vector = ask(store)
        assert same(store.index.search(vector, 5), exactly(store, vector, 5))
        assert len([path for path in (filled.home / "index").iterdir() if path.is_dir()]) == 1


def test_an_index_that_lacks_chunks_is_made_anew(filled: Store) -> None:
    filled.index.follow()
    collection = filled.index._current()
    assert collection is not None
    collection.delete(ids=[filled.catalog.chunks()[0].id])
    filled.index.close()
    assert not in_use(filled)
    filled.index.follow()
    assert in_use(filled)
    vector = ask(filled)
    assert same(filled.index.search(vector, 100), exactly(filled, vector, 100))


def test_where_no_index_can_be_the_articles_are_safe(filled: Store, write: Write) -> None:
    filled.close()
    shutil.rmtree(filled.home / "index")
    (filled.home / "index").write_text("in the way")
    with Store.open(filled.home, WordEmbedder()) as store:
        with pytest.raises(StoreError, match="the articles are safe"):
            store.ingestor.run([write("late.txt", "The late report alone names the zebra of the valley.")])
        vector = ask(store, "zebra")
        assert store.index.search(vector, 1)[0][0].startswith("late-")


def test_threads_search_while_another_writes(filled: Store, write: Write) -> None:
    vector = ask(filled)
    done = threading.Event()

    def search(_: int) -> int:
        searches = 0
        while not done.is_set():
            assert len(filled.index.search(vector, 5)) == 5
            searches += 1
        return searches

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(search, number) for number in range(3)]
        try:
            for number in range(5):
                filled.ingestor.run([write(f"more{number}.txt")])
        finally:
            done.set()
        assert all(future.result() > 0 for future in running)


def test_warnings_name_the_trouble(filled: Store, caplog: pytest.LogCaptureFixture) -> None:
    filled.close()
    garbage(filled.home / "index")
    with Store.open(filled.home, WordEmbedder()) as store, caplog.at_level(logging.WARNING, "vectorstore"):
        store.index.search(ask(store), 1)
    assert "vector index cannot be opened" in caplog.text
