"""``make ask`` with a stand-in for the installed program, which prints its arguments."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[2] / "Makefile"
PROGRAM = f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(MAKEFILE, tmp_path)
    for name in ("pyproject.toml", "requirements.lock"):
        (tmp_path / name).touch()
    program = tmp_path / ".venv" / "bin" / "isisk-qa"
    program.parent.mkdir(parents=True)
    program.write_text(PROGRAM, encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / ".venv" / ".ready").touch()
    return tmp_path


def make(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    # Inside `make test` the outer make's own variables would be taken over.
    outer = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "Q")
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "question",
    [
        "How many fighters?",
        'it\'s "quoted" `twice`; touch made',
        "$HOME $5 $$ $(shell touch made) ${HOME} $(touch made)",
        "# no comment % \\n \\",
        "--json",
        "a = b := c",
        "Où — “so”?",
        "two\nlines",
    ],
)
@pytest.mark.parametrize("where", ["argument", "environment"])
def test_the_question_arrives_as_it_was_typed(question: str, where: str, folder: Path) -> None:
    done = make(folder, "ask", f"Q={question}") if where == "argument" else make(folder, "ask", Q=question)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout) == ["ask", "--", question]
    assert not (folder / "made").exists()


def test_without_a_question_it_says_how_to_give_one(folder: Path) -> None:
    done = make(folder, "ask")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith('give a question: make ask Q="..."\n')


def test_make_alone_lists_the_targets_in_the_makefile(folder: Path) -> None:
    shown = {line.split()[1] for line in make(folder).stdout.splitlines()}
    lines = MAKEFILE.read_text().replace("\\\n", " ").splitlines()
    declared = next(line for line in lines if line.startswith(".PHONY:"))
    assert shown == set(declared.split()[1:]) - {"help"}


def test_too_old_a_python_is_one_sentence(folder: Path) -> None:
    (folder / ".venv" / ".ready").unlink()
    empty = folder / "empty"
    empty.mkdir()
    for tool in ("make", "sh"):
        (empty / tool).symlink_to(shutil.which(tool) or tool)
    old = folder / "old"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    done = make(folder, "ask", "Q=x", f"PYTHON={old}", PATH=str(empty))
    assert done.stderr.startswith("Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3.11\n")
    assert done.stdout == ""
