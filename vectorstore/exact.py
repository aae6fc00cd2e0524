"""Exact nearest neighbours over the catalog's own vectors: slower than an index, never wrong."""

import os
import threading
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from vectorstore.catalog import Catalog
from vectorstore.embedding import Matrix
from vectorstore.models import Vector

_MAGIC = b"exact-1\n"
_HEAD = np.dtype([("store", "S32"), ("rows", "<i8"), ("dimension", "<i8"), ("checksum", "<u8")])
# Below so many rows outside the file, reading them costs less than writing the file anew.
_LEAST = 4_096
# A product with a matrix differs from one with each of its rows by less.
_ROUNDING = 1e-5


def leading(scores: Vector, limit: int) -> NDArray[np.int64]:
    """The places of the greatest scores, and of those that rounding alone may have put behind them."""
    least = np.partition(scores, -limit)[-limit] - _ROUNDING if limit < len(scores) else -np.inf
    return np.flatnonzero((scores >= least) & (scores > -np.inf))


class ExactSearch:
    """Most vectors lie in a memory-mapped file, which all readers share; the newest are read from the catalog.

    The file is derived, checked against its checksum, and written by whoever first needs it. A chunk's number is never
    given twice, so a row in it stays true; rows whose chunk has gone are left out.
    """

    def __init__(self, path: Path, catalog: Catalog) -> None:
        self._path = path
        self._catalog = catalog
        self._lock = threading.Lock()
        self._generation = -1
        self._base: Matrix = np.zeros((0, 0), np.float32)
        self._tail: Matrix = np.zeros((0, 0), np.float32)
        self._numbers = np.zeros(0, np.int64)
        self._alive = np.zeros(0, np.bool_)

    def nearest(self, vector: Vector, limit: int, until: str | None) -> list[str]:
        """The ids of the nearest chunks, in no order; more than ``limit`` where the last ones are as good as equal.

        ``until``: only of articles that are known to be published by that day (ISO 8601). Raises StoreError.
        """
        with self._catalog.reading(), self._lock:
            self._refresh()
            if not self._alive.any():
                return []
            scores = np.concatenate([part @ vector for part in (self._base, self._tail) if len(part)])
            scores[~self._alive] = -np.inf
            if until is not None:
                scores[~np.isin(self._numbers, self._published_by(until))] = -np.inf
            numbers = [(int(number),) for number in self._numbers[leading(scores, limit)]]
            query = "SELECT id FROM chunks WHERE number = ?"
            return [self._catalog.database.rows(query, number)[0][0] for number in numbers]

    def _published_by(self, until: str) -> NDArray[np.int64]:
        return self._column(
            "SELECT number FROM chunks JOIN articles ON articles.id = article_id WHERE latest <= ?", (until,)
        )

    def _column(self, statement: str, values: tuple[str, ...] = ()) -> NDArray[np.int64]:
        return np.array([row[0] for row in self._catalog.database.rows(statement, values)], np.int64)

    def _refresh(self) -> None:
        generation = self._catalog.generation
        if generation == self._generation:
            return
        if self._generation < 0:
            self._load()
        last = int(self._numbers[-1]) if len(self._numbers) else 0
        rows = self._catalog.database.rows(
            "SELECT number, vector FROM chunks WHERE number > ? ORDER BY number", (last,)
        )
        if rows:
            fresh = np.frombuffer(b"".join(row[1] for row in rows), np.float32).reshape(len(rows), -1)
            self._tail = np.concatenate([self._tail, fresh]) if len(self._tail) else fresh
            self._numbers = np.concatenate([self._numbers, np.array([row[0] for row in rows], np.int64)])
        # Asked for whole: a reader's state of the catalog may also be older than what is held here.
        self._alive = np.isin(self._numbers, self._column("SELECT number FROM chunks"))
        self._generation = generation
        if len(self._tail) > max(_LEAST, len(self._base) // 4):
            self._save()

    # The file

    def _load(self) -> None:
        try:
            with self._path.open("rb") as file:
                self._map(file)
        except (OSError, ValueError):
            # There is none, or one that cannot be trusted: all is read from the catalog.
            self._base, self._numbers = np.zeros((0, 0), np.float32), np.zeros(0, np.int64)

    def _map(self, file: BinaryIO) -> None:
        """Raises ValueError when the file is not this store's, or not whole."""
        if file.read(len(_MAGIC)) != _MAGIC:
            raise ValueError
        (head,) = np.frombuffer(file.read(_HEAD.itemsize), _HEAD, 1)
        rows, dimension, start = int(head["rows"]), int(head["dimension"]), file.tell()
        numbers = np.frombuffer(file.read(8 * rows), np.int64, rows)
        base = np.memmap(file, np.float32, "r", start + 8 * rows, (rows, dimension))
        checksum = zlib.crc32(base.data, zlib.crc32(numbers.data))
        if head["store"].decode() != self._catalog.meta("store") or checksum != int(head["checksum"]):
            raise ValueError
        self._base, self._numbers = base, numbers

    def _save(self) -> None:
        """Put the tail into the file too. Without room for it the vectors stay in memory."""
        numbers = self._numbers[self._alive]
        split = len(self._base)
        parts = [self._base[self._alive[:split]], self._tail[self._alive[split:]]]
        checksum = zlib.crc32(numbers.data)
        for part in parts:
            checksum = zlib.crc32(part.data, checksum)
        head = np.array([(self._catalog.meta("store"), len(numbers), self._tail.shape[1], checksum)], _HEAD)
        # A name of its own: two readers may write at the same time, and either file will do.
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            with temporary.open("wb") as file:
                file.write(_MAGIC)
                for block in (head, numbers, *parts):
                    block.tofile(file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
        except OSError:
            temporary.unlink(missing_ok=True)
            return
        self._load()
        self._tail = np.zeros((0, 0), np.float32)
        self._alive = np.ones(len(self._numbers), np.bool_)
        if len(self._numbers) != len(numbers):
            # Another reader's file took its place: begin again from it.
            self._generation = -1
            self._refresh()
