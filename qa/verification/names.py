"""Whether the names of a sentence are those of its evidence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import takewhile

from qa.verification.statement import Name, Statement, lower_case_words
from vectorstore.analysis import Analyser, normalise
from vectorstore.dates import PartialDate
from vectorstore.glossary import Glossary

_DEMONYMS = frozenset(
    ["", "land", "lands", "tish", "ish", "ain", "an", "ans", "ian", "ians", "n", "ns", "ean", "ese", "i", "is", "y",
     "a", "ia", "e", "s", "ic", "man", "men", "dom"]
)  # fmt: skip
_PRONOUNS = frozenset("he she it they his her its their him them".split())
_OF_PEOPLE = frozenset(["he", "she"])
_STANDING_FOR = re.compile(
    r"\b(?:the|this|these|that|those)\s+(?:[\w-]+\s+){0,2}?(?:groups?|organi[sz]ations?|branch|movement|militants?|terrorists?|"
    r"insurgents?|jihadists?|fighters?|forces?|army|troops|leader|general|spokesman|spokeswoman|president|minister|king|queen|"
    r"militia|city|town|country|state|region|province|district|university|company|school|party|parliament|government)\b",
    re.IGNORECASE,
)
# Reads a name as words.
_PLAIN = Analyser(Glossary())
_VERBS_AFTER_NAMES = frozenset("is was has had did does will would can could may might are were have".split())


@dataclass(frozen=True, slots=True)
class Setting:
    """What a cited span is read in.

    ``publisher`` names who published or first wrote the article; ``titles`` are its title and the heading above the
    span; ``before`` is the text of the passage in front of the span, ``around`` the whole passage.
    """

    publisher: str = ""
    titles: str = ""
    before: str = ""
    around: str = ""
    published: PartialDate | None = None


class Found(Enum):
    """Where a name of a claim was found."""

    HERE = 1
    ELSEWHERE = 2
    NOWHERE = 3
    NO_NAME = 4


@dataclass(frozen=True)
class NameCheck:
    """Finds the names of claims in one evidence and its settings, all read by one Reader.

    ``before`` is what the evidence may refer back to, the titles included.
    """

    glossary: Glossary
    evidence: Statement
    publisher: Statement
    titles: Statement
    before: Statement
    around: Statement

    @cached_property
    def _ordinary(self) -> frozenset[str]:
        """Words that the passage writes with a small letter."""
        return lower_case_words(self.evidence.text) | lower_case_words(self.around.text)

    def find(self, claim: Statement, name: Name) -> Found:
        """Where the name is: in the evidence or what it stands in for, elsewhere in the passage, or nowhere."""
        if name.entity is not None:
            return self._find_entity(claim, name)
        if not name.sure and self._is_ordinary(claim, name):
            return Found.NO_NAME
        last = name.terms[-1]
        if _has(self.evidence, last):
            return self._find_first_names(claim, name)
        if all(_has(self.publisher, term) for term in name.terms):
            return Found.HERE
        stood_for = self._stands_for(claim, name)
        if stood_for is not Found.NOWHERE:
            return stood_for
        return Found.ELSEWHERE if _has(self.around, last) or _has(self.titles, last) else Found.NOWHERE

    def _find_entity(self, claim: Statement, name: Name) -> Found:
        assert name.entity is not None
        term, place = name.terms[0], name.entity.kind == "place"
        words = {token.term for token in _PLAIN.tokens(claim.written(name.first, name.last))}
        if term in self.evidence.terms or term in self.publisher.terms or words <= self.evidence.terms:
            return Found.HERE
        if place and term in self.titles.terms:
            return Found.HERE
        stood_for = self._stands_for(claim, name)
        if stood_for is not Found.NOWHERE:
            return stood_for
        parents = {f"@{parent.id}" for parent in self.glossary.ancestors(name.entity)}
        if term in self.around.terms or term in self.titles.terms or (parents & self.evidence.terms and not place):
            return Found.ELSEWHERE
        return Found.NOWHERE

    def _find_first_names(self, claim: Statement, name: Name) -> Found:
        """A full name whose last word is in the evidence: "John Smith" for "Smith", but not for "Jane Smith"."""
        if all(_has(self.evidence, term) for term in name.terms[:-1]):
            return Found.HERE
        if not any(name.terms[-1] in other.terms for other in self.evidence.names):
            # "The college" may be the College that is meant, or another.
            return Found.ELSEWHERE if _has(self.around, name.terms[0]) else Found.NOWHERE
        written = normalise(claim.written(name.first, name.last))
        if written in normalise(self.around.text) or written in normalise(self.titles.text):
            return Found.HERE
        longer = [other for other in self.evidence.names if other.terms[-1] == name.terms[-1] and len(other.terms) > 1]
        return Found.NOWHERE if longer else Found.ELSEWHERE

    def _is_ordinary(self, claim: Statement, name: Name) -> bool:
        """Whether a capitalised first word is no name, as far as can be told."""
        term = name.terms[0]
        if _has(self.evidence, term):
            return not any(term in other.terms for other in self.evidence.names)
        if any(term in other.terms and other.sure for other in self.around.names):
            return False
        if term in self._ordinary or name.last >= len(claim.tokens):
            return True
        word, following = claim.tokens[name.first].surface.lower(), claim.tokens[name.last].surface.lower()
        bare_subject = following in _VERBS_AFTER_NAMES or following.endswith("ed")
        return not bare_subject or word.endswith(("s", "ing", "ly", "ed"))

    def _stands_for(self, claim: Statement, name: Name) -> Found:
        """Whether a pronoun, or "the group" and its like, stands in the evidence where the claim has the name.

        HERE when nothing else in front of the span could be meant, ELSEWHERE when something else could.
        """
        if not all(_has(self.before, term) for term in name.terms):
            return Found.NOWHERE
        after = next((lemma for lemma in claim.lemmas[name.last :] if lemma in self._weighty), None)
        if not any(self._next_word(end) == after for end in self._stand_ins()):
            return Found.NOWHERE
        place = name.entity is not None and name.entity.kind == "place"
        # Of people, the one that the sentence before begins with; "they" may be any of several groups.
        if not place and self._subject_before and self.evidence.tokens[0].surface.lower() in _OF_PEOPLE:
            return Found.HERE if self._subject_before == name.terms[-1] else Found.ELSEWHERE
        others = {
            other.terms[-1]
            for other in self.before.names
            if (other.entity is not None and other.entity.kind == "place") == place and other.sure
        }
        return Found.HERE if others <= {name.terms[-1]} else Found.ELSEWHERE

    @cached_property
    def _subject_before(self) -> str | None:
        """The last word of the name that the sentence in front of the evidence begins with, if it does."""
        before = self.before
        if not before.tokens:
            return None
        first = before.sentence.index(before.sentence[-1])
        first += before.tokens[first].surface.lower() == "the"
        return next((other.terms[-1] for other in before.names if other.first == first), None)

    @cached_property
    def _weighty(self) -> frozenset[str]:
        return frozenset(self.evidence.lemmas[index] for index in self.evidence.content)

    def _next_word(self, index: int) -> str | None:
        return next((lemma for lemma in self.evidence.lemmas[index:] if lemma in self._weighty), None)

    def _stand_ins(self) -> Iterator[int]:
        """Where what may stand for a name ends."""
        for index, token in enumerate(self.evidence.tokens):
            if token.surface.lower() in _PRONOUNS:
                yield index + 1
        for match in _STANDING_FOR.finditer(self.evidence.text):
            yield next((i for i, token in enumerate(self.evidence.tokens) if token.start >= match.end()), 0)


def _has(statement: Statement, term: str) -> bool:
    """Whether the text has the word, or has a name of the same root."""
    return term in statement.terms or any(_same_root(term, other) for name in statement.names for other in name.terms)


def _same_root(one: str, other: str) -> bool:
    """Whether two stems name a place and its people: "scotland" and "scottish", but not "alexand" and "alexio"."""
    size = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return size >= 4 and one[size:] in _DEMONYMS and other[size:] in _DEMONYMS
