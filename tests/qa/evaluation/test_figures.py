import pytest

from qa.evaluation.figures import Figure, Tally, percentile, ratio, share, wilson


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


def cases(*values: float, clusters: str = "") -> list[Tally]:
    """A case each, in clusters of their own unless a letter each says otherwise."""
    names = clusters or "".join(chr(ord("a") + number) for number in range(len(values)))
    return [Tally(name, value, 1, 1) for name, value in zip(names, values, strict=True)]


def test_nothing_has_no_value() -> None:
    assert share(0, 0) == ratio([]) == ratio([Tally("a", 0, 0, 0)]) == Figure(None, 0)


def test_share_is_of_independent_cases() -> None:
    assert share(8, 10).to_record() == {"value": 0.8, "low": 0.490162, "high": 0.943318, "interval": "wilson", "n": 10}


def test_a_ratio_is_of_sums_and_counts_cases() -> None:
    # (1 + 1) / (4 + 1), not the mean of 1/4 and 1.
    figure = ratio([Tally("a", 1, 4, 4), Tally("b", 1, 1, 1), Tally("c", 0, 0, 7)])
    assert (figure.value, figure.n, figure.interval) == (0.4, 5, "wilson")
    # Two clusters: Wilson for 0.8 of 2.
    assert (figure.low, figure.high) == pytest.approx(wilson(0.8, 2))


def test_few_clusters_or_all_alike_take_wilson_over_clusters() -> None:
    assert ratio(cases(*[1.0] * 12)).low == pytest.approx(wilson(12, 12)[0])
    # Twelve cases that are really three.
    assert ratio(cases(*[1.0] * 12, clusters="aaaabbbbcccc")).low == pytest.approx(wilson(3, 3)[0])
    all_lost = ratio(cases(-1.0, -1.0), lowest=-1.0)
    assert (all_lost.value, all_lost.low) == (-1.0, -1.0)
    assert all_lost.high == pytest.approx(2 * wilson(0, 2)[1] - 1)


def test_clusters_are_drawn_together() -> None:
    values = [1.0, 0.0] * 20
    alone = ratio([Tally(str(number), value, 1, 1) for number, value in enumerate(values)])
    # The same values, but the cases of a cluster are all alike: half as many facts, so a wider interval.
    together = ratio([Tally(str(number // 4 * 2 + number % 2), value, 1, 1) for number, value in enumerate(values)])
    assert (alone.value, together.value) == (0.5, 0.5)
    assert (alone.interval, together.interval) == ("bootstrap", "bootstrap")
    assert all(figure.low is not None and figure.high is not None for figure in (alone, together))
    # The normal approximation, 1.96 * sqrt(0.25 / n), for 40 and for 20.
    assert (alone.low, alone.high) == pytest.approx((0.345, 0.655), abs=0.021)
    assert (together.low, together.high) == pytest.approx((0.281, 0.719), abs=0.021)


def test_the_order_of_questions_does_not_matter() -> None:
    tallies = [Tally(str(number % 11), number % 3 / 3, 1, 1) for number in range(33)]
    assert ratio(tallies) == ratio(reversed(tallies))


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
