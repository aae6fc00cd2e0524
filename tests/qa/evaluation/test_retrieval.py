import math
from typing import Any

import pytest

from qa.evaluation.dataset import EvalQuestion, GoldEvidence
from qa.evaluation.retrieval import CUTOFFS, SPAN_MEASURES, ranking, relevant_ids, span_scores
from qa.models import RetrievedChunk
from vectorstore.models import Chunk

TWO = frozenset({"a", "b"})
# Gains 1/log2(2), 1/log2(3), 1/log2(4) at ranks 1 to 3; the best order of two relevant chunks has 1 +
# 1/log2(3).
SECOND, THIRD = 1 / math.log2(3), 1 / math.log2(4)


@pytest.mark.parametrize(
    ("ranked", "relevant", "at_1", "at_5", "ndcg"),
    [
        (["a", "b"], TWO, 1.0, 1.0, 1.0),
        (["b", "x", "a"], TWO, 1.0, 1.0, (1 + THIRD) / (1 + SECOND)),
        (["x", "a", "y"], TWO, 0.0, 0.5, SECOND / (1 + SECOND)),
        (["x", "a", "a", "b"], TWO, 0.0, 1.0, (SECOND + THIRD) / (1 + SECOND)),
        (["x", "y"], TWO, 0.0, 0.0, 0.0),
        ([], TWO, 0.0, 0.0, 0.0),
        (["a"], frozenset({"a"}), 1.0, 1.0, 1.0),
    ],
)
def test_by_hand(ranked: list[str], relevant: frozenset[str], at_1: float, at_5: float, ndcg: float) -> None:
    scores = ranking(ranked, dict.fromkeys(relevant, 1))
    assert scores is not None
    assert scores["capped_recall_at_1"] == pytest.approx(at_1)
    assert scores["capped_recall_at_5"] == pytest.approx(at_5)
    assert scores["ndcg_at_10"] == pytest.approx(ndcg)


@pytest.mark.parametrize(
    ("ranked", "at_1", "at_5", "at_10"),
    [
        ("abcdefghijkl", 1.0, 1.0, 1.0),
        # Of twelve the first five can hold five, and the first ten ten.
        ("axbxc", 1.0, 3 / 5, 3 / 10),
        ("xbcdefghijkl", 0.0, 4 / 5, 9 / 10),
        # A chunk that comes twice has one place, and counts once.
        ("aaaaab", 1.0, 2 / 5, 2 / 10),
    ],
)
def test_recall_is_capped_at_what_the_first_k_can_hold(ranked: str, at_1: float, at_5: float, at_10: float) -> None:
    scores = ranking(list(ranked), dict.fromkeys("abcdefghijkl", 1))
    assert scores is not None
    assert [scores[f"capped_recall_at_{k}"] for k in CUTOFFS] == pytest.approx([at_1, at_5, at_10])


def test_only_the_first_k_count() -> None:
    scores = ranking([*"uvwxy", "a", *"pqrs", "b"], dict.fromkeys(TWO, 1))
    assert scores is not None
    assert (scores["capped_recall_at_5"], scores["capped_recall_at_10"]) == (0.0, 0.5)
    assert scores["ndcg_at_10"] == pytest.approx((1 / math.log2(7)) / (1 + SECOND))


def test_the_order_of_chunk_names_does_not_matter() -> None:
    assert ranking(["z", "a"], {"z": 1}) == ranking(["a", "z"], {"a": 1})


def test_without_gold_there_is_no_score() -> None:
    assert ranking(["a"], {}) is None


def test_every_chunk_that_overlaps_gold_is_relevant(world: Any, questions: list[EvalQuestion]) -> None:
    assert relevant_ids(questions[1].evidence, world.chunks) == {"alpha-0", "beta-0"}
    assert relevant_ids(questions[2].evidence, world.chunks) == set()


def test_gold_that_no_chunk_holds_is_a_miss(world: Any) -> None:
    lost = GoldEvidence(**world.evidence("e9", "alpha", "Subscribe now."))
    held = GoldEvidence(**world.evidence("e1", "alpha", "The group had 3,000 fighters in 2017."))
    relevant = relevant_ids([held, lost], world.chunks)
    scores = ranking(["alpha-0", "alpha-1"], dict.fromkeys(relevant, 1))
    assert scores is not None
    assert scores["capped_recall_at_5"] == 0.5


