"""What the benchmark counts as said, as one side, and as complete."""

from pathlib import Path

import pytest

from qa.evaluation.sets.stores import open_dataset
from qa.models import Answer, Conflict, Position, Status
from tests.benchmarks.ramdocs import Case, case_of, judge, real, run
from tests.qa.evaluation.sets.samples import ramdocs

CASE = Case("r0001", "When?", ("1970", "1972"), ("1975",), ("1970",))


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


def test_the_cases_are_those_of_the_dataset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "ramdocs"
    folder.mkdir()
    dataset = open_dataset(f"ramdocs:{ramdocs(folder)}")
    first, second = map(case_of, dataset.parts)
    right = ("Joe Boyd", "Rick Rubin")
    assert first == Case("r0000", "Who produced the record?", right, ("Brian Eno",), right)
    assert (second.right, second.wrong) == (("Joe Boyd",), ())
    outcomes = list(run(dataset, "extractive", tmp_path / "stores"))
    assert [outcome.case for outcome in outcomes] == [first, second]
    assert outcomes[1].complete
    assert "asking: 2 of 2 r0001" in capsys.readouterr().err
