"""What qa/calibration.py's RELEVANCE, the costs of its SELECTION, and ANSWERS are fitted on, and how.

RELEVANCE and the costs say which retrieved sentence holds the answer. They learn from a sample of the questions on
SQuAD 2.0's paragraphs and from the dev split of seeds/questions.jsonl, whose questions count several times, since they
are few and are what the program is for. ANSWERS says whether the best sentence answers, and learns from the dev split
and, so that it knows what has nothing to do with the articles, from SQuAD 2.0's answerable questions asked in the right
place and in the wrong one. The test split is not read. ``selection`` runs it.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.app import Application
from qa.calibration import ANSWERS, RELEVANCE, SELECTION, Logistic, SelectionRule
from qa.candidate import Candidate, Objection
from qa.conflicts import place
from qa.evaluation.dataset import EvalQuestion
from qa.evidence import EvidenceScorer
from qa.polarity import Polarity
from qa.premise import Against
from qa.question import QuestionAnalysis, analyse_question
from qa.settings import Settings
from tests.benchmarks.fitting import fit_logistic, fit_ranking
from tests.benchmarks.squad import Bench, SquadQuestion, article_of, squad_questions, squad_store

DEV_WEIGHT = 3
SAMPLE = 350
# How much one of SQuAD 2.0's questions counts for ANSWERS beside one of the dev split.
PLACED_WEIGHT = 0.1
SEED = 5
# Those of which SQuAD 2.0 holds enough.
COSTS = [each.value for each in Objection if each not in (Objection.NUMBER, Objection.PLACE)]
RANKED_BY = [*RELEVANCE.weights, *COSTS]

Weights = Mapping[str, float]
Place = tuple[str, int, int]


@dataclass(frozen=True)
class Asked:
    """A question's sentences as rows of features, with whether each holds the answer.

    ``group`` is what must not be split between fitting and holding back.
    """

    group: str
    answerable: bool
    rows: Sequence[Weights]
    held: Sequence[bool]


@dataclass(frozen=True)
class DevAsked(Asked):
    """``against`` are the places of the sentences that stand against it, by how they do."""

    question: EvalQuestion
    analysis: QuestionAnalysis
    candidates: Sequence[Candidate]
    against: Mapping[Against, frozenset[Place]]

    @property
    def settled(self) -> bool:
        """Whether a rule refuses it, whatever its best sentence is."""
        return (
            self.analysis.out_of_scope
            or self.analysis.page
            or not self.candidates
            or bool(self.against[Against.FLATLY])
        )

    def contradicts(self, question: QuestionAnalysis, candidate: Candidate, how: Against) -> bool:
        """As ``EvidenceScorer.contradicts`` for this question; read once, since it takes far longer than the rest."""
        return place(candidate) in self.against[how]

    def under(self, relevance: Weights) -> "DevAsked":
        """With the relevance that other weights give."""
        fitted = Logistic(0.0, {name: relevance[name] for name in RELEVANCE.weights})
        again = [replace(item, relevance=fitted.logit(item.features)) for item in self.candidates]
        return replace(self, candidates=again)


@dataclass(frozen=True, slots=True)
class Model:
    """What is fitted: ``relevance`` holds the costs too, as weights."""

    relevance: Weights
    answers: Logistic

    def rule(self, **chosen: float) -> SelectionRule:
        """The rule in use with the fitted numbers, and with those that are ``chosen``."""
        costs = {**SELECTION.costs, **{name: -self.relevance[name] for name in COSTS}}
        return replace(SELECTION, costs=costs, answers=self.answers, **chosen)  # type: ignore[arg-type]


def squad_asked(bench: Bench, question: SquadQuestion) -> Asked:
    asked = analyse_question(question.text, bench.analyser)
    scorer = EvidenceScorer(bench.analyser, bench.lexicon, Polarity.load())
    text = [bench.analyser.canonical(asked.text)]
    vector, query = bench.embedder.embed(text)[0], bench.embedder.embed_questions(text)[0]
    found = scorer.score(asked, vector, query, bench.retriever.search(asked.text, 8))
    held = [_holds(item, question) for item in found]
    return Asked(question.title, bool(question.answers), [_row(item) for item in found], held)


def _holds(item: Candidate, question: SquadQuestion) -> bool:
    return item.passage.article.id == article_of(question.passage) and any(
        item.evidence.start <= start < item.evidence.end for start, _ in question.answers
    )


def dev_asked(questions: Iterable[EvalQuestion]) -> list[DevAsked]:
    """The same for the shipped articles."""
    with TemporaryDirectory() as home, Application(Settings(home=Path(home))) as application:
        application.prepare()
        chain = application.chain("extractive")
        asked = []
        for question in questions:
            analysis, found = chain.evidence_for(question.question, question.as_of)
            contradicts = chain.scorer.contradicts
            asked.append(
                DevAsked(
                    question.cluster_id,
                    question.answerable,
                    [_row(item) for item in found],
                    [on_gold(item, question) for item in found],
                    question,
                    analysis,
                    found,
                    {
                        how: frozenset(place(item) for item in found if contradicts(analysis, item, how))
                        for how in Against
                    },
                )
            )
        return asked


def on_gold(item: Candidate, question: EvalQuestion) -> bool:
    """Whether the sentence shares a character with the question's gold evidence."""
    return any(
        item.passage.article.id == part.article_id and item.evidence.start < part.end and part.start < item.evidence.end
        for part in question.evidence
    )


