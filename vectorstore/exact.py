"""Exact nearest neighbours over the catalog's own vectors: slower than an index, never wrong."""

import os
import threading
import zlib
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from vectorstore.catalog import Catalog
from vectorstore.embedding import Matrix
from vectorstore.models import Vector

_MAGIC = b"exact-2\n"
_HEAD = np.dtype([("store", "S32"), ("rows", "<i8"), ("dimension", "<i8"), ("checksum", "<u8")])
# Below so many rows outside the file, reading them costs less than writing the file anew.
_LEAST = 4_096
# A product with a matrix differs from one with each of its rows by less.
_ROUNDING = 1e-5
_NEVER = "~"


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
        self._days: tuple[int, NDArray[np.str_]] | None = None

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
                scores[self._latest() > until] = -np.inf
            numbers = [(int(number),) for number in self._numbers[leading(scores, limit)]]
            query = "SELECT id FROM chunks WHERE number = ?"
            return [self._catalog.database.rows(query, number)[0][0] for number in numbers]

    def _latest(self) -> NDArray[np.str_]:
        """The last day that each row's article can be of; one that is not known comes after all that are."""
        if self._days is None or self._days[0] != self._generation:
            query = "SELECT number, latest FROM chunks JOIN articles ON articles.id = article_id"
            known = {number: latest or _NEVER for number, latest in self._catalog.database.each(query)}
            days = np.array([known.get(number, _NEVER) for number in self._numbers.tolist()], "U10")
            self._days = self._generation, days
        return self._days[1]

    def _column(self, statement: str) -> NDArray[np.int64]:
        return np.array([row[0] for row in self._catalog.database.rows(statement)], np.int64)

    def _refresh(self) -> None:
        generation = self._catalog.generation
        if generation == self._generation:
            return
        if self._generation < 0:
            self._load()
        # Asked for whole: a reader's state of the catalog may also be older than what is held here.
        numbers = self._column("SELECT number FROM chunks")
        absent = set(numbers[~np.isin(numbers, self._numbers)].tolist())
        if absent:
            query = "SELECT number, vector FROM chunks WHERE number >= ?"
            rows = [row for row in self._catalog.database.each(query, (min(absent),)) if row[0] in absent]
            fresh = np.frombuffer(b"".join(row[1] for row in rows), np.float32).reshape(len(rows), -1)
            self._tail = np.concatenate([self._tail, fresh]) if len(self._tail) else fresh
            self._numbers = np.concatenate([self._numbers, np.array([row[0] for row in rows], np.int64)])
        self._alive = np.isin(self._numbers, numbers)
        self._generation = generation
        if len(self._tail) > max(_LEAST, len(self._base) // 4):
            self._save()

    # The file

    def fault(self) -> str | None:
        """What is wrong with the file; None when there is none, or every vector in it is the catalog's."""
        with self._catalog.reading():
            try:
                with self._path.open("rb") as file:
                    base, numbers = self._map(file)
            except FileNotFoundError:
                return None
            except (OSError, ValueError):
                return "it is damaged, or another store's"
            places = {number: place for place, number in enumerate(numbers.tolist())}
            for number, vector in self._catalog.database.each("SELECT number, vector FROM chunks"):
                if number in places and base[places[number]].tobytes() != vector:
                    return f"the vector of chunk number {number} is not the catalog's"
        return None

    def _load(self) -> None:
        try:
            with self._path.open("rb") as file:
                self._base, self._numbers = self._map(file)
        except (OSError, ValueError):
            # There is none, or one that cannot be trusted: all is read from the catalog.
            self._base, self._numbers = np.zeros((0, 0), np.float32), np.zeros(0, np.int64)

    def _map(self, file: BinaryIO) -> tuple[Matrix, NDArray[np.int64]]:
        """Raises ValueError when the file is not this store's, or not whole."""
        if file.read(len(_MAGIC)) != _MAGIC:
            raise ValueError
        (head,) = np.frombuffer(file.read(_HEAD.itemsize), _HEAD, 1)
        rows, dimension, start = int(head["rows"]), int(head["dimension"]), file.tell()
        if start + rows * (8 + 4 + 4 * dimension) != os.fstat(file.fileno()).st_size:
            raise ValueError
        numbers = np.frombuffer(file.read(8 * rows), np.int64, rows)
        marks = np.frombuffer(file.read(4 * rows), np.uint32, rows)
        base = np.memmap(file, np.float32, "r", start + 12 * rows, (rows, dimension))
        if head["store"].decode() != self._catalog.meta("store") or _checksum(numbers, marks, base) != head["checksum"]:
            raise ValueError
        known = self._marks(numbers)
        if np.any((known != marks) & (known != 0)):
            raise ValueError
        return base, numbers

    def _save(self) -> None:
        """Put the tail into the file too. Without room for it the vectors stay in memory."""
        numbers = self._numbers[self._alive]
        split = len(self._base)
        parts = [self._base[self._alive[:split]], self._tail[self._alive[split:]]]
        blocks: list[NDArray[Any]] = [numbers, self._marks(numbers), *parts]
        head = np.array([(self._catalog.meta("store"), len(numbers), self._tail.shape[1], _checksum(*blocks))], _HEAD)
        # A name of its own: two readers may write at the same time, and either file will do.
        temporary = self._path.with_name(f"{self._path.name}.{uuid4().hex}")
        try:
            with temporary.open("xb") as file:
                file.write(_MAGIC)
                for block in (head, *blocks):
                    block.tofile(file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
            with self._path.open("rb") as file:
                base, mapped = self._map(file)
        except (OSError, ValueError):
            temporary.unlink(missing_ok=True)
            return
        # Else another reader's file took its place; what is in memory will do.
        if np.array_equal(mapped, numbers):
            self._base, self._numbers = base, mapped
            self._tail = np.zeros((0, 0), np.float32)
            self._alive = np.ones(len(numbers), np.bool_)

    def _marks(self, numbers: NDArray[np.int64]) -> NDArray[np.uint32]:
        """A checksum of each chunk's id, 0 for those that have gone.

        A catalog that was restored from a backup gives the same numbers again, to other chunks.
        """
        rows = self._catalog.database.each("SELECT number, id FROM chunks")
        known = {number: zlib.crc32(name.encode()) or 1 for number, name in rows}
        return np.array([known.get(number, 0) for number in numbers.tolist()], np.uint32)


def _checksum(*blocks: NDArray[Any]) -> int:
    checksum = 0
    for block in blocks:
        checksum = zlib.crc32(block.data, checksum)
    return checksum
