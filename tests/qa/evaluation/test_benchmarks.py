from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qa.evaluation.benchmarks import BENCHMARK_MEASURES, benchmark_scores, token_f1
from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.sets.stores import open_dataset
from qa.models import Reason, RetrievedChunk, Status
from tests.qa.evaluation.sets import samples
from tests.qa.evaluation.systems import made


@pytest.mark.parametrize(
    ("gold", "said", "f1"),
    [
        ("France", "france", 1.0),
        ("the Norse leader", "Norse leader.", 1.0),
        # Shared "in 10th": 2 of 3 and 2 of 2.
        ("in 10th century", "in 10th", 0.8),
        ("a b b", "b b b", 2 * 2 / (2 + 3)),
        ("12.5", "125", 1.0),
        ("France", "Spain", 0.0),
        ("", "", 1.0),
        ("", "France", 0.0),
        ("France", "", 0.0),
    ],
)
def test_token_f1(gold: str, said: str, f1: float) -> None:
    """As published, "12.5" is "125": the program's own figures stand beside it."""
    assert token_f1(gold, said) == pytest.approx(f1)


def of(question: EvalQuestion, **changes: Any) -> EvalQuestion:
    return question.model_copy(update=changes)


def test_squad2(world: Any, questions: list[EvalQuestion]) -> None:
    asked = of(questions[0], benchmark="squad2", nuggets=questions[0].nuggets[:1])
    one = benchmark_scores(asked, world.answer("the 3,000", [("alpha", "The group")]))
    assert one == {"squad2_exact": 1, "squad2_f1": 1, "squad2_has_answer_exact": 1, "squad2_has_answer_f1": 1}
    long = benchmark_scores(asked, world.answer("It had 3,000 men."))
    assert long["squad2_exact"] == 0
    assert long["squad2_f1"] == pytest.approx(2 / 5)
    refusal = world.answer("Not said.", reason=Reason.NO_MATCH)
    assert benchmark_scores(asked, refusal)["squad2_f1"] == 0
    nothing = of(questions[2], benchmark="squad2")
    assert benchmark_scores(nothing, refusal) == {"squad2_exact": 1, "squad2_f1": 1, "squad2_no_answer": 1}
    assert benchmark_scores(nothing, world.answer("Many."))["squad2_no_answer"] == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was 3,000 in 2017.", 1),
        ("It was 3,000.", 0),
        ("It was 3,000 in 2017, or 5,000.", 0),
        # Not inside another number.
        ("It was 13,000 in 2017.", 0),
    ],
)
def test_ramdocs_wants_every_right_answer_and_no_wrong_one(
    world: Any, questions: list[EvalQuestion], text: str, expected: float
) -> None:
    asked = of(questions[0], benchmark="ramdocs")
    assert benchmark_scores(asked, world.answer(text)) == {"ramdocs_exact_match": expected}
    abstained = replace(world.answer(text), status=Status.ABSTAINED)
    assert benchmark_scores(asked, abstained) == {"ramdocs_exact_match": 0}


def test_beir_ranks_documents_by_their_first_chunk(world: Any, questions: list[EvalQuestion]) -> None:
    asked = of(questions[0], benchmark="beir", grades={"beta": 1})
    answer = world.answer("?", retrieved=["alpha-0", "alpha-1", "beta-0"])
    # Second document, not third chunk: 1 / log2(3).
    assert benchmark_scores(asked, answer)["beir_ndcg_at_10"] == pytest.approx(0.63093, abs=1e-5)
    assert benchmark_scores(asked, world.answer("?")) == {"beir_ndcg_at_10": 0}


def test_the_programs_own_questions_have_none(world: Any, questions: list[EvalQuestion]) -> None:
    assert benchmark_scores(questions[0], world.answer("3,000")) == {}


def test_the_oracle_has_the_best_of_every_published_metric(tmp_path: Path) -> None:
    found: dict[str, set[float]] = {}
    for write in (samples.squad2, samples.ramdocs, samples.beir):
        folder = tmp_path / write.__name__
        folder.mkdir()
        for question in open_dataset(f"{write.__name__}:{write(folder)}").questions:
            ranked = sorted(question.grades, key=lambda name: -question.grades[name])
            answer = made(
                "; ".join(nugget.text for nugget in question.nuggets),
                retrieved=[RetrievedChunk(f"{name}#0", name, 0, 1, 0.5, 1, 1) for name in ranked],
                reason=None if question.answerable else Reason.NO_MATCH,
            )
            for name, value in benchmark_scores(question, answer).items():
                found.setdefault(name, set()).add(value)
    assert found == {name: {1.0} for name in BENCHMARK_MEASURES}
