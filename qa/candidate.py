"""A sentence that may answer, with what speaks for it and against it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from vectorstore.analysis import Token
from vectorstore.models import Evidence, Passage


class Objection(StrEnum):
    """What speaks against taking a sentence for an answer, however close its words are.

    A name of the question is nowhere in the chunk (NAME), or not beside the sentence (FAR); the sentence is of another
    time (YEAR) or another place (PLACE), lacks a number that the question takes for granted (NUMBER), or holds nothing
    of the kind asked for, or only of others (KIND).
    """

    NAME = "name"
    FAR = "far"
    YEAR = "year"
    PLACE = "place"
    NUMBER = "number"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence with what speaks for and against it.

    ``relevance`` compares the sentences of one question: one that has 1 more is e times as likely to hold the answer.
    ``recall`` is the share of the question's terms, weighted by rarity, that are said in it or in what it is read in;
    ``covered`` are these terms, said in these or in similar words. ``judged`` is a small model's word on it, the
    log-odds that it answers; None where none was asked.
    """

    evidence: Evidence
    passage: Passage
    tokens: tuple[Token, ...]
    relevance: float
    recall: float
    covered: frozenset[str]
    objections: frozenset[Objection]
    features: Mapping[str, float]
    judged: float | None = None


_TURN = re.compile(r"(?:but|however|instead|yet|even so|nevertheless)\b", re.IGNORECASE)


def turn_after(candidate: Candidate) -> Evidence | None:
    """The sentence after it, if that one turns it round: "But their efforts failed"."""
    following = [part for part in candidate.passage.sentences if part.start > candidate.evidence.start][:1]
    return following[0] if following and _TURN.match(following[0].line) else None
