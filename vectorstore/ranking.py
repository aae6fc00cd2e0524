"""The order of what both searches found: how far one place of a chunk speaks of all that is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from vectorstore.analysis import ASKING, Analyser
from vectorstore.embedding import Matrix
from vectorstore.lexicon import Lexicon
from vectorstore.models import Vector

# So many index terms are about two lines of text.
WINDOW = 12


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """``logit = bias + sum of weight * feature``; its logistic is the chance that a chunk holds the answer.

    Fitted by ``python -m tests.benchmarks.ranking`` on SQuAD 2.0's paragraphs, which prints this line and the hit
    rates of articles that were left out. ``pool``: how many of the best of the fusion are looked at.
    """

    bias: float = -10.93
    weights: Mapping[str, float] = field(
        default_factory=lambda: {"dense": 4.04, "sentence": 5.41, "soft_cover": 3.18, "window": 2.82, "pairs": 1.84}
    )
    pool: int = 30

    def score(self, features: Mapping[str, float]) -> float:
        """In (0, 1)."""
        logit = self.bias + sum(weight * features[name] for name, weight in self.weights.items())
        return float(1 / (1 + np.exp(-logit)))


class Ranker:
    """Reads no store by itself; what the lexicon knows of words is all it asks for."""

    def __init__(self, analyser: Analyser, lexicon: Lexicon) -> None:
        self._analyser = analyser
        self._lexicon = lexicon

    def features(
        self,
        question: str,
        vector: Vector,
        terms: Mapping[str, Sequence[str]],
        dense: Mapping[str, float],
        sentences: Mapping[str, Matrix],
    ) -> dict[str, dict[str, float]]:
        """By chunk, each in [0, 1] but for the cosines ``dense`` and ``sentence``.

        ``sentence`` is the similarity of the closest sentence, ``soft_cover`` the share of the question's terms,
        weighted by rarity, that the chunk says in these or in similar words, ``window`` the greatest share within
        WINDOW terms, ``pairs`` the share of the question's neighbouring terms that are neighbours there.
        """
        asked = list(dict.fromkeys(self._analyser.terms(question)))
        asked = [term for term in asked if term not in ASKING] or asked
        weights = self._lexicon.rarity(asked)
        present = {term for term in set[str]().union(*terms.values()) if not term[0].isdigit()}
        words = {term: word for term, word in self._analyser.words(question).items() if term in weights}
        alike = self._lexicon.known_likeness(words, sorted(present))
        found = {}
        for name, listed in terms.items():
            places = [(place, term) for place, term in enumerate(listed) if term in weights]
            found[name] = {
                "dense": dense[name],
                "sentence": float((sentences[name] @ vector).max()) if name in sentences else dense[name],
                "soft_cover": _soft_cover(weights, alike, set(listed)),
                "window": _window(weights, places),
                "pairs": _pairs(asked, weights, places),
            }
        return found


def _soft_cover(weights: Mapping[str, float], alike: Mapping[str, Mapping[str, float]], there: set[str]) -> float:
    total = sum(weights.values())
    if not total:
        return 0.0
    return sum(weight * _likeness(alike.get(term, {}), term, there) for term, weight in weights.items()) / total


def _likeness(alike: Mapping[str, float], term: str, there: set[str]) -> float:
    if term in there:
        return 1.0
    return max((value for word, value in alike.items() if word in there), default=0.0)


_Places = Sequence[tuple[int, str]]


def _window(weights: Mapping[str, float], places: _Places) -> float:
    """``places`` are those of the question's terms in the chunk, in order."""
    total = sum(weights.values())
    best = 0.0
    for first, (start, _) in enumerate(places):
        # In their order: a sum over a set would differ in its last bit from one process to the next.
        near = dict.fromkeys(term for place, term in places[first : first + WINDOW] if place < start + WINDOW)
        best = max(best, sum(weights[term] for term in near))
    return best / total if total else 0.0


def _pairs(asked: Sequence[str], weights: Mapping[str, float], places: _Places) -> float:
    """A pair weighs what the less rare of its terms does."""
    pairs = {pair: min(weights[pair[0]], weights[pair[1]]) for pair in zip(asked, asked[1:], strict=False)}
    total = sum(pairs.values())
    there = {(one, other) for (first, one), (second, other) in pairwise(places) if second == first + 1}
    return sum(weight for pair, weight in pairs.items() if pair in there) / total if total else 0.0
