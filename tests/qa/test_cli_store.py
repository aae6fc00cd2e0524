"""ingest, articles, show and doctor around a fake Application."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from qa import __version__
from qa.doctor import Check
from tests.fakes.cli_application import QUOTE, REPORT, SPUTNIK, FakeApplication
from tests.qa.conftest import Run
from vectorstore.changes import Failure
from vectorstore.source_state import SourceState


def test_ingest_reports_what_it_did(run: Run, tmp_path: Path) -> None:
    application = FakeApplication()
    result = run("ingest", str(tmp_path), application=application)
    assert result.code == 0
    assert result.out == "1 added, 0 replaced, 2 unchanged, 0 failed; 7 chunks in 0.2 s\n"
    assert application.ingested == (tmp_path,)


def test_ingest_as_json(run: Run, tmp_path: Path) -> None:
    failed = replace(REPORT, failures=(Failure("x.bin", "x.bin is not text."),), removed=2, embedded=30, generation=9)
    application = FakeApplication(report=failed)
    result = run("ingest", "--prune", "--json", str(tmp_path), application=application)
    assert (result.code, application.pruned) == (1, True)
    assert json.loads(result.out) == {
        "added": 1,
        "replaced": 0,
        "unchanged": 2,
        "removed": 2,
        "chunks": 7,
        "embedded": 30,
        "copies": 0,
        "failures": [{"path": "x.bin", "message": "x.bin is not text."}],
        "seconds": 0.25,
        "generation": 9,
    }
    assert result.out.count("\n") == 1


def test_remove_names_what_it_removed(run: Run) -> None:
    application = FakeApplication()
    result = run("remove", "sputnik", "notes", application=application)
    assert (result.code, result.out) == (0, "removed sputnik-2017-12\nremoved notes\n")
    assert [article.id for article in application.removed] == ["sputnik-2017-12", "notes"]


def test_remove_of_an_unknown_one(run: Run) -> None:
    application = FakeApplication()
    result = run("remove", "notes", "nothing", application=application)
    assert (result.code, result.out) == (2, "")
    assert "No article 'nothing'" in result.err
    assert application.removed == []


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
        "author": None,
        "url": None,
        "encoding": "utf-8 (strict)",
        "copied_from": None,
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


@pytest.mark.parametrize(("arguments", "deep"), [([], False), (["--deep"], True), (["--repair"], True)])
def test_doctor_looks_as_deep_as_it_is_told(run: Run, arguments: list[str], deep: bool) -> None:
    application = FakeApplication()
    assert run("doctor", *arguments, application=application).code == 0
    assert application.deep is deep


def test_doctor_says_what_it_mended(run: Run) -> None:
    application = FakeApplication()
    assert run("doctor", "--repair", application=application).err == "Nothing had to be mended.\n"
    application.mended = ["The file vectors.bin was dropped (it is damaged).", "The vector\x1b index was made anew."]
    result = run("doctor", "--repair", application=application)
    assert result.err.splitlines() == [application.mended[0], "The vector\ufffd index was made anew."]


@pytest.mark.parametrize(
    ("state", "said"), [(SourceState.CHANGED, "has changed since it was read"), (SourceState.GONE, "is gone")]
)
def test_a_person_is_told_that_a_file_is_not_as_it_was_read(run: Run, state: SourceState, said: str) -> None:
    application = FakeApplication()
    application.state = state
    assert f"(the file {said})" in run("ask", "How many?", application=application).out
    shown = run("show", "sputnik", application=application)
    assert shown.out == run("show", "sputnik").out
    assert shown.err == f"articles/000.txt: the file {said}; this is the text that was read\n"
    assert run("show", "sputnik").err == ""
    # A record is for programs, which have the path and the SHA-256.
    assert said not in run("ask", "--json", "How many?", application=application).out
