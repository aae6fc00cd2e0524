"""The fits on made rows, where the right weights are known."""

import pytest

from tests.benchmarks.fitting import area_under_curve, fit_logistic, fit_ranking

RIGHT, WRONG = {"tells": 1.0, "noise": 0.5}, {"tells": 0.0, "noise": 0.5}


def test_ranking_learns_what_tells_the_true_row() -> None:
    loud, quiet = {"tells": 0.0, "noise": 0.9}, {"tells": 1.0, "noise": 0.1}
    weights = fit_ranking([([WRONG, RIGHT, loud], [False, True, False]), ([loud, quiet], [False, True])], [1, 1])
    assert weights["tells"] > 0 > weights["noise"]


def test_a_group_counts_as_often_as_it_is_said_to() -> None:
    groups = [([WRONG, RIGHT], [False, True]), ([WRONG, RIGHT], [True, False])]
    assert fit_ranking(groups, [3, 1])["tells"] > 0 > fit_ranking(groups, [1, 3])["tells"]


def test_a_group_without_a_true_row_teaches_nothing() -> None:
    known = ([WRONG, RIGHT], [False, True])
    lost = ([{"tells": 9.0, "noise": 9.0}], [False])
    assert fit_ranking([known, lost], [1, 1]) == pytest.approx(fit_ranking([known], [1]))


def test_any_true_row_of_a_group_will_do() -> None:
    either = fit_ranking([([WRONG, RIGHT, RIGHT], [False, True, True])], [1])
    assert either["tells"] > 0


def test_logistic_tells_yes_from_no() -> None:
    bias, weights = fit_logistic([RIGHT, RIGHT, WRONG, WRONG], [True, True, False, False])
    assert bias < 0 < bias + weights["tells"]


def test_area_under_curve_counts_ties_half() -> None:
    assert area_under_curve([1, 2, 3, 4], [False, False, True, True]) == 1
    assert area_under_curve([1, 1], [False, True]) == 0.5
