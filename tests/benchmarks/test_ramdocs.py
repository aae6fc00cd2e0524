"""What the benchmark counts as said, as one side, and as complete."""

import pytest

from qa.models import Answer, Conflict, Position, Status
from tests.benchmarks.ramdocs import Case, judge, real

CASE = Case(1, "When?", ("Born in 1970.", "Born in 1972.", "Born in 1975."), ("1970", "1972"), ("1975",), ("1970",))


def answered(text: str, *claims: str) -> Answer:
    conflicts = (Conflict("When?", tuple(Position(claim, (1,)) for claim in claims)),) if claims else ()
    return Answer("When?", Status.ANSWERED, None, text, (), (), conflicts, (), "extractive", None, None, 1, None)


@pytest.mark.parametrize(
    ("answer", "complete", "good", "differ"),
    [
        (answered("Born in 1970. [1] Born in 1972. [2]"), True, True, False),
        (answered("Born in 1970. [1]"), False, True, False),
        (answered("Born in 1972. [1]"), False, False, False),
        (answered("Born in 1970. [1] Born in 1975. [2]"), False, False, False),
        (answered("Born in 1970. [1] Born in 1975. [2]", "A: Born in 1970.", "B: Born in 1975."), False, True, True),
        # Both positions hold the wrong answer: neither is another side.
        (answered("In 1970. [1] In 1975. [2]", "A: In 1975.", "B: In May 1975."), False, False, False),
    ],
)
def test_an_outcome(answer: Answer, complete: bool, good: bool, differ: bool) -> None:
    outcome = judge(CASE, answer)
    assert (outcome.complete, outcome.good, real(outcome)) == (complete, good, differ)