def test_a_sentence_that_stands_twice_is_not_lost_with_its_second_copy() -> None:
    """Left out once on its way in, as a pull quote is; the same words in another article are another passage."""
    chunks = [Chunk("a-0", "a", 0, 0, 30, "x" * 30, heading="")]
    said, copy, cut = _says("e1", "a", 10), _says("e2", "a", 50), _says("e3", "a", 25)
    elsewhere = _says("e4", "b", 50)
    assert relevant_ids([said, copy], chunks) == {"a-0"}
    assert relevant_ids([copy], chunks) == {"no chunk: e2"}
    assert relevant_ids([said, elsewhere], chunks) == {"a-0", "no chunk: e4"}
    found = [RetrievedChunk("a-0", "a", 0, 30, 0.5, 1, 1)]
    perfect = dict.fromkeys(SPAN_MEASURES, 1.0)
    assert span_scores(found, [said, copy, cut], chunks) == perfect
    assert span_scores(found, [cut], chunks) == dict.fromkeys(SPAN_MEASURES, 0.0)


def _says(evidence_id: str, article_id: str, start: int) -> GoldEvidence:
    return GoldEvidence(id=evidence_id, article_id=article_id, start=start, end=start + 9, quote="He did so")


@pytest.mark.parametrize(
    ("ranked", "expected"),
    [(["a"], 1.0), (["x", "a"], 0.5), (["x", "y", "b", "a"], 1 / 3), (["x"], 0.0), ([], 0.0)],
)
def test_the_reciprocal_rank_is_of_the_first_relevant_one(ranked: list[str], expected: float) -> None:
    scores = ranking(ranked, dict.fromkeys(TWO, 1))
    assert scores is not None
    assert scores["reciprocal_rank"] == pytest.approx(expected)


def test_gains_weigh_in_ndcg() -> None:
    scores = ranking(["b", "a"], {"a": 2, "b": 1})
    assert scores is not None
    # The best order puts the 2 first.
    assert scores["ndcg_at_10"] == pytest.approx((1 + 2 * SECOND) / (2 + SECOND))


# Two spans in the first chunk, a third that is cut between the second and the third chunk.
SPANS = [
    GoldEvidence(id=f"e{n}", article_id="long", start=start, end=start + 5, quote=f"{n}" * 5)
    for n, start in enumerate((0, 10, 37), 1)
]
LONG = [Chunk(f"long-{n}", "long", n, start, start + 20, "x" * 20) for n, start in enumerate((0, 20, 40))]


def retrieved(*numbers: int) -> list[RetrievedChunk]:
    return [RetrievedChunk(f"long-{n}", "long", n * 20, n * 20 + 20, 0.5, 1, 1) for n in numbers]


@pytest.mark.parametrize(
    ("ranks", "at_1", "at_5", "first", "ndcg"),
    [
        # Best: a chunk that holds two, then the lost one: 2 + 1/log2(3).
        ((0, 1, 2), 1.0, 2 / 3, 1.0, 2 / (2 + SECOND)),
        ((1, 0), 0.0, 2 / 3, 0.5, 2 * SECOND / (2 + SECOND)),
        ((1, 2), 0.0, 0.0, 0.0, 0.0),
    ],
)
def test_spans_count_where_they_are_held_whole(
    ranks: tuple[int, ...], at_1: float, at_5: float, first: float, ndcg: float
) -> None:
    scores = span_scores(retrieved(*ranks), SPANS, LONG)
    assert scores is not None
    assert scores["span_capped_recall_at_1"] == pytest.approx(at_1)
    assert scores["span_capped_recall_at_5"] == pytest.approx(at_5)
    assert scores["span_reciprocal_rank"] == pytest.approx(first)
    assert scores["span_ndcg_at_10"] == pytest.approx(ndcg)


def test_without_gold_there_is_no_score_for_spans() -> None:
    assert span_scores(retrieved(0), [], LONG) is None
