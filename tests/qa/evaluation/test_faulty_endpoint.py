"""An endpoint that fails one call in ten makes rows that are an answer or a typed error; one that refuses all, none."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from qa import errors
from qa.app import Application
from qa.cli import main
from qa.evaluation.dataset import EvalQuestion, default_questions, load_questions
from qa.evaluation.folder import load_run
from qa.evaluation.run import Options, run_evaluation
from qa.evaluation.selection import choose
from qa.settings import Settings
from tests.fakes.openai_server import OpenAIServer, Step, error

ASKED = 60
TYPED = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, errors.QAError)}


class FailsOneInTen:
    """In turn with 429, 500 and a broken connection; the first of each ten calls."""

    def __init__(self, server: OpenAIServer) -> None:
        self.server = server
        self.failed: list[str] = []
        self.calls = 0
        self._lock = Lock()

    def next_step(self, request: dict[str, Any]) -> Step:
        with self._lock:
            self.calls += 1
            if self.calls % 10 == 1:
                kind = ("429", "500", "reset")[len(self.failed) % 3]
                self.failed.append(kind)
                return {
                    "429": error(429, "slow down", {"Retry-After": "0.1"}),
                    "500": error(500),
                    "reset": Step("reset", text="The group had 3,000 fighters [1]."),
                }[kind]
        return Step(text="The group had 3,000 fighters [1].")


def test_every_row_is_an_answer_or_a_typed_error(
    home: Path, tmp_path: Path, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = FailsOneInTen(openai_server)
    monkeypatch.setattr(openai_server, "next_step", faults.next_step)
    questions = choose(load_questions(default_questions()), split="dev", limit=ASKED)
    settings = Settings(home=home, model="fake-model", base_url=openai_server.url, answerer="llm", history=0)
    with Application(settings) as application:
        result = run_evaluation(application, questions, out=tmp_path / "run", options=Options(jobs=8))

    assert {"429", "500", "reset"} == set(faults.failed)
    rows = load_run(tmp_path / "run").rows
    assert [row.question_id for row in rows] == [question.id for question in questions]
    for row in rows:
        assert (row.answer is None) == (row.scores is None) == (row.error is not None), row.question_id
        if row.error is not None:
            assert row.error["type"] in TYPED - {"QAError", "ModelError"}
            assert row.error["message"].endswith(".")
    assert result.errored == sum(row.error is not None for row in rows)
    # What was not yet being read is tried again; a reply that broke off in the middle is not.
    assert {row.error["type"] for row in rows if row.error} <= {"BadReplyError"}
    assert sum(row.retries for row in rows) >= len([kind for kind in faults.failed if kind != "reset"]) > 0
    assert result.summary["splits"]["dev"]["errored"] == result.errored <= faults.failed.count("reset")


ENOUGH = 6
GOOD = Step(text="The group had 3,000 fighters [1].")


@pytest.fixture
def asking(home: Path, openai_server: OpenAIServer) -> Iterator[Application]:
    settings = Settings(home=home, model="fake-model", base_url=openai_server.url, answerer="llm", history=0)
    with Application(settings) as application:
        yield application


def refusing_from(calls: int, status: int) -> Callable[[dict[str, Any]], Step]:
    """Replies to the first so many calls, and to none after."""
    made = itertools.count()
    return lambda request: GOOD if next(made) < calls else error(status, "not for you")


@pytest.fixture
def answered() -> list[EvalQuestion]:
    """Questions of which most need the model."""
    return choose(load_questions(default_questions()), split="dev", categories=("single_fact",), limit=ENOUGH)


@pytest.mark.parametrize(
    ("status", "says", "jobs"), [(401, "refused the key", 1), (403, "refused the key", 4), (404, "no model", 1)]
)
def test_what_no_question_gets_past_ends_the_run(
    asking: Application,
    answered: list[EvalQuestion],
    tmp_path: Path,
    openai_server: OpenAIServer,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    says: str,
    jobs: int,
) -> None:
    with monkeypatch.context() as refusing:
        refusing.setattr(openai_server, "next_step", refusing_from(0, status))
        result = run_evaluation(asking, answered, out=tmp_path / "run", options=Options(jobs=jobs))
    assert says in (result.refused or "")
    assert (result.errored, result.total, result.stopped) == (0, ENOUGH, None)
    assert 1 <= len(openai_server.requests) <= jobs
    assert not (tmp_path / "run" / "summary.json").exists()
    openai_server.answer = GOOD.text
    again = run_evaluation(asking, answered, out=tmp_path / "run", options=Options(jobs=jobs, resume=True))
    assert (again.questions, again.errored, again.refused) == (ENOUGH, 0, None)


def test_a_key_that_is_withdrawn_ends_the_run_at_the_third_refusal(
    asking: Application,
    answered: list[EvalQuestion],
    tmp_path: Path,
    openai_server: OpenAIServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as refusing:
        refusing.setattr(openai_server, "next_step", refusing_from(2, 401))
        result = run_evaluation(asking, answered, out=tmp_path / "run")
        assert result.refused
        assert len(openai_server.requests) == 5
        # Who goes on too early loses nothing.
        before = result.questions
        result = run_evaluation(asking, answered, out=tmp_path / "run", options=Options(resume=True))
        assert (bool(result.refused), result.questions) == (True, before)
        assert len(openai_server.requests) == 8
    result = run_evaluation(asking, answered, out=tmp_path / "run", options=Options(resume=True))
    assert (result.questions, result.errored, result.refused) == (ENOUGH, 0, None)


def test_one_question_that_is_refused_for_its_words_ends_nothing(
    asking: Application, answered: list[EvalQuestion], tmp_path: Path, openai_server: OpenAIServer
) -> None:
    openai_server.script(GOOD, error(403, "filtered"), GOOD)
    result = run_evaluation(asking, answered, out=tmp_path / "run")
    assert (result.questions, result.errored, result.refused) == (ENOUGH, 1, None)
    (row,) = (row for row in load_run(tmp_path / "run").rows if row.error is not None)
    assert row.error is not None
    assert row.error["type"] == "AuthenticationError"


def test_the_command_says_so_and_ends_with_3(
    home: Path,
    tmp_path: Path,
    openai_server: OpenAIServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in (("HOME", str(home)), ("MODEL", "fake-model"), ("BASE_URL", openai_server.url)):
        monkeypatch.setenv(f"ISISK_QA_{name}", value)
    monkeypatch.setattr(openai_server, "next_step", refusing_from(0, 401))
    assert main(["eval", "run", "--split", "dev", "--category", "single_fact", "--out", str(tmp_path / "run")]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    said = err.splitlines()[-1]
    assert "refused the key (HTTP 401); check ISISK_QA_API_KEY. Nothing more was asked after " in said
    assert said.endswith(f"go on with --resume --out {tmp_path / 'run'}")
