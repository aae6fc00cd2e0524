"""A seal tells whether an index folder still holds what its writer left there.

Its files are hashed, but for Chroma's own SQLite file: every opening adds a row to one table of it, so its other tables
are hashed row by row, and SQLite checks the structure.
"""

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from vectorstore.errors import IndexInUse

_DATABASE = "chroma.sqlite3"
_CHANGED_BY_READERS = "acquire_write"
# Left by SQLite while, or after, somebody writes.
_TRANSIENT = ("-journal", "-wal", "-shm")


_PATIENCE_S = 10.0


def copied(source: str, target: str) -> None:
    """Copy a file of an index, for shutil.copytree. Raises OSError and sqlite3.Error.

    SQLite copies its own, and waits: a reader in another process that opens the index is writing its row.
    """
    if Path(source).name != _DATABASE:
        shutil.copy2(source, target)
        return
    with closing(_connected(Path(source), _PATIENCE_S)) as opened, closing(sqlite3.connect(target)) as copy:
        opened.backup(copy)


def transient(folder: str, names: list[str]) -> set[str]:
    """What of an index is not to be copied, for shutil.copytree."""
    return {name for name in names if name.endswith(_TRANSIENT)}


def seal(folder: Path, patience_s: float = _PATIENCE_S) -> str:
    """What the folder holds, as text. Raises OSError and sqlite3.Error."""
    contents: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name.endswith(_TRANSIENT):
            continue
        name = path.relative_to(folder).as_posix()
        if name == _DATABASE:
            contents[name] = _rows_hash(path, patience_s)
        else:
            with path.open("rb") as file:
                contents[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return json.dumps(contents, sort_keys=True)


def broken(folder: Path, expected: str, patience_s: float = _PATIENCE_S) -> str | None:
    """In what the folder differs from its seal; None when it does not.

    Raises IndexInUse when another process has held the database for ``patience_s``.
    """
    try:
        found = seal(folder, patience_s)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            raise IndexInUse(f"{_DATABASE} is held by another process") from error
        return f"{_DATABASE} cannot be read ({error})"
    except OSError as error:
        return f"it cannot be read ({error.strerror or error})"
    return None if found == expected else _difference(json.loads(found), expected)


def _difference(found: dict[str, str], expected: str) -> str:
    try:
        wanted = dict(json.loads(expected))
    except (ValueError, TypeError):
        return "its seal is none"
    for name in sorted(found.keys() | wanted.keys()):
        if name not in found:
            return f"{name} is missing"
        if found[name] != wanted.get(name):
            return f"{name} was changed"
    return "its seal has another form"


def _connected(path: Path, patience_s: float) -> sqlite3.Connection:
    # Writable, since the journal of a reader that was killed has to be rolled back first.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=patience_s)


def _rows_hash(path: Path, patience_s: float) -> str:
    digest = hashlib.sha256()
    connection = _connected(path, patience_s)
    # Text that a flipped bit made undecodable shall be hashed, not raise.
    connection.text_factory = bytes
    try:
        (verdict,) = connection.execute("PRAGMA integrity_check (1)").fetchone()
        if verdict != b"ok":
            raise sqlite3.DatabaseError(verdict.decode("utf-8", "replace"))
        tables = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
        ).fetchall()
        for name, definition in tables:
            digest.update(name + b"\0" + definition + b"\0")
            if name.decode() != _CHANGED_BY_READERS:
                for row in connection.execute(f'SELECT * FROM "{name.decode()}"'):
                    digest.update(repr(row).encode())
    finally:
        connection.close()
    return digest.hexdigest()
