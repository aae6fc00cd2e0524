"""The file of past answers: its schema, older forms of it, and what happens to one that is damaged."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Lock

from qa.errors import DamagedHistoryError, HistoryError
from vectorstore.database import use_wal

# 1: text can be searched. 0 had no number.
VERSION = 1
_TABLES = (
    """CREATE TABLE IF NOT EXISTS answers (
        id TEXT PRIMARY KEY, asked_at TEXT NOT NULL, question TEXT NOT NULL, record TEXT NOT NULL, exchange TEXT
    )""",
    "CREATE TABLE IF NOT EXISTS passages (key TEXT PRIMARY KEY, body TEXT NOT NULL, vectors BLOB NOT NULL)",
    """CREATE TABLE IF NOT EXISTS answer_passages (
        answer TEXT NOT NULL REFERENCES answers ON DELETE CASCADE, position INTEGER NOT NULL,
        passage TEXT NOT NULL REFERENCES passages, found TEXT NOT NULL, PRIMARY KEY (answer, position)
    )""",
    """CREATE TABLE IF NOT EXISTS vectors (
        answer TEXT NOT NULL REFERENCES answers ON DELETE CASCADE, text TEXT NOT NULL, vector BLOB NOT NULL,
        PRIMARY KEY (answer, text)
    )""",
    "CREATE VIRTUAL TABLE words USING fts5(id UNINDEXED, question, answer, tokenize = 'unicode61 remove_diacritics 2')",
    # By triggers, so that a program that knows nothing of the table keeps it up too.
    """CREATE TRIGGER words_of_new AFTER INSERT ON answers BEGIN
        INSERT INTO words VALUES (new.id, new.question, json_extract(new.record, '$.answer'));
    END""",
    "CREATE TRIGGER words_of_old AFTER DELETE ON answers BEGIN DELETE FROM words WHERE id = old.id; END",
    "INSERT INTO words SELECT id, question, json_extract(record, '$.answer') FROM answers",
)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_ASIDE = ".damaged-"
_PATIENCE_S = 5.0
_MAKING = Lock()
# A file's device and number there.
_Place = tuple[int, int]


@contextmanager
def opened(path: Path, *, to_write: bool = False) -> Iterator[sqlite3.Connection]:
    """The file, made or brought up to date where needed, in one transaction that ends with the context.

    Raises HistoryError; DamagedHistoryError when the file was damaged and has been moved aside.
    """
    with _translated(path), closing(_connected(path)) as database:
        with _transaction(database, path, to_write):
            yield database
        if to_write:
            # While another connection is open, what was deleted would still stand in the log.
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Writer:
    """``opened`` to write, with a connection that stays open, for several threads.

    The last connection to close moves the log into the file, which takes 8 ms and more at each answer; a commit to a
    log that stays takes 0.5. It is as durable: on the disk when the context ends.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._database: sqlite3.Connection | None = None
        self._place: _Place | None = None

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _translated(self._path) as place:
            try:
                if self._database is None or place != self._place:
                    # The file may have been moved aside, and another begun.
                    self._release()
                    self._database, self._place = _connected(self._path), place
                    self._database.execute("PRAGMA synchronous = FULL")
                with _transaction(self._database, self._path, to_write=True):
                    yield self._database
            except sqlite3.Error:
                self._release()
                raise

    def close(self) -> None:
        with self._lock:
            self._release()

    def _release(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


@contextmanager
def _translated(path: Path) -> Iterator[_Place]:
    """Which file is there, made where there is none; and what goes wrong with it as a HistoryError."""
    place: _Place | None = None
    try:
        place = _made(path)
        yield place
    except (sqlite3.Error, OSError) as error:
        # The primary code is the lower byte.
        if place is not None and getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            aside = _moved_aside(path, place)
            raise DamagedHistoryError(
                f"The history was damaged and could not be read; a new one is begun, and the old file is {aside}."
            ) from None
        raise HistoryError(
            f"The history in {path} cannot be used ({error}); make it writable, or move it away."
        ) from None


def _made(path: Path) -> _Place:
    # Closing a file lets go of the locks that SQLite has on it in another thread: one that is there is not opened.
    with _MAKING:
        try:
            return _place(path.stat())
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Made before SQLite would, since that asks for more than its owner should give. Its side files follow it.
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
            try:
                return _place(os.fstat(descriptor))
            finally:
                os.close(descriptor)


def _connected(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA foreign_keys = ON")
        # What was deleted is not to be found in the file either.
        database.execute("PRAGMA secure_delete = ON")
        use_wal(database)
        database.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error:
        database.close()
        raise
    return database


def set_aside(path: Path) -> list[Path]:
    """The files of damaged histories, the latest last."""
    return sorted(path.parent.glob(f"{path.name}{_ASIDE}*[0-9]"))


@contextmanager
def _transaction(database: sqlite3.Connection, path: Path, to_write: bool) -> Iterator[None]:
    """In a file of this version, which another program may have changed since it was opened."""
    if _version(database) != VERSION:
        with _statements(database, to_write=True):
            _bring_up_to_date(database, path)
    with _statements(database, to_write):
        yield


@contextmanager
def _statements(database: sqlite3.Connection, to_write: bool) -> Iterator[None]:
    # A transaction that comes to writing later fails at once, without waiting, when another one has written meanwhile.
    database.execute("BEGIN IMMEDIATE" if to_write else "BEGIN")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _bring_up_to_date(database: sqlite3.Connection, path: Path) -> None:
    version = _version(database)
    if version > VERSION:
        raise HistoryError(f"The history in {path} was written by a newer version of this program; use that one.")
    # Another program may have been faster.
    if version < VERSION:
        for statement in _TABLES:
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {VERSION}")


def _place(status: os.stat_result) -> _Place:
    return status.st_dev, status.st_ino


def _moved_aside(path: Path, place: _Place) -> Path:
    """Where the damaged file is now; it may be that another program has just moved it and begun a new one."""
    aside = path.with_name(f"{path.name}{_ASIDE}{time.strftime('%Y%m%d-%H%M%S')}")
    with suppress(OSError):
        if _place(path.stat()) != place:
            return (set_aside(path) or [aside])[-1]
        # Its side files hold what it lacks.
        for ending in ("-wal", "-shm", ""):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    return aside
