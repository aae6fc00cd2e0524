"""Eight questions at once to an endpoint that fails one call in ten: every row is an answer or a typed error."""

from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from qa import errors
from qa.app import Application
from qa.evaluation.dataset import default_questions, load_questions
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
