"""The command line in this process: ask, what goes wrong, and help."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import pytest

from qa.cli import main
from qa.commands.root import cli
from qa.usage import HELP
from tests.fakes.cli_application import QUOTE, REPORT, FakeApplication
from tests.qa.conftest import Run
from vectorstore.changes import Failure
from vectorstore.errors import StoreBusyError
from vectorstore.ingest import IngestReport
from vectorstore.pipeline import Progress


def test_ask_prints_only_the_answer_on_stdout(run: Run) -> None:
    result = run("ask", "How many?")
    assert result.code == 0
    assert result.out.startswith(f"{QUOTE} [1]\n\nSources\n\n[1] Some 3,000 fighters … — Sputnik, December 2017 ")
    assert result.out.endswith(f"isisk-qa show sputnik-2017-12 --start 7 --end {7 + len(QUOTE)}\n")
    assert result.err == "answering extractively: no model is configured (set ISISK_QA_MODEL)\n"


def test_an_abstention_is_not_a_failure(run: Run) -> None:
    result = run("ask", "nobody?")
    assert (result.code, result.out) == (0, "The articles do not say.\n")


def test_ask_json_is_one_line_with_the_record(run: Run) -> None:
    result = run("ask", "--json", "--as-of", "2018-12", "How many?")
    assert result.code == 0
    assert result.out.count("\n") == 1
    assert json.loads(result.out)["as_of"] == "2018-12"
    assert "—" in result.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--answerer", "extractive"], "answering extractively\n"),
        (["--answerer", "auto"], "answering extractively: no model is configured (set ISISK_QA_MODEL)\n"),
        (["--model", "gpt-x"], "answering with gpt-x\n"),
        (["--model", "gpt-x", "--answerer", "extractive"], "answering extractively\n"),
    ],
)
def test_who_answers_is_said_on_stderr(run: Run, arguments: list[str], said: str) -> None:
    assert run("ask", *arguments, "How many?").err == said


def test_the_setting_chooses_the_answerer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISISK_QA_ANSWERER", "extractive")
    assert run("ask", "How many?").err == "answering extractively\n"


LINES = b"\xef\xbb\xbfHow many?\r\n\n   \nkey\n\xff\xfe broken\nnobody?"


def test_ask_json_from_stdin_goes_on_after_an_error(run: Run) -> None:
    result = run("ask", "--json", "-", stdin=LINES)
    assert result.code == 1
    assert [json.loads(line)["question"] for line in result.out.splitlines()] == ["How many?", "nobody?"]
    assert result.err.splitlines()[1:] == [
        "isisk-qa: line 4: The key was refused: check ISISK_QA_API_KEY.",
        "isisk-qa: line 5: the question is not UTF-8 text: write it, or save its file, as UTF-8",
    ]


def test_ask_from_stdin_without_json_prints_a_block_a_question(run: Run) -> None:
    result = run("ask", "-", stdin="Où?\nnobody?\n".encode())
    assert result.code == 0
    assert result.out.startswith(f"Question: Où?\n\n{QUOTE} [1]\n\nSources")
    assert result.out.endswith("\n\nQuestion: nobody?\n\nThe articles do not say.\n")


def test_a_line_may_follow_the_one_before(run: Run) -> None:
    result = run("ask", "--json", "--follow", "-", stdin=b"one\nkey\ntwo\nthree\n")
    records = [json.loads(line) for line in result.out.splitlines()]
    # What failed is nothing to follow; what was understood is.
    understood = [None, "two after one", "three after two after one"]
    assert [record["standalone_question"] for record in records] == understood
    alone = run("ask", "--json", "-", stdin=b"one\ntwo\n")
    assert [json.loads(line)["standalone_question"] for line in alone.out.splitlines()] == [None, None]
    assert "Read as: two after one" in run("ask", "--follow", "-", stdin=b"one\ntwo\n").out


def test_one_question_follows_nothing(run: Run) -> None:
    result = run("ask", "--follow", "How many?")
    assert result.code == 2
    assert "give - in place of the question" in result.err


def test_ask_from_empty_stdin_writes_nothing(run: Run) -> None:
    result = run("ask", "--json", "-")
    assert (result.code, result.out) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["ask", ""], 2, "The question is empty: write one."),
        (["ask", "caf\udce9"], 2, "the question is not UTF-8 text: write it, or save its file, as UTF-8"),
        (["ask", "key"], 1, "The key was refused: check ISISK_QA_API_KEY."),
        (["ask", "--answerer", "llm", "x"], 2, "No model is configured: set ISISK_QA_MODEL."),
        (["ask"], 2, "give a question in quotes, or - to read one a line from standard input"),
        (["ask", "two", "words"], 2, "unexpected extra argument"),
        (["ask", "--as-of", "2018-13", "x"], 2, "'2018-13' is not a date: write YYYY, YYYY-MM or YYYY-MM-DD"),
        (["ask", "--as-of", "last year", "x"], 2, "is not a date"),
        (["ask", "--answerer", "oracle", "x"], 2, "'oracle' is not one of"),
        (["show", "reuters"], 2, "No article 'reuters' in the store"),
        (["show", "notes", "--start", "9"], 2, "9 to 8 is not a span of notes: it has 8 characters"),
        (["show", "notes", "--end", "9"], 2, "0 to 9 is not a span"),
        (["show", "notes", "--start", "5", "--end", "2"], 2, "5 to 2 is not a span"),
        (["show", "notes", "--start", "-1"], 2, "-1 is not in the range"),
        (["ingest"], 2, "Missing argument 'PATH...'"),
        (["ingest", "no/such/file"], 2, "'no/such/file' does not exist"),
        (["eval"], 2, "Missing command"),
        (["eval", "run"], 2, "Missing option '--out'"),
        (["teleport"], 2, "No such command 'teleport'"),
        (["--colour"], 2, "No such option"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_an_exit_code(
    run: Run, arguments: list[str], code: int, message: str
) -> None:
    result = run(*arguments)
    complaints = [line for line in result.err.splitlines() if not line.startswith("answering")]
    assert result.code == code
    assert result.out == ""
    assert len(complaints) == 1
    assert complaints[0].startswith("isisk-qa: ")
    assert message in complaints[0]
    assert "\x1b" not in result.err


def test_a_busy_store_is_a_failure_and_the_application_is_closed(run: Run) -> None:
    class Busy(FakeApplication):
        def prepare(self, progress: Callable[[Progress], None] | None = None) -> IngestReport | None:
            raise StoreBusyError("Process 7 is writing to the store: wait for it.")

    application = Busy()
    result = run("ask", "How many?", application=application)
    assert (result.code, result.out) == (1, "")
    assert result.err.endswith("isisk-qa: Process 7 is writing to the store: wait for it.\n")
    assert application.closed


def test_a_defect_is_one_sentence_and_a_traceback_in_the_log(run: Run, tmp_path: Path) -> None:
    result = run("ask", "crash")
    log = tmp_path / "home" / "isisk-qa.log"
    assert result.code == 1
    assert result.err.splitlines()[-1] == (
        f"isisk-qa: something went wrong that should not have (ZeroDivisionError); the details are in {log}"
    )
    assert "secret detail" not in result.err
    assert "ZeroDivisionError: secret detail" in log.read_text(encoding="utf-8")


def test_an_interrupt_that_python_wrapped_is_still_an_interrupt(run: Run, tmp_path: Path) -> None:
    result = run("ask", "interrupted while importing")
    assert (result.code, result.out) == (130, "")
    assert "isisk-qa:" not in result.err
    assert not (tmp_path / "home" / "isisk-qa.log").exists()


def test_a_defect_without_a_place_for_the_log_is_still_one_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ISISK_QA_HOME", str(tmp_path / "file"))
    result = run("ask", "crash")
    assert result.code == 1
    assert result.err.endswith("(ZeroDivisionError); and the details could not be written to a log\n")


def test_an_invalid_setting_names_its_variable_and_not_its_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ISISK_QA_DEADLINE_S", "sk-secret")
    assert main(["articles"]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("isisk-qa: ISISK_QA_DEADLINE_S is not valid: ")
    assert "sk-secret" not in captured.err


def test_an_empty_store_is_filled_with_plain_progress_lines(run: Run) -> None:
    failed = replace(REPORT, failures=(Failure("a.bin", "not text"), Failure("b.txt", "b.txt is empty")))
    result = run("ask", "How many?", application=FakeApplication(empty=True, report=failed))
    assert result.code == 0
    assert result.err.splitlines()[1:] == [
        "reading the shipped articles: 1 of 2 000.txt",
        "reading the shipped articles: 2 of 2 001\ufffd.txt",
        "isisk-qa: a.bin: not text",
        "isisk-qa: b.txt is empty",
    ]


def every_command(group: click.Group) -> list[click.Command]:
    inner = [each for each in group.commands.values() if isinstance(each, click.Group)]
    return [group, *group.commands.values(), *(one for each in inner for one in every_command(each))]


@pytest.mark.parametrize("command", every_command(cli), ids=lambda command: str(command.name))
def test_every_help_shows_the_exit_codes(command: click.Command) -> None:
    text = command.get_help(click.Context(command))
    shown = re.findall(r"^ {4}(\d+)  +\w", text.partition("Exit codes:\n")[2], re.MULTILINE)
    # A run that does not count is a thing of its own only where runs are made and read.
    assert shown in (["0", "1", "2", "130"], ["0", "1", "2", "3", "130"])


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_the_page_that_is_kept_is_what_click_writes(run: Run, option: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("os.get_terminal_size", lambda *_: os.terminal_size((80, 24)))
    kept = run(option)
    monkeypatch.setenv("COLUMNS", "80")
    assert (kept.code, kept.err) == (0, "")
    assert kept == run(option)


def test_on_a_narrow_terminal_the_page_is_laid_out_anew(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("os.get_terminal_size", lambda *_: os.terminal_size((60, 24)))
    narrow = run("--help").out
    assert "opens the terminal UI, or, where\n  there is" in narrow
    assert "opens the terminal UI, or, where there is" in HELP.replace("\n ", "")
