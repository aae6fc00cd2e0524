"""The command line in this process, around a fake Application made of real records."""

import io
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, cast

import click
import pytest

from qa import __version__
from qa.cli import cli, main
from qa.doctor import Check
from qa.errors import AuthenticationError, QuestionError, SettingsError
from qa.models import Answer, Citation, Question, Reason, Sentence, Status, Support
from qa.settings import AnswererName, Settings
from vectorstore.dates import PartialDate
from vectorstore.errors import StoreBusyError, UnknownArticleError
from vectorstore.ingest import Failure, IngestReport, Progress
from vectorstore.models import Article, Chunk

if TYPE_CHECKING:
    from qa.app import Application

QUOTE = "ISIS-K had about 3,000 fighters — “at most”."
SPUTNIK = Article(
    id="sputnik-2017-12",
    title="Some 3,000 fighters …",
    text=f"Kabul.\n{QUOTE}\nNext \x1b[31mred\u202e line.",
    sha256="0" * 64,
    path="articles/000.txt",
    publisher="Sputnik",
    published=PartialDate("2017-12"),
    published_basis="inferred: it names November 2017",
)
NOTES = Article(id="notes", title="Own\nnotes", text="Nothing.", sha256="1" * 64, path="own/notes.txt")
REPORT = IngestReport(added=1, replaced=0, unchanged=2, chunks=7, failures=(), seconds=0.25)


class FakeChain:
    def invoke(self, question: Question) -> Answer:
        if question.text == "wait":
            time.sleep(600)
        if question.text == "crash":
            raise ZeroDivisionError("secret detail")
        if question.text == "interrupted while importing":
            raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()
        if question.text == "key":
            raise AuthenticationError("The key was refused: check ISISK_QA_API_KEY.")
        if not question.text.strip():
            raise QuestionError("The question is empty: write one.")
        return answer(question)


def answer(question: Question) -> Answer:
    start = SPUTNIK.text.index(QUOTE)
    citation = Citation(
        marker=1,
        article_id=SPUTNIK.id,
        title=SPUTNIK.title,
        publisher=SPUTNIK.publisher,
        published="2017-12",
        published_basis=SPUTNIK.published_basis,
        path=SPUTNIK.path,
        sha256=SPUTNIK.sha256,
        start=start,
        end=start + len(QUOTE),
        quote=QUOTE,
    )
    found = Answer(
        question=question.text,
        status=Status.ANSWERED,
        reason=None,
        answer=f"{QUOTE} [1]",
        sentences=(Sentence(QUOTE, (1,), Support.SUPPORTED, 1.0),),
        citations=(citation,),
        conflicts=(),
        retrieved=(),
        answerer="extractive",
        model=None,
        prompt_sha256=None,
        index_generation=1,
        as_of=question.as_of,
    )
    if "nobody" not in question.text:
        return found
    return replace(
        found,
        status=Status.ABSTAINED,
        reason=Reason.NO_MATCH,
        answer="The articles do not say.",
        sentences=(),
        citations=(),
    )


class FakeApplication:
    def __init__(self, model: str | None = None, *, empty: bool = False, report: IngestReport = REPORT) -> None:
        self.settings = Settings() if model is None else Settings(model=model)
        self.empty = empty
        self.report = report
        self.closed = False
        self.ingested: Sequence[Path] = ()
        self.checks = [Check("model.onnx", True, "sha256 0")]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.closed = True

    def prepare(self, progress: Callable[[Progress], None] | None = None) -> IngestReport | None:
        if not self.empty:
            return None
        return self.ingest([], progress)

    def ingest(self, paths: Sequence[Path], progress: Callable[[Progress], None] | None = None) -> IngestReport:
        self.ingested = paths
        if progress:
            progress(Progress(1, 2, "000.txt"))
            progress(Progress(2, 2, "001\x1b.txt"))
        return self.report

    def articles(self) -> list[Article]:
        return [SPUTNIK, NOTES]

    def article(self, reference: str) -> Article:
        for article in self.articles():
            if article.id.startswith(reference):
                return article
        raise UnknownArticleError(f"No article {reference!r} in the store: isisk-qa articles lists them.")

    def chunks(self) -> list[Chunk]:
        return [Chunk("c1", SPUTNIK.id, 0, 7, 7 + len(QUOTE), QUOTE)]

    def answerer(self, name: AnswererName | None = None) -> Literal["extractive", "llm"]:
        return "llm" if name == "llm" or (name in (None, "auto") and self.settings.model) else "extractive"

    def chain(self, answerer: AnswererName | None = None) -> FakeChain:
        if self.answerer(answerer) == "llm" and not self.settings.model:
            raise SettingsError("No model is configured: set ISISK_QA_MODEL.")
        return FakeChain()

    def doctor(self) -> list[Check]:
        return self.checks


def factory(model: str | None) -> "Application":
    return cast("Application", FakeApplication(model))


