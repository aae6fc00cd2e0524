import json
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qa import __version__
from qa.errors import DeadlineError, QuestionError, SettingsError
from qa.evaluation import patterns
from qa.evaluation.dataset import DatasetError, EvalQuestion, load_questions
from qa.evaluation.folder import OutputError, load_run
from qa.evaluation.run import Progress, run_evaluation
from qa.models import Question
from tests.qa.evaluation.lasting import lasting

MakeApplication = Callable[[dict[str, Any]], Any]


def rows(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "records.jsonl").read_text("utf-8").splitlines()]


def test_the_oracle_from_questions_to_files(
    tmp_path: Path, make_application: MakeApplication, questions: list[EvalQuestion], oracle: dict[str, Any]
) -> None:
    seen: list[Progress] = []
    out = tmp_path / "deep" / "run"
    result = run_evaluation(make_application(oracle), questions, out=out, on_progress=seen.append)

    assert (result.out, result.questions, result.errored) == (out, 4, 0)
    assert [(p.done, p.total, p.label.split(" ")[0]) for p in seen] == [
        (1, 4, "q1"),
        (2, 4, "q2"),
        (3, 4, "q3"),
        (4, 4, "q4"),
    ]
    written = rows(out)
    assert [row["question_id"] for row in written] == ["q1", "q2", "q3", "q4"]
    assert set(written[0]) == {"question_id", "repeat", "record", "scores", "error", "volatile"}
    assert written[0]["record"]["status"] == "answered"
    assert written[0]["scores"]["nuggets"][0]["matched"] == "3,000"
    assert [row["error"] for row in written] == [None] * 4

    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert summary == result.summary
    assert set(summary["splits"]) == {"dev", "test", "all"}
    dev = summary["splits"]["dev"]
    assert (dev["questions"], dev["scored"], dev["errored"]) == (2, 2, 0)
    figure = {"value": 1.0, "low": 0.206549, "high": 1.0, "interval": "wilson", "n": 1}
    assert dev["figures"]["vital_nuggets_found"] == figure
    assert set(summary["categories"]["test"]) == {"conflict", "false_premise"}
    assert summary["categories"]["all"]["conflict"]["figures"]["conflicts_complete"]["n"] == 1
    assert summary["latency"]["all"]["n"] == 4
    assert 0 <= summary["latency"]["all"]["p50_ms"] <= summary["latency"]["all"]["p95_ms"]


def test_a_record_can_be_read_back_as_the_answer_it_was(
    tmp_path: Path, make_application: MakeApplication, questions: list[EvalQuestion], oracle: dict[str, Any]
) -> None:
    run_evaluation(make_application(oracle), questions, out=tmp_path / "run")
    assert [row.answer for row in load_run(tmp_path / "run").rows] == list(oracle.values())


def test_the_manifest_says_what_the_figures_depend_on(
    tmp_path: Path,
    world: Any,
    make_application: MakeApplication,
    lines: list[dict[str, Any]],
    write_lines: Callable[[list[dict[str, Any]]], Path],
    oracle: dict[str, Any],
) -> None:
    path = write_lines(lines)
    application = make_application(oracle)
    out = tmp_path / "run"
    questions = load_questions(path)
    run_evaluation(application, questions, answerer="llm", out=out, source=path)
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["version"] == __version__
    assert manifest["python"] == platform.python_version()
    assert (manifest["answerer"], manifest["model"]) == ("llm", "some-model")
    assert manifest["articles"] == {article.id: article.sha256 for article in world.articles}
    assert manifest["chunks"]["stored"] == 4
    assert manifest["questions"]["asked"] == 4
    assert len(manifest["questions"]["file_sha256"]) == 64

    run_evaluation(application, questions[:3], answerer="extractive", out=out)
    other = json.loads((out / "manifest.json").read_text("utf-8"))
    assert (other["answerer"], other["model"]) == ("extractive", None)
    assert other["questions"]["file_sha256"] is None
    assert other["questions"]["asked_sha256"] != manifest["questions"]["asked_sha256"]


def test_questions_are_asked_as_of_their_date(
    tmp_path: Path, make_application: MakeApplication, questions: list[EvalQuestion], oracle: dict[str, Any]
) -> None:
    dated = questions[0].model_copy(update={"as_of": "2018"})
    application = make_application(oracle)
    run_evaluation(application, [dated], out=tmp_path / "run")
    assert application.asked == [Question("How many fighters were there?", "2018")]


