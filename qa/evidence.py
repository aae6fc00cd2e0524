"""Which sentences of the retrieved passages bear on a question, how well, and what speaks against them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qa.answer_kind import fits_kind
from qa.calibration import RELEVANCE
from qa.event_time import event_years
from qa.polarity import Polarity
from qa.question import Kind, QuestionAnalysis, months_in
from vectorstore.analysis import Analyser, Token, numbers, stem
from vectorstore.glossary import Entity, Glossary
from vectorstore.lexicon import Lexicon
from vectorstore.models import Evidence, Passage, Vector
from vectorstore.preparing import context_of


class Objection(StrEnum):
    """What speaks against taking a sentence for an answer, however close its words are.

    A name of the question is nowhere in the chunk (NAME), or not beside the sentence (FAR); the sentence is of another
    time (YEAR), lacks a number that the question takes for granted (NUMBER), or holds nothing of the kind asked for.
    """

    NAME = "name"
    FAR = "far"
    YEAR = "year"
    NUMBER = "number"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence with what speaks for and against it.

    ``relevance`` is a logit: above 0, more likely than not to hold the answer. ``covered`` are the question's terms
    that the sentence says in these or in similar words; ``recall`` their share, weighted by rarity.
    """

    evidence: Evidence
    passage: Passage
    tokens: tuple[Token, ...]
    relevance: float
    recall: float
    covered: frozenset[str]
    objections: frozenset[Objection]
    features: Mapping[str, float]


class EvidenceScorer:
    """Scores every sentence of the passages."""

    def __init__(self, analyser: Analyser, lexicon: Lexicon, polarity: Polarity) -> None:
        self._analyser = analyser
        self._lexicon = lexicon
        self._polarity = polarity

    def score(self, question: QuestionAnalysis, vector: Vector, passages: Sequence[Passage]) -> list[Candidate]:
        """All sentences, the most relevant first; the same words twice count once. ``vector`` is the question's."""
        scoring = _Scoring(question, vector, self._analyser, self._lexicon, passages)
        found: dict[str, Candidate] = {}
        for passage in passages:
            for candidate in scoring.of_passage(passage):
                key = " ".join(token.term for token in candidate.tokens)
                if key not in found or candidate.relevance > found[key].relevance:
                    found[key] = candidate
        return sorted(found.values(), key=lambda item: (-item.relevance, item.passage.article.id, item.evidence.start))

    def contradicts(self, question: QuestionAnalysis, candidate: Candidate) -> bool:
        """Whether the sentence says the opposite of what the question takes for granted.

        "Why", "how did" and "when did they confirm" do; "did they confirm it?" does not, and "wiped out or strong?"
        names both sides. A sentence that follows and turns round ("But their efforts failed") is read with it.
        """
        takes_for_granted = question.presupposes or question.kind in (Kind.DATE, Kind.ACTOR)
        if not takes_for_granted or question.yes_no or question.alternatives:
            return False
        said = list(candidate.tokens)
        if (turn := turn_after(candidate)) is not None:
            said += self._analyser.tokens(turn.text)
        return self._polarity.opposed(question.tokens, said) is not None or self._denies(question, said)

    def _denies(self, question: QuestionAnalysis, said: Sequence[Token]) -> bool:
        """Whether the question negates a word that the sentence says without a negation."""
        negates = self._polarity.negates
        denied = [token for index, token in enumerate(question.tokens) if negates(question.tokens, index)]
        denied = [token for token in denied if token.term in question.terms]
        if not denied:
            return False
        affirmed = [token for index, token in enumerate(said) if not token.is_stopword and not negates(said, index)]
        alike = self._lexicon.likeness(_spoken(denied), _spoken(affirmed))
        return any(max(close.values(), default=0.0) >= 0.5 for close in alike.values())


def turn_after(candidate: Candidate) -> Evidence | None:
    """The sentence after it, if that one turns it round: "But their efforts failed"."""
    following = [part for part in candidate.passage.sentences if part.start > candidate.evidence.start][:1]
    return following[0] if following and _TURN.match(following[0].text) else None


def _spoken(tokens: Sequence[Token]) -> dict[str, str]:
    return {token.term: token.surface.lower() for token in tokens if not token.is_number}


