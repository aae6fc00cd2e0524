import json
from pathlib import Path

import pytest

from qa.app import Application
from qa.history import FILE
from qa.settings import Settings
from qa.trace import Trace
from tests.qa.conftest import Run
from tests.qa.test_history_file import answered


@pytest.fixture
def application(tmp_path: Path) -> Application:
    made = Application(Settings(home=tmp_path))
    for question, text in (("Who leads it?", "A man \x1b[31m[1]."), ("How many fighters?", "About 3,000 [1].")):
        made.history.keep(answered(question, text), Trace(()))
    made.history.close()
    return made


def test_it_lists_and_searches(application: Application, run: Run) -> None:
    everything = run("history", application=application)  # type: ignore[arg-type]
    assert (everything.code, everything.err) == (0, "")
    assert [line.split("  ")[-1] for line in everything.out.splitlines()] == ["How many fighters?", "Who leads it?"]
    one = run("history", "3,000 fight", "--limit", "1", "--json", application=application)  # type: ignore[arg-type]
    assert json.loads(one.out)["question"] == "How many fighters?"
    hostile = run("history", "man leads", "--json", application=application)  # type: ignore[arg-type]
    assert "\x1b" not in hostile.out
    assert json.loads(hostile.out)["answer"] == "A man \x1b[31m[1]."


def test_it_deletes_all_only_when_sure(application: Application, run: Run) -> None:
    unsure = run("history", "--clear", application=application)  # type: ignore[arg-type]
    assert (unsure.code, unsure.out) == (2, "")
    assert "--yes" in unsure.err
    assert run("history", "x", "--clear", "--yes", application=application).code == 2  # type: ignore[arg-type]
    assert len(application.history.recent()) == 2
    sure = run("history", "--clear", "--yes", application=application)  # type: ignore[arg-type]
    assert (sure.code, sure.out) == (0, "deleted 2\n")
    assert application.history.recent() == []


def test_a_damaged_file_is_named_and_the_program_goes_on(application: Application, run: Run, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"nothing like it" * 1_000)
    first = run("history", application=application)  # type: ignore[arg-type]
    assert (first.code, first.out, first.err.count("\n")) == (1, "", 1)
    assert "a new one is begun" in first.err
    second = run("history", application=application)  # type: ignore[arg-type]
    assert (second.code, second.out) == (0, "")
    assert "history.sqlite3.damaged-" in second.err
