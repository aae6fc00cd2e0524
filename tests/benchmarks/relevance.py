"""Fit qa/calibration.py's RELEVANCE on SQuAD 2.0: which retrieved sentence holds the answer.

Run as ``python -m tests.benchmarks.relevance``. Weights come from every second article, figures from the others.
"""

import sys

from qa.calibration import Logistic
from qa.evidence import Candidate, EvidenceScorer
from qa.question import analyse_question
from tests.benchmarks.fitting import fit_logistic
from tests.benchmarks.squad import Bench, SquadQuestion, article_of, squad_questions, squad_store


def candidates_of(bench: Bench, question: SquadQuestion) -> list[tuple[Candidate, bool]]:
    """The sentences of the top passages, each with whether it holds the answer."""
    asked = analyse_question(question.text, bench.analyser)
    scorer = EvidenceScorer(bench.analyser, bench.lexicon)
    vector = bench.embedder.embed([bench.analyser.canonical(asked.text)])[0]
    found = scorer.score(asked, vector, bench.retriever.search(asked.text, 8))
    return [(item, _holds(item, question)) for item in found]


def _holds(item: Candidate, question: SquadQuestion) -> bool:
    return item.passage.article.id == article_of(question.passage) and any(
        item.evidence.start <= start < item.evidence.end for start, _ in question.answers
    )


def main() -> None:
    questions = [question for question in squad_questions() if question.answers]
    titles = sorted({question.title for question in questions})
    with squad_store() as bench:
        print(f"{bench.catalog.count_chunks()} chunks", file=sys.stderr)
        scored = [(question, candidates_of(bench, question)) for question in questions]
    rows = [pair for question, found in scored if question.title in titles[::2] for pair in found]
    bias, weights = fit_logistic([item.features for item, _ in rows], [held for _, held in rows])
    fitted = Logistic(bias, weights)
    held_out = [found for question, found in scored if question.title in titles[1::2]]
    for name, model in (("fitted", fitted), ("in use", None)):
        first = third = 0
        for found in held_out:
            ranked = sorted(found, key=lambda pair: -(model.logit(pair[0].features) if model else pair[0].relevance))
            first += any(held for _, held in ranked[:1])
            third += any(held for _, held in ranked[:3])
        count = len(held_out)
        print(
            f"{name}: answer in the first sentence {first / count:.3f}, in the first three {third / count:.3f}, n={count}"
        )
    print(f"RELEVANCE = Logistic({bias:.3f}, {{" + ", ".join(f'"{k}": {v:.3f}' for k, v in weights.items()) + "})")


if __name__ == "__main__":
    main()
