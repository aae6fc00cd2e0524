import pytest

from qa.evaluation.figures import Figure, mean, percentile, share, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # 8 of 10: centre (0.8 + 0.19207) / 1.38415 = 0.71674, half-width 1.95996 * 0.16004 / 1.38415 =
        # 0.22661
        (8, 10, 0.49016, 0.94332),
        # 0 of 10: from 0 to z^2 / (n + z^2) = 3.84146 / 13.84146
        (0, 10, 0.0, 0.27753),
        (10, 10, 0.72247, 1.0),
        # 1 of 1: from 1 / (1 + z^2)
        (1, 1, 0.20655, 1.0),
        (50, 100, 0.40383, 0.59617),
    ],
)
def test_wilson(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=1e-5)


@pytest.mark.parametrize("n", [1, 3, 7, 190])
def test_wilson_reaches_the_ends_exactly(n: int) -> None:
    assert wilson(0, n)[0] == 0.0
    assert wilson(n, n)[1] == 1.0


@pytest.mark.parametrize(("hits", "n"), [(0, 0), (2, 1), (-1, 3)])
def test_wilson_refuses_what_is_no_share(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(hits, n)


def test_share_and_mean_of_nothing_have_no_value() -> None:
    assert share(0, 0) == mean([]) == Figure(None, 0)


def test_share_and_mean() -> None:
    assert share(1, 4).value == 0.25
    assert mean([0.5, 1.0, 0.0]) == Figure(0.5, 3)


def test_to_record_rounds() -> None:
    assert Figure(2 / 3, 3, 0.1, 0.9).to_record() == {"value": 0.666667, "low": 0.1, "high": 0.9, "n": 3}


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([30, 10, 20, 40], 50, 20),
        ([30, 10, 20, 40], 51, 30),
        ([30, 10, 20, 40], 95, 40),
        ([float(n) for n in range(1, 101)], 95, 95),
        ([7], 50, 7),
        ([7, 8], 0, 7),
        ([], 50, None),
    ],
)
def test_percentile(values: list[float], percent: float, expected: float | None) -> None:
    assert percentile(values, percent) == expected
