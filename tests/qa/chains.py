"""What the tests of the chain share."""

from collections.abc import Sequence
from typing import Any

from qa.models import (
    Answer,
    Event,
    Finished,
    PassagesFound,
    Question,
    SentenceChecked,
    TextDelta,
)

FIGHTERS = Question("How many fighters did ISIS-K have at the beginning of 2017?")
FOUNDED = Question("When was IS-K founded?")
OVENS = Question("How many bread ovens stand in Lisbon?")


def record(answer: Answer) -> dict[str, Any]:
    """All but the times it took."""
    return {key: value for key, value in answer.to_record().items() if key != "timings_ms"}


def check_order(events: Sequence[Event]) -> Answer:
    assert [type(event) for event in events[:1]] == [PassagesFound]
    assert all(isinstance(event, TextDelta | SentenceChecked) for event in events[1:-1])
    last = events[-1]
    assert isinstance(last, Finished)
    return last.answer


# As a Runnable, without a model
