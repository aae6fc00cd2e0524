import pytest

from qa.tui.text import counted, one_line, safe, source_line, spoken_date
from tests.qa.tui import fakes


@pytest.mark.parametrize(
    ("iso", "spoken"),
    [
        ("2017-12-12", "12 December 2017"),
        ("2017-12", "December 2017"),
        ("2017", "2017"),
        ("some day", "some day"),
        (None, "date unknown"),
    ],
)
def test_spoken_date(iso: str | None, spoken: str) -> None:
    assert spoken_date(iso) == spoken


def test_source_line_tells_how_the_date_is_known() -> None:
    dated, _ = fakes.fighters().citations
    assert source_line(dated).plain.startswith("Sputnik · December 2017 (inferred: ")
    assert source_line(dated, brief=True).plain == "Sputnik · December 2017 (inferred)"


def test_source_line_without_publisher() -> None:
    article = fakes.shipped()[1]
    line = source_line(fakes.cite(article, 1, "IS-K was founded", "2014")).plain
    assert line == "publisher unknown · August 2021 (inferred: written between 26 and 31 August 2021)"


def test_safe_reads_no_markup_and_keeps_the_length() -> None:
    content = safe("[bold]x[/bold] \x1b[31m [@click=app.quit]y[/]")
    assert content.plain == "[bold]x[/bold] \ufffd[31m [@click=app.quit]y[/]"
    assert not content.spans


def test_safe_says_what_it_cut() -> None:
    assert safe("a" * 30, limit=10).plain == "aaaaaaaaaa … (20 more characters)"


def test_one_line() -> None:
    assert one_line("a\n b\t c") == "a b c"
    assert one_line("abcdef", limit=4) == "abc…"


@pytest.mark.parametrize(("number", "text"), [(0, "0 articles"), (1, "1 article"), (1500, "1,500 articles")])
def test_counted(number: int, text: str) -> None:
    assert counted(number, "article") == text
