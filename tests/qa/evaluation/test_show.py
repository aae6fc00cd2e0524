"""What of a stored run can be read in a terminal, chosen from, and scored anew."""

from pathlib import Path
from typing import Any

import pytest

from qa.errors import DeadlineError
from qa.evaluation import patterns
from qa.evaluation.dataset import DatasetError, EvalQuestion
from qa.evaluation.folder import StoredRun, load_run
from qa.evaluation.rescoring import rescore
from qa.evaluation.rows import InvalidRunError
from qa.evaluation.run import Options, run_evaluation
from qa.evaluation.selection import choose, failed_ids
from qa.evaluation.show import render_question, render_run
from qa.models import Reason
from tests.qa.evaluation.lasting import lasting


@pytest.fixture
def application(make_application: Any, oracle: Any, questions: list[EvalQuestion], world: Any) -> Any:
    """Refuses q1 and fails on q4."""
    refusal = world.answer("The articles do not say.", reason=Reason.INSUFFICIENT)
    late = DeadlineError("The model took longer than 60 s.")
    return make_application({**oracle, questions[0].question: refusal, questions[3].question: late})


@pytest.fixture
def run(tmp_path: Path, application: Any, questions: list[EvalQuestion]) -> StoredRun:
    run_evaluation(application, questions, out=tmp_path / "run")
    return load_run(tmp_path / "run")


def test_a_run_lists_the_answers_of_a_split(run: StoredRun) -> None:
    text = render_run(run)
    assert "answerer extractive" in text
    assert "wrong  q1  How many fighters were there?" in text
    assert "right  q3" in text
    assert "q2  " not in text
    assert "error  q4" in render_run(run, split="all")
    assert [line.split()[:2] for line in render_run(run, split="all", failed=True).splitlines()[-2:]] == [
        ["wrong", "q1"],
        ["error", "q4"],
    ]


def test_one_question_with_its_gold_answer_and_scores(run: StoredRun) -> None:
    text = render_question(run, "q2")
    for part in ("q2 (conflict, test, answerable)", "vital: 3,000", "position: Beta says 1,100", "evidence e2, beta"):
        assert part in text
    assert "Sources" in text
    assert "matched 3,000" in text
    assert "DeadlineError: The model took longer than 60 s." in render_question(run, "q4")
    with pytest.raises(DatasetError, match="no question q9"):
        render_question(run, "q9")


def test_a_run_that_did_not_finish_says_so(run: StoredRun) -> None:
    (run.path / "summary.json").unlink()
    assert "did not finish: 4 answers so far" in render_run(load_run(run.path))


def test_a_folder_without_a_run(tmp_path: Path) -> None:
    with pytest.raises(InvalidRunError, match="holds no run"):
        load_run(tmp_path)


def test_what_went_wrong_can_be_asked_again(run: StoredRun) -> None:
    assert failed_ids(run) == {"q1", "q4"}


def test_choosing(questions: list[EvalQuestion]) -> None:
    def ids(**wanted: Any) -> list[str]:
        return [question.id for question in choose(questions, **wanted)]

    assert ids() == ["q1", "q2", "q3", "q4"]
    assert ids(split="test") == ["q2", "q4"]
    assert ids(ids=["q3", "q1"]) == ["q1", "q3"]
    assert ids(categories=["conflict", "unanswerable"]) == ["q2", "q3"]
    assert ids(split="dev", limit=1) == ["q1"]
    with pytest.raises(DatasetError, match="no question q9"):
        ids(ids=["q9"])


def test_scoring_anew_changes_nothing_by_itself_and_asks_nobody(run: StoredRun, application: Any) -> None:
    before, asked = lasting(run.path), len(application.asked)
    result = rescore(run, application)
    after = lasting(run.path)
    assert (result.questions, result.errored, len(application.asked)) == (4, 1, asked)
    assert after["records.jsonl"] == before["records.jsonl"]
    assert after["summary.json"] == before["summary.json"]


def test_scoring_by_other_gold(run: StoredRun, application: Any, questions: list[EvalQuestion]) -> None:
    refusable = questions[0].model_copy(update={"answerable": False})
    rescore(run, application, [refusable, *questions[1:]])
    again = load_run(run.path)
    first = again.rows[0]
    assert first.scores is not None
    assert first.scores.right
    assert first.answer == run.rows[0].answer
    assert again.summary is not None
    assert again.summary["splits"]["all"]["figures"]["abstention_recall"]["n"] == 2
    assert again.manifest["questions"]["asked_sha256"] != run.manifest["questions"]["asked_sha256"]


def test_gold_or_a_store_of_something_else_is_refused(
    run: StoredRun, application: Any, questions: list[EvalQuestion], world: Any
) -> None:
    before = lasting(run.path)
    other = questions[0].model_copy(update={"question": "How many were there?"})
    with pytest.raises(InvalidRunError, match="question q1 is not what was asked"):
        rescore(run, application, [other, *questions[1:]])
    with pytest.raises(InvalidRunError, match="question q1 is not what was asked"):
        rescore(run, application, questions[1:])
    world.chunks.pop()
    with pytest.raises(InvalidRunError, match="the store has other chunks"):
        rescore(run, application)
    assert lasting(run.path) == before


def test_an_answer_that_cannot_be_scored_is_kept_and_scored_later(
    tmp_path: Path, make_application: Any, questions: list[EvalQuestion], world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.05)
    nugget = questions[0].nuggets[0].model_copy(update={"aliases": (), "pattern": "(x|xx)+$"})
    endless = questions[0].model_copy(update={"nuggets": (nugget,)})
    application = make_application({endless.question: world.answer("x" * 60 + "y")})
    result = run_evaluation(application, [endless], out=tmp_path / "run")
    block = result.summary["splits"]["all"]
    assert (block["scored"], block["errored"], block["unscored"]) == (0, 0, 1)
    (row,) = load_run(tmp_path / "run").rows
    assert row.answer is not None
    assert row.error is not None
    assert row.error["type"] == "UnscoredError"
    assert "question q1: pattern" in row.error["message"]
    rescore(load_run(tmp_path / "run"), application, questions[:1])
    (row,) = load_run(tmp_path / "run").rows
    assert (row.error, row.scores is None) == (None, False)


def test_repetitions_are_told_apart(tmp_path: Path, application: Any, questions: list[EvalQuestion]) -> None:
    run_evaluation(application, questions[:1], out=tmp_path / "twice", options=Options(repeat=2))
    text = render_run(load_run(tmp_path / "twice"))
    assert "q1#1" in text
    assert "asked 2 times, each time with the same figures" in text
    assert "wrong, time 2, " in render_question(load_run(tmp_path / "twice"), "q1")


def test_figures_of_another_version_are_scored_anew_and_not_read(run: StoredRun, application: Any) -> None:
    """One of the same name may have meant something else."""
    path = run.path / "summary.json"
    written = path.read_text("utf-8")
    path.write_text(written.replace('"schema": 2', '"schema": 1'), "utf-8")
    older = load_run(run.path)
    with pytest.raises(InvalidRunError, match="figures of another version; make its scores anew: eval score"):
        render_run(older)
    rescore(older, application)
    assert path.read_text("utf-8") == written
