"""Where sources differ on what was asked: the sentences that stand for each position, and the conflict they make."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from qa.alternatives import bears_on, says_both, worth_for
from qa.answer_values import FIGURES, VALUED, Value, category_of, values
from qa.attribution import speaker
from qa.candidate import Candidate, Objection
from qa.extractive import confidence, worth
from qa.models import Citation, Conflict, Position
from qa.polarity import Polarity
from qa.question import Kind, QuestionAnalysis
from qa.time_and_place import elsewhere
from qa.verification import Mismatch, Verifier
from qa.voices import follows, independent, one_a_voice
from vectorstore.analysis import Analyser
from vectorstore.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class ConflictRule:
    """What may stand for a position; chosen on the even questions of RAMDocs, the dev split and SQuAD 2.0's dev part.

    A position's worth is at most ``reach`` less than the best. Where the answer is a figure, a time, a name, or yes or
    no, it would be given as an answer with a confidence of ``answering``, a logit. A sentence with a value says
    ``covered`` of the question's terms and has the value at most ``beside`` tokens from one of them; unless two are
    ``nearly_same``, one with something altered, when it may stand anywhere. What a denial is about says ``recall`` of
    the question, weighted by rarity, and what stands for one of two alternatives ``half`` of its own question, with a
    confidence of ``sided``.

    Two values or answers are opposed when the sentences are ``comparable``. Two sentences contradict each other when
    they are ``same_matter`` alike, share ``same_words`` of the words, and turn them round. ``most`` is how many
    positions are shown.
    """

    reach: float = 5.0
    answering: float = 0.8
    covered: float = 0.6
    recall: float = 0.3
    half: float = 0.5
    sided: float = 0.0
    beside: int = 2
    comparable: float = 0.4
    same_matter: float = 0.6
    same_words: float = 0.6
    nearly_same: float = 0.9
    most: int = 5


CONFLICT = ConflictRule()

# "The Pentagon denied this": what is denied stands in the sentence before.
_DENIAL = re.compile(
    r"\b(?:den(?:y|ies|ied)|reject(?:s|ed)|disput(?:es?|ed)|refut(?:es?|ed)|dismiss(?:es|ed)|"
    r"(?:no|nothing \w+|not) (?:evidence|to corroborate|confirm(?:ed)?|corroborate)|"
    r"(?:could|can|can)(?:not|n['’]t| not) (?:confirm|corroborate|verify))\b[^.]{0,40}?"
    # "Denied that a rocket had come down" says itself what is denied.
    r"\b(?:this|these|those|(?:the|that) (?:reports?|claims?|accounts?|allegations?|accusations?|statement)|"
    r"(?:that|it)(?=\W*$|[.,;]))",
    re.IGNORECASE,
)
# "Puts it at 60", "regards that figure as far too low and speaks of 5,000".
_CORRECTION = re.compile(
    r"\bputs? (?:it|that|them|the (?:figure|number|total|toll|count)) at\b|"
    r"\b(?:that|this|the) (?:figure|number|estimate|count|toll)\b.{0,40}"
    r"\b(?:too (?:low|high)|wrong|exaggerated|inflated)\b|"
    r"\b(?:dispute|contest|reject)\w* (?:that|this|the) (?:figure|number|estimate|count|toll)\b",
    re.IGNORECASE,
)
# What is conceded in passing, "although they gave no name", turns nothing round.
_CONCESSION = re.compile(r",? (?:al|even )?though\b", re.IGNORECASE)
_CONTESTED = re.compile(r"\b(?:really|actually|truly|true|in fact|deserves?|agree|dispute[ds]?)\b", re.IGNORECASE)
_OPPOSED = frozenset({Mismatch.NEGATION, Mismatch.OPPOSITE, Mismatch.ROLE})
# Sentences that share fewer words are not taken for two statements on one matter.
_FEW_WORDS = 4
_AGAINST = frozenset({Objection.NAME, Objection.YEAR, Objection.PLACE, Objection.NUMBER, Objection.KIND})
# What two events in two places may each have one of.
_OF_AN_EVENT = frozenset({Kind.NUMBER, Kind.SHARE, Kind.MONEY, Kind.DATE})


class ConflictFinder:
    """Finds the positions among the sentences of the retrieved passages."""

    def __init__(
        self,
        analyser: Analyser,
        lexicon: Lexicon,
        polarity: Polarity,
        verifier: Verifier,
        rule: ConflictRule = CONFLICT,
    ) -> None:
        self._analyser = analyser
        self._lexicon = lexicon
        self._polarity = polarity
        self._verifier = verifier
        self._rule = rule

    def positions(
        self, question: QuestionAnalysis, candidates: Sequence[Candidate], chosen: Sequence[Candidate]
    ) -> tuple[Candidate, ...]:
        """One sentence for each position, the best first; none where the sources do not differ.

        ``candidates`` are all sentences, ``chosen`` those that an answer cites already: of two that say the same, a
        chosen one stands for the position.
        """
        if not chosen or not candidates:
            return ()
        least = max(worth(item) for item in chosen) - self._rule.reach
        others = sorted((item for item in candidates if item not in chosen), key=worth, reverse=True)
        pool = [*chosen, *(item for item in others if worth(item) >= least)]
        surely = [item for item in pool if _sure(item, candidates) >= self._rule.answering]

        def ways() -> Iterator[Sequence[Candidate]]:
            yield self._by_value(question, surely)
            yield self._by_correction(question, surely, candidates)
            yield self._by_answer(question, surely)
            yield self._by_denial(question, pool, others)

        return next((tuple(found) for found in ways() if len(found) > 1), ())

    def between(self, sides: Sequence[Sequence[Candidate]]) -> tuple[Candidate, ...]:
        """For a question that names two answers: the best sentence for each, from two sources or two speakers.

        ``sides`` are the sentences as each of the two questions finds them, the whole store in both.
        """
        ranked = [sorted(side, key=worth, reverse=True) for side in sides]
        if not all(side and confidence(side) >= self._rule.sided for side in ranked):
            return ()
        first, second = ({place(item): item for item in side} for side in sides)
        named = [{term for item in side for term in item.covered} for side in sides]
        own = [named[0] - named[1], named[1] - named[0]]
        both = [(item, second[key]) for key, item in first.items() if key in second]
        one_sided = [pair for pair in both if not says_both(pair[0], own) and not pair[0].passage.chunk.caption]
        ones = [(worth_for(*pair), pair[0]) for pair in one_sided if bears_on(*pair, own[0])]
        others = [(worth_for(*pair[::-1]), pair[1]) for pair in one_sided if bears_on(*pair[::-1], own[1])]
        best: tuple[float, Candidate, Candidate] | None = None
        for value, one in self._answering(ones, sides[0]):
            for other_value, other in self._answering(others, sides[1]):
                if independent(one, other) and (best is None or value + other_value > best[0]):
                    best = (value + other_value, one, other)
        return best[1:] if best is not None else ()

    def _answering(
        self, found: Sequence[tuple[float, Candidate]], side: Sequence[Candidate]
    ) -> list[tuple[float, Candidate]]:
        """Those that say half of their side's question, and would by themselves be given for its answer."""
        return [
            (value, item)
            for value, item in found
            if item.recall >= self._rule.half and _sure(item, side) >= self._rule.sided
        ]

    def _by_value(self, question: QuestionAnalysis, pool: Sequence[Candidate]) -> list[Candidate]:
        noun = category_of(question)
        if question.kind not in VALUED and noun is None:
            return []
        found: list[tuple[Candidate, tuple[Value, ...]]] = []
        for item in pool:
            if item.objections & _AGAINST or len(item.covered) < self._rule.covered * len(question.terms):
                continue
            said = self._values(question, noun, item)
            if not said or (said[0].distance > self._rule.beside and not self._is_altered(item, pool)):
                continue
            if all(self._rivals(question.kind, item, said, other, there) for other, there in found):
                found.append((item, said))
        return [item for item, _ in found[: self._rule.most]]

    def _is_altered(self, item: Candidate, pool: Sequence[Candidate]) -> bool:
        """Whether another sentence is nearly the same, so that it does not matter where in it a value stands."""
        return any(_alike(item, other) >= self._rule.nearly_same for other in pool if other is not item)

    def _values(self, question: QuestionAnalysis, noun: str | None, item: Candidate) -> tuple[Value, ...]:
        text, published = item.evidence.line, item.passage.article.published
        words = self._analyser.words(text)
        if noun is None:
            counted = None
            if question.head:
                alike = self._lexicon.likeness({term: term for term in question.head}, words)
                counted = {term for close in alike.values() for term, value in close.items() if value >= 0.5}
                counted |= {term for term in question.head if term in words}
            return values(question, text, item.tokens, published, self._analyser.glossary, counted)
        new = {term: word for term, word in words.items() if term not in question.terms}
        alike = self._lexicon.likeness({noun: noun}, new)
        nearest = sorted(alike[noun].items(), key=lambda pair: (-pair[1], pair[0]))
        return tuple(Value(frozenset({term}), rank) for rank, (term, close) in enumerate(nearest) if close >= 0.22)

    def _rivals(
        self, kind: Kind, one: Candidate, said: Sequence[Value], other: Candidate, there: Sequence[Value]
    ) -> bool:
        """Whether two sentences of different voices give answers that cannot both be meant."""
        near = max(said[0].distance, there[0].distance) <= self._rule.beside
        least = self._rule.comparable if near else self._rule.nearly_same
        if _alike(one, other) < least or not independent(one, other):
            return False
        if kind in _OF_AN_EVENT and self._elsewhere(one, other):
            return False  # 14 killed in one town, and 50 in another.
        if any(value.agrees(there[0]) for value in said) or any(value.agrees(said[0]) for value in there):
            altered = [value for value in said if not any(value.agrees(each) for each in there)]
            instead = [value for value in there if not any(value.agrees(each) for each in said)]
            return bool(altered and instead) and _alike(one, other) >= self._rule.nearly_same
        return True

    def _by_correction(
        self, question: QuestionAnalysis, pool: Sequence[Candidate], candidates: Sequence[Candidate]
    ) -> list[Candidate]:
        """A figure, and another that a sentence just behind it puts in its place: "puts it at no more than 60,000"."""
        corrections = [item for item in candidates if _CORRECTION.search(item.evidence.line)]
        for item in pool if question.kind in FIGURES else ():
            said = self._values(question, None, item)
            for other in corrections:
                there = self._figures(question, other) if said and follows(other, item) else ()
                if there and not any(value.agrees(each) for value in there for each in said):
                    return [item, other]
        return []

    def _figures(self, question: QuestionAnalysis, item: Candidate) -> tuple[Value, ...]:
        """Its figures, whatever they count: that stands in the sentence before."""
        return values(
            question, item.evidence.line, item.tokens, item.passage.article.published, self._analyser.glossary
        )

    def _elsewhere(self, one: Candidate, other: Candidate) -> bool:
        pairs = permutations((one.tokens, other.tokens))
        return any(elsewhere(first, second, (), self._analyser.glossary) for first, second in pairs)

    def _by_answer(self, question: QuestionAnalysis, pool: Sequence[Candidate]) -> list[Candidate]:
        """For "is it growing?": a sentence that says so, and one that says the opposite, of the same ones."""
        if not question.yes_no:
            return []
        asked = {hit.group: hit.side for hit in self._polarity.opposites(question.tokens)}
        sides: dict[bool, list[Candidate]] = {True: [], False: []}
        for item in pool if asked else ():
            said = {asked[hit.group] == hit.side for hit in self._polarity.opposites(item.tokens) if hit.group in asked}
            if len(said) == 1 and not item.objections & _AGAINST and self._is_of(question, item):
                sides[said.pop()].append(item)
        pairs = (
            [yes, no]
            for yes in sides[True]
            for no in sides[False]
            if _alike(yes, no) >= self._rule.comparable and independent(yes, no)
        )
        return max(pairs, key=lambda pair: worth(pair[0]) + worth(pair[1]), default=[])

    def _is_of(self, question: QuestionAnalysis, item: Candidate) -> bool:
        """Whether the sentence itself names each group or person of the question, or what that is a part of."""
        glossary = self._analyser.glossary
        families = [self._family(token.term[1:]) for token in item.tokens if token.is_entity]
        return all(
            any(self._family(entity_id) & family for family in families)
            for entity_id in question.entities
            if glossary.by_id[entity_id].kind != "place"
        )

    def _family(self, entity_id: str) -> set[str]:
        glossary = self._analyser.glossary
        return {entity_id, *(above.id for above in glossary.ancestors(glossary.by_id[entity_id]))}

    def _by_denial(
        self, question: QuestionAnalysis, pool: Sequence[Candidate], others: Sequence[Candidate]
    ) -> list[Candidate]:
        """Where a question asks whether something is so: what is denied or said the other way round, and by whom.

        What two sentences that turn each other round differ on is seldom what any other question asks.
        """
        if question.kind in VALUED or not (question.yes_no or _CONTESTED.search(question.text)):
            return []
        near = [item for item in pool if not item.objections & _AGAINST and item.recall >= self._rule.recall]
        for item in (*pool, *others):
            denied = next((each for each in near if item is not each and self._denies(question, item, each)), None)
            if denied is not None:
                least = self._rule.comparable
                alike = [each for each in near if max(_alike(each, item), _alike(each, denied)) >= least]
                return list(one_a_voice([item, denied, *alike], self._rule.most))
        return []

    def _denies(self, question: QuestionAnalysis, item: Candidate, other: Candidate) -> bool:
        # Asked of every pair of sentences: what is dear to find out comes last. What is denied need not stand near all
        # that the question names: the denial names the one who denies it.
        if follows(item, other) and _DENIAL.search(item.evidence.line):
            return True
        return (
            not (item.objections & _AGAINST or Objection.FAR in other.objections)
            and _alike(item, other) >= self._rule.same_matter
            and independent(item, other)
            and all(self._is_of(question, each) for each in (item, other))
            and self._contradicts(item, other)
        )

    def _contradicts(self, item: Candidate, other: Candidate) -> bool:
        """Whether two sentences of much the same words say the opposite, or have the actors in each other's place."""
        terms, there = ({token.term for token in each.tokens if not token.is_stopword} for each in (item, other))
        shared = len(terms & there)
        if shared < _FEW_WORDS or shared < self._rule.same_words * min(len(terms), len(there)):
            return False
        claims = [_CONCESSION.split(each.evidence.line)[0] for each in (item, other)]
        verdict = self._verifier.verify(claims[0], claims[1:])
        return not _OPPOSED.isdisjoint(verdict.mismatches)


