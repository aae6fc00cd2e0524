"""How far an ingest has come, as lines in a pipe; the bar is tested in test_cli_process.py."""

import io
import sys

import pytest

from qa import progress
from qa.progress import ProgressReport
from vectorstore.pipeline import Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in its one item."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_line_now_and_then(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressReport("reading articles") as report:
        for number in range(80):
            report.update(Progress(number, 80, f"{number}\x1b.txt", articles=number, chunks=3 * number))
            clock[0] += 0.125
        report.update(Progress(0, 0, "", phase="index", articles=80, chunks=240))
        report.update(Progress(150, 300, "", phase="index", articles=80, chunks=240))
        report.update(Progress(80, 80, "", articles=80, chunks=240))
    assert capsys.readouterr().err.splitlines() == [
        "reading articles: 0 of 80 0\ufffd.txt",
        "reading articles: 40 of 80 40\ufffd.txt (8.0 articles, 24 chunks a second)",
        "index",
        "reading articles: 80 of 80 (8.0 articles, 24 chunks a second)",
    ]


def test_waiting_is_said_once(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressReport("reading the shipped articles") as report:
        for _ in range(10):
            report.update(Progress(0, 0, "", phase="waiting for another program that writes"))
            clock[0] += 0.2
    assert capsys.readouterr().err.splitlines() == ["waiting for another program that writes"]


def test_a_bar_goes_by_bytes(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with ProgressReport("reading articles") as report:
        report.update(Progress(1, 4, "a.txt", articles=1, chunks=2, bytes_done=900, bytes_total=1_000))
        assert report._bar is not None
        (task,) = report._bar.tasks
        assert (task.percentage, task.fields["files"]) == (90, "1/4")
        report.update(Progress(30, 60, "", phase="index"))
        (task,) = report._bar.tasks
        assert (task.description, task.percentage) == ("index", 50)
