"""How a Chroma server follows the catalog: written in place, batch by batch, and never trusted further than counted."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice

from vectorstore.catalog import Catalog
from vectorstore.errors import IndexFault, StoreError
from vectorstore.index import Record, ServerCollection, ServerDatabase
from vectorstore.indexing import Counted, difference
from vectorstore.journal import IndexJournal, Published
from vectorstore.serving.address import Server
from vectorstore.serving.records import ARTICLES, CHUNKS, article_of, article_record, chunk_record, years_text

# Small enough to be indexed within seconds, so that little is sent again after a break.
_BATCH = 500
_PAGE = 5_000
# Requests of at most so many characters of text, or of one article; a server takes 40 MB unless told otherwise.
_CHARACTERS = 4_000_000
# A server replies to a write when all of it is indexed.
_REPLY_S = 300.0


class ServerIndex:
    """The index of a catalog on a server; writing is for whoever holds the store's lock.

    A row has the id of its chunk or article, so a batch that is sent twice changes nothing. A chunk stays pending until
    the server has acknowledged it. Chunk texts and articles are sent along, for machines that have no catalog.
    """

    # A server that was away may come back.
    recovers = True

    def __init__(self, server: Server, catalog: Catalog) -> None:
        self._server = server
        self._catalog = catalog
        self._journal = IndexJournal(catalog.database)
        self._database: ServerDatabase | None = None

    def open(self, published: Published) -> ServerCollection:
        """The collection, once its owner and its count were looked at. Raises IndexFault."""
        if published.place != self._server.place:
            raise IndexFault(f"the catalog's index is not on the server at {self._server.url}")
        if self._database is None:
            self._database = ServerDatabase(self._server)
        chunks = self._database.open(CHUNKS)
        if chunks is None:
            raise IndexFault(f"the server at {self._server.url} has lost it; run `isisk-qa doctor --repair`")
        if chunks.about.get("store") != self._catalog.meta("store"):
            raise IndexFault(f"the server at {self._server.url} holds another store")
        there, wanted = chunks.count(), self._catalog.count_chunks() - len(self._journal.pending()[0])
        if there < wanted:
            raise IndexFault(
                f"the server at {self._server.url} has {there} chunks of at least {wanted}; "
                "run `isisk-qa doctor --repair`"
            )
        return chunks

    def stands(self, published: Published) -> bool:
        return True

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def fault(self, published: Published, thorough: bool) -> str | None:
        """What is wrong with the index; ``thorough`` compares every vector."""
        try:
            chunks = self.open(published)
            return difference(self._catalog, chunks) if thorough else None
        except IndexFault as error:
            return str(error)

    def require_own(self) -> None:
        """Raises StoreError when the server does not answer, or when what it holds is not this catalog's."""
        try:
            with closing(ServerDatabase(self._server)) as database:
                self._require_own(database.open(CHUNKS))
        except IndexFault as error:
            raise StoreError(f"Nothing was written, since {error}.") from error

    def follow(self, progress: Counted | None = None) -> None:
        """Bring the server up to date. Raises StoreError; the articles are safe then."""
        try:
            with closing(ServerDatabase(self._server, _REPLY_S)) as database:
                self._follow(database, progress)
        except IndexFault as error:
            raise self._failure(error) from error

    def rebuild(self, progress: Counted | None = None) -> None:
        """Fill the server anew from the catalog. Raises StoreError."""
        try:
            with closing(ServerDatabase(self._server, _REPLY_S)) as database:
                self._require_own(database.open(CHUNKS))
                self._drop(database)
                self._follow(database, progress)
        except IndexFault as error:
            raise self._failure(error) from error

    def _follow(self, database: ServerDatabase, progress: Counted | None) -> None:
        chunks = database.open(CHUNKS)
        self._require_own(chunks)
        if chunks is not None and chunks.about.get("embedder") not in (None, self._catalog.meta("embedder")):
            self._drop(database)
            chunks = None
        published = self._journal.published
        if chunks is None or published is None or published.place != self._server.place:
            self._journal.adopt(self._server.place)
        chunks = chunks or database.create(CHUNKS, self._ownership())
        articles = database.create(ARTICLES, self._ownership())
        if self._journal.count() == 0 and chunks.about == self._about() and self._agree(chunks, articles):
            return
        self._journal.begin(self._server.place)
        self._send(chunks, articles, progress)
        if chunks.about.get("copies") != self._about()["copies"]:
            self._put_copies(articles)
        if not self._agree(chunks, articles):
            self._reconcile(chunks, articles)
            if not self._agree(chunks, articles):
                raise IndexFault(f"it has {chunks.count()} chunks, the catalog {self._catalog.count_chunks()}")
        chunks.note(self._about())
        self._journal.publish(self._server.place, str(self._catalog.generation))

    def _require_own(self, chunks: ServerCollection | None) -> None:
        if chunks is not None and chunks.about.get("store") != self._catalog.meta("store"):
            raise StoreError(
                f"The server at {self._server.url} holds the articles of another store; write where its catalog is, or "
                "use another ISISK_QA_STORE_DATABASE."
            )

    def _ownership(self) -> dict[str, str]:
        return {"store": self._catalog.meta("store") or "", "embedder": self._catalog.meta("embedder") or ""}

    def _about(self) -> dict[str, str | int | float | bool]:
        """What a machine without the catalog has to know of it."""
        catalog = self._catalog
        return {
            **self._ownership(),
            "generation": catalog.generation,
            "chunks": catalog.count_chunks(),
            "articles": catalog.count_articles(),
            "copies": hashlib.sha256(repr(sorted(catalog.copied_from().items())).encode()).hexdigest(),
            "years": years_text(catalog.lexical.years()),
            "years_published": years_text(catalog.years_published()),
        }

    def _agree(self, chunks: ServerCollection, articles: ServerCollection) -> bool:
        catalog = self._catalog
        return chunks.count() == catalog.count_chunks() and articles.count() == catalog.count_articles()

    def _send(self, chunks: ServerCollection, articles: ServerCollection, progress: Counted | None) -> None:
        missing, gone = self._journal.pending()
        # What a chunk refers to is there before it.
        self._put_articles(articles, sorted({article_of(name) for name in missing}))
        done = 0
        for names in _batches(missing, _BATCH):
            if progress is not None:
                progress(done, len(missing))
            self._put_chunks(chunks, names)
            self._journal.acknowledge(names)
            done += len(names)
        if progress is not None:
            progress(done, len(missing))
        without = sorted({article_of(name) for name in gone} - self._ids("articles")) if gone else []
        for ids in _batches(without, _BATCH):
            articles.delete(ids)
        for names in _batches(gone, _BATCH):
            chunks.delete(names)
            self._journal.acknowledge(names)

    def _put_articles(self, articles: ServerCollection, ids: Sequence[str]) -> None:
        waiting: list[Record] = []
        size = 0
        for name in ids:
            for article in self._catalog.articles_by_id([name]).values():
                if waiting and (size + len(article.text) > _CHARACTERS or len(waiting) == _BATCH):
                    articles.put(waiting)
                    waiting, size = [], 0
                waiting.append(article_record(article))
                size += len(article.text)
        if waiting:
            articles.put(waiting)

    def _put_chunks(self, chunks: ServerCollection, names: Sequence[str]) -> None:
        found = self._catalog.chunks_by_id(names)
        days = {name: latest for name, _, latest in self._catalog.vectors_and_days(names)}
        hashes = self._catalog.hashes(sorted({chunk.article_id for chunk, _ in found.values()}))
        chunks.put(
            [chunk_record(chunk, vector, days[chunk.id], hashes[chunk.article_id]) for chunk, vector in found.values()]
        )

    def _put_copies(self, articles: ServerCollection) -> None:
        """Which articles are copies changes with others that come and go."""
        copies, changed, offset = self._catalog.copied_from(), [], 0
        while page := articles.fields(offset, _PAGE):
            changed += [name for name, known in page.items() if known.get("copied_from") != copies.get(name)]
            offset += len(page)
        self._put_articles(articles, changed)

    def _reconcile(self, chunks: ServerCollection, articles: ServerCollection) -> None:
        """Compare ids: after a switch of stores, or with a backup put back, they are not what the journal tells."""
        for collection, table in ((chunks, "chunks"), (articles, "articles")):
            there, wanted = _all_ids(collection), self._ids(table)
            for names in _batches(sorted(there - wanted), _BATCH):
                collection.delete(names)
            lacking = sorted(wanted - there)
            if collection is articles:
                self._put_articles(articles, lacking)
            else:
                for names in _batches(lacking, _BATCH):
                    self._put_chunks(chunks, names)

    def _ids(self, table: str) -> set[str]:
        return {row[0] for row in self._catalog.database.each(f"SELECT id FROM {table}")}

    def _drop(self, database: ServerDatabase) -> None:
        for name in (CHUNKS, ARTICLES):
            if database.open(name) is not None:
                database.drop(name)

    def _failure(self, error: StoreError) -> StoreError:
        return StoreError(
            f"The server could not be brought up to date ({error}); the articles are safe in the catalog: once that is "
            "mended, run `isisk-qa doctor --repair`."
        )


def _batches(names: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(names)
    while batch := list(islice(rest, size)):
        yield batch


def _all_ids(collection: ServerCollection) -> set[str]:
    found: set[str] = set()
    offset = 0
    while page := collection.ids(offset, _PAGE):
        found.update(page)
        offset += len(page)
    return found
