from datetime import date

import pytest

from vectorstore.dates import PartialDate


@pytest.mark.parametrize(
    ("iso", "precision", "earliest", "latest", "spoken"),
    [
        ("2017", "year", date(2017, 1, 1), date(2017, 12, 31), "2017"),
        ("2017-12", "month", date(2017, 12, 1), date(2017, 12, 31), "December 2017"),
        ("2020-02", "month", date(2020, 2, 1), date(2020, 2, 29), "February 2020"),
        ("2017-12-12", "day", date(2017, 12, 12), date(2017, 12, 12), "12 December 2017"),
    ],
)
def test_what_a_partial_date_means(iso: str, precision: str, earliest: date, latest: date, spoken: str) -> None:
    partial = PartialDate(iso)
    assert (partial.precision, partial.year) == (precision, earliest.year)
    assert (partial.earliest(), partial.latest()) == (earliest, latest)
    assert partial.spoken() == spoken


@pytest.mark.parametrize(
    "text",
    [
        *("", "17", "2017-1", "2017-13", "2017-00", "2017-12-00", "2021-02-29", "2017-12-32", "0000", "2017-12-"),
        *("2017/12", "June 2017", " 2017", "2017\n", "２０１７"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        PartialDate(text)
