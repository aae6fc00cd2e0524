"""A figure with its interval and the number of cases behind it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_Z95 = 1.959963984540054
_DECIMALS = 6
_DRAWS = 2000
_SEED = 20171212
# With fewer clusters too few different draws exist for their percentiles to mean anything.
_FEWEST_CLUSTERS = 10

Interval = Literal["wilson", "bootstrap"]


@dataclass(frozen=True, slots=True)
class Figure:
    """``value`` over ``n`` cases, with a 95% interval and how it was made; None: no case, so no value."""

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    interval: Interval | None = None

    def to_record(self) -> dict[str, float | int | str | None]:
        """Plain JSON types, rounded to six decimals."""
        return {
            "value": _rounded(self.value),
            "low": _rounded(self.low),
            "high": _rounded(self.high),
            "interval": self.interval,
            "n": self.n,
        }


class Tally(NamedTuple):
    """What one question adds to a figure: ``total`` over ``weight``; ``cases`` are what is counted as its n."""

    cluster: str
    total: float
    weight: float
    cases: int


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)


def ratio(tallies: Iterable[Tally], lowest: float = 0.0) -> Figure:
    """The sum of the totals over that of the weights, in [``lowest``, 1], with an interval over clusters.

    Questions of one cluster are about one fact and are drawn together: a percentile interval from 2,000 bootstrap
    draws of the clusters with a fixed seed. Source: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap"
    (1993), chapter 13. Where that has no width (all clusters alike), or there are fewer than ten clusters, it is
    Wilson's interval with the number of clusters as n, stretched from [0, 1] to the range of the figure.
    """
    by_cluster: dict[str, tuple[float, float]] = {}
    cases = 0
    for tally in tallies:
        if tally.weight:
            total, weight = by_cluster.get(tally.cluster, (0.0, 0.0))
            by_cluster[tally.cluster] = (total + tally.total, weight + tally.weight)
            cases += tally.cases
    if not by_cluster:
        return Figure(None, 0)
    sums = sorted(by_cluster.values())
    value = math.fsum(total for total, _ in sums) / math.fsum(weight for _, weight in sums)
    if len(sums) >= _FEWEST_CLUSTERS and len({total / weight for total, weight in sums}) > 1:
        return Figure(value, cases, *_bootstrap(sums), "bootstrap")
    clusters, span = len(sums), 1 - lowest
    # A sum of fractions may come out a hair outside.
    low, high = wilson(min(max((value - lowest) / span, 0.0), 1.0) * clusters, clusters)
    return Figure(value, cases, lowest + low * span, lowest + high * span, "wilson")


def _bootstrap(sums: Sequence[tuple[float, float]]) -> tuple[float, float]:
    # Measured: 0.1 s with this import, which a person who asks one question does not need.
    import numpy as np

    drawn = _draws(len(sums)) @ np.asarray(sums)
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], [2.5, 97.5])
    return float(low), float(high)


@lru_cache(maxsize=32)
def _draws(clusters: int) -> "NDArray[np.float64]":
    """(draws, clusters): how often each cluster was drawn."""
    import numpy as np

    generator = np.random.default_rng(_SEED)
    return generator.multinomial(clusters, [1 / clusters] * clusters, size=_DRAWS).astype(np.float64)


def share(hits: int, n: int) -> Figure:
    """``hits / n`` of independent cases with its Wilson interval; no value when ``n`` is 0."""
    if n == 0:
        return Figure(None, 0)
    return Figure(hits / n, n, *wilson(hits, n), "wilson")


def wilson(hits: float, n: int, z: float = _Z95) -> tuple[float, float]:
    """The score interval of a share of independent cases, by default at 95%.

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22
    (1927), 209-212: the p for which (hits/n - p)^2 = z^2 p (1 - p) / n. Raises ValueError unless 0 <= hits
    <= n and n > 0.
    """
    if not 0 <= hits <= n or n == 0:
        raise ValueError(f"{hits} of {n} is no share")
    p = hits / n
    scale = 1 + z * z / n
    centre = (p + z * z / (2 * n)) / scale
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale
    # At the ends the interval reaches 0 or 1 exactly; rounding must not leave it short.
    return (0.0 if hits == 0 else centre - half), (1.0 if hits == n else centre + half)


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The smallest value that at least ``percent`` of the values do not exceed; None when there are none.

    Source: nearest rank, definition 1 in R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical
    Packages", The American Statistician 50 (1996), 361-365.
    """
    if not values:
        return None
    return sorted(values)[max(math.ceil(len(values) * percent / 100), 1) - 1]
