from datetime import date

import pytest

from qa.asked_time import Bound, asked_times
from qa.question import analyse_question
from vectorstore.analysis import Analyser
from vectorstore.dates import PartialDate
from vectorstore.glossary import Glossary

ASKED = PartialDate("2018-06-15")


@pytest.mark.parametrize(
    ("question", "earliest", "latest", "bound", "years"),
    [
        ("How many fighters were there in early 2017?", (2017, 1, 1), (2017, 5, 2), Bound.IN, (2017,)),
        ("What happened at the end of 2017?", (2017, 9, 1), (2017, 12, 31), Bound.IN, (2017,)),
        ("What happened since March 2018?", (2018, 3, 1), None, Bound.SINCE, ()),
        ("What was lost before August 2018?", None, (2018, 7, 31), Bound.BEFORE, ()),
        ("What was lost after 26 August 2016?", (2016, 8, 27), None, Bound.AFTER, ()),
        ("What was planned by the end of 2017?", None, (2017, 12, 31), Bound.UNTIL, ()),
        ("What was lost from 2015 to 2017?", (2015, 1, 1), (2017, 12, 31), Bound.IN, (2015, 2016, 2017)),
        ("Who led it between 2015 and 2016?", (2015, 1, 1), (2016, 12, 31), Bound.IN, (2015, 2016)),
        ("Who led it last year?", (2017, 1, 1), (2017, 12, 31), Bound.IN, (2017,)),
        ("Who led it two years ago?", (2016, 1, 1), (2016, 12, 31), Bound.IN, (2016,)),
    ],
)
def test_what_is_asked_about(
    question: str,
    earliest: tuple[int, int, int] | None,
    latest: tuple[int, int, int] | None,
    bound: Bound,
    years: tuple[int, ...],
) -> None:
    (time,) = asked_times(question, ASKED)
    assert time.earliest == (date(*earliest) if earliest else None)
    assert time.latest == (date(*latest) if latest else None)
    assert (time.bound, time.years) == (bound, years)
    assert question[time.start : time.end] in question


def test_two_times_without_a_range_stay_two() -> None:
    first, second = asked_times("How did it change from 2015, and what of 2019?", ASKED)
    assert (first.bound, second.bound) == (Bound.SINCE, Bound.IN)


def test_nothing_relative_is_resolved_without_a_day() -> None:
    assert asked_times("Who led it last year?", None) == ()


def test_a_month_without_a_year_is_no_time_of_its_own() -> None:
    assert asked_times("What happened in August?", ASKED) == ()


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("How many fighters are there today?", ()),
        ("How many fighters were there last year?", (2017,)),
        ("How many fighters were there in 2015, not last year?", (2015, 2017)),
        ("What was lost since 2015?", ()),
    ],
)
def test_the_years_of_a_question(question: str, years: tuple[int, ...]) -> None:
    assert analyse_question(question, Analyser(Glossary()), ASKED).years == years
