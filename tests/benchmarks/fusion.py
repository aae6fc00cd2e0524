"""Choose how retrieval fuses its legs, on SQuAD 2.0: whether a question's paragraph comes first, or among five.

Run as ``python -m tests.benchmarks.fusion``. The weight is chosen on every second article's questions, the figures are
of the others. ``vectorstore/retrieval.py`` holds the choice.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.squad import Bench, SquadQuestion, article_of, squad_questions, squad_store
from vectorstore.retrieval import FusionWeights, fuse

Leg = Sequence[tuple[str, float]]

GRID = tuple(number / 20 for number in range(21))
# Of Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet", 2009.
RANK_CONSTANT = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's article and paragraph, and what each leg returned for it as (article id of the chunk, score)."""

    title: str
    wanted: str
    dense: Leg
    lexical: Leg


Ranking = Callable[[Asked], Sequence[str]]


def ask_all(bench: Bench, questions: Sequence[SquadQuestion], pool: int = FusionWeights().pool) -> list[Asked]:
    """Both legs for each question, as ``HybridRetriever`` runs them."""
    asked = []
    for question in questions:
        vector = bench.embedder.embed([bench.analyser.canonical(question.text)])[0]
        dense = bench.retriever.index.search(vector, pool)
        lexical = bench.catalog.lexical.search(bench.analyser.terms(question.text), pool, None)
        asked.append(Asked(question.title, article_of(question.passage), dense, lexical))
    return asked


def dense_leg(asked: Asked) -> list[str]:
    return [name for name, _ in asked.dense]


def lexical_leg(asked: Asked) -> list[str]:
    return [name for name, _ in asked.lexical]


def reciprocal_ranks(asked: Asked) -> list[str]:
    """Equal-weight reciprocal rank fusion."""
    scores: dict[str, float] = {}
    for leg in (asked.dense, asked.lexical):
        for rank, (name, _) in enumerate(leg, 1):
            scores[name] = scores.get(name, 0.0) + 1 / (RANK_CONSTANT + rank)
    return sorted(scores, key=lambda name: (-scores[name], name))


def in_use(weight: float) -> Ranking:
    """The fusion of ``vectorstore/retrieval.py`` with a weight of the dense leg."""
    return lambda asked: [name for name, _ in fuse(asked.dense, asked.lexical, FusionWeights(dense=weight))]


def hit_rate(rank: Ranking, asked: Sequence[Asked], owners: Mapping[str, str], k: int) -> float:
    """Share of the questions with a chunk of their paragraph among the first k. ``owners``: chunk id to article id."""
    return sum(item.wanted in [owners[name] for name in rank(item)[:k]] for item in asked) / len(asked)


def owners_of(bench: Bench) -> dict[str, str]:
    return {chunk.id: chunk.article_id for chunk in bench.catalog.chunks()}


def halves(asked: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """To choose on, and to report: every second article, by title."""
    titles = sorted({item.title for item in asked})
    chosen = set(titles[::2])
    return [item for item in asked if item.title in chosen], [item for item in asked if item.title not in chosen]


def best_weight(asked: Sequence[Asked], owners: Mapping[str, str]) -> float:
    """By Hit@1, then Hit@5; of equal ones the least, which trusts the stronger leg more."""
    return max(GRID, key=lambda weight: (*(hit_rate(in_use(weight), asked, owners, k) for k in (1, 5)), -weight))


def main() -> None:
    questions = [question for question in squad_questions() if question.answers]
    with squad_store() as bench:
        print(f"{bench.catalog.count_chunks()} chunks, {len(questions)} questions", file=sys.stderr)
        owners = owners_of(bench)
        choosing, reporting = halves(ask_all(bench, questions))
    weight = best_weight(choosing, owners)
    rankings: dict[str, Ranking] = {
        "lexical (BM25)": lexical_leg,
        "dense (MiniLM)": dense_leg,
        "reciprocal rank fusion, equal weights": reciprocal_ranks,
        **{f"in use, dense weight {value:.2f}": in_use(value) for value in GRID[1:-1]},
    }
    print(f"{'':40} choosing, n={len(choosing):<8} reporting, n={len(reporting)}")
    print(f"{'':40} {'Hit@1':>7} {'Hit@5':>7}    {'Hit@1':>7} {'Hit@5':>7}")
    for name, ranking in rankings.items():
        rates = [hit_rate(ranking, half, owners, k) for half in (choosing, reporting) for k in (1, 5)]
        print(f"{name:40} {rates[0]:7.4f} {rates[1]:7.4f}    {rates[2]:7.4f} {rates[3]:7.4f}")
    print(f"best on the choosing half: {weight:.2f}; in use: {FusionWeights().dense:.2f}")


if __name__ == "__main__":
    main()
