"""What was changed where a claim keeps to the words of its evidence: word for word, in order.

Most sentences of an answer are a sentence of an article with something left out, moved or replaced. There the place of
a change tells more than the words of both texts together: "less efficient" for "more efficient" in a sentence that has
"more" elsewhere too.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from qa.verification.binding import key_of
from qa.verification.statement import Name, Statement
from qa.verification.synonyms import alike

# Words of amount and frequency, by what they say.
_DEGREES = {
    word: degree
    for degree, words in {
        "all": "all every each always both entire entirely whole wholly fully",
        "none": "no none never neither nobody nothing",
        "few": "few rarely seldom hardly little minority scarcely",
        "many": "many most often usually much majority mostly frequently numerous commonly",
        "some": "some sometimes several occasionally partly",
        "more": "more over above exceeding",
        "less": "less fewer under below",
    }.items()
    for word in words.split()
}
_BOUNDS = {("at", "least"): "more", ("at", "most"): "less", ("up", "to"): "less"}
# What the claim may say where the evidence says more.
_ENTAILED = frozenset([("some", "all"), ("some", "many"), ("many", "all")])
_MOVABLE = frozenset("in on at during after since until before under by for as to from with within throughout".split())
# So many words of a claim that the evidence has no counterpart for are an addition; in place of others, so many more.
_ADDED, _ADDED_IN_PLACE = 2, 3
# What stands beside a change must be the same.
_SHORT = 3
# A replacement is of up to so many words of weight by up to so many.
_FEW = 2
# A negation this near may be another way to put one.
_NEAR = 2
_BREAK = re.compile(r"[,;:()\[\]—–]")
_END = re.compile(r"[.,;:()\[\]—–!?]")


@dataclass(frozen=True, slots=True)
class Edit:
    """``claim.tokens[first:last]`` stands where the evidence has ``tokens[start:end]``; either may be empty."""

    first: int
    last: int
    start: int
    end: int


@dataclass(frozen=True)
class Edits:
    """The changes that make a claim of its evidence. ``known``: whether that has the word of a token of the claim."""

    claim: Statement
    evidence: Statement
    known: Callable[[int], bool]

    @cached_property
    def all(self) -> tuple[Edit, ...]:
        matcher = SequenceMatcher(None, self.claim.lemmas, self.evidence.lemmas, autojunk=False)
        return tuple(
            Edit(first, last, start, end) for kind, first, last, start, end in matcher.get_opcodes() if kind != "equal"
        )

    @cached_property
    def only_left_out_or_moved(self) -> bool:
        """Whether the claim only leaves out what its sentence can do without, or moves a phrase of it."""
        return all(self._moved(edit) or not self._weighty(edit) for edit in self.all if edit.first < edit.last) and all(
            self._dispensable(edit) for edit in self.all if edit.start < edit.end
        )

    def _dispensable(self, edit: Edit) -> bool:
        """What stands in brackets or between commas, a few words without a name or number, or what stands elsewhere."""
        evidence, size = self.evidence, len(self.evidence.tokens)
        words = evidence.lemmas[edit.start : edit.end]
        outer = edit.first == 0 or edit.last == len(self.claim.lemmas)
        if outer and (edit.start == 0 or edit.end == size):
            return True
        if edit.start > 0 and edit.end < size and evidence.sentence[edit.start - 1] != evidence.sentence[edit.end]:
            return outer
        weighty = [index for index in self._weighty_there(edit) if index not in evidence.content]
        if (not weighty and len(words) <= 2 * _SHORT) or _stands_in(words, self.claim.lemmas):
            return True
        opens = edit.start == 0 or _BREAK.search(self._gap(edit.start))
        return bool(opens and (edit.end == size or _BREAK.search(self._gap(edit.end))))

    def _weighty(self, edit: Edit) -> list[int]:
        return [index for index in range(edit.first, edit.last) if not self.claim.tokens[index].is_stopword]

    def _moved(self, edit: Edit) -> bool:
        """ "in 1066" at the other end of its sentence."""
        words = self.claim.lemmas[edit.first : edit.last]
        if len(words) < 2 or words[0] not in _MOVABLE:
            return False
        home = [n for n, number in enumerate(self.evidence.sentence) if number == self._home]
        return bool(home) and _stands_in(words, self.evidence.lemmas[home[0] : home[-1] + 1])

    @cached_property
    def _home(self) -> int:
        """The sentence of the evidence that the claim has most words of."""
        changed = {index for edit in self.all for index in range(edit.start, edit.end)}
        kept = Counter(number for n, number in enumerate(self.evidence.sentence) if n not in changed)
        return max(kept, key=lambda number: kept[number], default=0)

    def added(self) -> Iterator[str]:
        """Words of the claim that stand for nothing in the evidence: several beside each other."""
        run: list[int] = []
        for index in (*self.claim.keys, -1):
            if index >= 0 and index in self.claim.content and not self.known(index):
                run.append(index)
                continue
            if len(run) >= _ADDED_IN_PLACE or (len(run) >= _ADDED and self._in_no_place(run)):
                yield from (self.claim.tokens[place].surface for place in run)
            run = []

    def _in_no_place(self, run: Sequence[int]) -> bool:
        """Whether the evidence goes on to its next comma or end without any other word where the claim has these."""
        for edit in self.all:
            if edit.first <= run[0] < edit.last:
                start = edit.start
                # An "and" of both is no sign that the same follows.
                while start and self.evidence.tokens[start - 1].is_stopword and not _END.search(self._gap(start)):
                    start -= 1
                end = start
                while end < edit.end and not _END.search(self._gap(end)):
                    end += 1
                part = range(start, end)
                return not any(
                    index in part and self.evidence.lemmas[index] not in self.claim.terms
                    for index in self.evidence.keys
                )
        return False

    def _gap(self, index: int) -> str:
        """What stands in front of a token of the evidence: blanks and punctuation."""
        tokens, text = self.evidence.tokens, self.evidence.text
        before, after = tokens[max(0, index - 1) : index], tokens[index : index + 1]
        return text[before[0].end if before else 0 : after[0].start if after else len(text)]

    def opposites(self) -> Iterator[str]:
        """Words in whose place the evidence has their opposite, or another degree."""
        for edit in self._replacements():
            own = [hit for hit in self.claim.hits if edit.first <= hit.first < edit.last]
            there = [hit for hit in self.evidence.hits if edit.start <= hit.first < edit.end]
            for hit in own:
                sides = {other.side for other in there if other.group == hit.group}
                if sides and hit.side not in sides:
                    yield hit.words
            degree, other = _degree(self.claim, edit.first, edit.last), _degree(self.evidence, edit.start, edit.end)
            if degree and other and degree != other and (degree, other) not in _ENTAILED:
                yield self.claim.written(edit.first, edit.last)

    def negations(self) -> Iterator[str]:
        """Negations that were put in, or left out, between the same words."""
        for edit in self.all:
            own = _inside(self.claim, edit.first, edit.last)
            there = _inside(self.evidence, edit.start, edit.end)
            beside = len(_inside(self.claim, edit.first - _NEAR, edit.last + _NEAR))
            beside_there = len(_inside(self.evidence, edit.start - _NEAR, edit.end + _NEAR))
            ends = edit.last == len(self.claim.lemmas)
            if ends or beside % 2 == beside_there % 2:
                continue
            if own and not there and not self._moved(edit):
                yield self.claim.tokens[own[0]].surface
            short = edit.first > 0 and edit.end - edit.start <= _SHORT and not self._weighty_there(edit)
            if there and not own and short:
                yield f"not {self.claim.tokens[edit.last].surface}"

    def _weighty_there(self, edit: Edit) -> list[int]:
        return [index for index in self.evidence.keys if edit.start <= index < edit.end]

    def names(self) -> Iterator[str]:
        """Names in whose place the evidence has another one, between the same words."""
        for edit in self._replacements():
            own = _only_name(self.claim, edit.first, edit.last)
            other = _only_name(self.evidence, edit.start, edit.end)
            if (own and _after_by(self.claim, own)) != (other and _after_by(self.evidence, other)):
                # A passive has its names the other way round.
                continue
            if other and self.evidence.sentence[other.first] != self._home:
                continue
            if own and other and key_of(own) != key_of(other) and not set(own.terms) & set(other.terms):
                yield self.claim.written(own.first, own.last)

    def numbers(self) -> Iterator[str]:
        """Numbers in whose place the evidence has another one of the kind, between the same words."""
        own = {number.first: number for number in self.claim.quantities if number.firm}
        there = {number.first: number for number in self.evidence.quantities if number.firm}
        for edit in self._replacements():
            one, other = own.get(edit.first), there.get(edit.start)
            if other and self.evidence.sentence[other.first] != self._home:
                continue
            if one and other and one.value != other.value and one.is_year == other.is_year and one.unit == other.unit:
                yield self.claim.written(one.first, one.last)

    def borrowed(self) -> Iterator[str]:
        """Numbers of another sentence than the claim's words, which has a number of the kind itself."""
        home, there = self._home, self.evidence
        for number in self.claim.quantities:
            places = [other for other in there.quantities if number.agrees(other)]
            if not number.firm or not places or any(there.sentence[other.first] == home for other in places):
                continue
            for other in there.quantities:
                like = other.is_year == number.is_year and other.unit == number.unit and other.firm
                own = any(each.agrees(other) for each in self.claim.quantities)
                if like and not own and there.sentence[other.first] == home:
                    yield self.claim.written(number.first, number.last)

    def counted(self) -> Iterator[str]:
        """Words after a number in whose place the evidence has others, after the same number."""
        numbers = {number.last: number.value for number in self.claim.quantities if not number.measure}
        there = {number.last: number.value for number in self.evidence.quantities}
        for edit in self._replacements():
            same_number = edit.first in numbers and numbers[edit.first] == there.get(edit.start)
            words = edit.first in self.claim.content and edit.start in self.evidence.content
            lost = words and self.evidence.lemmas[edit.start] not in self.claim.terms
            if same_number and lost and not self.known(edit.first):
                yield self.claim.tokens[edit.first].surface

    def replaced(self, light: Collection[str]) -> Iterator[str]:
        """Words in whose place the evidence has others that they cannot stand for; ``light`` ones say little."""
        claim, evidence = self.claim, self.evidence
        measures = {number.last for number in claim.quantities if number.measure}
        for edit in self._replacements():
            own = [index for index in claim.content if edit.first <= index < edit.last]
            there = [index for index in evidence.content if edit.start <= index < edit.end]
            lost = [
                index
                for index in there
                if self._counts_there[evidence.lemmas[index]] > self._counts[evidence.lemmas[index]]
            ]
            if not lost or not 0 < len(own) <= _FEW or len(there) > _FEW or not self._between_same(edit):
                continue
            sides = {(hit.group, hit.side) for hit in evidence.hits if edit.start <= hit.first < edit.end}
            for index in own:
                if index in measures:
                    continue
                lemma = claim.lemmas[index]
                same_side = any((hit.group, hit.side) in sides for hit in claim.hits if hit.first <= index < hit.last)
                if lemma not in light and not same_side and not any(alike(lemma, evidence.lemmas[n]) for n in there):
                    yield claim.tokens[index].surface

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(self.claim.lemmas)

    @cached_property
    def _counts_there(self) -> Counter[str]:
        return Counter(self.evidence.lemmas)

    def _between_same(self, edit: Edit) -> bool:
        """Whether the same words stand before and after, or the sentence begins or ends there in both."""
        changed = {index for other in self.all for index in range(other.first, other.last)}
        before = edit.first == 0 or not {edit.first - 1, max(0, edit.first - 2)} & changed
        after = edit.last == len(self.claim.lemmas) or edit.last not in changed
        return before and after

    def _replacements(self) -> Iterator[Edit]:
        """Changes of a few words for a few others."""
        for edit in self.all:
            if 0 < edit.last - edit.first <= 2 * _SHORT and 0 < edit.end - edit.start <= 2 * _SHORT:
                yield edit


def _after_by(statement: Statement, name: Name) -> bool:
    return name.first > 0 and statement.tokens[name.first - 1].surface.lower() == "by"


def _inside(statement: Statement, first: int, last: int) -> list[int]:
    return [index for index, _ in statement.negations if first <= index < last]


def _stands_in(words: Sequence[str], others: Sequence[str]) -> bool:
    size = len(words)
    return any(others[start : start + size] == words for start in range(len(others) - size + 1))


def _degree(statement: Statement, first: int, last: int) -> str | None:
    words = [token.surface.lower() for token in statement.tokens[max(0, first - 1) : last]]
    for pair in zip(words, words[1:], strict=False):
        if pair in _BOUNDS:
            return _BOUNDS[pair]
    found = [_DEGREES[word] for word in words[first > 0 :] if word in _DEGREES]
    return found[0] if len(set(found)) == 1 else None


def _only_name(statement: Statement, first: int, last: int) -> Name | None:
    """The one name of a range that has nothing else of weight."""
    inside = [name for name in statement.names if first <= name.first and name.last <= last]
    if len(inside) != 1 or any(first <= index < last for index in statement.content):
        return None
    return inside[0] if inside[0].sure or inside[0].first > 0 else None
