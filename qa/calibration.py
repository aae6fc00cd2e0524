"""Every fitted number of the answering path in one place, with the command that fits it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression: ``logit = bias + sum of weight * feature``."""

    bias: float
    weights: Mapping[str, float]

    def logit(self, features: Mapping[str, float]) -> float:
        return self.bias + sum(weight * features[name] for name, weight in self.weights.items())

    def probability(self, features: Mapping[str, float]) -> float:
        return 1 / (1 + math.exp(-self.logit(features)))


# Whether a sentence holds the answer: `make calibrate`, on every second article of SQuAD 2.0's paragraphs.
RELEVANCE = Logistic(
    -9.21,
    {
        "similarity": 5.69,
        "recall": 2.43,
        "soft_recall": 1.53,
        "context_recall": 3.15,
        "adjacent": 1.74,
        "lacks_number": -2.25,
        "lacks_date": -1.25,
        "lacks_name": -0.93,
    },
)


@dataclass(frozen=True, slots=True)
class SelectionRule:
    """Which sentences join the best one.

    A sentence joins when its worth, with ``neighbour`` added if it stands beside a chosen one and ``coverage`` times
    the share of the question's terms that it adds, is at most ``margin`` below the best. ``pool`` is how many are
    looked at.
    """

    most: int
    margin: float
    neighbour: float
    coverage: float
    pool: int


# Chosen on the dev split of seeds/questions.jsonl: `make calibrate`.
ANSWERABLE_FROM = -4.6
OBJECTION_COST: Mapping[str, float] = {
    "name": 3.0,
    "year": 3.0,
    "number": 2.0,
    "kind": 4.0,
    "predicate": 3.0,
}
SELECTION = SelectionRule(most=3, margin=3.0, neighbour=2.0, coverage=2.0, pool=40)
