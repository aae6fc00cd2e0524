"""Fit qa/calibration.py's RELEVANCE, the costs of its SELECTION, and ANSWERS. `make calibrate` runs it.

RELEVANCE and the costs say which retrieved sentence holds the answer. They learn from a sample of the questions on
SQuAD 2.0's paragraphs and from the dev split of seeds/questions.jsonl, whose questions count several times, since they
are few and are what the program is for. ANSWERS says whether the best sentence answers, and learns from the dev split
alone. Held-back figures: on SQuAD 2.0 by article, on the dev split by cluster. The test split is not read.
"""

import random
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

from qa.app import Application
from qa.calibration import ANSWERS, RELEVANCE, SELECTION, Logistic
from qa.evaluation.dataset import EvalQuestion, default_questions, load_questions
from qa.evidence import Candidate, EvidenceScorer, Objection
from qa.polarity import Polarity
from qa.question import QuestionAnalysis, analyse_question
from qa.settings import Settings
from tests.benchmarks.fitting import fit_logistic, fit_ranking
from tests.benchmarks.squad import Bench, SquadQuestion, article_of, squad_questions, squad_store

DEV_WEIGHT = 8
FOLDS = 6
SAMPLE = 700
SEED = 5
COSTS = [objection.value for objection in Objection if objection is not Objection.NUMBER]
RANKED_BY = [*RELEVANCE.weights, *COSTS]

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's sentences as rows of features, with whether each holds the answer.

    ``group`` is what must not be split between fitting and holding back; ``settled``: a rule refuses it, whatever its
    best sentence is; ``denied``: whether a sentence contradicts it.
    """

    group: str
    answerable: bool
    settled: bool
    rows: Sequence[Weights]
    held: Sequence[bool]
    denied: Sequence[bool]


def squad_asked(bench: Bench, question: SquadQuestion) -> Asked:
    asked = analyse_question(question.text, bench.analyser)
    scorer = EvidenceScorer(bench.analyser, bench.lexicon, Polarity.load())
    vector = bench.embedder.embed([bench.analyser.canonical(asked.text)])[0]
    found = scorer.score(asked, vector, bench.retriever.search(asked.text, 8))
    held = [_holds(item, question) for item in found]
    return Asked(
        question.title, bool(question.answers), False, [_row(item) for item in found], held, [False] * len(held)
    )


def _holds(item: Candidate, question: SquadQuestion) -> bool:
    return item.passage.article.id == article_of(question.passage) and any(
        item.evidence.start <= start < item.evidence.end for start, _ in question.answers
    )


def dev_asked(questions: Iterable[EvalQuestion]) -> list[Asked]:
    """The same for the shipped articles."""
    with TemporaryDirectory() as home, Application(Settings(home=Path(home))) as application:
        application.prepare()
        chain = application.chain("extractive")
        asked = []
        for question in questions:
            analysis, found = chain.evidence_for(question.question, question.as_of)
            held = [_on_gold(item, question) for item in found]
            rows = [_row(item) for item in found]
            settled = _settled(analysis, found, chain.scorer)
            denied = [chain.scorer.contradicts(analysis, item) for item in found]
            asked.append(Asked(question.cluster_id, question.answerable, settled, rows, held, denied))
        return asked


def _settled(analysis: QuestionAnalysis, found: Sequence[Candidate], scorer: EvidenceScorer) -> bool:
    out = analysis.out_of_scope or analysis.page or not found
    return out or any(scorer.contradicts(analysis, item, flatly=True) for item in found)


def _on_gold(item: Candidate, question: EvalQuestion) -> bool:
    return any(
        item.passage.article.id == part.article_id and item.evidence.start < part.end and part.start < item.evidence.end
        for part in question.evidence
    )


def _row(item: Candidate) -> Weights:
    return {**item.features, **{objection.value: float(objection in item.objections) for objection in Objection}}


def fit_relevance(squad: Sequence[Asked], dev: Sequence[Asked]) -> Weights:
    groups = [([{name: row[name] for name in RANKED_BY} for row in each.rows], each.held) for each in (*squad, *dev)]
    return fit_ranking(groups, [1] * len(squad) + [DEV_WEIGHT] * len(dev))


def first_row(asked: Asked, weights: Weights) -> Weights:
    """The features of the best sentence, with how far it stands out, and whether it contradicts the question."""
    scores = [_score(row, weights) for row in asked.rows]
    best = max(range(len(scores)), key=scores.__getitem__)
    denied = float(asked.denied[best])
    return {**asked.rows[best], "stands_out": scores[best] - sum(scores) / len(scores), "denied": denied}


def refuses(asked: Asked, weights: Weights, answers: Logistic) -> bool:
    """As ``qa.extractive.select`` does."""
    if asked.settled:
        return True
    first = first_row(asked, weights)
    return bool(first["denied"]) or answers.logit(first) < SELECTION.answerable_from


def fit_answers(dev: Sequence[Asked], weights: Weights) -> Logistic:
    open_ones = [each for each in dev if not each.settled]
    rows = [first_row(each, weights) for each in open_ones]
    chosen = [{name: row[name] for name in ANSWERS.weights} for row in rows]
    return Logistic(*fit_logistic(chosen, [each.answerable for each in open_ones], penalty=4.0))


def _score(row: Weights, weights: Weights) -> float:
    return sum(weight * row[name] for name, weight in weights.items())


def _report(name: str, asked: Iterable[tuple[Asked, Weights]]) -> None:
    ranked = [
        [held for _, held in sorted(zip(each.rows, each.held, strict=True), key=lambda row: -_score(row[0], weights))]
        for each, weights in asked
        if each.answerable
    ]
    first, three = (sum(any(held[:count]) for held in ranked) / len(ranked) for count in (1, 3))
    print(f"{name}: answer in the first sentence {first:.3f}, in the first three {three:.3f}, n={len(ranked)}")


def _report_refusals(name: str, refused: Sequence[tuple[bool, Asked]]) -> None:
    right = sum(no and not each.answerable for no, each in refused)
    over = sum(no and each.answerable for no, each in refused)
    unanswerable = sum(not each.answerable for _, each in refused)
    print(
        f"{name}: abstention F1 {2 * right / (right + over + unanswerable):.3f}, recall {right / unanswerable:.3f}, "
        f"over-refusal {over / (len(refused) - unanswerable):.3f}, n={len(refused)}"
    )


def _folded(dev: Sequence[Asked], fit: Callable[[Sequence[Asked]], tuple[Weights, Logistic]]) -> None:
    folds = [crc32(each.group.encode()) % FOLDS for each in dev]
    models = [fit([each for each, n in zip(dev, folds, strict=True) if n != fold]) for fold in range(FOLDS)]
    held_back = [(each, *models[fold]) for each, fold in zip(dev, folds, strict=True)]
    _report("dev, by cluster", [(each, weights) for each, weights, _ in held_back])
    refused = [(refuses(each, weights, answers), each) for each, weights, answers in held_back]
    _report_refusals("dev, by cluster", refused)


def _printed(name: str, bias: float, weights: Weights) -> None:
    print(f"{name} = Logistic({bias:.2f}, { {key: round(weight, 2) for key, weight in weights.items()} })")


def main() -> None:
    sample = squad_questions()
    random.Random(SEED).shuffle(sample)
    with squad_store() as bench:
        print(f"{bench.catalog.count_chunks()} chunks", file=sys.stderr)
        squad = [squad_asked(bench, question) for question in sample[:SAMPLE]]
    dev = dev_asked(question for question in load_questions(default_questions()) if question.split == "dev")

    titles = sorted({each.group for each in squad})
    half = fit_relevance([each for each in squad if each.group in titles[::2]], dev)
    _report("SQuAD 2.0, held-back articles", [(each, half) for each in squad if each.group in titles[1::2]])

    def fit(seen: Sequence[Asked]) -> tuple[Weights, Logistic]:
        weights = fit_relevance(squad, seen)
        return weights, fit_answers(seen, weights)

    _folded(dev, fit)
    weights, answers = fit(dev)
    _printed("RELEVANCE", 0.0, {name: weights[name] for name in RELEVANCE.weights})
    print("costs =", {name: round(-weights[name], 2) for name in COSTS})
    _printed("ANSWERS", answers.bias, answers.weights)
    squad_refused = [(refuses(each, weights, answers), each) for each in squad]
    _report_refusals("SQuAD 2.0, not fitted to", squad_refused)


if __name__ == "__main__":
    main()
