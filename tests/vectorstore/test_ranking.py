import numpy as np
import pytest

from tests.vectorstore.fakes import Store
from vectorstore.lexicon import Lexicon
from vectorstore.ranking import WINDOW, Ranker, RankingWeights


@pytest.fixture(scope="module")
def ranker(shipped: Store) -> Ranker:
    return Ranker(shipped.analyser, Lexicon(shipped.catalog, shipped.embedder, shipped.analyser))


def features(ranker: Ranker, question: str, **terms: str) -> dict[str, dict[str, float]]:
    vector = np.zeros(384, np.float32)
    return ranker.features(question, vector, {k: v.split() for k, v in terms.items()}, dict.fromkeys(terms, 0.5), {})


def test_a_window_counts_what_stands_together(ranker: Ranker) -> None:
    apart = "prison " + "and " * WINDOW + "bomber"
    found = features(ranker, "prison bomber", together="prison wall bomber", apart=apart, none="river")
    assert found["together"]["window"] == pytest.approx(1.0)
    assert 0 < found["apart"]["window"] < 1
    assert found["none"]["window"] == 0
    assert found["together"]["soft_cover"] == found["apart"]["soft_cover"] == pytest.approx(1.0)


def test_pairs_count_neighbours_in_their_order(ranker: Ranker) -> None:
    found = features(ranker, "prison bomber", same="a prison bomber", turned="bomber prison", apart="prison x bomber")
    assert [found[name]["pairs"] for name in ("same", "turned", "apart")] == [1.0, 0.0, 0.0]


def test_words_of_like_meaning_cover_in_part(ranker: Ranker) -> None:
    found = features(ranker, "soldiers", same="soldier", like="troop", other="river")
    assert found["same"]["soft_cover"] == pytest.approx(1.0)
    assert 0 < found["like"]["soft_cover"] <= 1
    assert found["other"]["soft_cover"] == 0


def test_words_that_only_ask_do_not_count(ranker: Ranker) -> None:
    found = features(ranker, "How many soldiers?", one="soldier", many="mani")
    assert found["one"]["window"] == pytest.approx(1.0)
    assert found["many"]["window"] == 0


@pytest.mark.parametrize("question", ["", "?", "the of and", "how many"])
def test_a_question_without_content_is_no_error(ranker: Ranker, question: str) -> None:
    assert all(0 <= value <= 1 for value in features(ranker, question, one="soldier")["one"].values())


def test_the_closest_sentence_counts(ranker: Ranker) -> None:
    vector = np.array([1, 0], np.float32)
    sentences = {"a": np.array([[0, 1], [0.8, 0.6]], np.float32)}
    found = ranker.features("x", vector, {"a": ["x"], "b": ["x"]}, {"a": 0.1, "b": 0.2}, sentences)
    assert found["a"]["sentence"] == pytest.approx(0.8)
    # Where there are none, as for a caption without an end, the whole stands for its sentence.
    assert found["b"]["sentence"] == pytest.approx(0.2)


def test_a_score_is_a_chance() -> None:
    weights = RankingWeights()
    low = dict.fromkeys(weights.weights, -1.0)
    high = dict.fromkeys(weights.weights, 1.0)
    assert 0 < weights.score(low) < 0.01 < 0.9 < weights.score(high) < 1
