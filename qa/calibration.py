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
    -8.88,
    {
        "similarity": 6.12,
        "recall": 3.58,
        "context_recall": 3.02,
        "adjacent": 1.55,
        "lacks_number": -1.90,
        "lacks_date": -1.01,
        "lacks_name": -1.39,
    },
)
