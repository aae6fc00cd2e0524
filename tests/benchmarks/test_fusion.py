import pytest

from tests.benchmarks.fusion import (
    Asked,
    ask_all,
    best_weight,
    dense_leg,
    halves,
    hit_rate,
    in_use,
    lexical_leg,
    owners_of,
    reciprocal_ranks,
)
from tests.benchmarks.squad import Bench, squad_questions
from vectorstore.retrieval import FusionWeights

OWNERS = {"a1": "a", "a2": "a", "b1": "b", "c1": "c"}
ASKED = [
    Asked("t", "a", dense=[("b1", 0.9), ("a2", 0.5)], lexical=[("a1", 3.0), ("b1", 1.0)]),
    Asked("t", "b", dense=[("b1", 0.9), ("c1", 0.1)], lexical=[("c1", 3.0), ("b1", 2.9), ("a1", 1.0)]),
    Asked("u", "c", dense=[("a1", 0.9)], lexical=[]),
]


def test_hits_are_of_the_paragraph_and_not_of_one_chunk() -> None:
    assert [hit_rate(lexical_leg, ASKED, OWNERS, k) for k in (1, 2)] == [pytest.approx(1 / 3), pytest.approx(2 / 3)]
    assert [hit_rate(dense_leg, ASKED, OWNERS, k) for k in (1, 2)] == [pytest.approx(1 / 3), pytest.approx(2 / 3)]


def test_rank_fusion_and_weighted_fusion() -> None:
    assert reciprocal_ranks(ASKED[0]) == ["b1", "a1", "a2"]
    assert in_use(0.0)(ASKED[0])[0] == "a1"
    assert in_use(1.0)(ASKED[0])[0] == "b1"


def test_halves_share_no_article() -> None:
    assert halves(ASKED) == (ASKED[:2], ASKED[2:])


def test_the_weight_of_most_first_hits_is_chosen() -> None:
    weight = best_weight(ASKED[:2], OWNERS)
    assert hit_rate(in_use(weight), ASKED[:2], OWNERS, 1) == 1.0
    assert 0.0 < weight < 0.5


def test_fusion_beats_both_of_its_legs_at_rank_one(squad_passages: Bench) -> None:
    """On every third question of the articles that the weight was not chosen on."""
    titles = sorted({question.title for question in squad_questions()})[1::2]
    questions = [question for question in squad_questions() if question.answers and question.title in titles][::3]
    asked, owners = ask_all(squad_passages, questions), owners_of(squad_passages)
    assert len(asked) > 200
    fused, lexical, dense, ranks = (
        hit_rate(ranking, asked, owners, 1)
        for ranking in (in_use(FusionWeights().dense), lexical_leg, dense_leg, reciprocal_ranks)
    )
    assert fused > lexical > ranks
    assert fused > dense
    assert hit_rate(in_use(FusionWeights().dense), asked, owners, 5) > 0.95
