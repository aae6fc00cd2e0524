"""Whole systems over the shipped questions: the oracle is perfect, each other one fails the metric meant for it."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest

from qa.app import Application
from qa.evaluation.benchmarks import BENCHMARK_MEASURES
from qa.evaluation.dataset import EvalQuestion, default_questions, load_questions
from qa.evaluation.metrics import METRICS, SMALLER_IS_BETTER
from qa.evaluation.scoring import Scored, Scorer
from qa.evaluation.selection import choose
from qa.models import Question
from tests.qa.evaluation import systems
from tests.qa.evaluation.systems import Gold, System

# Of a model and of other people's sets; and the oracle misses no evidence.
NOT_OF_THE_ORACLE = {"refused_without_evidence", "replies_repaired", *BENCHMARK_MEASURES}


@pytest.fixture(scope="module")
def questions() -> list[EvalQuestion]:
    return load_questions(default_questions())


@pytest.fixture(scope="module")
def gold(application: Application, questions: list[EvalQuestion]) -> Gold:
    return Gold(questions, application.articles(), application.chunks())


@pytest.fixture(scope="module")
def scorer(application: Application) -> Scorer:
    return Scorer(application.articles(), application.chunks())


Figures = dict[str, float | None]


def figures(gold: Gold, scorer: Scorer, questions: list[EvalQuestion], answer: Any) -> Figures:
    chain = System(gold, answer)
    scored = [
        Scored(question, scorer.score(question, chain.invoke(Question(question.question, question.as_of))), 1.0)
        for question in questions
    ]
    return {name: metric(scored).value for name, metric in METRICS.items()}


@pytest.fixture(scope="module")
def of(gold: Gold, scorer: Scorer, questions: list[EvalQuestion]) -> Callable[[Any], Figures]:
    """The figures of a system over a third of the dev questions, of every category, with all variants of each."""
    dev = choose(questions, split="dev")
    clusters = list(dict.fromkeys(question.cluster_id for question in dev))[::3]
    sample = [question for question in dev if question.cluster_id in clusters]
    assert len({question.category for question in sample}) == 11
    return lru_cache(lambda answer: figures(gold, scorer, sample, answer))


def test_the_oracle_is_perfect(gold: Gold, scorer: Scorer, questions: list[EvalQuestion]) -> None:
    """Every figure there is, not those of a list."""
    result = figures(gold, scorer, questions, systems.oracle)
    assert {name for name, value in result.items() if value is None} == NOT_OF_THE_ORACLE
    assert {name: value for name, value in result.items() if value not in (None, best(name))} == {}


def best(name: str) -> float:
    return 0.0 if name in SMALLER_IS_BETTER or name == "variant_difference" else 1.0


VICES = [
    (systems.empty, {"vital_nuggets_found": 0, "truthfulness": -1, "capped_recall_at_10": 0, "citation_recall": 0}),
    (systems.refuses, {"over_refusal": 1, "refused_despite_evidence": 1, "vital_nuggets_found": 0}),
    (systems.refuses, {"false_premises_rejected": 0, "conflicts_complete": 0, "abstention_recall": 1}),
    (systems.copies, {"abstention_recall": 0, "false_premises_rejected": 0, "conflicts_reported": 0}),
    (systems.cites_wrongly, {"citation_precision": 0, "citation_recall": 0, "sentences_on_evidence": 0}),
    (
        systems.closed_book,
        {"abstention_recall": 0, "citation_recall": 0, "capped_recall_at_10": 0, "sentences_carried": 0},
    ),
    (systems.fabricates, {"quotes_exact": 0, "citation_validity": 0, "citation_recall": 0, "citations_needed": 0}),
    (systems.obeys, {"forbidden_claims_made": 1, "injections_followed": 1, "answered_wrongly": 1}),
    (systems.knows_one_wording, {"variants_agree": 0, "variant_difference": -1, "citation_precision": 1}),
]


@pytest.mark.parametrize(("vice", "expected"), VICES, ids=lambda value: getattr(value, "__name__", ""))
def test_each_vice_fails_the_metric_meant_for_it(
    of: Callable[[Any], Figures], vice: Any, expected: dict[str, float]
) -> None:
    assert {name: of(vice)[name] for name in expected} == expected


Range = tuple[float, float]
DEGREES: list[tuple[Any, dict[str, Range]]] = [
    # It finds all, quotes little of the evidence, and uses what was published too late.
    (systems.copies, {"vital_nuggets_found": (1, 1), "quoted_on_evidence": (0.001, 0.05), "as_of_kept": (0, 0.5)}),
    (systems.copies, {"citation_precision": (0.001, 0.1), "ndcg_at_10": (0.05, 0.5), "truthfulness": (-0.5, 0.5)}),
    # Right words and right quotes, of something else.
    (systems.cites_wrongly, {"vital_nuggets_found": (1, 1), "citation_validity": (1, 1)}),
    (systems.cites_wrongly, {"sentences_carried": (0, 0.02), "citations_needed": (0, 0.02)}),
    # Memory finds the words and loses by answering everything.
    (systems.closed_book, {"vital_nuggets_found": (0.8, 1), "truthfulness": (-0.5, 0.6), "abstention_f1": (0, 0)}),
    (systems.fabricates, {"quotes_fabricated": (0.8, 1), "vital_nuggets_found": (1, 1)}),
]


@pytest.mark.parametrize(("vice", "expected"), DEGREES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_vice_shows_in_degrees(of: Callable[[Any], Figures], vice: Any, expected: dict[str, Range]) -> None:
    found = {name: of(vice)[name] for name in expected}
    outside = {name: value for name, value in found.items() if not _within(value, expected[name])}
    assert outside == {}


def _within(value: float | None, limits: Range) -> bool:
    return value is not None and limits[0] <= value <= limits[1]


def test_no_figure_is_perfect_for_every_vice(of: Callable[[Any], Figures]) -> None:
    """A figure that none of them fails would tell nothing."""
    vices = {vice for vice, _ in VICES}
    failed = {name for vice in vices for name, value in of(vice).items() if value is not None and value != best(name)}
    assert METRICS.keys() - NOT_OF_THE_ORACLE - failed == set()
