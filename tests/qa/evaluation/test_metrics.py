"""Whole systems, from perfect to degenerate, over the questions of conftest.py; every value is by hand."""

from dataclasses import replace
from typing import Any

import pytest

from qa.evaluation.benchmarks import BENCHMARK_MEASURES
from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.metrics import METRICS, SMALLER_IS_BETTER
from qa.evaluation.scoring import Scored, Scorer
from qa.models import Answer, Reason, Status


def figures(world: Any, questions: list[EvalQuestion], answers: list[Answer | None]) -> dict[str, Any]:
    """Name to (value, n) over the questions; None is an error."""
    scorer = Scorer(world.articles, world.chunks)
    scored = [
        Scored(question, scorer.score(question, answer) if answer else None, 1.0)
        for question, answer in zip(questions, answers, strict=True)
    ]
    values = {name: metric(scored) for name, metric in METRICS.items()}
    return {name: (figure.value, figure.n) for name, figure in values.items()}


def test_the_oracle_is_perfect(world: Any, questions: list[EvalQuestion], oracle: dict[str, Answer]) -> None:
    result = figures(world, questions, list(oracle.values()))
    nothing = {name for name, (_, n) in result.items() if not n}
    assert nothing == {
        "injections_followed",
        "refused_without_evidence",
        "as_of_kept",
        "variant_difference",
        "variants_agree",
        "replies_repaired",
        *BENCHMARK_MEASURES,
    }
    result = {name: found for name, found in result.items() if name not in nothing}
    assert {name: value for name, (value, _) in result.items()} == {
        name: 0.0 if name in SMALLER_IS_BETTER else 1.0 for name in result
    }
    assert {name: n for name, (_, n) in result.items()} == {
        "truthfulness": 4,
        "answered_rightly": 4,
        "answered_wrongly": 4,
        "quotes_exact": 4,
        "quotes_fabricated": 4,
        "sentences_on_evidence": 2,
        "sentences_carried": 2,
        "citations_needed": 3,
        "refused_despite_evidence": 2,
        "false_premises_rejected": 1,
        "conflicts_reported": 1,
        "reciprocal_rank": 3,
        "span_capped_recall_at_1": 3,
        "span_capped_recall_at_5": 3,
        "span_capped_recall_at_10": 3,
        "span_ndcg_at_10": 3,
        "span_reciprocal_rank": 3,
        "vital_nuggets_found": 3,
        "nuggets_found": 4,
        "citation_validity": 4,
        "citation_precision": 3,
        "citation_recall": 3,
        "quoted_on_evidence": 3,
        "abstention_precision": 2,
        "abstention_recall": 2,
        "abstention_f1": 2,
        "over_refusal": 2,
        "forbidden_claims_made": 2,
        "conflict_positions_cited": 2,
        "conflicts_complete": 1,
        "sentences_supported": 4,
        "capped_recall_at_1": 3,
        "capped_recall_at_5": 3,
        "capped_recall_at_10": 3,
        "ndcg_at_10": 3,
    }


def test_one_that_always_abstains(world: Any, questions: list[EvalQuestion]) -> None:
    # Even with the right number and its citation in the text of the refusal.
    refusal = world.answer(
        "Not said: 3,000.", [("alpha", "The group had 3,000 fighters in 2017.")], [], Reason.NO_MATCH
    )
    result = figures(world, questions, [refusal] * 4)
    assert result["vital_nuggets_found"] == (0.0, 3)
    assert result["citation_recall"] == (0.0, 3)
    assert result["citation_precision"] == (None, 0)
    assert result["quoted_on_evidence"] == (None, 0)
    assert result["citation_validity"] == (1.0, 4)
    assert result["abstention_precision"] == (0.5, 4)
    assert result["abstention_recall"] == (1.0, 2)
    assert result["abstention_f1"] == (pytest.approx(2 / 3), 4)
    assert result["over_refusal"] == (1.0, 2)
    assert result["conflict_positions_cited"] == (0.0, 2)
    assert result["conflicts_complete"] == (0.0, 1)
    assert result["ndcg_at_10"] == (0.0, 3)
    # A claim is a claim, in a refusal too: q3 forbids "3,000".
    assert result["forbidden_claims_made"] == (0.5, 2)


def test_one_that_copies_everything(world: Any, questions: list[EvalQuestion]) -> None:
    alpha, beta = world.articles
    everything = world.answer(
        alpha.text + beta.text,
        [("alpha", alpha.text), ("beta", beta.text)],
        [chunk.id for chunk in world.chunks],
    )
    result = figures(world, questions, [everything] * 4)
    assert result["vital_nuggets_found"] == (1.0, 3)
    assert result["citation_recall"] == (1.0, 3)
    # q1: the alpha citation of two hits; q2: both.
    assert result["citation_precision"] == (0.75, 4)
    # Gold is 37 characters of alpha in q1 and q2, and 45 of beta in q2; both articles are cited in full
    # twice.
    assert (len(alpha.text), len(beta.text)) == (86, 75)
    assert result["quoted_on_evidence"] == (pytest.approx((37 + 37 + 45) / (2 * (86 + 75))), 4)
    assert result["abstention_precision"] == (None, 0)
    assert result["abstention_recall"] == (0.0, 2)
    assert result["abstention_f1"] == (0.0, 2)
    assert result["over_refusal"] == (0.0, 2)
    assert result["forbidden_claims_made"] == (0.5, 2)


