"""What a store holds, read with plain sqlite3 and nothing of ours."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Contents:
    """``texts`` by file name; ``chunks`` by id: (article, ordinal, start, end, heading, caption, vector);
    ``sentences`` by chunk id."""

    generation: int
    texts: dict[str, str]
    chunks: dict[str, tuple[Any, ...]]
    sentences: dict[str, tuple[tuple[int, int, bytes], ...]]
    pending: int

    def chunk_texts(self) -> dict[str, str]:
        return {name: self.texts[row[0]][row[2] : row[3]] for name, row in self.chunks.items()}


EMPTY = Contents(0, {}, {}, {}, 0)


def look(home: Path) -> Contents:
    """The committed state, by a connection beside the others; EMPTY while there is no catalog."""
    return _read(home / "catalog.sqlite3")


def look_at_copy(home: Path, scratch: Path) -> Contents:
    """The same after a crash, by SQLite's recovery of a copy: the original is left for the program to recover."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    for name in ("catalog.sqlite3", "catalog.sqlite3-wal"):
        if (home / name).exists():
            shutil.copyfile(home / name, scratch / name)
    return _read(scratch / "catalog.sqlite3", check=True)


def _read(path: Path, check: bool = False) -> Contents:
    if not path.exists():
        return EMPTY
    with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as connection:
        run = connection.execute
        if check:
            assert run("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert run("PRAGMA foreign_key_check").fetchall() == []
        run("BEGIN")
        if not run("SELECT 1 FROM sqlite_master WHERE name = 'pending'").fetchall():
            return EMPTY
        names = {row[0]: Path(row[1]).name for row in run("SELECT id, path FROM articles")}
        texts = {Path(row[0]).name: row[1] for row in run("SELECT path, text FROM articles")}
        chunks = {
            row[0]: (names[row[1]], *row[2:])
            for row in run("SELECT id, article_id, ordinal, start, end, heading, caption, vector FROM chunks")
        }
        sentences: dict[str, list[tuple[int, int, bytes]]] = {name: [] for name in chunks}
        for name, start, end, vector in run(
            "SELECT id, sentences.start, sentences.end, sentences.vector FROM sentences "
            "JOIN chunks ON number = chunk ORDER BY number, sentences.start"
        ):
            sentences[name].append((start, end, vector))
        generation = run("SELECT value FROM meta WHERE key = 'generation'").fetchone()
        return Contents(
            generation=int(generation[0]) if generation else 0,
            texts=texts,
            chunks=chunks,
            sentences={name: tuple(rows) for name, rows in sentences.items()},
            pending=run("SELECT count(*) FROM pending").fetchone()[0],
        )


def index_folder(home: Path) -> Path:
    """The Chroma folder that readers use: the one that the catalog names, else the newest."""
    with closing(sqlite3.connect(home / "catalog.sqlite3")) as connection:
        named = connection.execute("SELECT value FROM meta WHERE key = 'index_place'").fetchone()
    if named:
        return home / "index" / str(named[0])
    return max((home / "index").iterdir(), key=lambda path: int(path.name))
