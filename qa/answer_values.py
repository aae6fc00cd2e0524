"""The figures, times and names in a sentence that could be what a question asks for, nearest to its words first."""

import re
import sys
from collections.abc import Sequence, Set
from dataclasses import dataclass

from qa.event_time import EventTime, event_times
from qa.question import Kind, QuestionAnalysis, months_in
from vectorstore.analysis import STOPWORDS, Token, numbers
from vectorstore.dates import PartialDate
from vectorstore.glossary import Glossary

FIGURES = (Kind.NUMBER, Kind.SHARE, Kind.MONEY)
_NAMES = (Kind.NAME, Kind.ACTOR, Kind.PLACE)
VALUED = (*FIGURES, Kind.DATE, *_NAMES)
# How many words may stand between a figure and what it counts.
_NEAR = 4
# "On Sunday, AFP reported that" dates the report, not what it tells.
_REPORTING = re.compile(
    r",? [^,.;]{1,60}? (?:said|says|told|reported|announced|confirmed|claimed|added|denied|warned)\b", re.IGNORECASE
)
# "Who is John Nicholson?" asks what is said of him, and no two sources say the same.
_WHO_IS_NAMED = re.compile(r"^\W*[Ww]ho(?:['’]s| is| was| are| were) (?:[A-Z]|General\b|the [A-Z])")
# "Which countries" has several answers, and they do not differ for being others.
_SEVERAL = re.compile(
    r"\b(?:what|which) (?:\w+ ){0,2}?(?:countries|cities|spokesmen|(?:province|district|town|village|area|region|place|"
    r"group|leader|commander|official|organi[sz]ation|name)s)\b",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE)


_Key = float | EventTime | frozenset[str]


@dataclass(frozen=True, slots=True)
class Value:
    """``key`` is a number, a time, or the terms of a name; ``distance`` in tokens to the question's nearest word."""

    key: _Key
    distance: int

    def agrees(self, other: "Value") -> bool:
        """Equal numbers, times that can be one day, names that share a word."""
        if isinstance(self.key, EventTime) and isinstance(other.key, EventTime):
            return self.key.overlaps(other.key)
        if isinstance(self.key, frozenset) and isinstance(other.key, frozenset):
            return bool(self.key & other.key)
        return self.key == other.key


def values(
    question: QuestionAnalysis,
    text: str,
    tokens: Sequence[Token],
    published: PartialDate | None,
    glossary: Glossary,
    counted: Set[str] | None = None,
) -> tuple[Value, ...]:
    """Empty for questions that ask for no such thing.

    ``published`` is the article's, for relative dates. With ``counted``, a figure counts only near one of these terms.
    """
    if question.kind is Kind.ACTOR and _WHO_IS_NAMED.match(question.text):
        return ()
    if question.kind in _NAMES and _SEVERAL.search(question.text):
        return ()
    found: list[tuple[range, _Key]]
    if question.kind in FIGURES:
        found = _figures(question, text, tokens, published)
        if counted is not None:
            near = [index for index, token in enumerate(tokens) if token.term in counted]
            found = [pair for pair in found if _distance(pair[0], near) <= _NEAR]
    elif question.kind is Kind.DATE:
        found = [
            (range(first, first + 1), time)
            for time in event_times(text, published)
            if not set(time.years) <= set(question.years) and not _REPORTING.match(text, time.end)
            for first in _at(tokens, time.start)
        ]
    elif question.kind in _NAMES:
        found = _names(question, tokens, glossary)
    else:
        return ()
    asked = [index for index, token in enumerate(tokens) if token.term in question.terms]
    measured = [Value(key, min(_distance(places, asked), len(tokens))) for places, key in found]
    return tuple(sorted(measured, key=lambda value: value.distance))


def _distance(places: range, anchors: Sequence[int]) -> int:
    """How many tokens the nearest anchor is away from the nearer end; no number is larger without anchors."""
    return min((abs(end - anchor) for anchor in anchors for end in (places[0], places[-1])), default=sys.maxsize)


def _at(tokens: Sequence[Token], start: int) -> list[int]:
    return [index for index, token in enumerate(tokens) if token.start >= start][:1]


def _figures(
    question: QuestionAnalysis, text: str, tokens: Sequence[Token], published: PartialDate | None
) -> list[tuple[range, _Key]]:
    """Numbers that are no part of a date and that the question does not say."""
    dated = [(time.start, time.end) for time in event_times(text, published)]
    given = {*question.numbers, *map(float, question.years)}
    found: list[tuple[range, _Key]] = []
    index = 0
    while index < len(tokens):
        last = index
        while last < len(tokens) and (len(numbers(tokens[index : last + 1])) == 1):
            last += 1
        if last == index:
            index += 1
            continue
        (value,) = numbers(tokens[index:last])
        if value not in given and not any(first <= tokens[index].start < end for first, end in dated):
            found.append((range(index, index + 1), value))
        index = last
    return found


def _names(question: QuestionAnalysis, tokens: Sequence[Token], glossary: Glossary) -> list[tuple[range, _Key]]:
    """Entities, and capitalised words in a row, that the question does not name."""
    found: list[tuple[range, _Key]] = []
    row: list[Token] = []
    for index, token in enumerate([*tokens, None]):
        fits = token is not None and not token.is_entity and _is_name(token)
        if row and not (fits and token is not None and token.start - row[-1].end <= 1):
            terms = frozenset(word.term for word in row) - set(question.terms)
            if terms:
                found.append((range(index - len(row), index), terms))
            row = []
        if token is None:
            break
        if fits:
            row.append(token)
        elif token.is_entity and token.term not in question.terms and _fits(question, token, glossary):
            entity = glossary.by_id[token.term[1:]]
            terms = frozenset({token.term, *(f"@{each.id}" for each in glossary.ancestors(entity))})
            found.append((range(index, index + 1), terms))
    return found


def _is_name(token: Token) -> bool:
    return (
        token.is_capitalised
        and not token.is_number
        and not token.is_stopword
        and not months_in(token.surface)
        and not _WEEKDAY.fullmatch(token.surface)
    )


def _fits(question: QuestionAnalysis, token: Token, glossary: Glossary) -> bool:
    is_place = glossary.by_id[token.term[1:]].kind == "place"
    if question.kind is Kind.PLACE and question.place_noun == "country" and is_place:
        return not list(glossary.ancestors(glossary.by_id[token.term[1:]]))
    return is_place == (question.kind is Kind.PLACE)


# "What sport", "which political party", "what is the language of": the word that the answer is a kind of. Not the
# Taliban in "what did the Taliban do".
_ASKED_KIND = re.compile(
    r"\b(?:what|which) (?!(?:did|does|do|has|have|had|can|will)\b)(?:(?:type|kind|sort|form) of )?(?:[\w-]+ ){0,2}?"
    r"(?P<noun>[\w-]+) "
    r"(?:is|was|are|were|did|does|do|has|have|had|can|will)\b|"
    r"\bwhat (?:is|was) the (?:[\w-]+ ){0,2}?(?P<of>[\w-]+) (?:of|for|in|associated|spoken|used|played)\b",
    re.IGNORECASE,
)


def category_of(question: QuestionAnalysis) -> str | None:
    """The noun whose kinds a question asks for, where that is no figure, time, person or place."""
    if question.kind is not Kind.OTHER or (match := _ASKED_KIND.search(question.text)) is None:
        return None
    noun = (match["noun"] or match["of"]).lower()
    return None if noun in STOPWORDS or noun.endswith("s") else noun
