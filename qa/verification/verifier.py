"""How far cited text supports a sentence. Pure, offline and deterministic.

A sentence is SUPPORTED when no mismatch speaks against it and its words are those of the evidence; what counts as enough
was calibrated. A mismatch decides whatever the words say:

- a number or its unit, a date, a negation, an opposite, roles or places that were swapped, or a name that is nowhere in
  the passage: UNSUPPORTED;
- a name that stands elsewhere in the passage but not in the evidence, or is more special than the evidence's ("ISIS-K"
  where it has "ISIS"), or words that are all there but nowhere near each other: PARTIAL at best.

The score of a sentence without mismatches is the probability that it is supported, by the share of its words, names and
numbers that the evidence has and, where it is known, the similarity of the two.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from qa.calibration import Logistic
from qa.models import Support
from qa.polarity import Polarity
from qa.verification.binding import misdirected, swapped_roles, worst_binding
from qa.verification.names import Found, NameCheck, Setting
from qa.verification.negation import negation_clash
from qa.verification.quantities import Date, Quantity
from qa.verification.statement import Reader, Statement
from vectorstore.analysis import Analyser, normalise, stem
from vectorstore.dates import PartialDate
from vectorstore.models import Evidence
from vectorstore.structure import split_sentences

# Fitted on pairs made from SQuAD 2.0: `python -m tests.benchmarks.verification`. The second where the cosine similarity of
# the sentence and its evidence is known.
SUPPORT = Logistic(-3.01, {"recall": 4.78})
SUPPORT_WITH_SIMILARITY = Logistic(-4.55, {"recall": 3.68, "similarity": 3.43})
SUPPORTED_FROM = 0.65
PARTIAL_FROM = 0.3
MISPLACED_FROM = 0.25
# The score of a sentence with a mismatch is not above this.
MISMATCH_SCORE = 0.1


class Mismatch(StrEnum):
    """What speaks against a sentence, beyond words that its evidence lacks."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    NEGATION = "negation"
    OPPOSITE = "opposite"
    ROLE = "role"
    MISPLACED = "misplaced"
    NAME_ELSEWHERE = "name_elsewhere"
    SCATTERED = "scattered"
    WORDS = "words"

    @property
    def decisive(self) -> bool:
        return self not in (Mismatch.NAME_ELSEWHERE, Mismatch.SCATTERED, Mismatch.WORDS)


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

# Words that only report, or say that something was so: an answer may have them where its evidence has not.
_LIGHT = frozenset(
    map(
        stem,
        "say said report state note mention article write accord publish describe explain take place happen occur become "
        "group organisation organization movement branch".split(),
    )
)
_SAME_SIDE, _SAME_BEGINNING = 0.8, 0.7
# Words that belong together are at most this far apart, counted in content words, names and numbers of one sentence.
_NEAR = 4


# What may stand between names that are listed, and up to how many a reader counts.
_ENOUGH_WORDS = 0.7
_SAME_IN_OTHER_WORDS = 0.75
_IN_LIST = re.compile(r",|,? and |,? or |, ")
_COUNTED = 10


