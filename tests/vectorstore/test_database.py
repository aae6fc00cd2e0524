import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from vectorstore.database import Database, damaged
from vectorstore.errors import StoreError


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "store" / "file.sqlite3")) as opened:
        with opened.writing():
            opened.rows("CREATE TABLE numbers (number INTEGER)")
        yield opened


def numbers(database: Database) -> list[int]:
    return [row[0] for row in database.rows("SELECT number FROM numbers ORDER BY number")]


def add(database: Database, number: int) -> None:
    with database.writing():
        database.insert("INSERT INTO numbers VALUES (?)", (number,))


def test_a_commit_waits_for_the_disk(database: Database) -> None:
    assert database.rows("PRAGMA journal_mode") == [("wal",)]
    assert database.rows("PRAGMA synchronous") == [(2,)]
    assert database.rows("PRAGMA foreign_keys") == [(1,)]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_transaction_that_fails_leaves_nothing(database: Database, error: type[BaseException]) -> None:
    def fail() -> None:
        with database.writing():
            database.insert("INSERT INTO numbers VALUES (?)", (1,))
            raise error

    with pytest.raises(error):
        fail()
    assert numbers(database) == []
    add(database, 2)
    assert numbers(database) == [2]


def test_a_reader_stays_at_one_state_also_when_nested(database: Database) -> None:
    add(database, 1)
    with closing(Database(database.path)) as reader:
        with reader.reading():
            assert numbers(reader) == [1]
            add(database, 2)
            with reader.reading():
                assert numbers(reader) == [1]
            # The inner one has not ended the outer one.
            assert numbers(reader) == [1]
        assert numbers(reader) == [1, 2]


def test_reading_inside_writing_sees_what_is_written(database: Database) -> None:
    with database.writing():
        database.insert("INSERT INTO numbers VALUES (?)", (1,))
        with database.reading():
            assert numbers(database) == [1]
        database.insert("INSERT INTO numbers VALUES (?)", (2,))
    assert numbers(database) == [1, 2]


def test_reading_ends_when_what_it_reads_for_fails(database: Database) -> None:
    def fail() -> None:
        with database.reading():
            numbers(database)
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - the very one
        fail()
    add(database, 1)
    assert numbers(database) == [1]


def test_each_thread_has_a_connection_that_ends_with_it(database: Database) -> None:
    mine = database.connection
    barrier = threading.Barrier(4)

    def theirs(_: int) -> int:
        barrier.wait()
        return id(database.connection)

    with ThreadPoolExecutor(4) as pool:
        assert len({id(mine), *pool.map(theirs, range(4))}) == 5
    for _ in range(10):
        thread = threading.Thread(target=numbers, args=(database,))
        thread.start()
        thread.join()
    # Mine, and that of the last thread, whom no other one has followed.
    assert len(database._connections) == 2


def test_another_thread_closes_all_and_it_opens_again(database: Database) -> None:
    connection = database.connection
    with ThreadPoolExecutor(1) as pool:
        pool.submit(database.close).result()
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")
    assert numbers(database) == []


def test_two_processes_turn_to_wal_at_once(tmp_path: Path) -> None:
    code = "import sys, pathlib; from vectorstore.database import Database; Database(pathlib.Path(sys.argv[1])).close()"
    path = tmp_path / "new.sqlite3"
    running = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(4)]
    assert [process.wait() for process in running] == [0] * 4


def test_a_script_ends_no_transaction(database: Database) -> None:
    def fail() -> None:
        with database.writing():
            database.script("-- a; comment\nCREATE TABLE one (a TEXT\n);\nINSERT INTO one VALUES (';');\n")
            assert database.rows("SELECT a FROM one") == [(";",)]
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - the very one
        fail()
    assert database.rows("SELECT 1 FROM sqlite_master WHERE name = 'one'") == []


# What goes wrong is one sentence


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "file.sqlite3"
    path.write_bytes(b"no database " * 1_000)
    with pytest.raises(
        StoreError, match=r"cannot be opened: its catalog is damaged .* put a backup in its place"
    ) as info:
        Database(path)
    assert damaged(info.value)
    assert path.read_bytes() == b"no database " * 1_000


def overwrite(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * len(data[4096:])
    path.write_bytes(data)


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 4096 + 100])


