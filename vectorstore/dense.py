"""The dense leg: nearest chunks by cosine similarity, through Chroma as far as it can be trusted."""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from vectorstore.catalog import Catalog
from vectorstore.embedding import Matrix
from vectorstore.errors import IndexFault
from vectorstore.exact import ExactSearch, leading
from vectorstore.index import ChunkCollection
from vectorstore.indexing import Counted
from vectorstore.journal import IndexJournal, Published
from vectorstore.models import Vector
from vectorstore.publishing import IndexWriter

_LOG = logging.getLogger(__name__)
# Beyond so many chunks that the index lacks or has in an old form, one exact search over all is simpler and as fast.
_MOST_PENDING = 5_000
# Asked for beyond the limit while some of what the index has must be left out.
_MARGIN = 50


@dataclass(frozen=True, slots=True)
class _Pending:
    """In what the catalog is beyond the published index. ``vectors`` are of ``missing``."""

    hidden: frozenset[str]
    missing: tuple[str, ...]
    vectors: Matrix


class IndexKeeper(Protocol):
    """Where the index lies and how it follows the catalog; ``recovers`` if one that failed may work again."""

    @property
    def recovers(self) -> bool: ...

    def open(self, published: Published) -> ChunkCollection:
        """Raises IndexFault when it is not there or not to be trusted."""
        ...

    def stands(self, published: Published) -> bool:
        """Whether it was still whole when it answered."""
        ...

    def fault(self, published: Published, thorough: bool) -> str | None: ...
    def follow(self, progress: Counted | None = None) -> None: ...
    def rebuild(self, progress: Counted | None = None) -> None: ...
    def close(self) -> None: ...


class VectorIndex:
    """What every reader and writer searches and keeps up.

    The answer is that of the catalog's state at hand: what Chroma has beyond it is left out, what Chroma lacks is
    searched exactly, and every score is computed from the catalog's vectors. An index that differs from its seal, or
    that fails, is not used: then the whole search is exact.
    """

    def __init__(self, folder: Path, catalog: Catalog, keeper: IndexKeeper | None = None) -> None:
        """``keeper``: where the index is; None for ``folder``, beside which the catalog's vectors are kept anyway."""
        self._catalog = catalog
        self._journal = IndexJournal(catalog.database)
        self._keeper = keeper or IndexWriter(folder, catalog)
        self._exact = ExactSearch(folder.parent / "vectors.bin", catalog)
        self._lock = threading.RLock()
        self._opened: Published | None = None
        self._collection: ChunkCollection | None = None
        self._pending: tuple[tuple[int, Published], _Pending] | None = None

    def search(self, vector: Vector, limit: int, until: str | None = None) -> list[tuple[str, float]]:
        """Chunk ids with their cosine similarity, best first, ties by id.

        ``until``: only of articles that are known to be published by that day (ISO 8601). Raises StoreError.
        """
        with self._catalog.reading():
            # Chroma first looks up all that the day allows, which at 100,000 chunks takes longer than an exact search.
            names = self._through_chroma(vector, limit) if until is None else None
            if names is None:
                names = self._exact.nearest(vector, limit, until)
            # Row by row, so that a score has the same bits however its chunk was found.
            scores = [(name, float(row @ vector)) for name, row in self._catalog.vectors(names).items()]
        return sorted(scores, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def _through_chroma(self, vector: Vector, limit: int) -> list[str] | None:
        """The ids of the nearest chunks, in no order; None when Chroma cannot tell."""
        published = self._journal.published
        if published is None or self._journal.count() > _MOST_PENDING:
            return None
        # One thread at a time: another one must not close the collection in the middle of a query.
        with self._lock:
            collection = self._open(published)
            if collection is None:
                return None
            pending = self._beyond(published)
            asked = limit + _MARGIN if pending.hidden else limit
            try:
                near = collection.nearest(vector, asked)
            except IndexFault as error:
                self._distrust(f"it failed: {error}")
                return None
            if not self._keeper.stands(published):
                return None
        there = self._catalog.count_chunks() - len(pending.missing)
        if len(near) < min(asked, there):
            self._distrust("it has lost some of the chunks")
            return None
        names = [name for name in near if name not in pending.hidden]
        # Fewer than were asked for are all it has: what is hidden must not stand in for one that it did not find.
        if len(names) < (limit if len(near) == asked else there):
            return None
        if len(self._catalog.vectors(names)) != len(names):
            self._distrust("it has chunks that the catalog does not have")
            return None
        if pending.missing:
            names += [pending.missing[place] for place in leading(pending.vectors @ vector, limit)]
        return names

    def _open(self, published: Published) -> ChunkCollection | None:
        """The published index, once it was looked at; None when it is not to be trusted."""
        if published != self._opened or (self._collection is None and self._keeper.recovers):
            self._release()
            self._opened = published
            try:
                self._collection = self._keeper.open(published)
            except IndexFault as error:
                self._distrust(str(error))
        return self._collection

    def _distrust(self, reason: str) -> None:
        _LOG.warning("The vector index is not used (%s); searching the catalog's vectors.", reason)
        self._release()

    def _beyond(self, published: Published) -> _Pending:
        key = (self._catalog.generation, published)
        if self._pending is None or self._pending[0] != key:
            missing, gone = self._journal.pending()
            found = self._catalog.vectors(missing)
            vectors = np.stack(list(found.values())) if found else np.zeros((0, 0), np.float32)
            pending = _Pending(frozenset((*missing, *gone)), tuple(found), vectors)
            self._pending = (key, pending)
        return self._pending[1]

    def follow(self, progress: Counted | None = None) -> None:
        """Bring Chroma up to date with the catalog. For whoever holds the store's lock. Raises StoreError."""
        self._keeper.follow(progress)

    def rebuild(self, progress: Counted | None = None) -> None:
        """Make Chroma's part anew from the catalog. For whoever holds the store's lock. Raises StoreError."""
        with self._lock:
            self._release()
            self._opened = None
        self._keeper.rebuild(progress)

    def fault(self, thorough: bool) -> str | None:
        """What is wrong with the index, None when searches go through it; ``thorough`` compares every vector."""
        published = self._journal.published
        if published is None:
            return "there is none yet" if self._catalog.count_chunks() else None
        return self._keeper.fault(published, thorough)

    @property
    def in_use(self) -> bool:
        """Whether searches go through Chroma rather than exactly over the catalog."""
        published = self._journal.published
        with self._lock:
            return published is not None and self._open(published) is not None

    def _release(self) -> None:
        with self._lock:
            collection, self._collection = self._collection, None
            if collection is not None:
                collection.close()

    def close(self) -> None:
        with self._lock:
            self._release()
            self._opened = None
            self._keeper.close()
