import subprocess
import sys
from datetime import date

import pytest

from qa.event_time import EventTime, event_times, event_years
from vectorstore.dates import PartialDate


def said(text: str, published: str | None) -> list[tuple[str, str, str]]:
    times = event_times(text, PartialDate(published) if published else None)
    return [(text[time.start : time.end], time.earliest.isoformat(), time.latest.isoformat()) for time in times]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was on 12 December 2017.", [("12 December 2017", "2017-12-12", "2017-12-12")]),
        (
            "On August 1, 2018, and in May 2019",
            [("August 1, 2018", "2018-08-01", "2018-08-01"), ("May 2019", "2019-05-01", "2019-05-31")],
        ),
        ("in the summer of 2014", [("summer of 2014", "2014-06-01", "2014-08-31")]),
        ("in winter 2014", [("winter 2014", "2014-12-01", "2015-02-28")]),
        ("during the 1990s", [("1990s", "1990-01-01", "1999-12-31")]),
        ("by 2018", [("2018", "2018-01-01", "2018-12-31")]),
        # No dates.
        ("They may march on 1,990 men with $2018.", []),
        ("on 31 June 2014", []),
        # Counted from what is not known, or from another event.
        ("last year", []),
        ("in August", []),
        ("on Tuesday", []),
    ],
)  # fmt: skip
def test_without_a_date_of_publication(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert said(text, None) == expected


@pytest.mark.parametrize(
    ("text", "published", "earliest", "latest"),
    [
        ("last year", "2018-08", "2017-01-01", "2017-12-31"),
        ("last year", "2018", "2017-01-01", "2017-12-31"),
        ("this month", "2018-08-09", "2018-08-01", "2018-08-31"),
        ("last month", "2018-01-31", "2017-12-01", "2017-12-31"),
        ("next year", "2018-08", "2019-01-01", "2019-12-31"),
        ("last week", "2017-12-12", "2017-12-04", "2017-12-10"),
        ("last summer", "2018-02-10", "2017-06-01", "2017-08-31"),
        ("last decade", "2018", "2000-01-01", "2009-12-31"),
        ("two years ago", "2017-12-12", "2015-01-01", "2015-12-31"),
        ("a couple of months ago", "2018-01-15", "2017-11-01", "2017-11-30"),
        ("3 days ago", "2018-03-01", "2018-02-26", "2018-02-26"),
        ("in the last year", "2017-12-12", "2016-12-01", "2017-12-12"),
        ("over the past few months", "2018-08", "2017-12-01", "2018-08-31"),
        ("yesterday", "2018-03-01", "2018-02-28", "2018-02-28"),
        # A month of publication leaves a month of doubt.
        ("yesterday", "2018-03", "2018-02-28", "2018-03-30"),
        ("on Sunday", "2017-12-12", "2017-12-10", "2017-12-10"),
        ("on Tuesday", "2017-12-12", "2017-12-12", "2017-12-12"),
        ("last Tuesday", "2017-12-12", "2017-12-05", "2017-12-05"),
        ("next Monday", "2017-12-12", "2017-12-18", "2017-12-18"),
        ("It will begin on Friday", "2017-12-12", "2017-12-15", "2017-12-15"),
        # Without a year: the last one, or the nearest of what is to come.
        ("since March", "2017-12", "2017-03-01", "2017-03-31"),
        ("On November 28th", "2020-02", "2019-11-28", "2019-11-28"),
        ("planned to begin in January", "2017-12", "2018-01-01", "2018-01-31"),
        ("on February 29", "2018-03", "2016-02-29", "2016-02-29"),
    ],
)
def test_counted_from_the_publication(text: str, published: str, earliest: str, latest: str) -> None:
    assert [(first, last) for _, first, last in said(text, published)] == [(earliest, latest)]


@pytest.mark.parametrize(
    "text", ["a day later", "the next day", "the same year", "two years earlier", "the year before last"]
)
def test_what_counts_from_another_event_is_not_resolved(text: str) -> None:
    assert said(text, "2018-08-02") == []


def test_a_year_that_does_not_exist_is_left_out() -> None:
    assert said("next year", "9999") == []


def test_times_that_can_be_one_day_overlap() -> None:
    (year,) = event_times("in 2017", None)
    (day,) = event_times("on 12 December 2017", None)
    (other,) = event_times("in 2018", None)
    assert year.overlaps(day)
    assert day.overlaps(year)
    assert not day.overlaps(other)
    assert EventTime(0, 1, date(2016, 5, 1), date(2018, 1, 1), relative=True).years == range(2016, 2019)


def test_the_years_that_a_sentence_is_about() -> None:
    assert event_years("Last year as in 2015", PartialDate("2018-08")) == {2015, 2017}
    assert event_years("Nothing is dated here", PartialDate("2018-08")) == frozenset()


def test_it_does_not_matter_what_day_it_is_today() -> None:
    code = (
        "import datetime, qa.event_time as e\n"
        "class Frozen(datetime.date):\n"
        "    @classmethod\n"
        "    def today(cls): raise AssertionError('today was asked for')\n"
        "e.date = Frozen\n"
        "from vectorstore.dates import PartialDate\n"
        "print(len(e.event_times('last year, yesterday, on Monday, in March', PartialDate('2018-08-02'))))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.stderr) == ("4", "")
