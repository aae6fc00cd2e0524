import logging
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Timer

import pytest

from tests.vectorstore.synthetic import drop, open_catalog, put, unit_vectors
from vectorstore import publishing
from vectorstore.catalog import Catalog
from vectorstore.errors import IndexFault, StoreError
from vectorstore.index import ChunkCollection
from vectorstore.indexing import build, check
from vectorstore.journal import IndexJournal
from vectorstore.publishing import IndexWriter
from vectorstore.seal import seal


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(open_catalog(tmp_path / "home")) as opened:
        for number in range(4):
            put(opened, f"a{number}", unit_vectors(10, seed=number))
        writer(opened).follow()
        yield opened


def writer(catalog: Catalog) -> IndexWriter:
    return IndexWriter(folder(catalog), catalog)


def folder(catalog: Catalog) -> Path:
    return catalog.path.with_name("index")


def place(catalog: Catalog) -> str:
    published = IndexJournal(catalog.database).published
    assert published is not None
    return published.place


def is_sound(catalog: Catalog) -> bool:
    """Whether the published index is whole, has all that the catalog has, and nobody has left a flag."""
    journal = IndexJournal(catalog.database)
    published = journal.published
    assert published is not None
    whole = writer(catalog).fault(published, thorough=False) is None
    return whole and check(catalog, folder(catalog) / published.place) is None and journal.unfinished is None


def names(catalog: Catalog) -> list[str]:
    return sorted(path.name for path in folder(catalog).iterdir())


def test_a_change_is_published_in_a_new_folder(catalog: Catalog) -> None:
    assert place(catalog) == "1"
    put(catalog, "new", unit_vectors(3, seed=9))
    drop(catalog, "a0")
    told: list[tuple[int, int]] = []
    writer(catalog).follow(lambda done, total: told.append((done, total)))
    assert place(catalog) == "2"
    assert is_sound(catalog)
    assert IndexJournal(catalog.database).count() == 0
    assert told == [(0, 3), (3, 3)]
    # A reader that has the old one open keeps it until the next change.
    assert names(catalog) == ["1", "2"]
    put(catalog, "new", unit_vectors(3, seed=10))
    writer(catalog).follow()
    assert names(catalog) == ["2", "3"]


def test_no_change_publishes_nothing(catalog: Catalog) -> None:
    before = IndexJournal(catalog.database).published
    writer(catalog).follow()
    assert IndexJournal(catalog.database).published == before


def test_a_few_changes_of_a_large_index_wait(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "_LARGE", 40)
    monkeypatch.setattr(publishing, "_FEW", 5)
    put(catalog, "few", unit_vectors(5, seed=9))
    writer(catalog).follow()
    assert (place(catalog), IndexJournal(catalog.database).count()) == ("1", 5)
    put(catalog, "more", unit_vectors(1, seed=9))
    writer(catalog).follow()
    assert (place(catalog), IndexJournal(catalog.database).count()) == ("2", 0)


def test_a_flag_that_was_left_has_all_checked_and_what_was_begun_cleared_away(catalog: Catalog) -> None:
    (folder(catalog) / "7").mkdir()
    (folder(catalog) / "7" / "half").write_text("written")
    IndexJournal(catalog.database).begin("7")
    put(catalog, "new", unit_vectors(3, seed=9))
    writer(catalog).follow()
    # Not 7 again: Chroma may know something by that path.
    assert place(catalog) == "8"
    assert names(catalog) == ["1", "8"]
    assert is_sound(catalog)


