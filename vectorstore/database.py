"""One SQLite file: a connection a thread, transactions, and what goes wrong as one kind of error."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vectorstore.errors import StoreError

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

_PATIENCE_S = 10.0

Values = Sequence[str | int | float | bytes | None]


class Database:
    """Readers share the file freely; writing is for whoever holds the store's lock.

    Every method raises StoreError when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._lock = threading.Lock()
        self._connections: list[tuple[threading.Thread, sqlite3.Connection, threading.RLock]] = []
        with self._translated("opened"):
            path.parent.mkdir(parents=True, exist_ok=True)
            _ = self.connection

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"The store at {self.path.parent} cannot be {what}: {_reason(error)}.") from error

    @property
    def connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # Closed from the thread that closes the database, hence check_same_thread=False.
            connection = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
            try:
                use_wal(connection)
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA foreign_keys = ON")
            except sqlite3.Error:
                connection.close()
                raise
            self._local.connection, self._local.guard = connection, threading.RLock()
            with self._lock:
                self._close(lambda thread: not thread.is_alive(), 0)
                self._connections.append((threading.current_thread(), connection, self._local.guard))
        return connection

    @contextmanager
    def _in_use(self) -> Iterator[sqlite3.Connection]:
        """A connection that is closed while SQLite works with it ends the process."""
        connection = self.connection
        with self._local.guard:
            yield connection

    def close(self) -> None:
        """Also what other threads have open, once they have done what they are at."""
        with self._lock:
            self._close(lambda thread: True, _PATIENCE_S)
        self._local = threading.local()

    def _close(self, whose: Callable[[threading.Thread], bool], patience_s: float) -> None:
        # Pools of threads come and go; what they had open must not pile up. What stays in use, by a reader that was
        # left half way, is left open; that a thread seems to have ended is not enough (see pipeline._Worker).
        kept = []
        for thread, connection, guard in self._connections:
            if whose(thread) and guard.acquire(timeout=patience_s):
                connection.close()
                guard.release()
            else:
                kept.append((thread, connection, guard))
        self._connections = kept

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it or nothing, on the disk when this returns."""
        with self._translated("written"), self._in_use() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                connection.execute("COMMIT")
            except BaseException:
                # A full disk has rolled back already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Every read inside sees one and the same state; may be nested."""
        with self._translated("read"), self._in_use() as connection:
            nested = connection.in_transaction
            if nested:
                yield
                return
            connection.execute("BEGIN")
            try:
                yield
            finally:
                # A damaged file has ended it already; the error that says so must stand.
                if connection.in_transaction:
                    connection.execute("COMMIT")

    def rows(self, statement: str, values: Values = ()) -> list[Any]:
        """Run one statement; all of its rows."""
        with self._translated("used"), self._in_use() as connection:
            return connection.execute(statement, values).fetchall()

    def each(self, statement: str, values: Values = ()) -> Iterator[Any]:
        """The rows of one statement, one by one."""
        with self._translated("read"):
            yield from self.connection.execute(statement, values)

    def insert(self, statement: str, values: Values) -> int:
        """Run one INSERT; the number of the new row."""
        with self._translated("written"), self._in_use() as connection:
            return connection.execute(statement, values).lastrowid or 0

    def many(self, statement: str, values: Iterable[Values]) -> None:
        with self._translated("written"), self._in_use() as connection:
            connection.executemany(statement, values)

    def script(self, text: str) -> None:
        """Run statements in the transaction at hand, which ``executescript`` would end."""
        statement = ""
        for line in text.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                self.rows(statement)
                statement = ""


def use_wal(connection: sqlite3.Connection) -> None:
    """The change to WAL fails at once, whatever the timeout, while another process makes it."""
    for _ in range(200):
        try:
            if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal":
                return
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY:
                raise
        time.sleep(0.02)


def _code(error: BaseException) -> int:
    """SQLite's primary result code: the lower byte of what it tells; -1 for another error."""
    code: int = getattr(error, "sqlite_errorcode", -1)
    return code & 0xFF if code >= 0 else -1


def damaged(error: StoreError) -> bool:
    """Whether the file itself is what is wrong."""
    return error.__cause__ is not None and _code(error.__cause__) in _DAMAGED


def _reason(error: sqlite3.Error | OSError) -> str:
    code = _code(error)
    if code == sqlite3.SQLITE_FULL:
        return "the disk is full; make room and run it again"
    if code == sqlite3.SQLITE_IOERR:
        return f"the disk does not take or give data ({error}); see whether it is full, and run it again"
    if code == sqlite3.SQLITE_BUSY:
        return "another process is using it; try again when that has ended"
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
        return f"its folder must be writable ({error}); set ISISK_QA_HOME to one that is"
    if code in _DAMAGED:
        return f"its catalog is damaged ({error}); put a backup in its place, or move it away and ingest again"
    return str(error.strerror or error) if isinstance(error, OSError) else str(error)
