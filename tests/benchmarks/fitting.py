"""Logistic regression with an L2 penalty, and the figures to judge it by."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]


def fit_logistic(
    rows: Sequence[Mapping[str, float]],
    labels: Sequence[bool],
    penalty: float = 1.0,
    counts: Sequence[float] | None = None,
) -> tuple[float, dict[str, float]]:
    """Bias and weights for the raw features; the penalty is on standardised ones, the bias free.

    ``counts`` says how many times each row counts.
    """
    names = list(rows[0])
    matrix = np.array([[row[name] for name in names] for row in rows], dtype=float)
    target = np.asarray(labels, dtype=float)
    mean, scale = matrix.mean(axis=0), np.maximum(matrix.std(axis=0), 1e-9)
    scaled = np.c_[np.ones(len(matrix)), (matrix - mean) / scale]
    weight = np.ones(len(matrix)) if counts is None else np.asarray(counts, dtype=float)

    def loss(weights: Floats) -> tuple[float, Floats]:
        logits = scaled @ weights
        value = float(weight @ (np.logaddexp(0, logits) - target * logits) + penalty / 2 * (weights[1:] ** 2).sum())
        gradient = scaled.T @ (weight * (1 / (1 + np.exp(-logits)) - target)) + penalty * np.r_[0, weights[1:]]
        return value, gradient

    found = minimize(loss, np.zeros(scaled.shape[1]), jac=True, method="L-BFGS-B").x
    weights = found[1:] / scale
    return float(found[0] - weights @ mean), dict(zip(names, map(float, weights), strict=True))


def fit_ranking(
    groups: Sequence[tuple[Sequence[Mapping[str, float]], Sequence[bool]]],
    counts: Sequence[float],
    penalty: float = 10.0,
) -> dict[str, float]:
    """Weights under which the true rows of each group outweigh its others; the penalty is on standardised features.

    A conditional logit: the chance that a row is the one is the softmax over its group. A group without a true row is
    left out; ``counts`` says how many times each group counts.
    """
    names = list(groups[0][0][0])
    read = [(each, count) for each, count in zip(groups, counts, strict=True) if any(each[1])]
    raw = np.array([[row[name] for name in names] for (rows, _), _ in read for row in rows], dtype=float)
    scale = np.maximum(raw.std(axis=0), 1e-9)
    scaled = raw / scale
    sizes = [len(rows) for (rows, _), _ in read]
    starts, group = np.cumsum([0, *sizes[:-1]]), np.repeat(np.arange(len(read)), sizes)
    true = np.array([label for (_, labels), _ in read for label in labels], dtype=bool)
    weight = np.array([count for _, count in read], dtype=float)

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = scaled @ weights
        odds = np.exp(scores - np.maximum.reduceat(scores, starts)[group])
        right = np.where(true, odds, 0.0)
        # No group's true rows can all vanish beside its others: the logarithm stays finite.
        total, mass = np.add.reduceat(odds, starts), np.maximum(np.add.reduceat(right, starts), 1e-300)
        value = penalty / 2 * float((weights**2).sum()) - float((weight * np.log(mass / total)).sum())
        surplus = weight[group] * (right / mass[group] - odds / total[group])
        return value, penalty * weights - scaled.T @ surplus

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x
    return dict(zip(names, map(float, found / scale), strict=True))


def area_under_curve(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """ROC AUC: how often a true case scores above a false one, ties counting half."""
    order = np.argsort(scores)
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    values = np.asarray(scores)
    for value in np.unique(values):
        ranks[values == value] = ranks[values == value].mean()
    positive = np.asarray(labels, dtype=bool)
    count = int(positive.sum())
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(labels) - count)))
