"""Numbers and dates of a claim against those of the evidence and of its article."""

import pytest

from qa.verification.figures import has_date, has_number
from qa.verification.statement import Reader
from vectorstore.dates import PartialDate

DECEMBER = [PartialDate("2017-12")]
THE_12TH = [PartialDate("2017-12-12")]
NAMES = "in Sari Pul, Faryab and Jowzjan"


@pytest.mark.parametrize(
    ("claim", "evidence", "published", "expected"),
    [
        ("3,000 fighters", "a high of 3,000", [], True),
        ("5,000 fighters", "a high of 3,000", [], False),
        # The article's own year, unless the evidence names another one.
        ("since March 2017", "since March", DECEMBER, True),
        ("since March 2016", "since March", DECEMBER, False),
        ("in 2017", "in 2015", DECEMBER, False),
        ("Sputnik (2017): in 2015", "in 2015", DECEMBER, True),
        ("in 2017", "this year", [], False),
        # What is listed can be counted.
        ("three provinces", NAMES, [], True),
        ("four provinces", NAMES, [], False),
        ("two groups", "ISIS and the Taliban", [], True),
        # The day of a date goes with its month, also of the date of publication.
        ("on November 28", "on November 28th", [], True),
        ("on November 27", "on November 28th", [], False),
        ("on 12 December", "on Tuesday", THE_12TH, True),
        ("on 12 December", "on Tuesday", DECEMBER, False),
    ],
)
def test_has_number(reader: Reader, claim: str, evidence: str, published: list[PartialDate], expected: bool) -> None:
    stated = reader.read(claim)
    assert has_number(stated.quantities[0], stated, reader.read(evidence), published) is expected


@pytest.mark.parametrize(
    ("claim", "evidence", "published", "expected"),
    [
        ("in August", "on August 26", [], True),
        ("in July", "on August 26", [], False),
        ("on August 31", "on August 26", [], False),
        ("on August 31", "on August 26 and August 31", [], True),
        ("in August 2019", "in August 2018", [], False),
        ("in December 2017", "now", DECEMBER, True),
        ("in December 2016", "now", DECEMBER, False),
        ("in December 2017", "now", [PartialDate("2017")], False),
    ],
)
def test_has_date(reader: Reader, claim: str, evidence: str, published: list[PartialDate], expected: bool) -> None:
    assert has_date(reader.read(claim).dates[0], reader.read(evidence), published) is expected
