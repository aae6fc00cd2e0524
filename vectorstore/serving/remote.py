"""A store whose catalog is on another machine, read from its Chroma server: by meaning only, and never written."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext

from vectorstore.analysis import Analyser
from vectorstore.catalog import identity_text
from vectorstore.embedding import Embedder, EmbedderIdentity
from vectorstore.errors import IdentityError, IndexFault, StoreError
from vectorstore.index import Fields, ServerCollection, ServerDatabase
from vectorstore.models import Article, Chunk, Evidence, Vector
from vectorstore.reading import resolve
from vectorstore.serving.address import Server
from vectorstore.serving.records import ARTICLES, CHUNKS, read_article, read_chunk, read_years
from vectorstore.structure import split_sentences

_PAGE = 500
# Of so many chunks the sentences with their vectors are kept; about 10 kB each.
_MOST_KEPT = 2_000


class RemoteCatalog:
    """What a question reads of a catalog, from the server that follows it. Raises StoreError.

    The frequencies of words are not known: all count as equally rare, and nothing is corrected. Sentences are split
    from the text, as they were in the catalog, and embedded when they are first needed.
    """

    def __init__(self, server: Server, embedder: Embedder, analyser: Analyser) -> None:
        self._server = server
        self._embedder = embedder
        self._analyser = analyser
        self._database: ServerDatabase | None = None
        self._guard = threading.Lock()
        self._kept: dict[str, tuple[Evidence, ...]] = {}
        # Of which version of its article a chunk that was read is a slice.
        self._hashes: dict[str, str] = {}
        self.lexical = NoLexical(lambda: self._about)

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def search(self, vector: Vector, limit: int, until: str | None = None) -> list[tuple[str, float]]:
        """The dense leg: chunk ids with their cosine similarity, best first, ties by id."""
        with self._asking():
            names = self._open(CHUNKS).nearest_until(vector, limit, until)
        scores = [(name, float(row @ vector)) for name, (_, row) in self.chunks_by_id(names).items()]
        return sorted(scores, key=lambda pair: (-pair[1], pair[0]))

    # As in Catalog

    def reading(self) -> nullcontext[None]:
        """A server has no transactions; that a chunk and its article fit together is checked when they are read."""
        return nullcontext()

    @property
    def generation(self) -> int:
        return int(self._about.get("generation", 0))

    @property
    def _about(self) -> Fields:
        with self._asking():
            return self._open(CHUNKS).about

    def require_identity(self, identity: EmbedderIdentity) -> None:
        """Raises IdentityError when the vectors there were made with another model."""
        if (known := self._about.get("embedder")) != identity_text(identity):
            raise IdentityError(
                f"The store on {self._server.url} was embedded with another model than {identity.name} ({known}); set "
                "ISISK_QA_EMBEDDING_MODEL as it is where the articles were taken in."
            )

    def article(self, reference: str) -> Article:
        """By id, by the start of an id that no other has, by path or by file name. Raises UnknownArticleError."""
        if reference and (found := self._articles([reference])):
            return found[reference]
        name = resolve(reference, ((name, str(known.get("path", ""))) for name, known in self._fields()))
        if not (found := self._articles([name])):
            raise self._changing()
        return found[name]

    def _fields(self) -> Iterator[tuple[str, Mapping[str, object]]]:
        with self._asking():
            articles, offset = self._open(ARTICLES), 0
            while page := articles.fields(offset, _PAGE):
                yield from page.items()
                offset += len(page)

    def articles(self) -> list[Article]:
        """All of them, the oldest first, the undated last."""
        found: list[Article] = []
        with self._asking():
            articles = self._open(ARTICLES)
            while page := articles.page(len(found), _PAGE):
                found += map(read_article, page)
        return sorted(found, key=lambda each: (not each.published, each.published and each.published.iso, each.id))

    def articles_by_id(self, ids: Sequence[str]) -> dict[str, Article]:
        """Those of the chunks that were read last: raises StoreError when they are not of the same version."""
        found = self._articles(ids)
        if any(name not in found or found[name].sha256 != self._hashes.get(name, found[name].sha256) for name in ids):
            raise self._changing()
        return found

    def _articles(self, ids: Sequence[str]) -> dict[str, Article]:
        with self._asking():
            return {record.id: read_article(record) for record in self._open(ARTICLES).records(ids)}

    def years_published(self) -> frozenset[int]:
        return read_years(self._about.get("years_published"))

    def chunks(self) -> list[Chunk]:
        """Every chunk, by article and place."""
        found: list[Chunk] = []
        with self._asking():
            chunks = self._open(CHUNKS)
            while page := chunks.page(len(found), _PAGE):
                found += map(read_chunk, page)
        return sorted(found, key=lambda chunk: (chunk.article_id, chunk.ordinal))

    def chunks_by_id(self, ids: Sequence[str]) -> dict[str, tuple[Chunk, Vector]]:
        with self._asking():
            records = self._open(CHUNKS).records(ids)
        for record in records:
            self._hashes[str(record.fields["article_id"])] = str(record.fields["sha256"])
        if len(records) < len(ids):
            raise self._changing()
        return {record.id: (read_chunk(record), record.vector) for record in records}

    def sentences(self, chunk: Chunk) -> tuple[Evidence, ...]:
        """The sentences of a chunk with their vectors, in order."""
        if chunk.id not in self._kept:
            spans = split_sentences(chunk.text)
            vectors = self._embedder.embed([self._analyser.canonical(chunk.text[start:end]) for start, end in spans])
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[chunk.id] = tuple(
                Evidence(chunk.start + start, chunk.start + end, chunk.text[start:end], vector)
                for (start, end), vector in zip(spans, vectors, strict=True)
            )
        return self._kept[chunk.id]

    def word_vectors(self, terms: Sequence[str]) -> dict[str, Vector]:
        """None are known."""
        return {}

    # The server

    def _open(self, name: str) -> ServerCollection:
        with self._guard:
            if self._database is None:
                self._database = ServerDatabase(self._server)
        collection = self._database.open(name)
        if collection is None:
            raise StoreError(
                f"The server at {self._server.url} holds no articles; run `isisk-qa ingest` with this --store where "
                "they are."
            )
        return collection

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except IndexFault as error:
            text = str(error)
            raise StoreError(
                f"{text[:1].upper()}{text[1:]}, and this machine has no catalog of its own to search."
            ) from error

    def _changing(self) -> StoreError:
        return StoreError(f"The articles on {self._server.url} are being changed at this moment; ask again.")


class NoLexical:
    """In place of a lexical index where there is none. ``about``: what is noted of the chunks."""

    def __init__(self, about: Callable[[], Fields]) -> None:
        self._about = about

    def search(self, terms: Sequence[str], limit: int, until: str | None = None) -> list[tuple[str, float]]:
        return []

    def count(self) -> int:
        return int(self._about().get("chunks", 0))

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        return dict.fromkeys(terms, 1)

    def vocabulary(self, initial: str) -> list[str]:
        return []

    def years(self) -> frozenset[int]:
        return read_years(self._about().get("years"))