class _Scoring:
    """One question over its passages; holds what is worked out once."""

    def __init__(
        self,
        question: QuestionAnalysis,
        vector: Vector,
        analyser: Analyser,
        lexicon: Lexicon,
        passages: Sequence[Passage],
    ) -> None:
        self._question = question
        self._vector = vector
        self._analyser = analyser
        self._glossary = analyser.glossary
        self._weights = lexicon.rarity(question.terms)
        # "Kabul" also stands in "the Kabul government", which is an entity of its own.
        self._spelt = {token.term[1:]: {stem(token.surface.lower())} for token in question.tokens if token.is_entity}
        there: dict[str, str] = {}
        for passage in passages:
            there |= analyser.words(passage.chunk.text) | analyser.words(_setting(passage))
        self._alike = lexicon.likeness(
            {term: word for term, word in analyser.words(question.text).items() if term in self._weights}, there
        )

    def of_passage(self, passage: Passage) -> list[Candidate]:
        terms = [self._analyser.terms(part.text, parts=True) for part in passage.sentences]
        setting = set(self._analyser.terms(_setting(passage), parts=True))
        everything = setting.union(*terms)
        return [self._of_sentence(passage, number, terms, setting, everything) for number in range(len(terms))]

    def _of_sentence(
        self, passage: Passage, number: int, terms: Sequence[Sequence[str]], setting: set[str], everything: set[str]
    ) -> Candidate:
        question, part = self._question, passage.sentences[number]
        tokens = tuple(self._analyser.tokens(part.text))
        own = set(terms[number])
        before = set(terms[number - 1]) if number else set()
        near = own | before | setting
        lacks = not fits_kind(question, part.text, tokens, self._glossary)
        scored = {
            "similarity": float(part.vector @ self._vector),
            "recall": self._recall(own, alike=False),
            "soft_recall": self._recall(own, alike=True),
            "context_recall": self._recall(own | before, alike=True),
            "adjacent": _adjacent(question.terms, terms[number]),
            "lacks_number": float(lacks and question.kind in (Kind.NUMBER, Kind.SHARE, Kind.MONEY)),
            "lacks_date": float(lacks and question.kind is Kind.DATE),
            "lacks_name": float(lacks and question.kind in (Kind.NAME, Kind.ACTOR, Kind.PLACE)),
        }
        objections = set()
        if lacks:
            objections.add(Objection.KIND)
        if not self._fits_years(passage, number):
            objections.add(Objection.YEAR)
        if any(value not in numbers(tokens) and f"{value:g}" not in near for value in question.numbers):
            objections.add(Objection.NUMBER)
        if not self._names_present(everything) or self._likeness_of(question.head, own | setting) < 0.5:
            objections.add(Objection.NAME)
        elif not self._names_present(near):
            objections.add(Objection.FAR)
        return Candidate(
            evidence=part,
            passage=passage,
            tokens=tokens,
            relevance=RELEVANCE.logit(scored),
            recall=self._recall(near, alike=True),
            covered=frozenset(term for term in question.terms if self._likeness(term, near) >= 0.5),
            objections=frozenset(objections),
            features=scored,
        )

    def _likeness(self, term: str, present: set[str]) -> float:
        if term in present:
            return 1.0
        return max((value for word, value in self._alike.get(term, {}).items() if word in present), default=0.0)

    def _likeness_of(self, wanted: Sequence[str], present: set[str]) -> float:
        """That of the worst matched; 1 for nothing wanted."""
        return min((self._likeness(term, present) for term in wanted), default=1.0)

    def _recall(self, present: set[str], *, alike: bool) -> float:
        """Share of the question's terms that are present, weighted by rarity; in [0, 1]."""
        total = sum(self._weights.values())
        if not total:
            return 0.0
        match = self._likeness if alike else lambda term, present: float(term in present)
        return sum(weight * match(term, present) for term, weight in self._weights.items()) / total

    def _names_present(self, scope: set[str]) -> bool:
        """Whether every name in the question stands in the scope."""
        known = all(
            bool(self._spelt[entity_id] & scope)
            or any(_stands_for(term, self._glossary.by_id[entity_id], self._glossary) for term in scope)
            for entity_id in self._question.entities
        )
        return known and all(self._likeness(name, scope) >= 0.5 for name in self._question.names)

    def _fits_years(self, passage: Passage, number: int) -> bool:
        """Whether the sentence can be about the years that the question names.

        Its own times decide, relative ones too ("last year"); without any, those of its neighbours, and the year of publication. Where nothing is
        known, nothing speaks against it.
        """
        asked = set(self._question.years)
        if not asked:
            return True
        if len(asked) == 2 and max(asked) - min(asked) > 1:
            asked = set(range(min(asked), max(asked) + 1))
        text = passage.sentences[number].text
        if self._question.months and (months := months_in(text)) and not set(months) & set(self._question.months):
            return False
        own = event_years(text, passage.article.published)
        if own:
            return bool(own & asked)
        around = passage.sentences[max(0, number - 1) : number + 2]
        known = {year for part in around for year in event_years(part.text, passage.article.published)}
        if passage.article.published:
            known.add(passage.article.published.year)
        return not known or bool(known & asked)


_TURN = re.compile(r"(?:but|however|instead|yet|even so|nevertheless)\b", re.IGNORECASE)


def _setting(passage: Passage) -> str:
    """What a sentence is read in: title, heading, and who published it when."""
    article = passage.article
    published = article.published.spoken() if article.published else ""
    return "\n".join(filter(None, (context_of(article, passage.chunk), article.publisher, article.origin, published)))


def _adjacent(question: Sequence[str], sentence: Sequence[str]) -> float:
    """Share of the question's neighbouring terms that are neighbours in the sentence too."""
    pairs = list(zip(question, question[1:], strict=False))
    there = set(zip(sentence, sentence[1:], strict=False))
    return sum(pair in there for pair in pairs) / len(pairs) if pairs else 0.0


def _stands_for(term: str, entity: Entity, glossary: Glossary) -> bool:
    """Whether an index term names the entity, a part of it or, for a group, what it is a branch of."""
    if not term.startswith("@"):
        return False
    present = glossary.by_id[term[1:]]
    if present.id == entity.id or entity in glossary.ancestors(present):
        return True
    return entity.kind == "group" and present in glossary.ancestors(entity)
