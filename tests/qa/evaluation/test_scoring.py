import dataclasses
from typing import Any

import pytest

from qa.evaluation import patterns
from qa.evaluation.dataset import DatasetError, EvalQuestion
from qa.evaluation.scoring import score
from qa.evaluation.sources import Sources
from qa.models import Conflict, Position


def test_scores_say_what_was_matched_and_why_a_citation_fails(world: Any, questions: list[EvalQuestion]) -> None:
    answer = world.answer(
        "3,000 in 2017.",
        [("alpha", "3,000 fighters"), ("alpha", "It lost")],
        ["alpha-1", "alpha-0"],
    )
    broken = dataclasses.replace(answer.citations[1], quote="It last")
    answer = dataclasses.replace(
        answer,
        citations=(answer.citations[0], broken),
        conflicts=(Conflict("numbers", (Position("more", (1, 9)),)),),
    )
    scores = score(questions[0], answer, Sources(), world.chunks).to_record()
    retrieval = scores.pop("retrieval")
    assert scores == {
        "abstained": False,
        "nuggets": (
            {"id": "n1", "importance": "vital", "matched": "3,000", "cited": True},
            {"id": "n2", "importance": "okay", "matched": "2017", "cited": True},
        ),
        "citations": (
            {
                "marker": 1,
                "problem": None,
                "on_evidence": True,
                "characters": 14,
                "characters_on_evidence": 14,
            },
            {
                "marker": 2,
                "problem": "quote differs from the text",
                "on_evidence": False,
                "characters": 7,
                "characters_on_evidence": 0,
            },
        ),
        "dangling": (9,),
        "supported": (True,),
        "repaired": None,
        "forbidden": (),
        "positions_cited": (),
    }
    assert retrieval["recall_at_1"] == 0.0
    assert retrieval["recall_at_5"] == 1.0


def test_a_question_without_gold_evidence_has_no_retrieval_score(world: Any, questions: list[EvalQuestion]) -> None:
    scores = score(questions[2], world.answer("3 000", retrieved=["alpha-0"]), Sources(), world.chunks)
    assert scores.retrieval is None
    assert scores.nuggets == ()


def test_a_gold_pattern_that_takes_too_long_names_its_question(
    world: Any, questions: list[EvalQuestion], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.05)
    slow = questions[0].model_copy(update={"forbidden_claims": ("re:(a|aa)+$",)})
    with pytest.raises(DatasetError, match="question q1: pattern"):
        score(slow, world.answer("a" * 60 + "b"), Sources(), world.chunks)