def test_an_error_of_the_model_is_kept_apart(
    tmp_path: Path, make_application: MakeApplication, questions: list[EvalQuestion], oracle: dict[str, Any]
) -> None:
    replies = {
        **oracle,
        questions[0].question: DeadlineError("The model took longer than 60 s."),
        questions[3].question: QuestionError("The question is too long."),
    }
    seen: list[Progress] = []
    result = run_evaluation(make_application(replies), questions, out=tmp_path / "run", on_progress=seen.append)
    assert result.errored == 2
    assert seen[0].label.startswith("q1 (error) · ")
    written = rows(tmp_path / "run")
    assert written[0]["error"] == {"type": "DeadlineError", "message": "The model took longer than 60 s."}
    assert (written[0]["record"], written[0]["scores"]) == (None, None)
    assert written[3]["error"]["type"] == "QuestionError"
    block = result.summary["splits"]["all"]
    assert (block["questions"], block["scored"], block["errored"]) == (4, 2, 2)
    assert block["figures"]["vital_nuggets_found"]["n"] == 2
    assert result.summary["latency"]["all"]["n"] == 2


def test_any_other_error_ends_the_run_and_keeps_what_was_written(
    tmp_path: Path, make_application: MakeApplication, questions: list[EvalQuestion], oracle: dict[str, Any]
) -> None:
    out = tmp_path / "run"
    run_evaluation(make_application(oracle), questions, out=out)
    replies = {**oracle, questions[2].question: SettingsError("No such model.")}
    with pytest.raises(SettingsError):
        run_evaluation(make_application(replies), questions, out=out)
    assert [row["question_id"] for row in rows(out)] == ["q1", "q2"]
    # The figures of the earlier run are gone with its records.
    assert not (out / "summary.json").exists()


def test_two_runs_differ_only_where_they_say_so(
    tmp_path: Path, make_application: MakeApplication, questions: list[EvalQuestion], oracle: dict[str, Any]
) -> None:
    results = []
    for name in ("one", "two"):
        out = tmp_path / name
        run_evaluation(make_application(oracle), questions, out=out)
        results.append(lasting(out))
    assert results[0] == results[1]


def test_a_lone_surrogate_in_an_answer_is_written_as_json(
    tmp_path: Path, world: Any, make_application: MakeApplication, questions: list[EvalQuestion]
) -> None:
    replies = {questions[0].question: world.answer("bad \udc80 3,000 – é")}
    run_evaluation(make_application(replies), questions[:1], out=tmp_path / "run")
    assert rows(tmp_path / "run")[0]["record"]["answer"] == "bad \udc80 3,000 – é"


def test_nothing_to_ask_or_gold_of_other_articles(
    tmp_path: Path,
    world: Any,
    make_application: MakeApplication,
    questions: list[EvalQuestion],
    oracle: dict[str, Any],
) -> None:
    application = make_application(oracle)
    with pytest.raises(DatasetError, match="no question"):
        run_evaluation(application, [], out=tmp_path / "run")
    world.articles.pop()
    with pytest.raises(DatasetError, match="beta is not in the store"):
        run_evaluation(application, questions, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_that_cannot_be_written(
    tmp_path: Path, make_application: MakeApplication, questions: list[EvalQuestion], oracle: dict[str, Any]
) -> None:
    file = tmp_path / "file"
    file.write_text("here already")
    with pytest.raises(OutputError, match="cannot write the results"):
        run_evaluation(make_application(oracle), questions, out=file)
    assert file.read_text() == "here already"


def test_an_answer_that_cannot_be_scored_is_kept_and_counted_apart(
    tmp_path: Path,
    make_application: MakeApplication,
    questions: list[EvalQuestion],
    oracle: dict[str, Any],
    world: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.05)
    slow = questions[0].model_copy(update={"forbidden_claims": ("re:(a|aa)+$",)})
    replies = {**oracle, slow.question: world.answer("a" * 60 + "b")}
    result = run_evaluation(make_application(replies), [slow, *questions[1:]], out=tmp_path / "run")
    block = result.summary["splits"]["all"]
    assert [block[name] for name in ("questions", "scored", "passed", "failed", "errored", "unscored")] == [
        4, 3, 3, 0, 0, 1,
    ]  # fmt: skip
    first = load_run(tmp_path / "run").rows[0]
    assert first.answer is not None
    assert first.scores is None
    assert first.error is not None
    assert first.error["type"] == "UnscoredError"
