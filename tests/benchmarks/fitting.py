"""Logistic regression with an L2 penalty, and the figures to judge it by."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]


def fit_logistic(
    rows: Sequence[Mapping[str, float]], labels: Sequence[bool], penalty: float = 1.0
) -> tuple[float, dict[str, float]]:
    """Bias and weights for the raw features; the penalty is on standardised ones, the bias free."""
    names = list(rows[0])
    matrix = np.array([[row[name] for name in names] for row in rows], dtype=float)
    target = np.asarray(labels, dtype=float)
    mean, scale = matrix.mean(axis=0), np.maximum(matrix.std(axis=0), 1e-9)
    scaled = np.c_[np.ones(len(matrix)), (matrix - mean) / scale]

    def loss(weights: Floats) -> tuple[float, Floats]:
        logits = scaled @ weights
        value = float(np.logaddexp(0, logits).sum() - target @ logits + penalty / 2 * (weights[1:] ** 2).sum())
        gradient = scaled.T @ (1 / (1 + np.exp(-logits)) - target) + penalty * np.r_[0, weights[1:]]
        return value, gradient

    found = minimize(loss, np.zeros(scaled.shape[1]), jac=True, method="L-BFGS-B").x
    weights = found[1:] / scale
    return float(found[0] - weights @ mean), dict(zip(names, map(float, weights), strict=True))


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