class Verifier:
    """Compares sentences with their evidence. Texts that it has read are kept for a while."""

    def __init__(self, analyser: Analyser, polarity: Polarity | None = None) -> None:
        self._analyser = analyser
        self._polarity = polarity or Polarity.load()
        self.read = Reader(analyser, self._polarity).read

    def verify(
        self,
        claim: str,
        spans: Sequence[str | Evidence],
        settings: Sequence[Setting] = (),
        similarity: float | None = None,
    ) -> Verdict:
        """The verdict on a sentence by all its cited spans together; ``settings`` are those of the spans.

        ``similarity`` is the cosine of the two embeddings.
        """
        texts = [span if isinstance(span, str) else span.text for span in spans]
        if not texts:
            return NOTHING_CITED
        sentences = (text[start:end] for text in texts for start, end in split_sentences(text))
        if any(_plain(claim) == _plain(text) for text in (*texts, *sentences)):
            return VERBATIM
        stated, evidence = self.read(claim), self.read("\n".join(texts))
        mismatches, missing = self._compare(stated, evidence, settings)
        if similarity is None or similarity < _SAME_IN_OTHER_WORDS:
            words = self._words_found(stated, evidence)
            if sum(words) < _ENOUGH_WORDS * len(words):
                mismatches.append(Mismatch.WORDS)
        if any(f" {_plain(claim)} " in f" {_plain(text)} " for text in texts):
            score = 1.0
        else:
            score = score_of(self.recall(stated, evidence), similarity)
        absent = [stated.tokens[index].surface for index in stated.content if self._match(stated, index, evidence) == 0]
        return _verdict(score, (*missing, *absent), tuple(dict.fromkeys(mismatches)))

    def recall(self, claim: Statement, evidence: Statement) -> float:
        """The share of the claim's words, names and numbers that the evidence has; 1 where it has none."""
        found = self._words_found(claim, evidence)
        # Those that the evidence lacks are mismatches, or stand for something in it.
        found += [1.0] * (len(claim.names) + len(claim.quantities))
        return sum(found) / len(found) if found else 1.0

    def _words_found(self, claim: Statement, evidence: Statement) -> list[float]:
        return [
            self._match(claim, index, evidence)
            for index in claim.content
            if claim.lemmas[index] not in _LIGHT or claim.lemmas[index] in evidence.terms
        ]

    def _match(self, claim: Statement, index: int, evidence: Statement) -> float:
        """How well the evidence has a word of the claim, in [0, 1]."""
        lemma = claim.lemmas[index]
        if lemma in evidence.terms:
            return 1.0
        for hit in claim.hits:
            if hit.first <= index < hit.last:
                sides = {other.side for other in evidence.hits if other.group == hit.group}
                # Evidence that has both sides of a group says neither.
                if sides == {hit.side}:
                    return _SAME_SIDE
        if any(_same_beginning(lemma, evidence.lemmas[other]) for other in evidence.content):
            return _SAME_BEGINNING
        return 0.0

    def _compare(
        self, claim: Statement, evidence: Statement, settings: Sequence[Setting]
    ) -> tuple[list[Mismatch], list[str]]:
        """What speaks against the claim, and the words that do."""
        found: list[tuple[Mismatch, str]] = []
        published = [setting.published for setting in settings if setting.published]
        for number in claim.quantities:
            if number.firm and not _has_number(number, claim, evidence, published):
                written = claim.text[claim.tokens[number.first].start : claim.tokens[number.last - 1].end]
                found.append((Mismatch.DATE if number.is_year else Mismatch.NUMBER, written))
        if any(not _has_date(date, evidence, published) for date in claim.dates):
            found.append((Mismatch.DATE, ""))
        found += self._names(claim, evidence, settings)
        if denied := negation_clash(claim, evidence):
            found.append((Mismatch.NEGATION, denied))
        own = [hit for hit in claim.hits if not set(claim.lemmas[hit.first : hit.last]) <= evidence.terms]
        if opposite := self._polarity.opposed_hits(own, evidence.hits, contextual=True):
            found.append((Mismatch.OPPOSITE, opposite[0]))
        if actor := swapped_roles(claim, evidence):
            found.append((Mismatch.ROLE, actor))
        excess, misplaced = worst_binding(claim, evidence)
        if excess > MISPLACED_FROM:
            found.append((Mismatch.MISPLACED, misplaced))
        if target := misdirected(claim, evidence):
            found.append((Mismatch.MISPLACED, target))
        if _scattered(claim, evidence):
            found.append((Mismatch.SCATTERED, ""))
        return [mismatch for mismatch, _ in found], [words for _, words in found if words]

    def _names(
        self, claim: Statement, evidence: Statement, settings: Sequence[Setting]
    ) -> Iterator[tuple[Mismatch, str]]:
        titles = "\n".join(setting.titles for setting in settings)
        check = NameCheck(
            self._analyser,
            evidence,
            publisher=self.read("\n".join(setting.publisher for setting in settings)),
            titles=self.read(titles),
            before=self.read("\n".join([titles, *(setting.before for setting in settings)])),
            around=self.read("\n".join(setting.around for setting in settings)),
        )
        for name in claim.names:
            place = check.find(claim, name)
            if place in (Found.NOWHERE, Found.ELSEWHERE):
                written = claim.text[claim.tokens[name.first].start : claim.tokens[name.last - 1].end]
                yield (Mismatch.NAME if place is Found.NOWHERE else Mismatch.NAME_ELSEWHERE), written


