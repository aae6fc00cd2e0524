import dataclasses

import pytest

from qa.age import age_notes, asks_about_now
from qa.models import Citation

CITED = Citation(1, "a", "T", "Owl", "2017-12", "stated", "a.txt", "0" * 64, 0, 1, "x")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many fighters does ISIS-K have now?", True),
        ("How many fighters does ISIS-K have?", True),
        ("Who commands the American forces?", True),
        ("Who is the leader of the group?", True),
        ("Is the group still active?", True),
        ("What is the current strength of the group?", True),
        ("How many fighters did ISIS-K have?", False),
        ("How many fighters did it have in 2017?", False),
        ("Is it true that 50 died in 2017?", False),
        ("Who founded IS-K?", False),
        ("When was it founded?", False),
    ],
)
def test_what_asks_about_the_present(question: str, expected: bool) -> None:
    assert asks_about_now(question) is expected


def dated(*dates: str | None) -> list[Citation]:
    return [dataclasses.replace(CITED, marker=number, published=date) for number, date in enumerate(dates, 1)]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2017-12"], "The newest article that this is from is of December 2017."),
        (["2017-12-12", "2017-12"], "The newest article that this is from is of December 2017."),
        (["2017", "2018-08-02"], "The newest article that this is from is of 2 August 2018."),
        (["2017-12", None], "The newest article that this is from is of December 2017; of others no date is known."),
        ([None], "The question is about the present; no date is known of the articles that this is from."),
    ],
)
def test_the_note_says_how_old(dates: list[str | None], expected: str) -> None:
    assert age_notes("How many are there now?", dated(*dates)) == (expected,)


def test_no_note_without_need() -> None:
    assert age_notes("How many were there in 2017?", dated("2017")) == ()
    assert age_notes("How many are there now?", []) == ()
