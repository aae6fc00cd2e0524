"""What of a question is said in a text, in its words or in similar ones."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heard:
    """The terms of a text, and how much each term that a question asks for is said there, in these or similar words.

    ``likeness`` leaves out zeros, which most are.
    """

    present: frozenset[str]
    likeness: Mapping[str, float]

    def says(self, term: str) -> float:
        return self.likeness.get(term, 0.0)


def either(*parts: Heard) -> Heard:
    """What is heard in any of them."""
    said: dict[str, float] = {}
    for part in parts:
        for term, likeness in part.likeness.items():
            said[term] = max(likeness, said.get(term, 0.0))
    return Heard(frozenset().union(*(part.present for part in parts)), said)
