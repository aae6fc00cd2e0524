"""Runs that are cut short, gone on with, repeated, and asked several at a time."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from qa.errors import BadReplyError, DeadlineError, SettingsError
from qa.evaluation.budget import Ceilings
from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.folder import RunWriter, load_run
from qa.evaluation.rows import InvalidRunError
from qa.evaluation.run import Options, Progress, RunResult, run_evaluation
from qa.models import Question
from tests.qa.evaluation.lasting import lasting

Go = Callable[..., RunResult]
RESUME = Options(resume=True)


@pytest.fixture
def replies(oracle: dict[str, Any]) -> dict[str, Any]:
    return oracle


@pytest.fixture
def go(
    tmp_path: Path, make_application: Callable[[dict[str, Any]], Any], questions: list[EvalQuestion], replies: Any
) -> Go:
    """Run the four questions into tmp_path/run, or another folder; ``asked`` of what is returned is who was asked."""

    def run(options: Options | None = None, out: str = "run", asked: int = 4, **changed: Any) -> RunResult:
        application = make_application({**replies, **changed})
        result = run_evaluation(application, questions[:asked], out=tmp_path / out, options=options)
        run.asked = [question.text for question in application.asked]  # type: ignore[attr-defined]
        return result

    return run


def broken_off(go: Go, at: EvalQuestion) -> None:
    with pytest.raises(SettingsError):
        go(**{at.question: SettingsError("No such model.")})


def test_resuming_asks_what_is_left_and_ends_the_same(go: Go, tmp_path: Path, questions: list[EvalQuestion]) -> None:
    go(out="whole")
    broken_off(go, questions[2])
    result = go(RESUME)
    assert go.asked == [question.question for question in questions[2:]]  # type: ignore[attr-defined]
    assert (result.questions, result.total, result.stopped) == (4, 4, None)
    assert lasting(tmp_path / "run") == lasting(tmp_path / "whole")


def test_resuming_without_a_run_begins_one_and_with_a_finished_one_asks_nothing(go: Go, tmp_path: Path) -> None:
    go(RESUME)
    first = lasting(tmp_path / "run")
    go(RESUME)
    assert go.asked == []  # type: ignore[attr-defined]
    assert lasting(tmp_path / "run") == first


def test_a_line_that_was_cut_off_is_asked_again(go: Go, tmp_path: Path, questions: list[EvalQuestion]) -> None:
    go()
    whole = lasting(tmp_path / "run")
    records = tmp_path / "run" / "records.jsonl"
    records.write_bytes(records.read_bytes()[:-40])
    (tmp_path / "run" / "summary.json").unlink()
    go(RESUME)
    assert go.asked == [questions[3].question]  # type: ignore[attr-defined]
    assert lasting(tmp_path / "run") == whole


def test_a_kill_before_the_figures_were_written(go: Go, tmp_path: Path) -> None:
    go()
    whole = lasting(tmp_path / "run")
    (tmp_path / "run" / "summary.json").unlink()
    with pytest.raises(InvalidRunError, match="did not finish"):
        load_run(tmp_path / "run").finished()
    go(RESUME)
    assert go.asked == []  # type: ignore[attr-defined]
    assert lasting(tmp_path / "run") == whole


def test_a_line_that_is_damaged_is_named(go: Go, tmp_path: Path) -> None:
    go()
    records = tmp_path / "run" / "records.jsonl"
    lines = records.read_text("utf-8").split("\n")
    records.write_text("\n".join([lines[0], "{}", *lines[2:]]), "utf-8")
    with pytest.raises(InvalidRunError, match=r"records\.jsonl:2 "):
        go(RESUME)


def test_what_changed_is_named_and_refused(go: Go, tmp_path: Path, world: Any) -> None:
    go()
    before = lasting(tmp_path / "run")
    with pytest.raises(InvalidRunError, match=r"questions\.asked 4 -> 3; questions\.asked_sha256 changed") as caught:
        go(RESUME, asked=3)
    assert "--resume" in str(caught.value)
    with pytest.raises(InvalidRunError, match="seed 0 -> 1"):
        go(Options(resume=True, seed=1))
    world.chunks.pop()
    with pytest.raises(InvalidRunError, match=r"chunks\.stored 4 -> 3; chunks\.spans_sha256 changed"):
        go(RESUME)
    assert lasting(tmp_path / "run") == before


def test_a_changed_prompt_program_or_calibration_is_refused(go: Go, tmp_path: Path) -> None:
    go()
    path = tmp_path / "run" / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    for changed, named in (
        ({"prompts": {**manifest["prompts"], "answer.md": "0"}}, r"prompts\.answer\.md changed"),
        ({"code_sha256": "0"}, "code_sha256 changed"),
        ({"calibration_sha256": "0"}, "calibration_sha256 changed"),
        ({"config": {**manifest["config"], "passages": 3}}, r"config\.passages 3 -> 8"),
        ({"articles": {**manifest["articles"], "gone": "0"}}, r"articles\.gone is gone"),
    ):
        path.write_text(json.dumps({**manifest, **changed}), "utf-8")
        with pytest.raises(InvalidRunError, match=named):
            go(RESUME)
    # These change no answer.
    path.write_text(json.dumps({**manifest, "commit": "0", "dirty": True, "volatile": {}}), "utf-8")
    assert go(RESUME).questions == 4


def test_errors_stay_until_they_are_to_be_tried_again(go: Go, questions: list[EvalQuestion]) -> None:
    down = {questions[1].question: DeadlineError("The model took longer than 60 s.")}
    assert go(**down).errored == 1
    assert go(RESUME).errored == 1
    assert go.asked == []  # type: ignore[attr-defined]
    assert go(Options(resume=True, retry_errors=True)).errored == 0
    assert go.asked == [questions[1].question]  # type: ignore[attr-defined]


def costing(replies: dict[str, Any], **usage: float) -> dict[str, Any]:
    return {text: replace(answer, usage=usage) for text, answer in replies.items()}


@pytest.mark.parametrize(
    ("ceilings", "after", "named"),
    [
        (Ceilings(tokens=150), 2, "the ceiling of 150 tokens"),
        (Ceilings(cost=0.3), 3, "the ceiling of 0.3 in cost"),
        (Ceilings(seconds=0), 0, "the ceiling of 0 s"),
        (Ceilings(tokens=0), 0, "the ceiling of 0 tokens"),
    ],
)
def test_a_ceiling_stops_and_can_be_gone_on_from(
    go: Go, replies: Any, tmp_path: Path, ceilings: Ceilings, after: int, named: str
) -> None:
    priced = costing(replies, total_tokens=100, cost=0.125)
    go(out="whole", **priced)
    result = go(Options(ceilings=ceilings), **priced)
    assert (result.questions, result.total, result.stopped) == (after, 4, named)
    assert not (tmp_path / "run" / "summary.json").exists()
    if ceilings.tokens:
        # What was used before counts: nothing more is asked below the same ceiling.
        assert go(Options(resume=True, ceilings=ceilings), **priced).questions == after
    go(RESUME, **priced)
    assert lasting(tmp_path / "run") == lasting(tmp_path / "whole")


def test_each_question_is_asked_as_often_as_wanted(go: Go, tmp_path: Path, questions: list[EvalQuestion]) -> None:
    result = go(Options(repeat=3))
    rows = load_run(tmp_path / "run").rows
    assert [row.key for row in rows[:4]] == [("q1", 1), ("q1", 2), ("q1", 3), ("q2", 1)]
    assert (result.questions, result.total) == (12, 12)
    # Repetitions are no more questions.
    assert result.summary["splits"]["all"]["figures"]["vital_nuggets_found"]["n"] == 3
    spread = result.summary["repeats"]["splits"]["all"]["vital_nuggets_found"]
    assert (result.summary["repeats"]["asked"], spread) == (3, {"mean": 1.0, "low": 1.0, "high": 1.0})


def test_a_ceiling_among_repetitions(go: Go, replies: Any, tmp_path: Path) -> None:
    """It ends before the second time of a question of the test split."""
    priced = costing(replies, total_tokens=100)
    result = go(Options(repeat=2, ceilings=Ceilings(tokens=300)), **priced)
    assert (result.questions, result.total) == (3, 8)
    assert "vital_nuggets_found" in result.summary["repeats"]["splits"]["test"]
    go(Options(repeat=2), out="whole", **priced)
    go(Options(repeat=2, resume=True), **priced)
    assert lasting(tmp_path / "run") == lasting(tmp_path / "whole")


class Slow:
    """Takes its time, the longer the earlier it is asked, and notes how many it works on at once."""

    def __init__(self, replies: dict[str, Any]) -> None:
        self._replies = replies
        self._lock = Lock()
        self.running = self.most = self.begun = 0

    def invoke(self, question: Question) -> Any:
        with self._lock:
            self.running += 1
            self.begun += 1
            place, self.most = self.begun, max(self.most, self.running)
        time.sleep(0.2 / place)
        with self._lock:
            self.running -= 1
        reply = self._replies[question.text]
        if isinstance(reply, Exception):
            raise reply
        return reply


def test_many_at_once_write_the_same_in_the_same_order(
    tmp_path: Path, make_application: Any, questions: list[EvalQuestion], oracle: Any
) -> None:
    replies = {**oracle, questions[1].question: BadReplyError("The reply was empty.")}
    seen = []
    for jobs in (1, 4):
        application = make_application(replies)
        chain = Slow(replies)
        application.invoke = chain.invoke
        done: list[Progress] = []
        run_evaluation(
            application,
            questions,
            out=tmp_path / str(jobs),
            options=Options(jobs=jobs),
            on_progress=done.append,
        )
        seen.append((chain.most, [step.label.split(" ")[0] for step in done]))
    assert seen[0] == (1, ["q1", "q2", "q3", "q4"])
    assert seen[1][0] == 4
    assert seen[1][1] != seen[0][1]
    assert lasting(tmp_path / "1") == lasting(tmp_path / "4")


def test_what_was_ready_is_kept_when_another_question_ends_the_run(
    tmp_path: Path, make_application: Any, questions: list[EvalQuestion], oracle: Any
) -> None:
    application = make_application({**oracle, questions[3].question: SettingsError("No such model.")})
    with pytest.raises(SettingsError):
        run_evaluation(application, questions, out=tmp_path / "run", options=Options(jobs=2))
    assert {row.question_id for row in load_run(tmp_path / "run").rows} >= {"q1", "q2"}


def test_one_program_writes_a_run(go: Go, tmp_path: Path) -> None:
    go()
    with RunWriter(tmp_path / "run"):
        code = (
            "import sys; from pathlib import Path; from qa.evaluation.folder import RunWriter\n"
            "from vectorstore.errors import StoreBusyError\n"
            "try:\n with RunWriter(Path(sys.argv[1])): pass\n"
            "except StoreBusyError as error: print(error)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "run")], capture_output=True, text=True, check=True
        )
    assert "an evaluation" in done.stdout
