"""Fit vectorstore/ranking.py's weights: which of the chunks that the two searches found holds the answer.

Run as ``python -m tests.benchmarks.ranking``. The weights are fitted on SQuAD 2.0's answerable questions: they maximise
the chance of the right chunk among those that were found (a conditional logit, as in ListNet's top-one loss: Cao et
al., "Learning to Rank: From Pairwise Approach to Listwise Approach", 2007). Every figure is of articles that were left
out of the fit: of each article in turn, and of every second one.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.optimize import minimize

from tests.benchmarks.fitting import Floats, fit_logistic
from tests.benchmarks.squad import Bench, SquadQuestion, article_of, squad_questions, squad_store
from vectorstore.ranking import RankingWeights
from vectorstore.retrieval import fuse

PENALTY = 3.0


@dataclass(frozen=True, slots=True)
class Found:
    """A question's candidates in fused order: features, a row each, and which of them are of its paragraph."""

    title: str
    features: Floats
    right: np.ndarray[tuple[int], np.dtype[np.bool_]]


def candidates(bench: Bench, question: SquadQuestion) -> list[tuple[Mapping[str, float], bool]]:
    """What ``HybridRetriever`` ranks, with whether it is of the question's paragraph; in fused order."""
    retriever, catalog = bench.retriever, bench.catalog
    vector = bench.embedder.embed([bench.analyser.canonical(question.text)])[0]
    dense = retriever.index.search(vector, retriever.weights.pool)
    lexical = catalog.lexical.search(bench.analyser.terms(question.text), retriever.weights.pool)
    names = [name for name, _ in fuse(dense, lexical, retriever.weights)[: retriever.ranking.pool]]
    chunks = catalog.chunks_by_id(names)
    terms = catalog.lexical.terms(names)
    similarity = {name: float(chunks[name][1] @ vector) for name in names}
    features = retriever.ranker.features(question.text, vector, terms, similarity, catalog.sentence_vectors(names))
    wanted = article_of(question.passage)
    return [(features[name], chunks[name][0].article_id == wanted) for name in names]


def fit_choice(found: Sequence[Found], penalty: float = PENALTY) -> Floats:
    """Weights of the raw features; the penalty is on standardised ones. Questions without a right chunk are skipped."""
    scale = np.maximum(np.concatenate([item.features for item in found]).std(axis=0), 1e-9)
    learnt = [(item.features / scale, item.right) for item in found if item.right.any()]

    def loss(weights: Floats) -> tuple[float, Floats]:
        value, gradient = penalty / 2 * float(weights @ weights), penalty * weights
        for features, right in learnt:
            scores = features @ weights
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            mass = float(chances[right].sum())
            value -= float(np.log(max(mass, 1e-300)))
            gradient = gradient + (chances - np.where(right, chances, 0.0) / max(mass, 1e-300)) @ features
        return value, gradient

    result = minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B").x
    return np.asarray(result / scale, dtype=float)


def hits(found: Sequence[Found], weights: Floats | None, k: int) -> list[bool]:
    """Whether a right chunk is among the first k, by question; without weights in fused order."""
    order = [
        np.arange(len(f.right)) if weights is None else np.argsort(-(f.features @ weights), kind="stable")
        for f in found
    ]
    return [bool(item.right[ranks[:k]].any()) for item, ranks in zip(found, order, strict=True)]


def left_out(found: Sequence[Found], k: int) -> list[bool]:
    """The hits of every question under weights fitted without its article."""
    results: list[bool] = []
    for title in sorted({item.title for item in found}):
        weights = fit_choice([item for item in found if item.title != title])
        results += hits([item for item in found if item.title == title], weights, k)
    return results


def interval(results: Sequence[bool]) -> str:
    """The share with Wilson's 95% interval."""
    n, share, z = len(results), sum(results) / len(results), 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return f"{share:.4f} [{middle - half:.4f}, {middle + half:.4f}]"


def calibrated(found: Sequence[Found], names: Sequence[str]) -> RankingWeights:
    """The fitted weights, scaled so that the logistic of the score is the chance of a chunk to be right."""
    weights = fit_choice(found)
    rows = [{"score": float(score)} for item in found for score in item.features @ weights]
    bias, slope = fit_logistic(rows, [bool(right) for item in found for right in item.right])
    scaled = {name: round(float(weight * slope["score"]), 2) for name, weight in zip(names, weights, strict=True)}
    return RankingWeights(bias=round(bias, 2), weights=scaled)


def main() -> None:
    questions = [question for question in squad_questions() if question.answers]
    with squad_store() as bench:
        print(f"{len(bench.catalog.articles())} passages, {len(questions)} questions", file=sys.stderr)
        rows = [(question.title, candidates(bench, question)) for question in questions]
    names = list(RankingWeights().weights)
    found = [
        Found(
            title,
            np.array([[features[name] for name in names] for features, _ in each]),
            np.array([right for _, right in each]),
        )
        for title, each in rows
    ]
    titles = sorted({item.title for item in found})
    other = [item for item in found if item.title in titles[1::2]]
    half = fit_choice([item for item in found if item.title in titles[::2]])
    in_use = np.array([RankingWeights().weights[name] for name in names])
    for k in (1, 5):
        print(f"Hit@{k}, fusion alone, n={len(found)}: {interval(hits(found, None, k))}")
        print(f"Hit@{k}, each article left out in turn, n={len(found)}: {interval(left_out(found, k))}")
        print(f"Hit@{k}, every second article left out, n={len(other)}: {interval(hits(other, half, k))}")
        print(f"Hit@{k}, weights in use (fitted on these), n={len(found)}: {interval(hits(found, in_use, k))}")
    print(f"among the {RankingWeights().pool} that are ranked: {interval(hits(found, None, RankingWeights().pool))}")
    print(calibrated(found, names))


if __name__ == "__main__":
    main()
