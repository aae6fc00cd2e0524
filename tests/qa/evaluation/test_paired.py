import math
from functools import cache

import numpy as np
import pytest

from qa.evaluation.paired import Pair, detectable_mean, detectable_share, difference, holm, mcnemar, permutation


def pairs(*values: tuple[float, float], clusters: list[str] | None = None) -> list[Pair]:
    return [Pair(f"q{n}", clusters[n] if clusters else n, a, b) for n, (a, b) in enumerate(values)]


@pytest.mark.parametrize(
    ("more", "less", "p"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),
        (5, 0, 2 / 2**5),
        (6, 0, 2 / 2**6),
        (0, 6, 2 / 2**6),
        # 2 * (1 + 8 + 28) / 2^8
        (6, 2, 74 / 256),
        (4, 4, 1.0),
    ],
)
def test_mcnemar_by_hand(more: int, less: int, p: float) -> None:
    assert mcnemar(more, less) == pytest.approx(p)


def test_permutation_by_hand() -> None:
    # Of the 2^5 ways to choose the signs, only all + and all - are as far from zero.
    assert permutation(np.array([0.5, 0.1, 0.2, 0.3, 0.4]), 0) == pytest.approx(2 / 2**5)
    assert permutation(np.array([0.5, -0.5, 0.0]), 0) == 1.0
    assert permutation(np.zeros(3), 0) == 1.0


def test_holm_by_hand() -> None:
    assert holm({"a": 0.04, "b": 0.01, "c": 0.03}) == pytest.approx({"a": 0.06, "b": 0.03, "c": 0.06})
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}
    assert holm({}) == {}


def test_equal_runs_are_zero_everywhere() -> None:
    found = difference(pairs(*[(1.0, 1.0), (0.0, 0.0)] * 20))
    assert (found.difference, found.low, found.high, found.p) == (0, 0, 0, 1)
    assert (found.b_more, found.a_more, found.ties, found.test) == (0, 0, 40, "none")


def test_a_loss_of_ten_points_is_found() -> None:
    found = difference(pairs(*[(1.0, 0.0)] * 20, *[(1.0, 1.0)] * 180))
    assert found.difference == pytest.approx(-0.1)
    assert found.low < -0.1 < found.high < 0
    assert (found.a_more, found.b_more, found.test) == (20, 0, "McNemar")
    assert found.p == pytest.approx(2 / 2**20)


def test_a_tie_is_none_of_both() -> None:
    found = difference(pairs(*[(1.0, 0.0)] * 10, *[(0.0, 1.0)] * 11, *[(1.0, 1.0)] * 79))
    assert found.difference == pytest.approx(0.01)
    assert found.low < 0 < found.high
    assert found.p == 1.0


def test_fractions_are_permuted() -> None:
    found = difference(pairs(*[(0.5, 0.75)] * 8))
    assert found.test == "permutation"
    assert found.p == pytest.approx(2 / 2**8)
    assert (found.low, found.high) == (0.25, 0.25)


def test_variants_of_one_question_count_as_one() -> None:
    """Ten changed variants of one question are one case and prove nothing; ten changed questions prove much."""
    values = [(0.0, 1.0)] * 10 + [(1.0, 1.0)] * 20
    alone = difference(pairs(*values))
    together = difference(pairs(*values, clusters=["same"] * 10 + [f"c{n}" for n in range(20)]))
    assert (alone.test, alone.clusters) == ("McNemar", 30)
    assert alone.p < 0.01
    assert (together.test, together.p, together.clusters) == ("permutation", 1.0, 21)
    assert together.low == 0.0 < alone.low


def test_a_seed_gives_the_same_again() -> None:
    values = pairs(*[(0.0, n / 40) for n in range(40)], *[(0.5, 0.0)] * 20)
    assert difference(values, 3) == difference(values, 3)
    assert difference(values, 3) != difference(values, 4)


@pytest.mark.parametrize("n", [50, 100, 300])
@pytest.mark.parametrize("changed", [0, 10, 20])
def test_what_is_detectable_is_found_with_the_power_it_says(n: int, changed: int) -> None:
    """Held against simulated runs in which so many questions change sides."""
    smallest = detectable_share(n, changed)
    assert smallest is not None
    rate = max((changed + 1) / (n + 1), smallest)
    draw, p_of = np.random.default_rng(n + changed), cache(mcnemar)

    def power(gain: float) -> float:
        turned = draw.binomial(n, rate, 400)
        up = draw.binomial(turned, (rate + gain) / (2 * rate))
        return sum(p_of(int(a), int(b - a)) < 0.05 for a, b in zip(up, turned, strict=True)) / 400

    assert power(smallest) > 0.72
    assert power(0.6 * smallest) < 0.72


def test_too_few_to_detect_anything() -> None:
    assert detectable_share(5, 0) is None
    assert detectable_mean(np.zeros(5), 5) is None
    # Six questions that all go one way are the fewest that are significant.
    assert detectable_mean(np.zeros(100), 100) == pytest.approx(0.06)
    assert detectable_mean(np.array([*[0.5] * 4, *[0.0] * 96]), 100) == pytest.approx(
        2.8016 * math.sqrt(1.96) / 100, abs=1e-3
    )
    assert detectable_mean(np.array([1.0, -1.0] * 50), 100) == pytest.approx(2.8016 * math.sqrt(101) / 100, abs=1e-3)


def test_nothing_to_hold_against_each_other() -> None:
    with pytest.raises(ValueError, match="no pair"):
        difference([])
