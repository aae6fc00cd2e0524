"""The command line as its own process: what is imported, signals, pipes, encodings and real terminals."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qa import __version__

GENEROUS = 60
ROOT = Path(__file__).parents[2]
HEAVY = (
    "chromadb",
    "langchain",
    "openai",
    "textual",
    "onnxruntime",
    "numpy",
    "pydantic",
    "rich",
    "tokenizers",
)

# A fake Application behind the real main(). Tests that run in the background inherit an ignored SIGINT.
PROGRAM = (
    "import signal, sys; from qa.cli import main; from tests.fakes.cli_application import FakeApplication;"
    "signal.signal(signal.SIGINT, signal.default_int_handler);"
    "sys.exit(main(None, lambda model: FakeApplication(model, empty={empty})))"
)
IMPORTS = "import sys; from qa.cli import main; code = main(); print(*sys.modules, file=sys.stderr); sys.exit(code)"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    # PYTHONUNBUFFERED, where it is set, would hide a missing flush.
    ours = ("ISISK_QA_", "OPENAI_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "ISISK_QA_HOME": str(tmp_path), "TERM": "xterm", "PYTHONWARNINGS": "error", "PYTHONPATH": str(ROOT)}


def command(*arguments: str, empty: bool = False) -> list[str]:
    return [sys.executable, "-c", PROGRAM.format(empty=empty), *arguments]


MULTIPLIES = """
import os, sys
from qa.cli import main
main(["--version"])
import numpy
numpy.ones((999, 999)) @ numpy.ones((999, 999))
print(len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted in /proc")
@pytest.mark.parametrize(("threads", "counted"), [(None, 1), ("2", 2)])
def test_numpy_multiplies_in_one_thread_unless_told_otherwise(
    environment: dict[str, str], threads: str | None, counted: int
) -> None:
    environment.pop("OPENBLAS_NUM_THREADS", None)
    told = {} if threads is None else {"OPENBLAS_NUM_THREADS": threads}
    program = [sys.executable, "-c", MULTIPLIES]
    done = subprocess.run(program, env={**environment, **told}, capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[-1]) == min(counted, os.cpu_count() or 1)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["ask", "--help"], ["eval", "run", "-h"], ["nope"]])
def test_help_and_version_load_nothing_heavy(arguments: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=GENEROUS,
        check=False,
    )
    assert done.returncode == (2 if arguments == ["nope"] else 0)
    loaded = {module.split(".")[0] for module in done.stderr.split()}
    assert "qa" in loaded
    assert {module for module in loaded if module.startswith(HEAVY)} == set()
    # Alone it takes more than three times what an empty program does.
    assert ("click" in loaded) == (arguments not in (["--help"], ["--version"]))


def test_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "qa.cli", "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=GENEROUS,
    )
    assert done.stdout == f"isisk-qa {__version__}\n"


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_an_ascii_locale_still_reads_and_writes_utf8(locale: str, environment: dict[str, str]) -> None:
    # Without these two, Python gives up on UTF-8 in such a locale.
    ascii_only = {"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        command("ask", "--json", "-"),
        env={**environment, **ascii_only},
        input="Où — ?\n".encode(),
        capture_output=True,
        timeout=GENEROUS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.decode())["question"] == "Où — ?"
    assert "“at most”".encode() in done.stdout


def test_each_record_is_flushed_before_the_next_question_is_read(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        command("ask", "--json", "-"),
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text in ("one?", "two?"):
            process.stdin.write(f"{text}\n".encode())
            ready, _, _ = select.select([process.stdout], [], [], GENEROUS)
            assert ready
            assert json.loads(process.stdout.readline())["question"] == text
        process.stdin.close()
        assert process.wait(GENEROUS) == 0


def test_an_interrupt_says_nothing_more_and_exits_130(environment: dict[str, str]) -> None:
    # An import that is broken off leaves its file open, which Python would say here.
    quiet = {**environment, "PYTHONWARNINGS": "error,ignore::ResourceWarning"}
    with subprocess.Popen(
        command("ask", "wait"), env=quiet, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("answering extractively")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=GENEROUS)
    assert (process.returncode, out, err) == (130, "", "")


def test_a_reader_that_leaves_early_is_not_an_error_message(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        command("ask", "--json", "-"),
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(b"How many?\n" * 50, timeout=GENEROUS)
    assert process.returncode == 1
    assert err.decode().splitlines() == ["answering extractively: no model is configured (set ISISK_QA_MODEL)"]


@contextmanager
def terminal(columns: int) -> Iterator[tuple[int, int]]:
    ours, theirs = pty.openpty()
    try:
        os.set_blocking(ours, True)
        subprocess.run(["stty", "cols", str(columns), "rows", "24"], stdin=theirs, check=True)
        yield ours, theirs
    finally:
        for end in (ours, theirs):
            os.close(end)


def read(ours: int) -> str:
    """What was written so far; the other end is still open here, so there is no end of file."""
    seen = b""
    while select.select([ours], [], [], 0)[0]:
        seen += os.read(ours, 65536)
    return seen.decode()


def test_prose_is_wrapped_on_a_terminal_only(environment: dict[str, str]) -> None:
    without_width = {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES")}
    with terminal(columns=40) as (ours, theirs):
        done = subprocess.run(
            command("ask", "How many?"),
            env=without_width,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.PIPE,
            timeout=GENEROUS,
            check=False,
        )
        shown = read(ours)
    assert done.returncode == 0
    prose = [line for line in shown.splitlines() if "isisk-qa show" not in line]
    assert max(map(len, prose)) <= 40
    assert "\x1b" not in shown


def test_progress_is_a_bar_on_a_terminal_and_leaves_stdout_alone(environment: dict[str, str]) -> None:
    with terminal(columns=100) as (ours, theirs):
        done = subprocess.run(
            command("ask", "--json", "How many?", empty=True),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=theirs,
            timeout=GENEROUS,
            check=False,
        )
        shown = read(ours)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
    assert "reading the shipped articles" in shown
    assert "2/2" in shown
    assert "001\ufffd.txt" in shown


@pytest.mark.parametrize(
    ("name", "options", "stdin"),
    [("dumb", [], "terminal"), ("xterm", ["--plain"], "terminal"), ("xterm", [], "pipe")],
)
def test_a_conversation_in_plain_lines(name: str, options: list[str], stdin: str, environment: dict[str, str]) -> None:
    """stdout and stderr are a terminal, on which progress would else be a bar."""
    with terminal(columns=80) as (ours, theirs):
        if stdin == "terminal":
            os.write(ours, b"first\nnobody\n\x04")
        done = subprocess.run(
            command(*options, empty=True),
            env={**environment, "TERM": name},
            stdin=theirs if stdin == "terminal" else None,
            input=None if stdin == "terminal" else b"first\nnobody\n",
            stdout=theirs,
            stderr=theirs if options or name == "dumb" else subprocess.PIPE,
            timeout=GENEROUS,
            check=False,
        )
        shown = read(ours)
    assert done.returncode == 0, shown
    assert "\x1b" not in shown
    assert "ISIS-K had about 3,000 fighters" in shown
    assert "Read as: nobody after first" in shown
    assert "The articles do not say." in shown