def _row(item: Candidate) -> Weights:
    return {**item.features, **{objection.value: float(objection in item.objections) for objection in Objection}}


def fit_relevance(squad: Sequence[Asked], dev: Sequence[Asked]) -> Weights:
    groups = [([{name: row[name] for name in RANKED_BY} for row in each.rows], each.held) for each in (*squad, *dev)]
    return fit_ranking(groups, [1] * len(squad) + [DEV_WEIGHT] * len(dev))


def fit_answers(dev: Sequence[DevAsked], placed: Sequence[Asked], weights: Weights) -> Logistic:
    open_ones = [*(each for each in dev if not each.settled), *placed]
    rows = [_first_row(each, weights) for each in open_ones]
    counts = [1.0] * (len(open_ones) - len(placed)) + [PLACED_WEIGHT] * len(placed)
    return Logistic(*fit_logistic(rows, [each.answerable for each in open_ones], penalty=4.0, counts=counts))


def _first_row(asked: Asked, weights: Weights) -> Weights:
    """The features of the best sentence, with how far it stands out."""
    scores = [score(row, weights) for row in asked.rows]
    best = max(range(len(scores)), key=scores.__getitem__)
    row = {**asked.rows[best], "stands_out": scores[best] - sum(scores) / len(scores)}
    return {name: row[name] for name in ANSWERS.weights}


def score(row: Weights, weights: Weights) -> float:
    """What orders the sentences of one question."""
    return sum(weight * row[name] for name, weight in weights.items())


def fit(squad: Sequence[Asked], strangers: Sequence[Asked], dev: Sequence[DevAsked]) -> Model:
    """``strangers`` are SQuAD 2.0's questions, asked of the shipped articles."""
    relevance = fit_relevance(squad, dev)
    placed = [*(each for each in squad if each.answerable), *strangers]
    return Model(relevance, fit_answers(dev, placed, relevance))


def _sample() -> list[SquadQuestion]:
    """Always the same questions. Raises FileNotFoundError where shared/data is absent."""
    sample = squad_questions()
    random.Random(SEED).shuffle(sample)
    return sample[:SAMPLE]


def squad_sample() -> list[Asked]:
    """Over their own paragraphs. Raises FileNotFoundError where shared/data is absent."""
    with squad_store() as bench:
        return [squad_asked(bench, question) for question in _sample()]


def stranger_sample() -> list[Asked]:
    """The same over the shipped articles, less those that a rule refuses. Raises as ``squad_sample``."""
    with TemporaryDirectory() as home, Application(Settings(home=Path(home))) as application:
        application.prepare()
        chain = application.chain("extractive")
        asked = []
        for question in _sample():
            analysis, found = chain.evidence_for(question.text)
            refused = analysis.out_of_scope or analysis.page or not found
            if not refused and not any(chain.scorer.contradicts(analysis, item, Against.FLATLY) for item in found):
                asked.append(Asked(question.title, False, [_row(item) for item in found], [False] * len(found)))
        return asked
