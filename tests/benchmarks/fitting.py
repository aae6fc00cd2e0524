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


def fit_ranking(
    groups: Sequence[tuple[Sequence[Mapping[str, float]], Sequence[bool]]],
    counts: Sequence[float],
    penalty: float = 3.0,
) -> dict[str, float]:
    """Weights under which the true rows of each group outweigh its others; the penalty is on standardised features.

    A conditional logit: the chance that a row is the one is the softmax over its group. A group without a true row is
    left out; ``counts`` says how many times each group counts.
    """
    names = list(groups[0][0][0])
    read = [
        (np.array([[row[name] for name in names] for row in rows], dtype=float), np.asarray(labels, dtype=bool), count)
        for (rows, labels), count in zip(groups, counts, strict=True)
        if any(labels)
    ]
    everything = np.vstack([rows for rows, _, _ in read])
    scale = np.maximum(everything.std(axis=0), 1e-9)

    def loss(weights: Floats) -> tuple[float, Floats]:
        value, gradient = float(penalty / 2 * (weights**2).sum()), penalty * weights
        for rows, labels, count in read:
            scaled = rows / scale
            scores = scaled @ weights
            odds = np.exp(scores - scores.max())
            value -= count * float(np.log(odds[labels].sum() / odds.sum()))
            gradient = gradient - count * (
                scaled[labels].T @ (odds[labels] / odds[labels].sum()) - scaled.T @ (odds / odds.sum())
            )
        return value, gradient

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
