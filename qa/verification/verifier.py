"""How far cited text supports a sentence.

A sentence is SUPPORTED when nothing speaks against it and its words are those of the evidence; how many are enough was
calibrated. A mismatch decides whatever else the words say:

- a number or its unit, a date, a negation, an opposite, actors or numbers in each other's place, or a name that is
  nowhere in the passage: UNSUPPORTED;
- a name that stands elsewhere in the passage but not in the evidence, or is more special than the evidence's ("ISIS-K"
  where it has "ISIS"), words that are all there but nowhere near each other, or too few of them: PARTIAL at best.

The score of a sentence without a mismatch is the probability that it is supported, by the share of its words, names and
numbers that the evidence has and, where it is known, the similarity of the two.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from qa.calibration import Logistic
from qa.models import Support
from qa.polarity import Polarity
from qa.verification.binding import misdirected, swapped_roles, worst_binding
from qa.verification.edits import Edits
from qa.verification.figures import has_date, has_number
from qa.verification.names import Found, NameCheck, Setting
from qa.verification.negation import negation_clash
from qa.verification.statement import Reader, Statement
from qa.verification.synonyms import SYNONYMS, alike
from vectorstore.analysis import Analyser, normalise, stem
from vectorstore.models import Evidence
from vectorstore.structure import split_sentences

# Fitted on claims made from SQuAD 2.0's questions by `python -m tests.benchmarks.verification`; the second is for where
# the cosine of the two embeddings is known. SUPPORTED_FROM is above the point of fewest errors, since a claim wrongly
# called supported does more harm: of those made from held-back articles' questions and called so, 0.85 are right, with
# the cosine or without.
SUPPORT = Logistic(-3.02, {"recall": 4.63})
SUPPORT_WITH_SIMILARITY = Logistic(-5.38, {"recall": 2.95, "similarity": 5.33})
SUPPORTED_FROM = 0.65
PARTIAL_FROM = 0.3
# The score of a sentence with a mismatch that decides is not above this.
MISMATCH_SCORE = 0.1
MISPLACED_FROM = 0.25
# The share of its content words that the evidence must have, unless the two are as similar as this.
ENOUGH_WORDS = 0.7
SAME_IN_OTHER_WORDS = 0.75
# As similar as this, a word in the place of another is a synonym: three of four are. One of five others passes too.
SAME_MEANING = 0.97

# Words that only report, or say that something was so, or what kind of thing a name is: an answer may have them where
# its evidence has not.
_LIGHT = frozenset(
    map(
        stem,
        "say said report state note mention article write accord publish describe explain take place happen occur "
        "become like group organisation organization movement branch people person man woman".split(),
    )
)
# "Yes" and "no" answer a question; what they say without it cannot be compared.
_ANSWERING = re.compile(r"^\s*(?:yes|no)\s*[,:;.–—-]\s*", re.IGNORECASE)
# Nor does what only says that an article says it.
_FRAMING = re.compile(
    r"^\s*(?:according to (?:the|this|an|one) (?:article|passage|report|text|source)s?,|(?:the|this|an|one) (?:article|"
    r"passage|report|text|source) (?:says|said|states|stated|reports|reported|notes|noted|mentions) that|it (?:is|was) "
    r"(?:said|stated|reported|noted) that)\s+",
    re.IGNORECASE,
)
# What a word counts that has the same meaning in qa/opposites.toml, or a stem that goes on where the other ends.
_SAME_SIDE, _SAME_BEGINNING = 0.8, 0.7
# Words that belong together are at most this far apart, counted in content words, names and numbers of one sentence.
_NEAR = 4


class Mismatch(StrEnum):
    """What speaks against a sentence."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    NEGATION = "negation"
    OPPOSITE = "opposite"
    ROLE = "role"
    MISPLACED = "misplaced"
    NAME_ELSEWHERE = "name_elsewhere"
    COUNTED = "counted"
    ADDED = "added"
    REPLACED = "replaced"
    SCATTERED = "scattered"
    WORDS = "words"

    @property
    def decisive(self) -> bool:
        """Whether a sentence with it is UNSUPPORTED, not only PARTIAL at best."""
        return self not in (
            Mismatch.NAME_ELSEWHERE,
            Mismatch.COUNTED,
            Mismatch.ADDED,
            Mismatch.REPLACED,
            Mismatch.SCATTERED,
            Mismatch.WORDS,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far a sentence is supported.

    ``score`` is in [0, 1]; ``likeness`` what it would be without mismatches: how much the two are about the same.
    ``missing`` is what the sentence says and its evidence does not, as written.
    """

    support: Support
    score: float
    likeness: float = 0.0
    missing: tuple[str, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()


NOTHING_CITED = Verdict(Support.UNSUPPORTED, 0.0)
VERBATIM = Verdict(Support.SUPPORTED, 1.0, 1.0)


class Verifier:
    """Compares sentences with their evidence. Texts that it has read are kept for a while."""

    def __init__(self, analyser: Analyser, polarity: Polarity | None = None) -> None:
        self._analyser = analyser
        self._polarity = polarity or Polarity.load()
        self.read = Reader(analyser, self._polarity).read
        self._matches = lru_cache(maxsize=256)(self._match_all)

    def verify(
        self,
        claim: str,
        spans: Sequence[str | Evidence],
        settings: Sequence[Setting] = (),
        similarity: float | None = None,
    ) -> Verdict:
        """The verdict on a sentence by all its cited spans together; ``settings`` are those of the spans.

        A sentence of a span, word for word, is SUPPORTED with 1.0; so is a part of one, unless it was cut out of a
        negation. ``similarity`` is the cosine of the two embeddings.
        """
        texts = [span if isinstance(span, str) else span.text for span in spans]
        claim = _FRAMING.sub("", _ANSWERING.sub("", claim))
        words, stated = _plain(claim), self.read(claim)
        if not texts or not stated.keys:
            return NOTHING_CITED
        if any(words in _plain_parts(text) for text in texts):
            return VERBATIM
        evidence = self.read("\n".join(texts))
        if any(f" {words} " in f" {_plain(text)} " for text in texts):
            score = 1.0
            # "The Taliban." says nothing by itself.
            thin = len(stated.keys) < 2
        else:
            score = score_of(self.recall(stated, evidence), similarity)
            in_other_words = (similarity or 0.0) >= SAME_IN_OTHER_WORDS
            thin = not stated.content or (not in_other_words and self._lacks_words(stated, evidence))
        found = list(self._mismatches(stated, evidence, settings))
        # What is about something else is unsupported however its words stand; most of what is looked at is.
        if score >= PARTIAL_FROM:
            found += self._rearranged(stated, evidence)
        if (similarity or 0.0) >= SAME_MEANING:
            found = [(mismatch, word) for mismatch, word in found if mismatch is not Mismatch.REPLACED]
        if thin:
            found.append((Mismatch.WORDS, ""))
        matches = self._matches(stated, evidence)
        absent = [stated.tokens[index].surface for index in stated.content if not matches[index]]
        return _verdict(
            score,
            missing=tuple(dict.fromkeys([*(word for _, word in found if word), *absent])),
            mismatches=tuple(dict.fromkeys(mismatch for mismatch, _ in found)),
        )

    def recall(self, claim: Statement, evidence: Statement) -> float:
        """The share of the claim's words, names and numbers that the evidence has.

        A name or a number that it lacks is a mismatch, or the evidence has something that stands for it, so these all
        count as found here.
        """
        found = [*self._weighty_matches(claim, evidence), *[1.0] * (len(claim.names) + len(claim.quantities))]
        return sum(found) / len(found) if found else 1.0

    def _lacks_words(self, claim: Statement, evidence: Statement) -> bool:
        matches = self._weighty_matches(claim, evidence)
        return sum(matches) < ENOUGH_WORDS * len(matches)

    def _weighty_matches(self, claim: Statement, evidence: Statement) -> list[float]:
        return [
            match
            for index, match in self._matches(claim, evidence).items()
            if claim.lemmas[index] not in _LIGHT or claim.lemmas[index] in evidence.terms
        ]

    def _match_all(self, claim: Statement, evidence: Statement) -> dict[int, float]:
        return {index: self._match(claim, index, evidence) for index in claim.content}

    def _match(self, claim: Statement, index: int, evidence: Statement) -> float:
        """How well the evidence has a word of the claim, in [0, 1]."""
        lemma = claim.lemmas[index]
        if lemma in evidence.terms or lemma in evidence.parts:
            return 1.0
        for hit in claim.hits:
            # Evidence that has both sides of a group says neither.
            if hit.first <= index < hit.last and evidence.sides(hit.group) == {hit.side}:
                return _SAME_SIDE
        if not SYNONYMS.get(lemma, frozenset()).isdisjoint(evidence.terms):
            return _SAME_SIDE
        if any(alike(lemma, evidence.lemmas[other]) for other in evidence.content):
            return _SAME_BEGINNING
        return 0.0

    def _mismatches(
        self, claim: Statement, evidence: Statement, settings: Sequence[Setting]
    ) -> Iterator[tuple[Mismatch, str]]:
        """What speaks against the claim, each with the words that do, where there are some."""
        published = [setting.published for setting in settings if setting.published]
        for number in claim.quantities:
            if number.firm and not has_number(number, claim, evidence, published):
                yield (Mismatch.DATE if number.is_year else Mismatch.NUMBER), claim.written(number.first, number.last)
        if not all(has_date(date, evidence, published) for date in claim.dates):
            yield Mismatch.DATE, ""
        yield from self._names(claim, evidence, settings)
        if denied := negation_clash(claim, evidence):
            yield Mismatch.NEGATION, denied
        own = [hit for hit in claim.hits if not set(claim.lemmas[hit.first : hit.last]) <= evidence.terms]
        if opposite := self._polarity.opposed_hits(own, evidence.hits, contextual=True):
            yield Mismatch.OPPOSITE, opposite[0]

    def _rearranged(self, claim: Statement, evidence: Statement) -> Iterator[tuple[Mismatch, str]]:
        """What speaks against the claim by where its words stand."""
        matches = self._matches(claim, evidence)
        edits = Edits(claim, evidence, lambda index: claim.lemmas[index] in _LIGHT or matches[index] > 0)
        yield from self._edited(edits)
        if not edits.only_left_out_or_moved:
            if actor := swapped_roles(claim, evidence):
                yield Mismatch.ROLE, actor
            excess, misplaced = worst_binding(claim, evidence)
            if excess > MISPLACED_FROM:
                yield Mismatch.MISPLACED, misplaced
        if target := misdirected(claim, evidence):
            yield Mismatch.MISPLACED, target
        if _scattered(claim, evidence):
            yield Mismatch.SCATTERED, ""

    @staticmethod
    def _edited(edits: Edits) -> Iterator[tuple[Mismatch, str]]:
        """What speaks against a claim that is its evidence with some words changed."""
        yield from ((Mismatch.NEGATION, word) for word in edits.negations())
        yield from ((Mismatch.OPPOSITE, word) for word in edits.opposites())
        yield from ((Mismatch.MISPLACED, word) for word in (*edits.names(), *edits.numbers(), *edits.borrowed()))
        yield from ((Mismatch.COUNTED, word) for word in edits.counted())
        yield from ((Mismatch.ADDED, word) for word in edits.added())
        yield from ((Mismatch.REPLACED, word) for word in edits.replaced(_LIGHT))

    def _names(
        self, claim: Statement, evidence: Statement, settings: Sequence[Setting]
    ) -> Iterator[tuple[Mismatch, str]]:
        titles = "\n".join(setting.titles for setting in settings)
        check = NameCheck(
            self._analyser.glossary,
            evidence,
            publisher=self.read("\n".join(setting.publisher for setting in settings)),
            titles=self.read(titles),
            before=self.read("\n".join([titles, *(setting.before for setting in settings)])),
            around=self.read("\n".join(setting.around for setting in settings)),
        )
        for name in claim.names:
            match check.find(claim, name):
                case Found.NOWHERE:
                    yield Mismatch.NAME, claim.written(name.first, name.last)
                case Found.ELSEWHERE:
                    yield Mismatch.NAME_ELSEWHERE, claim.written(name.first, name.last)


def score_of(recall: float, similarity: float | None) -> float:
    """The probability of support, for a sentence without a mismatch."""
    if similarity is None:
        return SUPPORT.probability({"recall": recall})
    return SUPPORT_WITH_SIMILARITY.probability({"recall": recall, "similarity": similarity})


def _verdict(likeness: float, *, missing: tuple[str, ...], mismatches: tuple[Mismatch, ...]) -> Verdict:
    score = min(likeness, SUPPORTED_FROM - 0.01) if mismatches else likeness
    support = Support.UNSUPPORTED
    if any(mismatch.decisive for mismatch in mismatches):
        score = min(score, MISMATCH_SCORE)
    elif score >= SUPPORTED_FROM:
        support = Support.SUPPORTED
    elif score >= PARTIAL_FROM:
        support = Support.PARTIAL
    return Verdict(support, score, likeness, missing, mismatches)


@lru_cache(maxsize=4096)
def _plain_parts(text: str) -> frozenset[str]:
    """A text and its sentences, as a claim is compared with them."""
    return frozenset([_plain(text), *(_plain(text[start:end]) for start, end in split_sentences(text))])


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return normalise(text).strip(" .!?\"'").casefold()


def _scattered(claim: Statement, evidence: Statement) -> bool:
    """Whether no two neighbouring words of the claim stand near each other in the evidence, though it has them."""
    places: dict[str, list[int]] = {}
    for place, index in enumerate(evidence.keys):
        places.setdefault(evidence.lemmas[index], []).append(place)
    words = list(dict.fromkeys(claim.lemmas[index] for index in claim.keys if claim.lemmas[index] in places))

    def near(one: int, other: int) -> bool:
        keys, sentence = evidence.keys, evidence.sentence
        return abs(one - other) <= _NEAR and sentence[keys[one]] == sentence[keys[other]]

    pairs = list(pairwise(words))
    return bool(pairs) and not any(near(a, b) for one, other in pairs for a in places[one] for b in places[other])
