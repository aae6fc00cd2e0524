"""Which sentences of the retrieved passages bear on a question, how well, and what speaks against them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache

import numpy as np

from qa.answer_kind import fits_kind
from qa.attribution import naming_sentence, speaker
from qa.calibration import RELEVANCE
from qa.candidate import Candidate, Objection, turn_after
from qa.heard import Heard, Listener, either, marks, standing_for
from qa.polarity import Polarity
from qa.premise import Against, Premise
from qa.question import Kind, QuestionAnalysis, surnames
from qa.signals import (
    adjacent,
    after_numbers,
    before_agent,
    contrasts,
    counts_others,
    counts_those_before,
    lacks_cause,
    only_asks,
    other_event,
    read_focus,
    refers_back,
    roles_held,
    states_something,
    weigh,
)
from qa.synonyms import Synonyms
from qa.time_and_place import elsewhere, fits_years
from vectorstore.analysis import Analyser, Token, numbers, stem
from vectorstore.lexicon import Lexicon
from vectorstore.models import Evidence, Passage, Vector
from vectorstore.preparing import context_of


class EvidenceScorer:
    """Scores every sentence of the passages."""

    def __init__(self, analyser: Analyser, lexicon: Lexicon, polarity: Polarity) -> None:
        self._analyser = analyser
        self._lexicon = lexicon
        self._synonyms = Synonyms.load()
        self._polarity = polarity
        # A question meets the same sentences again and again.
        self._said = lru_cache(maxsize=20_000)(self._read)
        self._premise = Premise(analyser, lexicon, polarity, self._synonyms)

    def score(
        self, question: QuestionAnalysis, vector: Vector, query: Vector, passages: Sequence[Passage]
    ) -> list[Candidate]:
        """All sentences, the most relevant first; the same words twice count once.

        ``vector`` is the question's by the encoder of the sentences, ``query`` by that of questions.
        """
        reading = (self._analyser, self._lexicon, self._synonyms, self._polarity)
        scoring = _Scoring(question, vector, query, *reading, passages, self._said)
        found: dict[str, Candidate] = {}
        for passage in passages:
            for candidate in scoring.of_passage(passage):
                key = " ".join(token.term for token in candidate.tokens)
                if key not in found or candidate.relevance > found[key].relevance:
                    found[key] = candidate
        return sorted(found.values(), key=lambda item: (-item.relevance, item.passage.article.id, item.evidence.start))

    def _read(self, text: str) -> tuple[str, ...]:
        """The terms of the text, the meanings in it, and the pairs of opposites of which it takes a side."""
        tokens = self._analyser.tokens(text)
        return (*self._analyser.terms(text, parts=True), *marks(tuple(tokens), self._synonyms, self._polarity))

    def contradicts(self, question: QuestionAnalysis, candidate: Candidate, how: Against) -> bool:
        """Whether the sentence stands against the question in that way.

        A sentence that follows and turns round ("But their efforts failed") is read with it, for what is taken for
        granted.
        """
        text = candidate.evidence.line
        if how is Against.FLATLY:
            return self._premise.flatly(question, text, touches=candidate.recall >= _TOUCHES)
        if how is Against.OTHERWISE:
            return self._premise.otherwise(question, text, alike=candidate.recall >= _ALIKE)
        turn = turn_after(candidate)
        return self._premise.contradicted(question, text if turn is None else f"{text} {turn.line}")


class _Scoring:
    """One question over its passages; holds what is worked out once."""

    def __init__(
        self,
        question: QuestionAnalysis,
        vector: Vector,
        query: Vector,
        analyser: Analyser,
        lexicon: Lexicon,
        synonyms: Synonyms,
        polarity: Polarity,
        passages: Sequence[Passage],
        said: Callable[[str], tuple[str, ...]],
    ) -> None:
        self._question = question
        self._passages = passages
        self._said = said
        # Several passages of an article ask for the same sentences.
        self._hear = cache(lambda part: self._heard(said(part.line)))
        self._synonyms = synonyms
        self._focus = read_focus(question, synonyms)
        self._vector = vector
        self._beyond = query - vector
        parts = [part for passage in passages for part in passage.sentences if states_something(part.line)]
        similar = [float(part.vector @ vector) for part in parts]
        self._usual, self._spread = (float(np.mean(similar)), float(np.std(similar))) if similar else (0.0, 0.0)
        self._analyser = analyser
        self._glossary = analyser.glossary
        self._weights = weigh(lexicon.rarity(question.terms))
        self._asked = dict.fromkeys((*question.terms, *question.names, *question.head, *self._focus.relation))
        # "Kabul" also stands in "the Kabul government", which is an entity of its own.
        self._spelt = {token.term[1:]: {stem(token.surface.lower())} for token in question.tokens if token.is_entity}
        self._standing = {entity_id: standing_for(entity_id, self._glossary) for entity_id in question.entities}
        self._roles = list(roles_held(question.tokens))
        self._surnames = surnames(question)
        there: dict[str, str] = {}
        for passage in passages:
            there |= analyser.words(passage.chunk.text)
            there |= analyser.words(_setting(passage))
        alike = lexicon.likeness(
            {term: word for term, word in analyser.words(question.text).items() if term in self._weights}, there
        )
        self._listener = Listener(question.tokens, synonyms, polarity, alike, analyser.glossary)

    def of_passage(self, passage: Passage) -> list[Candidate]:
        setting = self._heard(self._analyser.terms(_setting(passage), parts=True))
        own = [self._hear(part) for part in passage.sentences]
        named = self._names_present(either(setting, *own, *self._above(passage)))
        return [
            self._of_sentence(passage, number, own, setting, named)
            for number, part in enumerate(passage.sentences)
            if states_something(part.line)
        ]

    def _above(self, passage: Passage) -> Iterator[Heard]:
        """What its article says above the passage, as far as that was retrieved: it names in full only once."""
        for other in self._passages:
            if other.article.id == passage.article.id and other.chunk.start < passage.chunk.start:
                yield from map(self._hear, other.sentences)

    def _of_sentence(
        self, passage: Passage, number: int, heard: Sequence[Heard], setting: Heard, named: bool
    ) -> Candidate:
        question, part = self._question, passage.sentences[number]
        tokens = tuple(self._analyser.tokens(part.line))
        own = heard[number]
        with_before = either(own, heard[number - 1]) if number else own
        with_after = either(own, heard[number + 1]) if number + 1 < len(heard) else own
        near = either(with_before, setting)
        similarity = float(part.vector @ self._vector)
        relation = self._focus.relation
        earlier = either(*heard[max(0, number - 2) : number]).present
        other = self._focus.counts and other_event(self._focus, tokens, self._synonyms, earlier)
        lacks = (
            not (fits_kind(question, part.line, tokens, self._glossary) or self._is_spoken(passage, part))
            or (other and bool(self._focus.events))
            or self._counts_others(tokens)
        )
        back = refers_back(part.line)
        preceding = passage.sentences[number - 1] if number else part
        referred = float(preceding.vector @ self._vector) if number and (back or only_asks(preceding.line)) else 0.0
        named_here = self._identified(own)
        scored = {
            "similarity": similarity,
            "query": float(part.vector @ self._beyond),
            "stands": (similarity - self._usual) / self._spread if self._spread else 0.0,
            "passage": passage.dense,
            "near": self._recall(near),
            "relation": self._recall(own, relation),
            "relation_before": self._recall(with_before, relation),
            "relation_after": self._recall(with_after, relation),
            "lacks_relation": self._missing(near, relation),
            "says_other": self._missing(own, relation) * question.yes_no,
            "entities": self._entities(own),
            "adjacent": adjacent(question.terms, self._said(part.line)),
            "lacks_number": float(lacks and question.kind in (Kind.NUMBER, Kind.SHARE, Kind.MONEY)),
            "lacks_date": float(lacks and question.kind is Kind.DATE),
            "lacks_quantity": float(self._focus.quantity and question.kind is Kind.OTHER and not numbers(tokens)),
            "lacks_cause": float(lacks_cause(self._focus, part.line)),
            "other_event": float(other),
            "unbound": float(self._unbound(tokens)),
            "agent": float(self._names_agent(tokens)),
            "refers_back": float(back),
            "spoken": float(self._spoken(passage, part)),
            "identifies": float(self._focus.identity and named_here),
            "referred": referred,
            "acts": float(self._acts(own)),
            "contrasts": float(self._names_two(own) and contrasts(self._focus, part.line)),
            "length": min(len(own.present), 40) / 40,
        }
        objections: set[Objection] = set()
        if lacks:
            objections.add(Objection.KIND)
        if not fits_years(question, passage, number):
            objections.add(Objection.YEAR)
        before = self._analyser.tokens(passage.sentences[number - 1].line) if number else ()
        if elsewhere(question.tokens, tokens, before, self._glossary):
            objections.add(Objection.PLACE)
        if any(value not in numbers(tokens) and f"{value:g}" not in near.present for value in question.numbers):
            objections.add(Objection.NUMBER)
        in_setting = either(own, setting)
        counted = near if self._focus.counts and counts_those_before(tokens) else in_setting
        if (
            not named
            or self._beside_topic(in_setting, near)
            or self._roles_of_others(tokens)
            or (self._focus.identity and not named_here)
            or not all(self._stands(term, counted) for term in question.head)
        ):
            objections.add(Objection.NAME)
        elif not self._names_present(near):
            objections.add(Objection.FAR)
        return Candidate(
            evidence=part,
            passage=passage,
            tokens=tokens,
            relevance=RELEVANCE.logit(scored),
            recall=scored["near"],
            covered=frozenset(term for term in question.terms if near.says(term) >= 0.5),
            objections=frozenset(objections),
            features=scored,
        )

    def _heard(self, terms: Iterable[str]) -> Heard:
        present = frozenset(terms)
        likeness = {term: self._listener.likeness(term, present) for term in self._asked}
        return Heard(present, {term: value for term, value in likeness.items() if value})

    def _missing(self, heard: Heard, terms: Sequence[str]) -> float:
        """How rare the rarest of the terms is that is not present; in [0, 1], 1 for the question's rarest term."""
        most = max(self._weights.values(), default=0.0)
        absent = [self._weights.get(term, 0.0) * (1 - heard.says(term)) for term in terms]
        return max(absent, default=0.0) / most if most else 0.0

    def _entities(self, heard: Heard) -> float:
        """Share of the entities in the question that are present; a half where it names none."""
        there = sum(not terms.isdisjoint(heard.present) for terms in self._standing.values())
        return there / len(self._standing) if self._standing else 0.5

    def _names_two(self, heard: Heard) -> bool:
        return len(self._standing) > 1 and self._entities(heard) == 1

    def _names_agent(self, tokens: Sequence[Token]) -> bool:
        verb = self._focus.verb
        return verb is not None and any(
            self._listener.likeness(verb, self._scope((token,))) >= 0.5 for token in before_agent(tokens)
        )

    def _acts(self, own: Heard) -> bool:
        """Whether the one whose deed is asked about is named here, and the deed."""
        actor, deed = self._focus.actor, self._focus.deed
        return actor is not None and deed is not None and own.says(deed) >= 0.5 and self._stands(actor, own)

    def _unbound(self, tokens: tuple[Token, ...]) -> bool:
        """Whether what is counted is named, and no number of the sentence stands before a word for it."""
        counted = self._focus.counted
        beside = [self._scope(after) for after in after_numbers(tokens)] if counted else []
        return bool(counted) and not any(
            all(self._listener.likeness(term, scope) >= 0.5 for term in counted) for scope in beside
        )

    def _counts_others(self, tokens: tuple[Token, ...]) -> bool:
        """Whether the numbers of the sentence count those of other names than the one whose people are counted."""
        asked = next((self._standing[term[1:]] for term in self._question.head if term[1:] in self._standing), None)
        return self._focus.counts and asked is not None and counts_others(self._focus, tokens, asked, self._synonyms)

    def _spoken(self, passage: Passage, part: Evidence) -> bool:
        """Whether what somebody has said is asked for, and this is said by the one whom the question names first."""
        if not (self._focus.saying and self._question.entities):
            return False
        named = set(self._analyser.terms(speaker(passage, part) or ""))
        return not self._standing[self._question.entities[0]].isdisjoint(named)

    def _roles_of_others(self, tokens: Sequence[Token]) -> bool:
        """Whether the sentence speaks of another's leader than the one whose leader is asked about."""
        there = list(roles_held(tokens))
        return any(
            role in {other for other, _ in there}
            and not any(other == role and self._is_holder(asked, holder) for other, holder in there)
            for role, asked in self._roles
        )

    def _is_holder(self, asked: str, there: str) -> bool:
        return there == asked or there in self._standing.get(asked[1:], frozenset())

    def _beside_topic(self, *heard: Heard) -> bool:
        """Whether somebody is asked to have spoken about something of which nothing is said here."""
        topic = self._focus.topic if self._focus.saying else ()
        return bool(topic) and not any(self._stands(term, each) for term in topic for each in heard)

    def _is_spoken(self, passage: Passage, part: Evidence) -> bool:
        """Whether the one who said something is asked for, and these are the words of one named before: "he said"."""
        return self._focus.speaker and naming_sentence(passage, part) is not None

    def _scope(self, tokens: tuple[Token, ...]) -> set[str]:
        return {token.term for token in tokens} | set(self._synonyms.marks(tokens))

    def _recall(self, heard: Heard, terms: Sequence[str] | None = None) -> float:
        """Share of the terms (or of all the question's) that are present, in these or in similar words.

        Weighted by rarity; in [0, 1]; a half where there are no such terms.
        """
        weights = self._weights if terms is None else {term: self._weights.get(term, 0.0) for term in terms}
        total = sum(weights.values())
        if not total:
            return 0.0 if terms is None else 0.5
        return sum(weight * heard.says(term) for term, weight in weights.items()) / total

    def _names_present(self, heard: Heard) -> bool:
        """Whether every name in the question stands there."""
        known = all(
            bool(self._spelt[entity_id] & heard.present) or not terms.isdisjoint(heard.present)
            for entity_id, terms in self._standing.items()
        )
        return known and all(self._listener.named(name, heard) for name in self._surnames)

    def _identified(self, heard: Heard) -> bool:
        """Whether all that the question names stands there itself, not as a part or a branch of it."""
        entities = all(
            f"@{each}" in heard.present or self._spelt[each] & heard.present for each in self._question.entities
        )
        return entities and all(self._listener.named(name, heard) for name in self._surnames)

    def _stands(self, term: str, heard: Heard) -> bool:
        """Whether a term of the question's head is said; "ISIS" stands for its branch, which articles call so."""
        return heard.says(term) >= 0.5 or not self._standing.get(term[1:], frozenset()).isdisjoint(heard.present)


# The share of a question's terms from which a sentence is alike but for what it says otherwise. Chosen on SQuAD 2.0's
# dev part (opposites stop 44 wrong answers and one right one) and the dev split (none).
_ALIKE = 0.8
# And that from which it touches on the question.
_TOUCHES = 0.4


def _setting(passage: Passage) -> str:
    """What a sentence is read in: title, heading, and who published it when."""
    article = passage.article
    published = article.published.spoken() if article.published else ""
    return "\n".join(filter(None, (context_of(article, passage.chunk), article.publisher, article.origin, published)))
