"""A figure with its interval and the number of cases behind it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_Z95 = 1.959963984540054
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Figure:
    """``value`` over ``n`` cases, with a 95% interval where one is defined; None: no case, so no value."""

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None

    def to_record(self) -> dict[str, float | int | None]:
        """Plain JSON types, rounded to six decimals."""
        return {
            "value": _rounded(self.value),
            "low": _rounded(self.low),
            "high": _rounded(self.high),
            "n": self.n,
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)


def share(hits: int, n: int) -> Figure:
    """``hits / n`` with its Wilson interval; no value when ``n`` is 0."""
    if n == 0:
        return Figure(None, 0)
    low, high = wilson(hits, n)
    return Figure(hits / n, n, low, high)


def mean(values: Sequence[float]) -> Figure:
    """The arithmetic mean, without an interval; no value when there are none."""
    return Figure(math.fsum(values) / len(values), len(values)) if values else Figure(None, 0)


def wilson(hits: int, n: int, z: float = _Z95) -> tuple[float, float]:
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
