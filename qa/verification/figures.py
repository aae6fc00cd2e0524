"""Whether the numbers and dates of a sentence are those of its evidence, or the date of its article."""

import re
from collections.abc import Sequence
from itertools import pairwise

from qa.verification.quantities import Date, Quantity
from qa.verification.statement import Statement
from vectorstore.dates import PartialDate

# What may stand between names that are listed, and up to how many a reader counts without being told.
_IN_LIST = re.compile(r",|(?:,? and |,? or |, )(?:the )?")
_COUNTED = 10


def has_number(number: Quantity, claim: Statement, evidence: Statement, published: Sequence[PartialDate]) -> bool:
    """Whether a number of the claim is in the evidence, of the same unit, or can be told from it or its article.

    A year may be the article's own, where the evidence names none or the claim also has the one that it names. Up to
    ten names that the evidence lists may be counted. The day of a date goes with its month.
    """
    if any(number.agrees(other) for other in evidence.quantities):
        return True
    if number.is_year:
        free = not evidence.years or bool(evidence.years & claim.years)
        return free and any(date.year == number.value for date in published)
    if number.unit == number.measure == "" and number.value <= _COUNTED and number.value in _lists(evidence):
        return True
    return any(date.day == number.value and has_date(date, evidence, published) for date in claim.dates)


def has_date(date: Date, evidence: Statement, published: Sequence[PartialDate]) -> bool:
    """Whether the evidence names the month, with no other day or year, or it is when the article was published."""
    if any(_is_publication(date, day) for day in published):
        return True
    same_month = [other for other in evidence.dates if other.month == date.month]
    return bool(same_month) and not all(date.contradicts(other) for other in same_month)


def _is_publication(date: Date, published: PartialDate) -> bool:
    first = published.earliest()
    if published.precision == "year" or first.month != date.month or date.year not in (None, first.year):
        return False
    return date.day is None or (published.precision == "day" and first.day == date.day)


def _lists(statement: Statement) -> frozenset[int]:
    """How many names stand in each list of the text, such as "Sari Pul, Faryab and Jowzjan"."""
    sizes, size = set(), 1
    for one, other in pairwise(statement.names):
        between = statement.text[statement.tokens[one.last - 1].end : statement.tokens[other.first].start]
        size = size + 1 if _IN_LIST.fullmatch(between) else 1
        sizes.add(size)
    return frozenset(sizes)
