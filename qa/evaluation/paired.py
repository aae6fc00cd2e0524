"""Whether two systems differ on the same questions: tests, intervals, and what could have been found. Pure.

Questions of one cluster are variants of each other, so that a cluster is what is drawn again and what changes sides.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

ALPHA = 0.05
POWER = 0.8
RESAMPLES = 9_999
_Z_ALPHA, _Z_POWER = 1.959963984540054, 0.8416212335729143
# Fewer pairs that all go one way cannot make p < 0.05 in a two-sided exact test.
_FEWEST = 6

Test = Literal["McNemar", "permutation", "none"]


@dataclass(frozen=True, slots=True)
class Pair:
    """What one question scored in the two runs."""

    question_id: str
    cluster: Hashable
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Of the means, b - a, over ``n`` questions with the 95% interval of a cluster bootstrap.

    ``b_more``, ``a_more`` and ``ties`` count questions. ``detectable``: the smallest difference that this many
    questions find with a power of 80% at p < 0.05; None where none would be. ``p`` is two-sided; 1 where nothing
    differs.
    """

    n: int
    clusters: int
    mean_a: float
    mean_b: float
    difference: float
    low: float
    high: float
    b_more: int
    a_more: int
    ties: int
    test: Test
    p: float
    detectable: float | None


def difference(pairs: Sequence[Pair], seed: int = 0) -> Difference:
    """Hold the two against each other. Raises ValueError without a pair.

    Shares of right and wrong go through McNemar's exact test, unless two questions of one cluster changed: then, and
    for all other figures, through a permutation test that swaps the runs cluster by cluster.
    """
    if not pairs:
        raise ValueError("there is no pair")
    deltas = np.array([pair.b - pair.a for pair in pairs])
    sums, sizes = _by_cluster(pairs, deltas)
    more, less = int((deltas > 0).sum()), int((deltas < 0).sum())
    binary = all(pair.a in (0, 1) and pair.b in (0, 1) for pair in pairs)
    alone = int((sums != 0).sum()) == more + less
    test: Test = "none" if not more + less else "McNemar" if binary and alone else "permutation"
    low, high = _bootstrap(sums, sizes, seed)
    return Difference(
        n=len(pairs),
        clusters=len(sums),
        mean_a=math.fsum(pair.a for pair in pairs) / len(pairs),
        mean_b=math.fsum(pair.b for pair in pairs) / len(pairs),
        difference=float(deltas.mean()),
        low=low,
        high=high,
        b_more=more,
        a_more=less,
        ties=len(pairs) - more - less,
        test=test,
        p=1.0 if test == "none" else mcnemar(more, less) if test == "McNemar" else permutation(sums, seed),
        detectable=detectable_share(len(pairs), more + less) if binary else detectable_mean(sums, len(pairs)),
    )


