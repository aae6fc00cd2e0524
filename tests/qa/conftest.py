import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import pytest

from qa.cli import main
from tests.fakes.cli_application import FakeApplication, factory

if TYPE_CHECKING:
    from qa.app import Application


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


class Run(Protocol):
    """Runs one command in this process, by default with an Application of its own."""

    def __call__(self, *arguments: str, application: FakeApplication | None = None, stdin: bytes = b"") -> Result: ...


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
