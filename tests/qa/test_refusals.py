import pytest

from qa.models import Question, Reason
from qa.refusals import Coverage, refusal_text

COVERAGE = Coverage(years=frozenset({2014, 2015}), published=frozenset({2017, 2020}))


@pytest.mark.parametrize(
    ("asked", "lacks"),
    [((), False), ((2031,), True), ((2014,), False), ((2017,), False), ((2031, 2015), False), ((1999, 2031), True)],
)
def test_coverage(asked: tuple[int, ...], lacks: bool) -> None:
    assert COVERAGE.lacks(asked) is lacks


def test_an_empty_store_covers_nothing() -> None:
    assert Coverage().lacks((2017,))
    text = refusal_text(Reason.OUT_OF_RANGE, Question("Who?"), Coverage())
    assert text == "The question is about a time that the articles do not cover."


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("as_of", [None, "2017-11"])
def test_every_reason_is_one_plain_sentence(reason: Reason, as_of: str | None) -> None:
    text = refusal_text(reason, Question("<b>Who?", as_of), COVERAGE)
    assert text[0].isupper()
    assert text[-1] in ".:"
    assert ". " not in text
    assert "[" not in text
    assert "Who?" not in text


def test_reasons_read_differently() -> None:
    texts = {refusal_text(reason, Question("Who?"), COVERAGE) for reason in Reason}
    assert len(texts) == len(Reason)


@pytest.mark.parametrize("reason", [Reason.NO_MATCH, Reason.INSUFFICIENT, Reason.OUT_OF_RANGE])
def test_a_bound_in_time_is_said(reason: Reason) -> None:
    assert "published by 2017-11" in refusal_text(reason, Question("Who?", "2017-11"), COVERAGE)


def test_the_time_that_is_covered_is_said() -> None:
    assert "from 2017 to 2020" in refusal_text(Reason.OUT_OF_RANGE, Question("Who?"), COVERAGE)
