"""kill -9 on an evaluation, wherever it is: what was answered stays, is not asked again, and the end is the same."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from qa.evaluation.asking import Task
from qa.evaluation.dataset import default_questions, load_questions
from qa.evaluation.rows import read_rows
from qa.evaluation.selection import choose
from tests.fakes.openai_server import OpenAIServer, Step
from tests.qa.evaluation.lasting import lasting
from tests.reliability.warm import PATIENCE_S, Child, WarmProcess

ASKED = 26
KILLS = 10
JOBS = 2
QUESTIONS = choose(load_questions(default_questions()), split="dev", limit=ASKED)
MARKS = {Task(question, 1, 0).mark: question.id for question in QUESTIONS}


@dataclass
class Model:
    """Answers by what it is asked, notes for which question, and kills who asks in the middle of the ``fatal``-th."""

    calls: list[str] = field(default_factory=list)
    fatal: int | None = None
    child: Child | None = None
    lock: Lock = field(default_factory=Lock)

    def __call__(self, request: Mapping[str, Any]) -> str:
        said = str(request["messages"])
        with self.lock:
            self.calls.extend(question for mark, question in MARKS.items() if mark in said)
            if self.child is not None and self.fatal is not None and len(self.calls) >= self.fatal:
                os.kill(self.child.pid, signal.SIGKILL)
                self.child = None
        # Slow enough for whoever watches the file.
        time.sleep(0.05)
        return f"The group did that in Nangarhar [{1 + sha256(said.encode()).digest()[0] % 3}]."


def written(out: Path) -> int:
    """Whole lines; quick, for it is asked again and again."""
    try:
        return (out / "records.jsonl").read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def finished(out: Path) -> list[str]:
    return [row.question_id for row in read_rows(out / "records.jsonl")[0]] if (out / "records.jsonl").exists() else []


@pytest.fixture
def evaluate(home: Path, warm: WarmProcess, openai_server: OpenAIServer) -> Callable[[Path], Child]:
    environment = {"ISISK_QA_MODEL": "m", "ISISK_QA_BASE_URL": openai_server.url}

    def begin(out: Path) -> Child:
        more = ("--split", "dev", "--limit", str(ASKED), "--jobs", str(JOBS), "--resume", "--out", str(out))
        return warm.command(home, "eval", "run", "--answerer", "llm", *more, env=environment)

    return begin


def test_ctrl_c_waits_for_no_reply(
    evaluate: Callable[[Path], Child], tmp_path: Path, openai_server: OpenAIServer
) -> None:
    openai_server.script(Step(text="The group did that [1]."), *[Step("silence")] * JOBS)
    child = evaluate(tmp_path / "run")
    deadline = time.monotonic() + PATIENCE_S
    while len(openai_server.requests) < 1 + JOBS:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    child.kill(signal.SIGINT)
    ended = child.wait()
    assert ended.code == 130, ended.err
    assert len(finished(tmp_path / "run")) == 1
    assert "Traceback" not in ended.err


def test_kills_and_resumes_end_like_a_run_that_nobody_touched(
    evaluate: Callable[[Path], Child], tmp_path: Path, openai_server: OpenAIServer
) -> None:
    model = Model()
    openai_server.answer = model

    whole = evaluate(tmp_path / "whole").wait()
    assert whole.code == 0, whole.err
    asked = len(model.calls)
    assert sorted(model.calls) == sorted(set(model.calls))
    assert asked >= ASKED - 2

    model.calls.clear()
    out = tmp_path / "killed"
    done: list[str] = []
    for number in range(KILLS):
        before = len(model.calls)
        in_a_call = number % 2 == 0
        with model.lock:
            model.fatal = before + 3 if in_a_call else None
            model.child = child = evaluate(out)
        if not in_a_call:
            # As soon as another row is there, so that the next step of the writing is what it hits.
            deadline = time.monotonic() + PATIENCE_S
            while written(out) <= len(done) and child.running:
                assert time.monotonic() < deadline
            child.kill()
        ended = child.wait()
        assert ended.code == -signal.SIGKILL, ended.err
        assert not set(done) & set(model.calls[before:])
        now = finished(out)
        assert now[: len(done)] == done
        done = now
        assert not (out / "summary.json").exists()

    before = len(model.calls)
    model.child = None
    last = evaluate(out).wait()
    assert last.code == 0, last.err
    assert not set(done) & set(model.calls[before:])
    assert len(model.calls) <= asked + KILLS * JOBS
    assert lasting(out) == lasting(tmp_path / "whole")