def _by_cluster(pairs: Sequence[Pair], deltas: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The sum of the differences in each cluster, and its size."""
    places: dict[Hashable, int] = {}
    which = [places.setdefault(pair.cluster, len(places)) for pair in pairs]
    sums, sizes = np.zeros(len(places)), np.zeros(len(places))
    np.add.at(sums, which, deltas)
    np.add.at(sizes, which, 1)
    return sums, sizes


def _bootstrap(sums: NDArray[np.float64], sizes: NDArray[np.float64], seed: int) -> tuple[float, float]:
    """Percentiles of the mean over clusters drawn with replacement.

    Source: B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), 13.3, with clusters as in A. C.
    Davison and D. V. Hinkley, "Bootstrap Methods and their Application" (1997), 3.8. Not BCa: it has no value when all
    are equal.
    """
    # How often a cluster of each kind is drawn, rather than each cluster: there are few kinds.
    kinds, counts = np.unique(np.stack([sums, sizes]), axis=1, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(sums), counts / len(sums), size=RESAMPLES)
    means = (drawn @ kinds[0]) / (drawn @ kinds[1])
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def mcnemar(more: int, less: int) -> float:
    """Two-sided exact p that of ``more + less`` changed questions so many go one way.

    Source: Q. McNemar, Psychometrika 12 (1947), 153-157, exact by the binomial distribution.
    """
    # scipy.stats takes 0.6 s to import, which no other part of an evaluation needs.
    from scipy.stats import binomtest

    return float(binomtest(more, more + less, 0.5).pvalue) if more + less else 1.0


def permutation(sums: NDArray[np.float64], seed: int) -> float:
    """Two-sided p of a mean this far from zero when each cluster's sign is chance; exact where there are few.

    Source: R. A. Fisher, "The Design of Experiments" (1935), 21.
    """
    from scipy.stats import permutation_test

    # A cluster without a difference is the same on both sides; one alone goes either way as often.
    changed = sums[sums != 0]
    if len(changed) < 2:
        return 1.0

    def mean(values: NDArray[np.float64], axis: int) -> Any:
        return values.mean(axis=axis)

    result = permutation_test(
        (changed,),
        mean,
        permutation_type="samples",
        n_resamples=RESAMPLES,
        vectorized=True,
        rng=np.random.default_rng(seed),
    )
    return float(result.pvalue)


@lru_cache(maxsize=256)
def detectable_share(n: int, changed: int) -> float | None:
    """The smallest difference of two shares over ``n`` questions that McNemar's exact test finds.

    So many questions are taken to change their side as did (``changed``, and one more for not having seen them all),
    or as many as the difference needs. None when even n questions that all change are too few.
    """
    if n < _FEWEST:
        return None
    rate = (changed + 1) / (n + 1)
    low, high = 0, n
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _power(n, middle / n, max(rate, middle / n)) >= POWER else (middle, high)
    return high / n


def _power(n: int, gain: float, rate: float) -> float:
    """How often McNemar's test over n questions finds ``gain`` when a share ``rate`` of them changes sides."""
    from scipy.stats import binom

    counts = np.arange(n + 1)
    # Fewer than this of the changed ones on the smaller side are significant.
    least = np.array([_critical(int(count)) for count in counts])
    up = (rate + gain) / (2 * rate)
    found = binom.sf(counts - least - 1, counts, up) + binom.cdf(least, counts, up)
    return float((binom.pmf(counts, n, min(rate, 1.0)) * np.where(least >= 0, found, 0.0)).sum())


@lru_cache(maxsize=4096)
def _critical(changed: int) -> int:
    """The most questions on the smaller side with which ``changed`` of them are significant; -1 when none is."""
    total, place = 0, -1
    while 2 * (total := total + math.comb(changed, place + 1)) / 2**changed < ALPHA and 2 * (place + 1) < changed:
        place += 1
    return place


def detectable_mean(sums: NDArray[np.float64], n: int) -> float | None:
    """The smallest difference of two means that is found, by the spread of the clusters' sums.

    Source: the normal approximation, (z_0.975 + z_0.8) standard errors. One difference of 1 is added, or where nothing
    differed it would seem that anything can be seen; and it is no less than what the fewest clusters that can be
    significant come to, when they differ by as much as those that did.
    """
    if len(sums) < _FEWEST:
        return None
    spread = math.sqrt(float(((sums - sums.mean()) ** 2).sum()) + 1) / n
    changed = np.abs(sums[sums != 0])
    fewest = _FEWEST * (float(changed.mean()) if len(changed) else 1.0) / n
    return max(fewest, (_Z_ALPHA + _Z_POWER) * spread)


def holm(values: Mapping[str, float]) -> dict[str, float]:
    """p-values, each corrected for being one of several.

    Source: S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian J. of Statistics 6 (1979).
    """
    corrected, most = {}, 0.0
    for place, (name, p) in enumerate(sorted(values.items(), key=lambda item: item[1])):
        most = max(most, min(1.0, (len(values) - place) * p))
        corrected[name] = most
    return {name: corrected[name] for name in values}
