"""Chroma, in a folder or on a server. The only module that imports chromadb; what it raises becomes IndexFault here."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from vectorstore.embedding import Matrix
from vectorstore.errors import IndexFault
from vectorstore.models import Vector
from vectorstore.serving.address import Server

if TYPE_CHECKING:
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

_NAME = "chunks"
# Chosen by tests/benchmarks/hnsw.py against exact search, on 11,013 sentence vectors asked with 1,000 questions: the
# cheapest with a recall@50 of 0.995. It has 0.9988 (recall@10 0.9999); with twice the edges, made with twice the care,
# 0.9997 in 2.1 times the time to build. At 100,000 clustered vectors both have 1.0000.
_HNSW: "CreateHNSWConfiguration" = {"space": "cosine", "ef_construction": 100, "ef_search": 200, "max_neighbors": 16}
# Chroma takes at most 5,461 at once.
BATCH = 5_000
# How long to wait before each further try where SQLite says at once that its database is locked.
_PAUSES_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)


class ChunkCollection:
    """Chunk ids with their vectors. Raises IndexFault."""

    def __init__(self, collection: "Collection", close: Callable[[], None]) -> None:
        self._collection = collection
        self._close = close

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
            return cls(collection, cast(Any, client).close)

    def close(self) -> None:
        with _translated():
            self._close()

    def flush_after(self, count: int) -> None:
        """Have the graph written out after so many changes, instead of keeping the last ones in a log."""
        threshold = max(1, min(count, BATCH))
        flushing: Any = {"hnsw": {"sync_threshold": threshold, "batch_size": min(threshold, 100)}}
        _written(lambda: self._collection.modify(configuration=flushing))

    def upsert(self, ids: Sequence[str], vectors: Matrix) -> None:
        """Vectors of shape (len(ids), dimension)."""
        _written(lambda: self._collection.upsert(ids=list(ids), embeddings=vectors))

    def delete(self, ids: Sequence[str]) -> None:
        _written(lambda: self._collection.delete(ids=list(ids)))

    def count(self) -> int:
        with _translated():
            return self._collection.count()

    def nearest(self, vector: Vector, limit: int) -> list[str]:
        """Ids of the nearest chunks."""
        return self._nearest(vector, limit, None)

    def _nearest(self, vector: Vector, limit: int, where: Any) -> list[str]:
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


def day(iso: str | None) -> int:
    """A date as a number; 0, which is before every date, for an unknown one."""
    return date.fromisoformat(iso).toordinal() if iso else 0


# On a server


Fields = Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a collection: a text with what is known of it."""

    id: str
    text: str
    fields: Fields
    vector: Vector


class ServerCollection(ChunkCollection):
    """A collection that holds texts too, so that a machine without a catalog can be answered from it."""

    @property
    def about(self) -> Fields:
        """What is noted of the collection itself, as it was when this was opened."""
        return dict(cast(Any, self._collection.metadata) or {})

    def note(self, about: Fields) -> None:
        with _translated():
            self._collection.modify(metadata=dict(about))

    def put(self, records: Sequence[Record]) -> None:
        """Store them, in place of older ones of their ids; they are on the server when this returns."""
        with _translated():
            self._collection.upsert(
                ids=[record.id for record in records],
                embeddings=[cast(Any, record.vector) for record in records],
                documents=[record.text for record in records],
                metadatas=[dict(record.fields) for record in records],
            )

    def nearest_until(self, vector: Vector, limit: int, until: str | None) -> list[str]:
        """Ids of the nearest chunks, only of articles known to be published by that day when one is given."""
        where = None if until is None else {"$and": [{"latest": {"$gt": 0}}, {"latest": {"$lte": day(until)}}]}
        return self._nearest(vector, limit, where)

    def records(self, ids: Sequence[str]) -> list[Record]:
        """Those of the ids that are there, in no order."""
        return self._get(ids=list(ids)) if ids else []

    def page(self, offset: int, limit: int) -> list[Record]:
        return self._get(offset=offset, limit=limit)

    def ids(self, offset: int, limit: int) -> list[str]:
        with _translated():
            return list(self._collection.get(include=[], offset=offset, limit=limit)["ids"])

    def fields(self, offset: int, limit: int) -> dict[str, Fields]:
        """One page of what is known of each, by id."""
        with _translated():
            page = self._collection.get(include=["metadatas"], offset=offset, limit=limit)
            return dict(zip(page["ids"], cast(Any, page["metadatas"]), strict=True))

    def _get(self, **which: Any) -> list[Record]:
        with _translated():
            page = self._collection.get(include=["documents", "metadatas", "embeddings"], **which)
            columns = (page["ids"], page["documents"], page["metadatas"], page["embeddings"])
            return [
                Record(name, text, fields, np.asarray(vector, np.float32))
                for name, text, fields, vector in zip(*cast(Any, columns), strict=True)
            ]


