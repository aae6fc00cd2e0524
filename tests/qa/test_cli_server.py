"""--store on the command line: which settings it makes, and what is said of a server."""

from pathlib import Path

import click
import pytest

from qa.app import Application
from qa.cli import main
from qa.commands.common import make_application
from qa.commands.root import cli
from tests.fakes.cli_application import FakeApplication
from tests.qa.conftest import Run
from tests.qa.tui.terminal import terminal

NOWHERE = "http://127.0.0.1:1"


def leaves(group: click.Group) -> list[click.Command]:
    found: list[click.Command] = []
    for command in group.commands.values():
        found += leaves(command) if isinstance(command, click.Group) else [command]
    return found


def test_every_command_takes_it() -> None:
    assert len(leaves(cli)) > 5
    for command in [cli, *leaves(cli)]:
        assert [option for option in command.params if "--store" in option.opts], command.name


@pytest.mark.parametrize(
    ("arguments", "store"),
    [
        (["articles"], None),
        (["articles", "--store", NOWHERE], NOWHERE),
        (["--store", NOWHERE, "articles"], NOWHERE),
        (["--store", "http://127.0.0.1:2", "articles", "--store", NOWHERE], NOWHERE),
    ],
)
def test_it_becomes_a_setting(monkeypatch: pytest.MonkeyPatch, arguments: list[str], store: str | None) -> None:
    made: list[Application] = []

    def make(model: str | None) -> Application:
        made.append(make_application(model))
        raise click.exceptions.Exit(0)

    assert main(arguments, make) == 0
    assert made[0].settings.store == store


def test_it_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISISK_QA_STORE", "http://127.0.0.1:2")
    stores: list[str | None] = []

    def make(model: str | None) -> Application:
        stores.append(make_application(model).settings.store)
        raise click.exceptions.Exit(0)

    main(["articles"], make)
    main(["articles", "--store", NOWHERE], make)
    assert stores == ["http://127.0.0.1:2", NOWHERE]


@pytest.mark.parametrize(
    ("store", "code", "said"),
    [
        ("ftp://a.example", 2, "such as http://127.0.0.1:8000"),
        ("https://user:s3cret@a.example", 2, "ISISK_QA_STORE_AUTH"),
        ("http://a.example", 2, "unencrypted"),
        (NOWHERE, 1, f"The Chroma server at {NOWHERE} does not answer"),
    ],
)
def test_what_is_wrong_with_it_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    store: str,
    code: int,
    said: str,
) -> None:
    monkeypatch.setenv("ISISK_QA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ISISK_QA_STORE_PATIENCE_S", "0.1")
    monkeypatch.setenv("ISISK_QA_STORE_TOKEN", "s3cret")
    for arguments in (["articles"], ["ask", "Who?"], ["ingest", str(tmp_path)]):
        assert main([*arguments, "--store", store]) == code
        captured = capsys.readouterr()
        assert captured.out == ""
        complaint = captured.err.splitlines()[-1]
        assert complaint.startswith("isisk-qa: ")
        assert said in complaint or (arguments[0] == "ingest" and "does not answer" in complaint)
        assert "s3cret" not in captured.err


def test_how_is_searched_is_said(run: Run) -> None:
    application = FakeApplication()
    application.note = "by meaning only: the catalog of this store is on another machine"
    assert run("ask", "How many?", application=application).err.splitlines()[-1] == f"searching {application.note}"


def test_the_terminal_ui_takes_it_too(tmp_path: Path) -> None:
    """Its application is made in a thread, where click's context is not at hand by itself."""
    program = 'from qa.cli import main; main(["--store", "ftp://a.example"])'
    with terminal(program=program, ISISK_QA_HOME=str(tmp_path)) as tty:
        tty.until(lambda: "https://chroma.example." in tty.text())
