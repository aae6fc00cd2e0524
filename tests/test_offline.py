"""With every way off this machine blocked, the program answers and evaluates."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Put before the program, in its own process: whatever asks for a name or for another machine ends it.
BLOCKED = """
import os, socket, sys

def refuse(what):
    sys.stderr.write(f"BLOCKED {what!r}\\n")
    sys.stderr.flush()
    os._exit(99)

def local(host):
    return host in ("localhost", "::1") or str(host).startswith("127.")

def guard(name):
    original = getattr(socket.socket, name)
    def guarded(self, *arguments):
        address = arguments[-1]
        if self.family != socket.AF_UNIX and not local(address[0]):
            refuse(address)
        return original(self, *arguments)
    setattr(socket.socket, name, guarded)

for name in ("connect", "connect_ex", "sendto"):
    guard(name)

def look_up(host, *arguments, **named):
    refuse(host)

for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo"):
    setattr(socket, name, look_up)
"""
LEGACY = "legacy embedding function config"
RUN = BLOCKED + "from qa.cli import main\nsys.exit(main())\n"


def blocked(program: str, home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        # The one that is let pass is Chroma's own reading of a collection that was made without an embedding function.
        [sys.executable, "-W", "error", "-W", f"ignore:{LEGACY}:DeprecationWarning", "-c", program, *arguments],
        cwd=ROOT,
        env={**os.environ, "ISISK_QA_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('192.0.2.1', 443), timeout=1)",
        "socket.socket().connect(('192.0.2.1', 443))",
        "socket.gethostbyname('example.org')",
    ],
)
def test_the_block_holds(attempt: str, tmp_path: Path) -> None:
    assert blocked(BLOCKED + attempt, tmp_path).returncode == 99


def test_a_first_question_on_an_empty_store(tmp_path: Path) -> None:
    done = blocked(
        RUN, tmp_path / "home", "ask", "--json", "How many fighters did ISIS-K have at the beginning of 2017?"
    )
    assert done.returncode == 0, done.stderr
    assert "3,000" in json.loads(done.stdout)["answer"]


def test_an_evaluation(home: Path, tmp_path: Path) -> None:
    done = blocked(RUN, home, "eval", "run", "--split", "dev", "--limit", "5", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "out" / "records.jsonl").read_text(encoding="utf-8").splitlines()) == 5
    assert (tmp_path / "out" / "summary.json").exists()


def test_tracing_stays_off_though_the_environment_asks_for_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "true")
    monkeypatch.setenv("LANGSMITH_API_KEY", "none")
    done = blocked(RUN, home, "ask", "When was IS-K founded?")
    assert done.returncode == 0, done.stderr
    assert "January 2015" in done.stdout