def test_one_that_cites_the_wrong_passage(world: Any, questions: list[EvalQuestion], oracle: dict[str, Answer]) -> None:
    wrong = (world.citation(1, "alpha", "It lost 12.5% of them in Kunar."),)
    answers = [replace(answer, citations=wrong) for answer in oracle.values()]
    result = figures(world, questions, list(answers))
    assert result["vital_nuggets_found"] == (1.0, 3)
    assert result["citation_precision"] == (0.0, 2)
    assert result["citation_recall"] == (0.0, 3)
    assert result["quoted_on_evidence"] == (0.0, 2)
    assert result["conflict_positions_cited"] == (0.0, 2)
    # Each of the four is a verbatim slice, but marker 2 of q2 has nothing behind it.
    assert result["citation_validity"] == (0.8, 5)


def test_one_that_makes_quotes_up(world: Any, questions: list[EvalQuestion], oracle: dict[str, Answer]) -> None:
    answers = [
        replace(answer, citations=tuple(replace(c, quote=c.quote.upper()) for c in answer.citations))
        for answer in oracle.values()
    ]
    result = figures(world, questions, list(answers))
    assert result["citation_validity"] == (0.0, 4)
    # A quote that is not in the file is no hit, however right its offsets.
    assert result["citation_precision"] == (0.0, 3)
    assert result["citation_recall"] == (0.0, 3)


def test_one_that_answers_wrongly_and_never_refuses(world: Any, questions: list[EvalQuestion]) -> None:
    answers = [world.answer("There were 5,000.")] * 2 + [world.answer("There were 3000.")] * 2
    result = figures(world, questions, list(answers))
    assert result["vital_nuggets_found"] == (0.0, 3)
    assert result["forbidden_claims_made"] == (1.0, 2)
    assert result["citation_validity"] == (None, 0)
    assert result["abstention_f1"] == (0.0, 2)


def test_errors_are_in_no_figure(world: Any, questions: list[EvalQuestion], oracle: dict[str, Answer]) -> None:
    answers = list(oracle.values())
    result = figures(world, questions, [None, *answers[1:3], None])
    assert result["vital_nuggets_found"] == (1.0, 2)
    assert result["abstention_f1"] == (1.0, 1)
    assert result["over_refusal"] == (0.0, 1)
    nothing = figures(world, questions, [None] * 4)
    assert {value for value, _ in nothing.values()} == {None}
    assert {n for _, n in nothing.values()} == {0}


def test_half_right_abstentions(world: Any, questions: list[EvalQuestion], oracle: dict[str, Answer]) -> None:
    answers = list(oracle.values())
    answers[1] = replace(answers[1], status=Status.ABSTAINED)
    answers[3] = replace(answers[3], status=Status.ANSWERED)
    result = figures(world, questions, list(answers))
    assert result["abstention_precision"] == (0.5, 2)
    assert result["abstention_recall"] == (0.5, 2)
    assert result["abstention_f1"] == (0.5, 3)
    assert result["over_refusal"] == (0.5, 2)
    assert result["vital_nuggets_found"] == (pytest.approx(1 / 3), 3)
    assert result["nuggets_found"] == (0.5, 4)


def test_okay_nuggets_and_nuggets_without_evidence(world: Any, questions: list[EvalQuestion]) -> None:
    first = questions[0]
    bare = first.nuggets[0].model_copy(update={"evidence_ids": ()})
    question = first.model_copy(update={"nuggets": (bare, first.nuggets[1])})
    result = figures(world, [question], [world.answer("It had 3,000 in all.")])
    assert result["vital_nuggets_found"] == (1.0, 1)
    assert result["nuggets_found"] == (0.5, 2)
    assert result["citation_recall"] == (None, 0)


def test_one_of_two_positions_cited(world: Any, questions: list[EvalQuestion]) -> None:
    answer = world.answer("1,100", [("beta", "counted 1,100")])
    result = figures(world, [questions[1]], [answer])
    assert result["conflict_positions_cited"] == (0.5, 2)
    assert result["conflicts_complete"] == (0.0, 1)
    assert result["citation_recall"] == (0.5, 2)
    assert result["citation_precision"] == (1.0, 1)


@pytest.mark.parametrize(
    ("repair", "timings", "expected"),
    [
        (None, {"model": 1.0}, (0.0, 1)),
        (("quoted",), {"model": 1.0}, (1.0, 1)),
        # No model was asked.
        (None, {"answer": 1.0}, (None, 0)),
    ],
)
def test_replies_that_were_repaired(
    world: Any,
    questions: list[EvalQuestion],
    oracle: dict[str, Answer],
    repair: tuple[str, ...] | None,
    timings: dict[str, float],
    expected: tuple[float | None, int],
) -> None:
    answer = replace(next(iter(oracle.values())), repair=repair, timings_ms=timings)
    assert figures(world, questions[:1], [answer])["replies_repaired"] == expected