class Result:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("ISISK_QA_HOME", str(tmp_path / "home"))
    for name in ("ISISK_QA_MODEL", "ISISK_QA_ANSWERER"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str, application: FakeApplication | None = None, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        made = (lambda _: cast("Application", application)) if application else factory
        code = main(list(arguments), made)
        return Result(code, *capsys.readouterr())

    return call


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
        ([], 2, "the terminal UI needs a full terminal; without one use: isisk-qa ask QUESTION"),
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


def test_ingest_reports_what_it_did(run: Run, tmp_path: Path) -> None:
    application = FakeApplication()
    result = run("ingest", str(tmp_path), application=application)
    assert result.code == 0
    assert result.out == "1 added, 0 replaced, 2 unchanged, 0 failed; 7 chunks in 0.2 s\n"
    assert application.ingested == (tmp_path,)


def test_ingest_fails_when_a_file_could_not_be_read(run: Run, tmp_path: Path) -> None:
    failed = replace(REPORT, failures=(Failure("x.bin", "x.bin is not text."),))
    result = run("ingest", str(tmp_path), application=FakeApplication(report=failed))
    assert result.code == 1
    assert result.err.splitlines()[-1] == "isisk-qa: x.bin is not text."
    assert "1 failed" in result.out


def test_articles_as_columns(run: Run) -> None:
    assert run("articles").out.splitlines() == [
        "sputnik-2017-12  December 2017 (inferred)  Sputnik            Some 3,000 fighters …",
        "notes            date unknown              publisher unknown  Own notes",
    ]


def test_articles_as_json_lines(run: Run) -> None:
    first, second = (json.loads(line) for line in run("articles", "--json").out.splitlines())
    assert first == {
        "id": "sputnik-2017-12",
        "title": "Some 3,000 fighters …",
        "sha256": "0" * 64,
        "path": "articles/000.txt",
        "publisher": "Sputnik",
        "published": "2017-12",
        "published_basis": "inferred: it names November 2017",
        "language": "en",
        "origin": None,
        "characters": len(SPUTNIK.text),
    }
    assert second["published"] is None


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["sputnik-2017-12", "--start", "7", "--end", str(7 + len(QUOTE))], QUOTE),
        (["sputnik"], f"Kabul.\n{QUOTE}\nNext \ufffd[31mred\ufffd line."),
        (["notes", "--start", "8"], ""),
        (["notes", "--start", "0", "--end", "0"], ""),
        (["notes", "--end", "3"], "Not"),
    ],
)
def test_show_prints_the_characters_and_nothing_else(run: Run, arguments: list[str], expected: str) -> None:
    result = run("show", *arguments)
    assert (result.code, result.out) == (0, expected)


def test_doctor_lists_checks_and_fails_when_one_fails(run: Run) -> None:
    application = FakeApplication()
    good = run("doctor", application=application)
    assert good.code == 0
    assert good.out.splitlines()[0].split() == ["ok", "isisk-qa", __version__]
    assert "ok  model.onnx" in good.out
    application.checks = [Check("store", False, "cannot be opened\x1b")]
    bad = run("doctor", application=application)
    assert bad.code == 1
    assert bad.out.splitlines()[-1].split(maxsplit=2) == ["FAILED", "store", "cannot be opened\ufffd"]


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    start = SPUTNIK.text.index(QUOTE)
    rows = [
        {
            "id": f"q{number}",
            "question": text,
            "category": "single_fact",
            "answerable": True,
            "split": split,
            "cluster_id": f"c{number}",
            "nuggets": [
                {
                    "id": "n1",
                    "text": "3,000",
                    "importance": "vital",
                    "aliases": ["3,000"],
                    "evidence_ids": ["e1"],
                }
            ],
            "evidence": [
                {
                    "id": "e1",
                    "article_id": SPUTNIK.id,
                    "start": start,
                    "end": start + len(QUOTE),
                    "quote": QUOTE,
                }
            ],
            "forbidden_claims": [],
            "conflict_positions": [],
            "as_of": None,
            "difficulty": "easy",
            "absence_search": [],
        }
        for number, (text, split) in enumerate([("How many?", "dev"), ("key", "test"), ("Fighters?", "dev")])
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_eval_run_asks_one_split_and_prints_the_figures(run: Run, questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("eval", "run", "--questions", str(questions), "--split", "dev", "--out", str(out))
    assert result.code == 0
    records = (out / "records.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["question_id"] for line in records] == ["q0", "q2"]
    assert "asking: 2 of 2 q2" in result.err
    assert "dev" in result.out.splitlines()[0]


def test_eval_run_fails_when_a_question_failed(run: Run, questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("eval", "run", "--questions", str(questions), "--limit", "2", "--out", str(out))
    assert result.code == 1
    assert result.err.splitlines()[-1] == f"isisk-qa: 1 of 2 questions failed; see the errors in {out}"


def every_command(group: click.Group) -> list[click.Command]:
    inner = [each for each in group.commands.values() if isinstance(each, click.Group)]
    return [group, *group.commands.values(), *(one for each in inner for one in every_command(each))]


@pytest.mark.parametrize("command", every_command(cli), ids=lambda command: str(command.name))
def test_every_help_shows_the_exit_codes(command: click.Command) -> None:
    text = command.get_help(click.Context(command))
    assert "Exit codes:\n    0    an answer, or a plain statement that the articles do not answer\n" in text
    assert "\n    1    a failure\n    2    wrong usage\n    130  interrupted\n" in text
