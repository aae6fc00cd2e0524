import dataclasses
from typing import Any

import pytest

from qa.evaluation import patterns
from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.scoring import Scorer, UnscoredError
from qa.models import Conflict, Position


def test_scores_say_what_was_matched_and_why_a_citation_fails(world: Any, questions: list[EvalQuestion]) -> None:
    answer = world.answer(
        "The group had 3,000 fighters in 2017.",
        [("alpha", "The group had 3,000 fighters in 2017"), ("alpha", "It lost")],
        ["alpha-1", "alpha-0"],
    )
    broken = dataclasses.replace(answer.citations[1], quote="It last")
    answer = dataclasses.replace(
        answer,
        citations=(answer.citations[0], broken),
        conflicts=(Conflict("numbers", (Position("more", (1, 9)),)),),
    )
    scores = Scorer(world.articles, world.chunks).score(questions[0], answer).to_record()
    retrieval = scores.pop("retrieval")
    assert scores == {
        "abstained": False,
        "reason": None,
        "outcome": "correct",
        "nuggets": (
            {"id": "n1", "importance": "vital", "matched": "3,000", "cited": True},
            {"id": "n2", "importance": "okay", "matched": "2017", "cited": True},
        ),
        "citations": (
            {
                "marker": 1,
                "problem": None,
                "on_evidence": True,
                "characters": 36,
                "characters_on_evidence": 36,
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
        "quotes": (
            {"text": "The group had 3,000 fighters in 2017", "fidelity": "exact"},
            {"text": "It last", "fidelity": "fabricated"},
        ),
        "supported": (True,),
        # Marker 2 has no valid citation behind it, and the first carries the sentence alone.
        "sentences": ({"supported": True, "needed": (True, False), "on_evidence": True},),
        "conflicts": 1,
        "evidence_retrieved": True,
        "too_late": None,
        "benchmark": {},
        "usage": {},
        "repaired": None,
        "forbidden": (),
        "positions_cited": (),
    }
    assert retrieval["capped_recall_at_1"] == 0.0
    assert retrieval["capped_recall_at_5"] == 1.0


def test_a_question_without_gold_evidence_has_no_retrieval_score(world: Any, questions: list[EvalQuestion]) -> None:
    scores = Scorer(world.articles, world.chunks).score(questions[2], world.answer("3 000", retrieved=["alpha-0"]))
    assert scores.retrieval is None
    assert scores.nuggets == ()


def test_a_gold_pattern_that_takes_too_long_names_its_question(
    world: Any, questions: list[EvalQuestion], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.05)
    slow = questions[0].model_copy(update={"forbidden_claims": ("re:(a|aa)+$",)})
    with pytest.raises(UnscoredError, match="question q1: pattern"):
        Scorer(world.articles, world.chunks).score(slow, world.answer("a" * 60 + "b"))
