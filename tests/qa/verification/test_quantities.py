"""Numbers with their units, and dates."""

import pytest

from qa.verification.quantities import Date, dates, quantities
from vectorstore.analysis import Analyser
from vectorstore.glossary import Glossary

ANALYSER = Analyser(Glossary())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("over 1,600 fighters in 1,400 operations", [(1600, ""), (1400, "")]),
        ("three thousand and 7 million", [(3000, ""), (7_000_000, "")]),
        ("two hundred and five women, forty-one men", [(205, ""), (41, "")]),
        ("between 40 and 50 men", [(40, ""), (50, "")]),
        ("about 56-57% of it", [(56, "%"), (57, "%")]),
        ("56 per cent, 57 percent", [(56, "%"), (57, "%")]),
        ("$2.5 billion, €3 and 4 dollars", [(2.5e9, "$"), (3, "€"), (4, "$")]),
        ("the 10th century and the third time", [(10, "th"), (3, "th")]),
        ("in the 1990s and the 1100's", [(1990, "s"), (1100, "s")]),
        ("hundreds of them, versions 1.2.3", []),
    ],
)
def test_quantities(text: str, expected: list[tuple[float, str]]) -> None:
    assert [(number.value, number.unit) for number in quantities(text, ANALYSER.tokens(text))] == expected


def test_what_a_number_measures() -> None:
    one, other, third = (quantities(text, ANALYSER.tokens(text))[0] for text in ("12 km", "12 miles", "12 fighters"))
    assert not one.agrees(other)
    assert one.agrees(third)
    assert third.agrees(one)


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        ("3,000", "3000", True),
        ("three thousand", "3,000", True),
        ("500", "$500", True),
        ("$500", "500", False),
        ("$500", "€500", False),
        ("57", "57%", False),
        ("57%", "57 percent", True),
        ("3", "3rd", False),
        ("12.5", "125", False),
    ],
)
def test_a_number_agrees_by_value_and_unit(claim: str, evidence: str, expected: bool) -> None:
    own, other = (quantities(text, ANALYSER.tokens(text))[0] for text in (claim, evidence))
    assert own.agrees(other) is expected


def test_small_numerals_that_count_nothing_are_not_firm() -> None:
    text = "one of the first two"
    assert [number.firm for number in quantities(text, ANALYSER.tokens(text))] == [False, False, True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 12 December, 2017", [Date(2017, 12, 12)]),
        ("on August 26", [Date(None, 8, 26)]),
        ("Aug. 1, 2018, and November 28th", [Date(2018, 8, 1), Date(None, 11, 28)]),
        ("in February 2020, then in June", [Date(2020, 2, None), Date(None, 6, None)]),
        ("they may march in May", [Date(None, 5, None)]),
        ("nothing", []),
    ],
)
def test_dates(text: str, expected: list[Date]) -> None:
    assert list(dates(text)) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Date(2018, 8, None), Date(2019, 8, None), True),
        (Date(None, 8, 26), Date(2021, 8, 31), True),
        (Date(2021, 8, 26), Date(None, 8, 26), False),
        (Date(2021, 8, None), Date(2018, 9, None), False),
    ],
)
def test_dates_contradict_each_other(one: Date, other: Date, expected: bool) -> None:
    assert one.contradicts(other) is expected