def as_conflict(
    question: QuestionAnalysis, positions: Sequence[Candidate], citations: Sequence[Citation]
) -> tuple[Conflict, ...]:
    """The conflict between cited sentences, newest position first; none with fewer than two."""
    cited = {(citation.article_id, citation.start, citation.end): citation for citation in citations}
    stated = [(item, cited[place(item)]) for item in positions if place(item) in cited]
    if len(stated) < 2:
        return ()
    stated.sort(key=lambda pair: (pair[1].published or "", pair[0].passage.article.source), reverse=True)
    return (Conflict(question.text, tuple(Position(_claim(*pair), (pair[1].marker,)) for pair in stated)),)


def _claim(item: Candidate, citation: Citation) -> str:
    source = citation.publisher or "publisher unknown"
    who = speaker(item.passage, item.evidence)
    cites = f", citing {who}" if who and who != source else ""
    return f"{source}, {citation.published or 'date unknown'}{cites}: {' '.join(citation.quote.split())}"


def place(item: Candidate) -> tuple[str, int, int]:
    return item.passage.article.id, item.evidence.start, item.evidence.end


def _sure(item: Candidate, candidates: Sequence[Candidate]) -> float:
    """The confidence that this one of the candidates answers, were it the best; a logit."""
    return confidence([item, *(other for other in candidates if other is not item)])


def _alike(one: Candidate, other: Candidate) -> float:
    return float(one.evidence.vector @ other.evidence.vector)
