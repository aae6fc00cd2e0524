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
        "similarity": 8.26,
        "stands": 0.5,
        "passage": 7.53,
        "near": 6.89,
        "relation": 2.25,
        "relation_before": 1.92,
        "relation_after": 1.78,
        "lacks_relation": 2.16,
        "entities": -1.42,
        "adjacent": 2.01,
        "lacks_number": -2.77,
        "lacks_date": -0.64,
        "lacks_quantity": -2.86,
        "lacks_cause": -0.20,
        "other_event": -4.37,
        "unbound": -0.69,
        "agent": 3.89,
        "refers_back": 1.12,
        "referred": 0.5,
        "length": -1.02,
    },
)

# Whether the best sentence answers, from the same command, on the dev split alone: SQuAD 2.0's unanswerable questions
# are near misses by design, which no reader asks. ``stands_out`` is by how much it is worth more than the average.
ANSWERS = Logistic(
    -2.27,
    {
        "stands_out": 0.06,
        "similarity": 3.04,
        "relation": 2.07,
        "says_other": -0.77,
        "unbound": -0.89,
        "name": -2.72,
        "year": -3.33,
        "kind": -3.50,
    },
)


@dataclass(frozen=True, slots=True)
class SelectionRule:
    """When there is an answer, and which sentences join the best one.

    The worth of a sentence is its relevance less ``costs`` of the objections to it, and ``caption`` if it is a
    picture's caption. When ``answers`` gives the best one less than ``answerable_from``, none answers. A sentence joins
    when its worth is at most ``margin`` below the best, with ``other_source`` added if it comes from another source
    than the chosen ones. ``pool`` is how many are looked at, ``most`` how many are given.
    """

    answerable_from: float
    costs: Mapping[str, float]
    margin: float
    other_source: float
    answers: Logistic = ANSWERS
    caption: float = 1.0
    most: int = 3
    pool: int = 30


# The costs are fitted with RELEVANCE, save that of a number, which SQuAD 2.0 holds too few of; the rest is chosen on
# the dev split (`make calibrate` prints the grid).
SELECTION = SelectionRule(
    answerable_from=-0.1,
    costs={"name": 3.86, "far": 1.64, "year": 4.99, "number": 2.0, "kind": 1.47},
    margin=2.5,
    other_source=1.0,
)
