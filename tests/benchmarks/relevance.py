"""Fit qa/calibration.py's RELEVANCE: which retrieved sentence holds the answer. `make calibrate` runs it.

It learns from SQuAD 2.0's paragraphs and from the dev split of seeds/questions.jsonl, whose rows count ten times, since
they are few and are what the program is for. Held-back figures: on SQuAD 2.0 by article, on the dev split by cluster
(five folds). The test split is not read.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.app import Application
from qa.calibration import Logistic
from qa.evaluation.dataset import EvalQuestion, default_questions, load_questions
from qa.evidence import Candidate, EvidenceScorer
from qa.polarity import Polarity
from qa.question import analyse_question
from qa.settings import Settings
from tests.benchmarks.fitting import fit_logistic
from tests.benchmarks.squad import Bench, SquadQuestion, article_of, squad_questions, squad_store

DEV_WEIGHT = 10
FOLDS = 5

Row = tuple[Mapping[str, float], bool]


def squad_rows(bench: Bench, question: SquadQuestion) -> list[Row]:
    """The features of the sentences of the top passages, each with whether it holds the answer."""
    asked = analyse_question(question.text, bench.analyser)
    scorer = EvidenceScorer(bench.analyser, bench.lexicon, Polarity.load())
    vector = bench.embedder.embed([bench.analyser.canonical(asked.text)])[0]
    found = scorer.score(asked, vector, bench.retriever.search(asked.text, 8))
    return [(item.features, _holds(item, question)) for item in found]


def _holds(item: Candidate, question: SquadQuestion) -> bool:
    return item.passage.article.id == article_of(question.passage) and any(
        item.evidence.start <= start < item.evidence.end for start, _ in question.answers
    )


def dev_rows(questions: Iterable[EvalQuestion]) -> list[list[Row]]:
    """The same for the shipped articles and questions that they answer."""
    with TemporaryDirectory() as home, Application(Settings(home=Path(home))) as application:
        application.prepare()
        chain = application.chain("extractive")
        rows = []
        for question in questions:
            gold = [(part.article_id, part.start, part.end) for part in question.evidence]
            rows.append(
                [
                    (item.features, any(_overlaps(item, *span) for span in gold))
                    for item in chain.evidence_for(question.question, question.as_of)[1]
                ]
            )
        return rows


def _overlaps(item: Candidate, article_id: str, start: int, end: int) -> bool:
    return item.passage.article.id == article_id and item.evidence.start < end and start < item.evidence.end


def _fitted(rows: Iterable[Row]) -> Logistic:
    kept = list(rows)
    return Logistic(*fit_logistic([features for features, _ in kept], [held for _, held in kept]))


def _report(name: str, model: Logistic, asked: list[list[Row]]) -> None:
    ranked = [sorted(rows, key=lambda row: -model.logit(row[0])) for rows in asked]
    first, three = (sum(any(held for _, held in rows[:k]) for rows in ranked) / len(ranked) for k in (1, 3))
    print(f"{name}: answer in the first sentence {first:.3f}, in the first three {three:.3f}, n={len(ranked)}")


def main() -> None:
    answered = [question for question in squad_questions() if question.answers]
    titles = sorted({question.title for question in answered})
    with squad_store() as bench:
        print(f"{bench.catalog.count_chunks()} chunks", file=sys.stderr)
        squad = [(question.title, squad_rows(bench, question)) for question in answered]
    questions = [item for item in load_questions(default_questions()) if item.split == "dev" and item.answerable]
    clusters = sorted({question.cluster_id for question in questions})
    dev = dev_rows(questions)
    folds = [clusters.index(question.cluster_id) % FOLDS for question in questions]

    every_dev = [row for rows in dev for row in rows] * DEV_WEIGHT
    half = _fitted([row for title, rows in squad if title in titles[::2] for row in rows] + every_dev)
    _report("SQuAD 2.0, held-back articles", half, [rows for title, rows in squad if title in titles[1::2]])
    every_squad = [row for _, rows in squad for row in rows]
    for fold in range(FOLDS):
        seen = [row for number, rows in zip(folds, dev, strict=True) if number != fold for row in rows]
        model = _fitted(every_squad + seen * DEV_WEIGHT)
        _report(f"dev, fold {fold}", model, [rows for number, rows in zip(folds, dev, strict=True) if number == fold])
    model = _fitted(every_squad + every_dev)
    weights = {name: round(weight, 2) for name, weight in model.weights.items()}
    print(f"RELEVANCE = Logistic({model.bias:.2f}, {weights})")


if __name__ == "__main__":
    main()