@pytest.mark.parametrize("harm", [overwrite, shorten])
@pytest.mark.parametrize("in_transaction", [True, False])
def test_a_corrupt_file_says_so(database: Database, harm: Callable[[Path], None], in_transaction: bool) -> None:
    with database.writing():
        database.many("INSERT INTO numbers VALUES (?)", [(number,) for number in range(5_000)])
    database.close()
    harm(database.path)

    def read() -> None:
        if in_transaction:
            with database.reading():
                numbers(database)
        numbers(database)

    with pytest.raises(StoreError, match=r"its catalog is damaged .* move it away and ingest again\.$") as info:
        read()
    assert damaged(info.value)


def test_a_file_that_is_locked(database: Database) -> None:
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        database.rows("PRAGMA busy_timeout = 1")
        with pytest.raises(StoreError, match="another process is using it; try again") as info:
            add(database, 1)
        assert not damaged(info.value)
        assert numbers(database) == []
    add(database, 1)
    assert numbers(database) == [1]


def test_a_disk_that_is_full(database: Database) -> None:
    (pages,) = database.rows("PRAGMA page_count")[0]
    database.rows(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreError, match="cannot be written: the disk is full; make room and run it again"):
        fill(database)
    database.rows("PRAGMA max_page_count = 1000000")
    assert numbers(database) == []
    fill(database)
    assert len(numbers(database)) == 50_000


def fill(database: Database) -> None:
    with database.writing():
        database.many("INSERT INTO numbers VALUES (?)", [(number,) for number in range(50_000)])


def test_a_limit_on_the_size_of_files(tmp_path: Path) -> None:
    """In a process of its own: what a disk quota gives."""
    code = (
        "import sys, pathlib, resource\n"
        "from vectorstore.database import Database\n"
        "database = Database(pathlib.Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))\n"
        "with database.writing():\n"
        "    database.rows('CREATE TABLE numbers (number INTEGER)')\n"
        "    database.many('INSERT INTO numbers VALUES (?)', [(n,) for n in range(100_000)])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "f")], capture_output=True, text=True, check=False
    )
    assert "StoreError: The store at" in done.stderr.splitlines()[-1]
    assert "see whether it is full" in done.stderr.splitlines()[-1]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    with closing(Database(tmp_path / "f")) as database:
        assert database.rows("SELECT count(*) FROM sqlite_master") == [(0,)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody who may not write")
def test_a_folder_that_may_only_be_read() -> None:
    code = (
        "import os, sys, pathlib\n"
        "from vectorstore.database import Database\n"
        "os.setuid(65534)\n"
        "Database(pathlib.Path(sys.argv[1])).rows('SELECT * FROM numbers')\n"
    )
    # Not in pytest's folder, which others may not even enter.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with closing(Database(Path(folder) / "file.sqlite3")) as database, database.writing():
            database.rows("CREATE TABLE numbers (number INTEGER)")
        arguments = [sys.executable, "-c", code, str(database.path)]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert "its folder must be writable" in done.stderr.splitlines()[-1]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be opened"):
        Database(tmp_path / "file" / "catalog.sqlite3")


def test_it_is_not_closed_under_a_thread_that_works_with_it(tmp_path: Path) -> None:
    """SQLite would end the process."""
    database = Database(tmp_path / "one.sqlite3")
    database.rows("CREATE TABLE numbers (number)")
    writing, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with database.writing():
            writing.set()
            assert go_on.wait(60)
            database.rows("INSERT INTO numbers VALUES (1)")

    with ThreadPoolExecutor(2) as pool:
        written = pool.submit(write)
        assert writing.wait(60)
        closed = pool.submit(database.close)
        assert not wait([closed], timeout=0.2).done
        go_on.set()
        written.result()
        closed.result()
    assert Database(tmp_path / "one.sqlite3").rows("SELECT number FROM numbers") == [(1,)]


def test_a_reader_that_was_left_half_way_does_not_keep_it_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vectorstore.database._PATIENCE_S", 0.1)
    database = Database(tmp_path / "one.sqlite3")
    left = ExitStack()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(left.enter_context, database.reading()).result()
        database.close()
        pool.submit(left.close).result()
