"""Chroma, derived from the catalog. The only module that imports chromadb."""

import logging
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from vectorstore.catalog import Catalog
from vectorstore.errors import StoreError
from vectorstore.models import Vector

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

_LOG = logging.getLogger(__name__)
_NAME = "chunks"
# Above the recall that the defaults reach (0.72 on 20,000 random vectors against 0.995 with these).
_HNSW: "CreateHNSWConfiguration" = {
    "space": "cosine",
    "ef_construction": 200,
    "ef_search": 500,
    "max_neighbors": 32,
}
_BATCH = 1_000


class VectorIndex:
    """The dense leg: nearest chunks by cosine similarity.

    Chroma sees no other process's writes, so it is opened again when the catalog has a new generation. While it
    cannot be used, or lags behind, the search is exact over the catalog's own vectors: slower, never wrong.
    """

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self._folder = folder
        self._catalog = catalog
        self._client: Client | None = None
        self._collection: Collection | None = None
        self._state: tuple[int, int] | None = None
        self._broken: set[Path] = set()
        self._following = False
        self._lock = threading.RLock()

    def search(self, vector: Vector, limit: int, allowed: frozenset[str] | None = None) -> list[tuple[str, float]]:
        """Chunk ids with their cosine similarity, best first; of the allowed articles only, when given."""
        if allowed is not None and not allowed:
            return []
        found = None
        if not self._following:
            # Another thread must not close the client in the middle of a query.
            with self._lock:
                collection = self._current()
                found = None if collection is None else self._query(collection, vector, limit, allowed)
        return self._search_exactly(vector, limit, allowed) if found is None else found

    def _query(
        self, collection: "Collection", vector: Vector, limit: int, allowed: frozenset[str] | None
    ) -> list[tuple[str, float]] | None:
        """None when Chroma failed."""
        import chromadb.errors

        where: Any = None if allowed is None else {"article_id": {"$in": sorted(allowed)}}
        try:
            found = collection.query(
                query_embeddings=[cast(Any, vector)], n_results=limit, where=where, include=["distances"]
            )
        except (chromadb.errors.ChromaError, ValueError) as error:
            _LOG.warning("The vector index failed (%s); searching the catalog's vectors instead.", error)
            self._collection = None
            return None
        distances = (found["distances"] or [[]])[0]
        pairs = [(name, 1.0 - float(distance)) for name, distance in zip(found["ids"][0], distances, strict=True)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _search_exactly(self, vector: Vector, limit: int, allowed: frozenset[str] | None) -> list[tuple[str, float]]:
        ids, matrix = self._catalog.vectors(allowed)
        if not ids:
            return []
        scores = matrix @ vector
        best = sorted(range(len(ids)), key=lambda number: (-float(scores[number]), ids[number]))[:limit]
        return [(ids[number], float(scores[number])) for number in best]

    def _current(self) -> "Collection | None":
        """The collection, when it holds what the catalog holds."""
        with self._lock:
            state = self._catalog.state()
            if state != self._state:
                self.close()
                self._state = state
                self._collection = self._open(self._latest)
                if self._collection is not None and not self._agrees(self._collection):
                    _LOG.info("The vector index lags behind the catalog; searching the catalog's vectors.")
                    self._collection = None
            return self._collection

    @property
    def _latest(self) -> Path:
        """Where the index is: each one that is made anew gets a folder of its own, numbered from 1."""
        numbers = [int(path.name) for path in self._folder.glob("*") if path.name.isdigit()]
        return self._folder / str(max(numbers, default=1))

    def _open(self, folder: Path) -> "Collection | None":
        import chromadb
        import chromadb.errors
        from chromadb.config import Settings

        # Chroma keeps what it could not start, and fails in other ways when asked for it again.
        if folder in self._broken:
            return None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            client = chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
            self._client = cast("Client", client)
            # No embedding function: Chroma's default one downloads a model. Vectors are always passed in.
            return client.get_or_create_collection(_NAME, embedding_function=None, configuration={"hnsw": _HNSW})
        except (chromadb.errors.ChromaError, OSError, ValueError) as error:
            _LOG.warning("The vector index cannot be opened: %s", error)
            self._broken.add(folder)
            return None

    def _agrees(self, collection: "Collection") -> bool:
        import chromadb.errors

        _, pending = self._catalog.state()
        try:
            return pending == 0 and collection.count() == self._catalog.count_chunks()
        except chromadb.errors.ChromaError as error:
            _LOG.warning("The vector index cannot be read: %s", error)
            return False

    def follow(self) -> None:
        """Bring Chroma up to date with the catalog. For whoever holds the store's lock. Raises StoreError.

        An index that cannot be opened or written, or that does not hold what the catalog holds, is made anew from the
        catalog's vectors.
        """
        with self._lock:
            # Meanwhile other threads search the catalog's vectors instead of waiting.
            self._following = True
            try:
                self.close()
                collection = self._open(self._latest)
                if collection is not None and not (self._tell(collection) and self._agrees(collection)):
                    collection = None
                self._collection = collection or self._made_anew()
                self._state = self._catalog.state()
            finally:
                self._following = False

    def _tell(self, collection: "Collection") -> bool:
        """Pass on what is pending; false when Chroma failed."""
        import chromadb.errors

        missing, gone = self._catalog.pending()
        try:
            for names in _batches(gone):
                collection.delete(ids=names)
                with self._catalog.writing():
                    self._catalog.clear_pending(names)
            for names in _batches(missing):
                self._upsert(collection, names)
                with self._catalog.writing():
                    self._catalog.clear_pending(names)
        except chromadb.errors.ChromaError as error:
            _LOG.warning("The vector index cannot be written: %s", error)
            return False
        return True

    def _upsert(self, collection: "Collection", names: Sequence[str]) -> None:
        stored = self._catalog.chunks_by_id(names)
        chunks = [stored[name] for name in names]
        collection.upsert(
            ids=list(names),
            embeddings=np.stack([vector for _, vector in chunks]),
            metadatas=[{"article_id": chunk.article_id} for chunk, _ in chunks],
        )

    def _made_anew(self) -> "Collection":
        import chromadb.errors

        self.close()
        old = self._latest
        collection = self._open(self._folder / str(int(old.name) + 1))
        try:
            if collection is not None:
                for names in _batches([chunk.id for chunk in self._catalog.chunks()]):
                    self._upsert(collection, names)
                with self._catalog.writing():
                    self._catalog.clear_pending([name for names in self._catalog.pending() for name in names])
                if self._agrees(collection):
                    _LOG.info("The vector index was made anew.")
                    shutil.rmtree(old, ignore_errors=True)
                    return collection
        except chromadb.errors.ChromaError as error:
            _LOG.warning("The vector index cannot be written: %s", error)
        raise StoreError(f"The vector index at {self._folder} cannot be written; the articles are safe.")

    @property
    def in_use(self) -> bool:
        """Whether searches go through Chroma rather than exactly over the catalog."""
        return self._current() is not None

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = self._collection = None
            self._state = None


def _batches(names: Sequence[str]) -> list[list[str]]:
    return [list(names[start : start + _BATCH]) for start in range(0, len(names), _BATCH)]
