"""The journal: which index is published, what the catalog has beyond it, and whether the last writer finished."""

from collections.abc import Sequence
from dataclasses import dataclass

from vectorstore.database import Database


@dataclass(frozen=True, slots=True)
class Published:
    """The index that readers use: where it is, and the seal that it must have.

    ``place`` is a folder's name, or for a server its address with tenant and database.
    """

    place: str
    seal: str

    @property
    def is_remote(self) -> bool:
        return "://" in self.place


class IndexJournal:
    """Part of the catalog's file, so that an index and what it lacks are published in one transaction.

    Writing is for whoever holds the store's lock. Raises StoreError.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def published(self) -> Published | None:
        place, seal = self._meta("index_place"), self._meta("index_seal")
        return Published(place, seal) if place and seal is not None else None

    @property
    def unfinished(self) -> str | None:
        """Where an index was being written by a writer that did not finish; or is, by one that works now."""
        return self._meta("index_writing")

    def count(self) -> int:
        return int(self._database.rows("SELECT count(*) FROM pending")[0][0])

    def pending(self) -> tuple[list[str], list[str]]:
        """Ids of chunks that the published index lacks or has in an old form, and of those that it must forget."""
        rows = self._database.rows("SELECT chunk_id, present FROM pending ORDER BY chunk_id")
        return [name for name, present in rows if present], [name for name, present in rows if not present]

    @property
    def last(self) -> str:
        """The last folder in which an index was begun. No place is used twice: Chroma keeps what it knows by path."""
        return self._meta("index_last") or "0"

    def adopt(self, place: str) -> None:
        """Readers turn to an index that is written in place, which counts as having nothing yet."""
        with self._database.writing():
            self._withdraw()
            self._set("index_place", place)
            self._set("index_seal", "")

    def acknowledge(self, names: Sequence[str]) -> None:
        """An index that is written in place has these as the catalog has them."""
        with self._database.writing():
            self._database.many("DELETE FROM pending WHERE chunk_id = ?", [(name,) for name in names])

    def begin(self, place: str) -> None:
        """Raise the flag: an index is being written there."""
        with self._database.writing():
            self._set("index_writing", place)
            if not Published(place, "").is_remote:
                self._set("index_last", place)

    def publish(self, place: str, seal: str) -> None:
        """Readers turn to the new index, which has all that was pending; the flag is lowered."""
        with self._database.writing():
            self._set("index_place", place)
            self._set("index_seal", seal)
            self._database.rows("DELETE FROM pending")
            self._database.rows("DELETE FROM meta WHERE key = 'index_writing'")

    def withdraw(self) -> None:
        """No index is published any more: every chunk is pending; the flag is lowered."""
        with self._database.writing():
            self._withdraw()

    def _withdraw(self) -> None:
        self._database.rows("DELETE FROM meta WHERE key IN ('index_place', 'index_seal', 'index_writing')")
        self._database.rows("DELETE FROM pending")
        self._database.rows("INSERT INTO pending SELECT id, 1 FROM chunks")

    def _meta(self, key: str) -> str | None:
        rows = self._database.rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def _set(self, key: str, value: str) -> None:
        self._database.rows("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