class ServerDatabase:
    """The collections of one database of a server. Raises IndexFault, ServerUnreachable when it does not answer."""

    def __init__(self, server: Server, reply_s: float = 0.0) -> None:
        # 1.5 s and 0.2 s to import: only when a server is used.
        from chromadb.api import ServerAPI
        from chromadb.config import Settings, System

        from vectorstore.serving.http_session import PatientSession

        self._server = server
        with _translated():
            # chromadb.HttpClient would make two sessions without a timeout and ask four requests at once.
            system = System(
                Settings(
                    anonymized_telemetry=False,
                    chroma_api_impl="chromadb.api.fastapi.FastAPI",
                    chroma_server_host=server.url,
                    chroma_server_http_port=0,
                    chroma_server_headers={},
                )
            )
            self._api = cast(Any, system).instance(ServerAPI)
            self._api._session.close()
            self._api._session = PatientSession(server, reply_s)

    def close(self) -> None:
        self._api._session.close()

    def open(self, name: str) -> ServerCollection | None:
        """None when there is no such collection."""
        from chromadb.errors import NotFoundError

        with _translated():
            try:
                model = self._api.get_collection(name, self._server.tenant, self._server.database)
            except NotFoundError:
                self._require_database()
                return None
            return self._collection(model)

    def _require_database(self) -> None:
        from chromadb.errors import NotFoundError

        server = self._server
        try:
            self._api.get_database(server.database, server.tenant)
        except NotFoundError:
            raise IndexFault(
                f"the server at {server.url} has no database {server.database} of a tenant {server.tenant}; make it "
                "there, or set ISISK_QA_STORE_TENANT and ISISK_QA_STORE_DATABASE"
            ) from None

    def create(self, name: str, about: Fields) -> ServerCollection:
        """Also when it is there already, with what was noted of it then."""
        with _translated():
            model = self._api.create_collection(
                name,
                configuration={"hnsw": _HNSW, "embedding_function": None},
                metadata=dict(about),
                get_or_create=True,
                tenant=self._server.tenant,
                database=self._server.database,
            )
            return self._collection(model)

    def drop(self, name: str) -> None:
        with _translated():
            self._api.delete_collection(name, self._server.tenant, self._server.database)

    def _collection(self, model: Any) -> ServerCollection:
        from chromadb.api.models.Collection import Collection

        # The session is the database's, and stays open.
        return ServerCollection(Collection(self._api, model, embedding_function=None), lambda: None)


def _written(write: Callable[[], object]) -> None:
    """Do a write that may be done twice.

    Chroma has several connections to a folder's database, and its own work in the background can meet a write so that
    SQLite refuses it at once, where it otherwise waits: "database is locked", on a busy machine.
    """
    for pause_s in _PAUSES_S:
        try:
            with _translated():
                write()
            return
        except IndexFault as error:
            if "database is locked" not in str(error):
                raise
            time.sleep(pause_s)
    with _translated():
        write()


@contextmanager
def _translated() -> Iterator[None]:
    import chromadb.errors

    try:
        yield
    except (chromadb.errors.ChromaError, OSError, ValueError, RuntimeError, LookupError, sqlite3.Error) as error:
        raise IndexFault(getattr(error, "strerror", None) or str(error) or type(error).__name__) from error
    except BaseException as error:
        # What a panic in Chroma's Rust part becomes; it does not derive from Exception.
        if type(error).__name__ == "PanicException":
            raise IndexFault("Chroma broke down") from error
        raise
