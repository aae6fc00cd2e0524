"""Chroma. The only module that imports chromadb; what it raises becomes IndexFault here."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from vectorstore.embedding import Matrix
from vectorstore.errors import IndexFault
from vectorstore.models import Vector

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

_NAME = "chunks"
# Chosen by tests/benchmarks/hnsw.py against exact search, on 11,013 sentence vectors asked with 1,000 questions: the
# cheapest with a recall@50 of 0.995. It has 0.9988 (recall@10 0.9999); with twice the edges, made with twice the care,
# 0.9997 in 2.1 times the time to build. At 100,000 clustered vectors both have 1.0000.
_HNSW: "CreateHNSWConfiguration" = {"space": "cosine", "ef_construction": 100, "ef_search": 200, "max_neighbors": 16}
# Chroma takes at most 5,461 at once.
BATCH = 5_000


class ChunkCollection:
    """Chunk ids with their vectors, and the last day that each one's article can be of. Raises IndexFault."""

    def __init__(self, client: "ClientAPI", collection: "Collection") -> None:
        self._client = client
        self._collection = collection

    @classmethod
    def open_folder(cls, folder: Path, make: bool = False) -> "ChunkCollection":
        """The index in a folder; ``make``: an empty one, when there is none."""
        # 1.5 s to import: only when an index is used.
        import chromadb
        from chromadb.config import Settings

        with _translated():
            if make:
                folder.mkdir(parents=True, exist_ok=True)
            elif not folder.is_dir():
                raise FileNotFoundError(f"{folder.name} is missing")
            client = chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
            try:
                # No embedding function: Chroma's default one downloads a model. Vectors are always passed in.
                if make:
                    collection = client.get_or_create_collection(
                        _NAME, embedding_function=None, configuration={"hnsw": _HNSW}
                    )
                else:
                    collection = client.get_collection(_NAME, embedding_function=None)
            except BaseException:
                cast(Any, client).close()
                raise
            return cls(client, collection)

    def close(self) -> None:
        with _translated():
            cast(Any, self._client).close()

    def flush_after(self, count: int) -> None:
        """Have the graph written out after so many changes, instead of keeping the last ones in a log."""
        threshold = max(1, min(count, BATCH))
        with _translated():
            self._collection.modify(
                configuration={"hnsw": {"sync_threshold": threshold, "batch_size": min(threshold, 100)}}
            )

    def upsert(self, ids: Sequence[str], vectors: Matrix, latest: Sequence[str | None]) -> None:
        """Vectors of shape (len(ids), dimension); ``latest`` as ISO dates, None for unknown."""
        with _translated():
            self._collection.upsert(
                ids=list(ids),
                embeddings=vectors,
                # Chroma rejects an empty metadata, and None in one; day 0 is before every date.
                metadatas=[{"latest": _day(day) if day else 0} for day in latest],
            )

    def delete(self, ids: Sequence[str]) -> None:
        with _translated():
            self._collection.delete(ids=list(ids))

    def count(self) -> int:
        with _translated():
            return self._collection.count()

    def nearest(self, vector: Vector, limit: int, until: str | None) -> list[str]:
        """Ids of the nearest chunks, only of articles known to be published by ``until`` when that is given."""
        where: Any = None if until is None else {"$and": [{"latest": {"$gt": 0}}, {"latest": {"$lte": _day(until)}}]}
        with _translated():
            found = self._collection.query(
                query_embeddings=[cast(Any, vector)], n_results=limit, where=where, include=[]
            )
            return list(found["ids"][0])

    def vectors(self, offset: int, limit: int) -> dict[str, Vector]:
        """One page of what is stored, by id."""
        with _translated():
            page = self._collection.get(include=["embeddings"], offset=offset, limit=limit)
            rows = cast(Any, page["embeddings"])
            return {name: np.asarray(row, np.float32) for name, row in zip(page["ids"], rows, strict=True)}


def _day(iso: str) -> int:
    return date.fromisoformat(iso).toordinal()


@contextmanager
def _translated() -> Iterator[None]:
    import chromadb.errors

    try:
        yield
    except (chromadb.errors.ChromaError, OSError, ValueError, RuntimeError, sqlite3.Error) as error:
        raise IndexFault(getattr(error, "strerror", None) or str(error) or type(error).__name__) from error
    except BaseException as error:
        # What a panic in Chroma's Rust part becomes; it does not derive from Exception.
        if type(error).__name__ == "PanicException":
            raise IndexFault("Chroma broke down") from error
        raise
