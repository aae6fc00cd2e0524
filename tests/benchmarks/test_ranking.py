import numpy as np

from tests.benchmarks.fusion import ask_all, hit_rate, in_use, owners_of
from tests.benchmarks.ranking import Found, calibrated, candidates, fit_choice, hits, interval, left_out
from tests.benchmarks.squad import Bench, article_of, squad_questions
from vectorstore.ranking import RankingWeights
from vectorstore.retrieval import FusionWeights

# The second feature tells the right one, the first misleads.
FOUND = [
    Found(title, np.array([[0.9, 0.1 + shift], [0.5, 0.8 + shift], [0.1, 0.2]]), np.array([False, True, False]))
    for title in "ab"
    for shift in (0.0, 0.05, 0.1)
]


def test_the_fit_finds_what_tells_the_right_one() -> None:
    weights = fit_choice(FOUND)
    assert weights[1] > abs(weights[0])
    assert hits(FOUND, weights, 1) == [True] * 6
    assert hits(FOUND, None, 1) == [False] * 6
    assert hits(FOUND, None, 2) == [True] * 6
    assert left_out(FOUND, 1) == [True] * 6


def test_a_question_whose_chunk_was_not_found_teaches_nothing_and_counts_as_missed() -> None:
    lost = Found("b", np.array([[0.1, 0.9], [0.9, 0.1]]), np.array([False, False]))
    assert np.isfinite(fit_choice([*FOUND, lost])).all()
    assert hits([lost], fit_choice(FOUND), 2) == [False]


def test_a_calibrated_score_is_high_for_the_right_one() -> None:
    weights = calibrated(FOUND, ["one", "two"])
    right, wrong = ({"one": row[0], "two": row[1]} for row in (FOUND[0].features[1], FOUND[0].features[0]))
    assert weights.score(right) > 0.5 > weights.score(wrong)


def test_an_interval_is_wilsons() -> None:
    assert interval([True] * 9 + [False]) == "0.9000 [0.5958, 0.9821]"


def test_ranking_beats_the_fusion_at_rank_one(squad_passages: Bench) -> None:
    """Even without sentences and words, which this store was spared; the module prints the figures with them."""
    questions = [question for question in squad_questions() if question.answers][::18]
    weights = np.array(list(RankingWeights().weights.values()))
    names = list(RankingWeights().weights)
    found = []
    for question in questions:
        rows = candidates(squad_passages, question)
        features = np.array([[row[name] for name in names] for row, _ in rows])
        found.append(Found(question.title, features, np.array([right for _, right in rows])))
    ranked = float(np.mean(hits(found, weights, 1)))
    asked, owners = ask_all(squad_passages, questions), owners_of(squad_passages)
    assert len(found) > 70
    assert ranked > hit_rate(in_use(FusionWeights().dense), asked, owners, 1)
    for question, hit in list(zip(questions, hits(found, weights, 1), strict=True))[:8]:
        (best,) = squad_passages.retriever.search(question.text, 1)
        assert (best.article.id == article_of(question.passage)) == hit
