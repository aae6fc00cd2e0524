import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.vectorstore.synthetic import unit_vectors
from vectorstore.index import ChunkCollection
from vectorstore.seal import broken, seal

COUNT = 60


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """An index, its graph written out, and its seal. To be copied only."""
    folder = tmp_path_factory.mktemp("sealed") / "1"
    with closing(ChunkCollection.open_folder(folder, make=True)) as collection:
        collection.flush_after(COUNT)
        names = [f"c{number}" for number in range(COUNT)]
        collection.upsert(names, unit_vectors(COUNT))
    return folder, seal(folder)


@pytest.fixture
def folder(sealed: tuple[Path, str], tmp_path: Path) -> Path:
    return shutil.copytree(sealed[0], tmp_path / "1")


def test_every_opening_leaves_it_whole(sealed: tuple[Path, str], folder: Path) -> None:
    for _ in range(3):
        with closing(ChunkCollection.open_folder(folder)) as collection:
            assert len(collection.nearest(unit_vectors(1)[0], 5)) == 5
            assert collection.count() == COUNT
        assert broken(folder, sealed[1]) is None


def test_a_change_is_found(sealed: tuple[Path, str], folder: Path) -> None:
    with closing(ChunkCollection.open_folder(folder)) as collection:
        collection.delete(["c3"])
    assert broken(folder, sealed[1]) == "chroma.sqlite3 was changed"


def test_each_file_gone_or_cut_is_found(sealed: tuple[Path, str], folder: Path) -> None:
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    assert len(names) >= 5
    for name in names:
        path = folder / name
        good = path.read_bytes()
        path.unlink()
        assert name in str(broken(folder, sealed[1])), name
        for size in {0, len(good) // 2, len(good) - 1} - {len(good), -1}:
            path.write_bytes(good[:size])
            assert name in str(broken(folder, sealed[1])), (name, size)
        path.write_bytes(good)
        assert broken(folder, sealed[1]) is None


def test_every_flipped_bit_of_chromas_own_files_is_found(sealed: tuple[Path, str], folder: Path) -> None:
    for path in sorted(folder.rglob("*.bin")):
        good = path.read_bytes()
        for place in range(0, len(good), max(1, len(good) // 40)):
            path.write_bytes(good[:place] + bytes([good[place] ^ 1 << place % 8]) + good[place + 1 :])
            assert broken(folder, sealed[1]) == f"{path.relative_to(folder).as_posix()} was changed"
        path.write_bytes(good)


def test_files_that_were_swapped_or_added_are_found(sealed: tuple[Path, str], folder: Path) -> None:
    first, second, *_ = sorted(path for path in folder.rglob("*.bin") if path.stat().st_size)
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    assert broken(folder, sealed[1]) is not None
    shutil.rmtree(folder)
    shutil.copytree(sealed[0], folder)
    (folder / "more.bin").write_bytes(b"")
    assert broken(folder, sealed[1]) == "more.bin was changed"


def test_each_row_of_each_table_counts(sealed: tuple[Path, str], folder: Path) -> None:
    path = folder / "chroma.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    tables = [name for name, sql in rows if "VIRTUAL" not in sql and "WITHOUT ROWID" not in sql]
    filled = 0
    for table in tables:
        with closing(sqlite3.connect(path)) as connection, connection:
            gone = connection.execute(
                f'DELETE FROM "{table}" WHERE rowid = (SELECT max(rowid) FROM "{table}")'
            ).rowcount
        if gone and table != "acquire_write":
            filled += 1
            assert broken(folder, sealed[1]) == "chroma.sqlite3 was changed", table
        shutil.copy(sealed[0] / "chroma.sqlite3", path)
    assert filled > 8


def test_a_table_that_was_added_is_found(sealed: tuple[Path, str], folder: Path) -> None:
    with closing(sqlite3.connect(folder / "chroma.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE more (a)")
    assert broken(folder, sealed[1]) == "chroma.sqlite3 was changed"


def test_what_a_killed_reader_left_is_rolled_back(sealed: tuple[Path, str], folder: Path) -> None:
    """A journal beside the file means that a transaction did not end."""
    path = folder / "chroma.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("PRAGMA cache_spill = 1")
        connection.execute("DELETE FROM embedding_metadata")
        connection.execute("INSERT INTO acquire_write (lock_status) SELECT 1 FROM embeddings, embeddings")
        left = tuple((folder / name).read_bytes() for name in ("chroma.sqlite3", "chroma.sqlite3-journal"))
        connection.rollback()
    path.write_bytes(left[0])
    path.with_name("chroma.sqlite3-journal").write_bytes(left[1])
    assert broken(folder, sealed[1]) is None
    assert not path.with_name("chroma.sqlite3-journal").exists()


@pytest.mark.parametrize("expected", ["", "{", "[]", "null"])
def test_a_seal_that_is_none(folder: Path, expected: str) -> None:
    assert broken(folder, expected) is not None


def test_a_folder_that_is_gone(sealed: tuple[Path, str], folder: Path) -> None:
    shutil.rmtree(folder)
    assert str(broken(folder, sealed[1])).endswith("is missing")


def test_a_file_that_cannot_be_read(sealed: tuple[Path, str], folder: Path) -> None:
    path = next(folder.rglob("data_level0.bin"))
    path.unlink()
    path.symlink_to("data_level0.bin")
    assert broken(folder, sealed[1]) is not None
