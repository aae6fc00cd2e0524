"""A question's passages: a dense and a lexical search, fused by score, and the best of both ranked anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables.config import run_in_executor

from vectorstore.analysis import Analyser
from vectorstore.dates import PartialDate
from vectorstore.diversity import repeats_last
from vectorstore.embedding import Embedder
from vectorstore.lexicon import Lexicon
from vectorstore.models import Passage, Vector
from vectorstore.ranking import Ranker, RankingWeights
from vectorstore.reading import CatalogReader, DenseSearch


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """How the two legs are fused; chosen by ``tests/benchmarks/fusion.py`` on SQuAD 2.0 passages.

    ``dense`` is the weight of the dense score in [0, 1], the rest is the lexical one's. ``pool`` is how many chunks
    each leg contributes.
    """

    dense: float = 0.35
    pool: int = 50


def fuse(
    dense: Sequence[tuple[str, float]], lexical: Sequence[tuple[str, float]], weights: FusionWeights
) -> list[tuple[str, float]]:
    """Ids with a fused score in [0, 1], best first.

    A convex combination of scores, each scaled by its leg's own extremes (Bruch, Gai and Ingber, "An Analysis of
    Fusion Functions for Hybrid Retrieval", 2023): BM25 by its maximum, since its natural floor is 0; cosine
    similarity between the pool's least and greatest. What a leg did not return scores 0 there.
    """
    scaled: dict[str, float] = {}
    if dense:
        low, high = dense[-1][1], dense[0][1]
        for name, score in dense:
            scaled[name] = weights.dense * ((score - low) / (high - low) if high > low else 1.0)
    if lexical and lexical[0][1] > 0:
        for name, score in lexical:
            scaled[name] = scaled.get(name, 0.0) + (1 - weights.dense) * score / lexical[0][1]
    return sorted(scaled.items(), key=lambda pair: (-pair[1], pair[0]))


class HybridRetriever(BaseRetriever):
    """A langchain-core retriever over the catalog and the vector index.

    ``invoke(question, k=8, as_of="2018")`` gives Documents, best first, with the Passage under
    ``metadata["passage"]``. ``as_of`` leaves out every article that is not known to be published by then.
    """

    catalog: Any
    index: Any
    embedder: Any
    analyser: Any
    ranker: Any
    weights: FusionWeights = FusionWeights()
    ranking: RankingWeights = RankingWeights()
    k: int = 8

    @classmethod
    def over(
        cls,
        catalog: CatalogReader,
        index: DenseSearch,
        embedder: Embedder,
        analyser: Analyser,
        k: int = 8,
        lexicon: Lexicon | None = None,
    ) -> "HybridRetriever":
        """The typed way to make one (pydantic fields cannot hold Protocols)."""
        ranker = Ranker(analyser, lexicon or Lexicon(catalog, embedder, analyser))
        return cls(catalog=catalog, index=index, embedder=embedder, analyser=analyser, ranker=ranker, k=k)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **kwargs: Any
    ) -> list[Document]:
        passages = self.search(query, kwargs.get("k", self.k), kwargs.get("as_of"))
        return [
            Document(id=passage.chunk.id, page_content=passage.chunk.text, metadata={"passage": passage})
            for passage in passages
        ]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, **kwargs: Any
    ) -> list[Document]:
        # The inherited one takes no k and no as_of.
        return await run_in_executor(
            None, self._get_relevant_documents, query, run_manager=run_manager.get_sync(), **kwargs
        )

    def search(self, question: str, k: int, as_of: str | None = None) -> list[Passage]:
        """The k best passages with their sentences, best first; copies of a better one come after all others."""
        catalog: CatalogReader = self.catalog
        vector: Vector = self.embedder.embed([self.analyser.canonical(question)])[0]
        with catalog.reading():
            catalog.require_identity(self.embedder.identity)
            # An article of month precision counts from the end of its month: what may be later is not used.
            until = PartialDate(as_of).latest().isoformat() if as_of else None
            dense = self.index.search(vector, self.weights.pool, until)
            lexical = catalog.lexical.search(self.analyser.terms(question), self.weights.pool, until)
            fused = fuse(dense, lexical, self.weights)[: max(k, self.ranking.pool)]
            chunks = catalog.chunks_by_id([name for name, _ in fused])
            terms = catalog.lexical.terms(list(chunks))
            similarity = {name: float(row @ vector) for name, (_, row) in chunks.items()}
            owners = {name: chunk.article_id for name, (chunk, _) in chunks.items()}
            articles = catalog.articles_by_id(sorted(set(owners.values())))
            copies = {article.id for article in articles.values() if article.copied_from is not None}
            ranked = self._ranked(question, vector, similarity, terms) if terms else fused
            dense_ranks, lexical_ranks, bm25 = _ranks(dense), _ranks(lexical), dict(lexical)
            return [
                Passage(
                    chunk=chunks[name][0],
                    article=articles[owners[name]],
                    score=score,
                    dense=similarity[name],
                    lexical=bm25.get(name, 0.0),
                    dense_rank=dense_ranks.get(name),
                    lexical_rank=lexical_ranks.get(name),
                    sentences=catalog.sentences(chunks[name][0]),
                )
                for name, score in repeats_last(ranked, terms, owners, copies)[:k]
            ]

    def _ranked(
        self, question: str, vector: Vector, dense: Mapping[str, float], terms: Mapping[str, Sequence[str]]
    ) -> list[tuple[str, float]]:
        sentences = self.catalog.sentence_vectors(list(dense))
        features = self.ranker.features(question, vector, terms, dense, sentences)
        scored = [(name, self.ranking.score(each)) for name, each in features.items()]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))


def _ranks(leg: Sequence[tuple[str, float]]) -> dict[str, int]:
    return {name: rank for rank, (name, _) in enumerate(leg, 1)}
