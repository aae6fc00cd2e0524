"""Whether a sentence is of another time or another place than the question asks about."""

import re
from collections.abc import Sequence
from itertools import takewhile

from qa.event_time import event_years
from qa.question import QuestionAnalysis, months_in
from vectorstore.analysis import Token
from vectorstore.glossary import Entity, Glossary
from vectorstore.models import Passage

# What was so at first was not so in the year of the report.
_AT_FIRST = re.compile(r"\b(?:originally|initially|at first|used to)\b", re.IGNORECASE)

_IN = frozenset("in at near inside outside across around throughout".split())
# "In the northern provinces of Sari Pul and Faryab".
_CLOSELY = 5


def fits_years(question: QuestionAnalysis, passage: Passage, number: int) -> bool:
    """Whether the sentence can be about the years that the question names.

    Its own times decide, relative ones too ("last year"); without any, those of its neighbours, and the year of
    publication. Where nothing is known, nothing speaks against it.
    """
    asked = set(question.years)
    if not asked:
        return True
    if len(asked) == 2 and max(asked) - min(asked) > 1:
        asked = set(range(min(asked), max(asked) + 1))
    text = passage.sentences[number].line
    if question.months and (months := months_in(text)) and not set(months) & set(question.months):
        return False
    own = event_years(text, passage.article.published)
    if own:
        return bool(own & asked)
    if passage.article.published and _AT_FIRST.search(text):
        return all(year < passage.article.published.year for year in asked)
    around = passage.sentences[max(0, number - 1) : number + 2]
    known = {year for part in around for year in event_years(part.line, passage.article.published)}
    if passage.article.published:
        known.add(passage.article.published.year)
    return not known or bool(known & asked)


def elsewhere(asked: Sequence[Token], said: Sequence[Token], before: Sequence[Token], glossary: Glossary) -> bool:
    """Whether the question asks about what is in a place, and the sentence is about what is in others.

    None of which is that place or lies in it. A country that acts ("the US has killed") is no place where something is.

    A sentence that names no place is where the one ``before`` it is.
    """
    wanted = _located(asked, glossary)
    there = _located(said, glossary) or _located(before, glossary)
    if not wanted or any(_within(place, each, glossary) for place in there for each in wanted):
        return False
    return any(not _within(each, place, glossary) for place in there for each in wanted)


def _located(tokens: Sequence[Token], glossary: Glossary) -> list[Entity]:
    """The places that a word such as "in" closely precedes."""
    found: list[Entity] = []
    for index, token in enumerate(tokens):
        if token.surface.lower() in _IN:
            named = takewhile(_is_part_of_name, tokens[index + 1 : index + 1 + _CLOSELY])
            found += places(list(named), glossary)
    return found


def _is_part_of_name(token: Token) -> bool:
    return not token.is_stopword or token.surface.lower() in ("the", "of", "and")


def places(tokens: Sequence[Token], glossary: Glossary) -> list[Entity]:
    """The places that are named."""
    entities = (glossary.by_id[token.term[1:]] for token in tokens if token.is_entity)
    return [entity for entity in entities if entity.kind == "place"]


def _within(one: Entity, other: Entity, glossary: Glossary) -> bool:
    return one is other or other in glossary.ancestors(one)