def test_after_a_crash_a_fault_that_the_seal_does_not_show_is_found(
    catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    """As if the writer had sealed what it had not written."""
    with closing(ChunkCollection.open_folder(folder(catalog) / "1")) as collection:
        collection.delete([catalog.chunks()[0].id])
    IndexJournal(catalog.database).publish("1", seal(folder(catalog) / "1"))
    writer(catalog).follow()
    assert place(catalog) == "1"
    IndexJournal(catalog.database).begin("2")
    with caplog.at_level(logging.WARNING, "vectorstore"):
        writer(catalog).follow()
    assert "1 chunks have no vector" in caplog.text
    assert is_sound(catalog)
    assert "set-aside" in names(catalog)


@pytest.mark.parametrize("pending", [True, False])
def test_a_damaged_index_is_set_aside_and_made_anew(
    catalog: Catalog, caplog: pytest.LogCaptureFixture, pending: bool
) -> None:
    next((folder(catalog) / "1").rglob("header.bin")).write_bytes(b"garbage")
    if pending:
        put(catalog, "new", unit_vectors(3, seed=9))
    with caplog.at_level(logging.WARNING, "vectorstore"):
        writer(catalog).follow()
    assert "header.bin was changed" in caplog.text
    assert (place(catalog), is_sound(catalog)) == ("2", True)
    assert names(catalog) == ["2", "set-aside"]
    assert next((folder(catalog) / "set-aside").rglob("header.bin")).read_bytes() == b"garbage"


def test_a_folder_that_is_gone_is_made_anew(catalog: Catalog) -> None:
    shutil.rmtree(folder(catalog))
    writer(catalog).follow()
    assert (place(catalog), is_sound(catalog)) == ("2", True)


def test_rebuilding(catalog: Catalog) -> None:
    writer(catalog).rebuild()
    assert (place(catalog), is_sound(catalog)) == ("2", True)
    IndexJournal(catalog.database).withdraw()
    writer(catalog).rebuild()
    assert (place(catalog), is_sound(catalog)) == ("3", True)


def test_a_change_that_fails_is_tried_from_nothing(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise IndexFault("Chroma broke down")

    monkeypatch.setattr(publishing, "build", fail)
    put(catalog, "new", unit_vectors(3, seed=9))
    with caplog.at_level(logging.WARNING, "vectorstore"):
        writer(catalog).follow()
    assert "could not be changed (Chroma broke down)" in caplog.text
    assert is_sound(catalog)


def test_where_nothing_can_be_written_the_published_index_stays(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = IndexJournal(catalog.database).published
    put(catalog, "new", unit_vectors(3, seed=9))
    with monkeypatch.context() as patch:
        # A file stands where the new folder would be.
        patch.setattr(IndexWriter, "_next", lambda self: self._folder / "2")
        (folder(catalog) / "2").write_text("in the way")
        with pytest.raises(StoreError, match=r"\(File exists\); the articles are safe .* doctor --repair`\.$") as info:
            writer(catalog).follow()
    assert not isinstance(info.value, IndexFault)
    assert IndexJournal(catalog.database).published == before
    assert IndexJournal(catalog.database).count() == 3
    (folder(catalog) / "2").unlink()
    writer(catalog).follow()
    assert is_sound(catalog)


def test_where_there_was_no_index_and_none_can_be_the_articles_are_safe(tmp_path: Path) -> None:
    with closing(open_catalog(tmp_path)) as catalog:
        put(catalog, "one", unit_vectors(3))
        folder(catalog).write_text("in the way")
        with pytest.raises(StoreError, match="the articles are safe"):
            writer(catalog).follow()
        assert IndexJournal(catalog.database).count() == catalog.count_chunks() == 3
        folder(catalog).unlink()
        writer(catalog).follow()
        assert is_sound(catalog)


_HOSTILE = ["../precious", "/", "", ".", "..", "1/../../precious", "²", "set-aside", "x"]


@pytest.mark.parametrize(
    ("key", "name"), [("index_writing", "../precious"), *(("index_place", name) for name in _HOSTILE)]
)
def test_a_catalog_that_names_other_folders_has_them_left_alone(catalog: Catalog, key: str, name: str) -> None:
    precious = catalog.path.with_name("precious")
    precious.mkdir()
    (precious / "letter").write_text("dear")
    with catalog.writing():
        catalog.set_meta(key, name)
    writer(catalog).follow()
    assert is_sound(catalog)
    assert (precious / "letter").read_text() == "dear"


@contextmanager
def held(catalog: Catalog, row: int = 0) -> Iterator[Callable[[], None]]:
    """As by another process that opens the published index and writes its row; what is yielded commits it."""
    path = folder(catalog) / place(catalog) / "chroma.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as database:
        database.execute("BEGIN EXCLUSIVE")
        database.execute("INSERT INTO acquire_write (lock_status) VALUES (?)", (row,))
        yield database.commit


def test_an_index_that_is_in_use_is_not_a_damaged_one(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(publishing, "PATIENCE_S", 0.1)
    before = place(catalog)
    put(catalog, "new", unit_vectors(3, seed=9))
    with held(catalog):
        writer(catalog).follow()
    assert "stays as it is: chroma.sqlite3 is held by another process." in caplog.text
    assert place(catalog) == before
    assert [path.name for path in folder(catalog).iterdir()] == [before]
    writer(catalog).follow()
    assert place(catalog) != before
    assert is_sound(catalog)


def test_what_holds_an_index_for_a_moment_is_waited_for(catalog: Catalog, caplog: pytest.LogCaptureFixture) -> None:
    before = place(catalog)
    put(catalog, "new", unit_vectors(3, seed=9))
    with held(catalog) as let_go:
        Timer(0.3, let_go).start()
        writer(catalog).follow()
    assert caplog.text == ""
    assert place(catalog) != before
    assert is_sound(catalog)


def test_a_copy_is_of_one_state_of_the_database(catalog: Catalog, tmp_path: Path) -> None:
    put(catalog, "new", unit_vectors(3, seed=9))
    target = tmp_path / "copy"
    with held(catalog, row=4_711) as let_go:
        Timer(0.3, let_go).start()
        build(catalog, folder(catalog) / place(catalog), target)
    assert not list(target.glob("*-journal"))
    with closing(sqlite3.connect(target / "chroma.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM acquire_write WHERE lock_status = 4711").fetchone() == (1,)
