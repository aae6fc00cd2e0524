"""What counts as a false alarm."""

import pytest

from qa.models import Answer, Conflict, Position, Reason, Status
from tests.benchmarks.false_conflicts import figures

CONFLICT = Conflict("When?", (Position("A: 1970.", (1,)), Position("B: 1972.", (2,))))


def answer(status: Status, *conflicts: Conflict) -> Answer:
    reason = Reason.NO_MATCH if status is Status.ABSTAINED else None
    return Answer("When?", status, reason, "", (), (), conflicts, (), "extractive", None, None, 1, None)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([answer(Status.ANSWERED, CONFLICT), answer(Status.ANSWERED)], "0.500"),
        # A refusal reports nothing that could be false.
        ([answer(Status.ANSWERED, CONFLICT), answer(Status.ABSTAINED)], "1.000"),
        ([answer(Status.ABSTAINED)], "no answers"),
    ],
)
def test_figures(answers: list[Answer], expected: str) -> None:
    assert expected in figures(answers)
