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


# Which sentence holds the answer: `make calibrate`, on SQuAD 2.0's paragraphs and the dev split of
# seeds/questions.jsonl. Only differences between sentences of one question mean anything, hence no bias.
RELEVANCE = Logistic(
    0.0,
    {
        "similarity": 9.21,
        "passage": 5.25,
        "soft_recall": -0.44,
        "context_recall": -0.37,
        "near": 7.25,
        "relation": 2.21,
        "relation_before": 1.66,
        "relation_after": 2.13,
        "lacks_relation": 1.52,
        "entities": -1.56,
        "adjacent": 2.22,
        "lacks_number": -2.82,
        "lacks_date": -0.78,
        "lacks_quantity": -3.10,
        "lacks_cause": -0.33,
        "other_event": -4.23,
        "unbound": -0.60,
        "agent": 3.70,
        "refers_back": 1.19,
        "length": -1.58,
    },
)

# Whether the best sentence answers, from the same command, on the dev split alone: SQuAD 2.0's unanswerable questions
# are near misses by design, which no reader asks. ``stands_out`` is by how much it is worth more than the average.
ANSWERS = Logistic(
    -2.69,
    {
        "stands_out": 0.08,
        "similarity": 3.42,
        "near": 0.69,
        "missing": 0.63,
        "relation": 1.51,
        "says_other": -0.58,
        "unbound": -1.22,
        "name": -2.31,
        "far": -1.61,
        "year": -3.44,
        "kind": -3.41,
    },
)


@dataclass(frozen=True, slots=True)
class SelectionRule:
    """When there is an answer, and which sentences join the best one.

    The worth of a sentence is its relevance less ``costs`` of the objections to it, and ``caption`` if it is a
    picture's caption. When ANSWERS gives the best one less than ``answerable_from``, none answers. A sentence joins
    when its worth is at most ``margin`` below the best, with ``other_source`` added if it comes from another source
    than the chosen ones. ``pool`` is how many are looked at, ``most`` how many are given.
    """

    answerable_from: float
    costs: Mapping[str, float]
    margin: float
    other_source: float
    caption: float = 1.0
    most: int = 3
    pool: int = 30


# The costs are fitted with RELEVANCE, save that of a number, which SQuAD 2.0 holds too few of; the rest is chosen on
# the dev split (`make calibrate` prints the grid).
SELECTION = SelectionRule(
    answerable_from=-0.1,
    costs={"name": 4.0, "far": 1.65, "year": 4.83, "number": 2.0, "kind": 1.49},
    margin=2.5,
    other_source=1.0,
)
