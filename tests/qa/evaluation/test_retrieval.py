import math
from typing import Any

import pytest

from qa.evaluation.dataset import EvalQuestion, GoldEvidence
from qa.evaluation.retrieval import relevant_ids, retrieval_scores

TWO = frozenset({"a", "b"})
# Gains 1/log2(2), 1/log2(3), 1/log2(4) at ranks 1 to 3; the best order of two relevant chunks has 1 +
# 1/log2(3).
SECOND, THIRD = 1 / math.log2(3), 1 / math.log2(4)


@pytest.mark.parametrize(
    ("ranked", "relevant", "at_1", "at_5", "ndcg"),
    [
        (["a", "b"], TWO, 0.5, 1.0, 1.0),
        (["b", "x", "a"], TWO, 0.5, 1.0, (1 + THIRD) / (1 + SECOND)),
        (["x", "a", "y"], TWO, 0.0, 0.5, SECOND / (1 + SECOND)),
        (["x", "a", "a", "b"], TWO, 0.0, 1.0, (SECOND + THIRD) / (1 + SECOND)),
        (["x", "y"], TWO, 0.0, 0.0, 0.0),
        ([], TWO, 0.0, 0.0, 0.0),
        (["a"], frozenset({"a"}), 1.0, 1.0, 1.0),
    ],
)
def test_by_hand(ranked: list[str], relevant: frozenset[str], at_1: float, at_5: float, ndcg: float) -> None:
    scores = retrieval_scores(ranked, relevant)
    assert scores is not None
    assert scores["recall_at_1"] == pytest.approx(at_1)
    assert scores["recall_at_5"] == pytest.approx(at_5)
    assert scores["ndcg_at_10"] == pytest.approx(ndcg)


def test_only_the_first_k_count() -> None:
    scores = retrieval_scores([*"uvwxy", "a", *"pqrs", "b"], TWO)
    assert scores is not None
    assert (scores["recall_at_5"], scores["recall_at_10"]) == (0.0, 0.5)
    assert scores["ndcg_at_10"] == pytest.approx((1 / math.log2(7)) / (1 + SECOND))


def test_the_order_of_chunk_names_does_not_matter() -> None:
    assert retrieval_scores(["z", "a"], frozenset({"z"})) == retrieval_scores(["a", "z"], frozenset({"a"}))


def test_without_gold_there_is_no_score() -> None:
    assert retrieval_scores(["a"], frozenset()) is None


def test_every_chunk_that_overlaps_gold_is_relevant(world: Any, questions: list[EvalQuestion]) -> None:
    assert relevant_ids(questions[1].evidence, world.chunks) == {"alpha-0", "beta-0"}
    assert relevant_ids(questions[2].evidence, world.chunks) == set()


def test_gold_that_no_chunk_holds_is_a_miss(world: Any) -> None:
    lost = GoldEvidence(**world.evidence("e9", "alpha", "Subscribe now."))
    held = GoldEvidence(**world.evidence("e1", "alpha", "The group had 3,000 fighters in 2017."))
    relevant = relevant_ids([held, lost], world.chunks)
    scores = retrieval_scores(["alpha-0", "alpha-1"], relevant)
    assert scores is not None
    assert scores["recall_at_5"] == 0.5
