"""A store as a whole: what lies in a folder, on a server, or on both."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from vectorstore.analysis import ANALYSIS_VERSION, Analyser
from vectorstore.catalog import Catalog
from vectorstore.dense import VectorIndex
from vectorstore.embedding import Embedder
from vectorstore.journal import IndexJournal
from vectorstore.reading import CatalogReader, DenseSearch
from vectorstore.serving.address import Server
from vectorstore.serving.remote import RemoteCatalog
from vectorstore.serving.server_index import ServerIndex
from vectorstore.summaries import ArticleSummary, summaries, summarised


class OpenStore:
    """Each part is opened when it is first used. ``server`` None: the index is in the folder too."""

    def __init__(
        self, home: Path, server: Server | None, embedder: Callable[[], Embedder], analyser: Callable[[], Analyser]
    ) -> None:
        self._home = home
        self._server = server
        self._embedder = embedder
        self._analyser = analyser

    @cached_property
    def catalog(self) -> Catalog:
        return Catalog(self._home / "catalog.sqlite3", ANALYSIS_VERSION)

    @cached_property
    def index(self) -> VectorIndex:
        return VectorIndex(self._home / "index", self.catalog, self._keeper)

    @property
    def _keeper(self) -> ServerIndex | None:
        return ServerIndex(self._server, self.catalog) if self._server is not None else None

    @cached_property
    def remote(self) -> RemoteCatalog | None:
        """In place of a catalog, when the server's is not in this folder."""
        if self._server is None:
            return None
        if (self._home / "catalog.sqlite3").is_file():
            published = IndexJournal(self.catalog.database).published
            if published is not None and published.place == self._server.place:
                return None
        return RemoteCatalog(self._server, self._embedder(), self._analyser())

    @property
    def reader(self) -> CatalogReader:
        return self.remote or self.catalog

    @property
    def dense(self) -> DenseSearch:
        return self.remote or self.index

    def summaries(self) -> list[ArticleSummary]:
        """Of all articles. A server tells no length without the text. Raises StoreError."""
        return summarised(self.remote.articles()) if self.remote else summaries(self.catalog)

    def claim(self) -> None:
        """To be called before writing. Raises StoreError when the server is away or holds another store."""
        if (keeper := self._keeper) is not None:
            keeper.require_own()
            # What is written now makes this folder's catalog the one that the server follows.
            self._drop("remote")

    def forget_remote(self) -> None:
        """Open what stands in for a catalog anew when it is next used: it holds the embedder."""
        self._drop("remote")

    def _drop(self, part: str) -> None:
        if (opened := self.__dict__.pop(part, None)) is not None:
            opened.close()

    def close(self) -> None:
        for part in ("remote", "index", "catalog"):
            self._drop(part)
