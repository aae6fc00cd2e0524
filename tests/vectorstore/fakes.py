"""An embedder that needs no model, and a whole store in a folder."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vectorstore.analysis import ANALYSIS_VERSION, Analyser
from vectorstore.catalog import Catalog
from vectorstore.dense import VectorIndex
from vectorstore.embedding import Embedder, EmbedderIdentity, Matrix
from vectorstore.errors import EmbeddingError
from vectorstore.glossary import Glossary
from vectorstore.ingest import Ingestor
from vectorstore.models import Vector
from vectorstore.retrieval import HybridRetriever
from vectorstore.serving.address import Server
from vectorstore.serving.server_index import ServerIndex


@dataclass
class WordEmbedder:
    """A text's words, each hashed to a place of the vector; the same in every process.

    ``before`` is called with the texts of each call; a test makes it fail or wait there.
    """

    name: str = "words"
    dimension: int = 64
    before: Callable[[Sequence[str]], None] = lambda texts: None
    texts: list[str] = field(default_factory=list)

    @property
    def identity(self) -> EmbedderIdentity:
        return EmbedderIdentity(self.name, self.dimension, "fake")

    def embed(self, texts: Sequence[str]) -> Matrix:
        self.before(texts)
        self.texts += texts
        return np.array([self._one(text) for text in texts], dtype=np.float32).reshape(len(texts), self.dimension)

    embed_questions = embed

    def _one(self, text: str) -> Vector:
        vector = np.full(self.dimension, 1e-3, dtype=np.float32)
        for word in text.lower().split():
            vector[zlib.crc32(word.strip(".,:;?!\"'").encode()) % self.dimension] += 1
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def failing_on(word: str) -> Callable[[Sequence[str]], None]:
    """For ``WordEmbedder.before``: an embedder that breaks down at a text with that word."""

    def fail(texts: Sequence[str]) -> None:
        if any(word in text for text in texts):
            raise EmbeddingError("The embedding endpoint cannot be reached; check its address.")

    return fail


@dataclass
class Store:
    """What the composition root puts together, over one folder."""

    home: Path
    embedder: Embedder
    analyser: Analyser
    catalog: Catalog
    index: VectorIndex
    ingestor: Ingestor
    retriever: HybridRetriever

    @classmethod
    def open(
        cls, home: Path, embedder: Embedder, glossary: Glossary | None = None, server: Server | None = None
    ) -> "Store":
        analyser = Analyser(glossary or Glossary())
        catalog = Catalog(home / "catalog.sqlite3", ANALYSIS_VERSION)
        index = VectorIndex(home / "index", catalog, ServerIndex(server, catalog) if server else None)
        ingestor = Ingestor(catalog, index, embedder, analyser, home / "writer.lock")
        retriever = HybridRetriever.over(catalog, index, embedder, analyser)
        return cls(home, embedder, analyser, catalog, index, ingestor, retriever)

    def close(self) -> None:
        self.index.close()
        self.catalog.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def contents(self) -> tuple[object, ...]:
        """All that a reader could notice of the catalog."""
        chunks = self.catalog.chunks()
        vectors = self.catalog.chunks_by_id([chunk.id for chunk in chunks])
        return (
            self.catalog.generation,
            tuple(self.catalog.articles()),
            tuple(chunks),
            tuple(vectors[chunk.id][1].tobytes() for chunk in chunks),
            tuple(self.catalog.sentences(chunk) for chunk in chunks),
            tuple(tuple(self.catalog.regions(article.id)) for article in self.catalog.articles()),
        )
