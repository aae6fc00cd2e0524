"""The fitted numbers of evidence and selection in one place, with the command that fits them."""

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
    -8.04,
    {
        "similarity": 6.62,
        "recall": 2.13,
        "soft_recall": 0.60,
        "context_recall": 2.26,
        "adjacent": 0.82,
        "lacks_number": -3.36,
        "lacks_date": -1.54,
        "lacks_name": -1.30,
    },
)


@dataclass(frozen=True, slots=True)
class SelectionRule:
    """When there is an answer, and which sentences join the best one.

    The worth of a sentence is its relevance less ``costs`` of the objections to it, and ``caption`` if it is a
    picture's caption; below ``answerable_from`` none
    answers. A sentence joins when its worth is at most ``margin`` below the best, with ``neighbour`` added if it stands
    beside a chosen one, ``other_source`` if it comes from another source than these, and ``coverage`` times the share
    of the question's terms that it adds. ``pool`` is how many are looked at, ``most`` how many are given.
    """

    answerable_from: float
    costs: Mapping[str, float]
    margin: float
    neighbour: float
    other_source: float
    coverage: float
    caption: float = 1.0
    most: int = 3
    pool: int = 40


# Chosen on the dev split of seeds/questions.jsonl (`make calibrate` prints the grid), except the costs of names: these
# balance it with 220 throw-away questions, on which cheaper names let more near misses through.
SELECTION = SelectionRule(
    answerable_from=-4.2,
    costs={"name": 4.0, "far": 2.0, "year": 5.0, "number": 2.0, "kind": 4.0},
    margin=2.0,
    neighbour=1.5,
    other_source=0.5,
    coverage=2.0,
)