def score_of(recall: float, similarity: float | None) -> float:
    """The probability of support, for a sentence without mismatches."""
    if similarity is None:
        return SUPPORT.probability({"recall": recall})
    return SUPPORT_WITH_SIMILARITY.probability({"recall": recall, "similarity": similarity})


def _verdict(score: float, missing: Sequence[str], mismatches: tuple[Mismatch, ...]) -> Verdict:
    likeness = score
    if any(mismatch.decisive for mismatch in mismatches):
        return Verdict(Support.UNSUPPORTED, min(score, MISMATCH_SCORE), likeness, tuple(missing), mismatches)
    if mismatches:
        score = min(score, SUPPORTED_FROM - 0.01)
    if score >= SUPPORTED_FROM:
        support = Support.SUPPORTED
    else:
        support = Support.PARTIAL if score >= PARTIAL_FROM else Support.UNSUPPORTED
    return Verdict(support, score, likeness, tuple(missing), mismatches)


def _plain(text: str) -> str:
    return normalise(text).strip(" .!?\"'").casefold()


def _has_number(number: Quantity, claim: Statement, evidence: Statement, published: Sequence[PartialDate]) -> bool:
    if any(number.agrees(other) for other in evidence.quantities):
        return True
    if number.is_year:
        # The article's own year: where the evidence names no year, or the claim also has the one that it names.
        free = not evidence.years or bool(evidence.years & claim.years)
        return free and any(date.year == number.value for date in published)
    if number.unit == "" and number.value <= _COUNTED and number.value in _lists(evidence):
        return True
    # The day of a date goes with its month.
    return any(date.day == number.value and _has_date(date, evidence, published) for date in claim.dates)


def _lists(statement: Statement) -> frozenset[int]:
    """How many names stand in each list of the text, such as "Sari Pul, Faryab and Jowzjan"."""
    sizes, size = set(), 1
    for one, other in pairwise(statement.names):
        between = statement.text[statement.tokens[one.last - 1].end : statement.tokens[other.first].start]
        size = size + 1 if _IN_LIST.fullmatch(between) else 1
        sizes.add(size)
    return frozenset(sizes)


def _has_date(date: Date, evidence: Statement, published: Sequence[PartialDate]) -> bool:
    if _is_publication(date, published):
        return True
    same_month = [other for other in evidence.dates if other.month == date.month]
    return bool(same_month) and not all(date.contradicts(other) for other in same_month)


def _is_publication(date: Date, published: Sequence[PartialDate]) -> bool:
    return any(
        day.precision != "year"
        and day.earliest().month == date.month
        and date.year in (None, day.year)
        and (date.day is None or (day.precision == "day" and day.earliest().day == date.day))
        for day in published
    )


def _scattered(claim: Statement, evidence: Statement) -> bool:
    """Whether no two neighbouring words of the claim stand near each other in the evidence, though it has them."""
    places: dict[str, list[int]] = {}
    for place, index in enumerate(evidence.keys):
        places.setdefault(evidence.lemmas[index], []).append(place)
    words = list(dict.fromkeys(claim.lemmas[index] for index in claim.keys if claim.lemmas[index] in places))
    near = [
        any(
            abs(a - b) <= _NEAR and evidence.sentence[evidence.keys[a]] == evidence.sentence[evidence.keys[b]]
            for a in places[one]
            for b in places[other]
        )
        for one, other in pairwise(words)
    ]
    return bool(near) and not any(near)


def _same_beginning(one: str, other: str) -> bool:
    """Whether one stem goes on where the other ends: "organ" and "organis", but not "respond" and "respons"."""
    return min(len(one), len(other)) >= 5 and (one.startswith(other) or other.startswith(one))
