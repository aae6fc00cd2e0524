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


# Whether a sentence holds the answer: `make calibrate`, on SQuAD 2.0's paragraphs and the dev split of
# seeds/questions.jsonl.
RELEVANCE = Logistic(
    -8.06,
    {
        "similarity": 6.41,
        "recall": 2.18,
        "soft_recall": 0.78,
        "context_recall": 2.08,
        "adjacent": 1.00,
        "lacks_number": -2.83,
        "lacks_date": -1.33,
        "lacks_name": -1.25,
    },
)


@dataclass(frozen=True, slots=True)
class SelectionRule:
    """Which sentences join the best one.

    A sentence joins when its worth is at most ``margin`` below the best, with ``neighbour`` added if it stands beside
    a chosen one, ``other_source`` if it comes from another source than these, and ``coverage`` times the share of the
    question's terms that it adds. ``pool`` is how many are looked at.
    """

    most: int
    margin: float
    neighbour: float
    other_source: float
    coverage: float
    pool: int


# Chosen on the dev split of seeds/questions.jsonl: `make calibrate`.
ANSWERABLE_FROM = -4.3
OBJECTION_COST: Mapping[str, float] = {
    "name": 3.0,
    "year": 3.0,
    "number": 2.0,
    "kind": 4.0,
    "predicate": 3.0,
}
SELECTION = SelectionRule(most=3, margin=3.0, neighbour=0.7, other_source=0.5, coverage=4.0, pool=40)
