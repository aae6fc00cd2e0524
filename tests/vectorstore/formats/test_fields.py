from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vectorstore.formats.fields import headline, language_tag, one_line, stated_date, web_address


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("2017", "2017"),
        ("2017-12", "2017-12"),
        (" 2017-12-12 ", "2017-12-12"),
        # As it is written: the day in Kabul, not the one in London.
        ("2017-12-12T01:30:00+04:30", "2017-12-12"),
        ("2017-12-12 23:59:59", "2017-12-12"),
        ("1970-01-01", "1970-01-01"),
        ("1500", "1500"),
        *[(value, None) for value in ("1499-12-31", "0000", "2017-13", "2017-02-30", "12 December 2017", "17-12-12")],
        *[
            (value, None)
            for value in ("", None, "2017-12-12x", "2017/12/12", "٢٠١٧", "1970-01-01T00:00:00Z", "20171212")
        ],
    ],
)
def test_dates(value: str | None, iso: str | None) -> None:
    date = stated_date(value)
    assert (date.iso if date else None) == iso


def test_no_date_after_tomorrow() -> None:
    today = datetime.now(UTC).date()
    assert stated_date((today + timedelta(days=1)).isoformat()) is not None
    assert stated_date((today + timedelta(days=3)).isoformat()) is None
    assert stated_date(str(today.year)) is not None
    assert stated_date(str(today.year + 2)) is None


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (" A\n\ttitle\u00a0of  words ", "A title of words"),
        ("\x1b[31mred\x9b\u202e\u200b", "[31mred"),
        ("word " * 200, "word " * 58 + "word…"),
        ("x" * 400, "x" * 299 + "…"),
        ("\u200b \n", None),
        ("", None),
        (None, None),
    ],
)
def test_one_line(value: str | None, line: str | None) -> None:
    assert one_line(value) == line


@settings(derandomize=True, database=None, deadline=None)
@given(st.text(), st.integers(2, 50))
def test_a_line_is_bounded_and_stays_what_it_is(value: str, most: int) -> None:
    line = one_line(value, most)
    assert line is None or (0 < len(line) <= most and len(line.splitlines()) == 1 and one_line(line, most) == line)


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("https://example.org/a?b=c#d", True),
        ("http://example.org", True),
        *[(value, False) for value in ("", None, "//example.org/a", "/a", "ftp://example.org", "javascript:alert(1)")],
        *[
            (value, False)
            for value in ("https://", "https://a b", "https://a\x1b", "http://[", "https://a/" + "x" * 2_000)
        ],
    ],
)
def test_addresses(value: str | None, good: bool) -> None:
    assert web_address(value) == (value if good else None)


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("en", "en"),
        ("en_GB", "en-GB"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("english please", None),
        ("", None),
        (None, None),
    ],
)
def test_languages(value: str | None, tag: str | None) -> None:
    assert language_tag(value) == tag


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\ufeffTitle\nText.", "Title"),
        ("\n\n  Title  \r\rText.", "Title"),
        ("word " * 100, " ".join(["word"] * 31) + "…"),
    ],
)
def test_a_headline(text: str, title: str) -> None:
    assert headline(text) == title
