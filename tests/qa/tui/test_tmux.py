"""In tmux as it comes, every action has a key that arrives."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.tui import keys
from qa.tui.app import IsiskQAApp
from tests.qa.tui import fakes

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
# So generous that only a program that hangs meets it.
DEADLINE_SECONDS = 90
ROOT = Path(__file__).parents[3]
PROGRAM = """
from dataclasses import replace
from pathlib import Path
from qa.errors import ModelError
from qa.tui.app import run
from tests.qa.tui import fakes
long = fakes.answer(chr(10).join(f"line {n}" for n in range(60)), (), fakes.fighters().citations)
slow = [fakes.TextDelta("Half an answer"), fakes.threading.Event()]
script = {"bad": [ModelError("It is down.")], "long": fakes.steps(long), "slow": slow}
known = [replace(article, url="https://example.org/") for article in fakes.shipped()]
run(lambda: fakes.Application(script, known, home=Path("home")))
"""
Q = fakes.QUESTION

# What is done, with which keys, what is on the screen then, and what is not.
STEPS: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("", (), "2 articles", ""),
    ("help", ("F1",), "New conversation", ""),
    ("", ("Escape",), "For example", "New conversation"),
    ("help", ("?",), "New conversation", ""),
    ("", ("Escape",), "For example", "New conversation"),
    ("settings", ("F2",), "File:", ""),
    ("", ("Escape",), "For example", "File:"),
    ("articles", ("F4",), "Who is IS-K in Afghanistan", ""),
    ("", ("Escape",), "For example", "Who is IS-K in Afghanistan"),
    ("history", ("C-f",), "Search questions and answers", ""),
    ("", ("Escape",), "For example", "Search questions"),
    ("history.slash", ("/",), "Search questions and answers", ""),
    ("", ("Escape",), "For example", "Search questions"),
    ("commands", ("C-p",), "Search for commands", ""),
    ("", ("Escape",), "For example", "Search for commands"),
    ("prompt.newline", ("one", "C-j", "two"), "│ two", ""),
    ("interrupt", ("C-c",), "Ask about the articles", "│ two"),
    ("prompt.send", (Q, "Enter"), "≈ partly supported", ""),
    ("prompt.earlier", ("Up",), f"│ {Q}", ""),
    ("prompt.later", ("Down",), "Ask about the articles", f"│ {Q}"),
    ("evidence", ("F3",), "[1] US, Afghan", ""),
    ("passage.next", ("n",), "", ""),
    ("passage.previous", ("p",), "", ""),
    *((f"passage.{digit}", (str(digit),), f"no passage [{digit}]" if digit > 2 else "", "") for digit in range(1, 10)),
    ("passage.open", ("Enter",), "characters", ""),
    ("", ("Escape",), "› How many", "characters"),
    ("passage.source", ("o",), "Open in the browser", ""),
    ("", ("Escape",), "› How many", "Open in the browser"),
    ("answer.export", ("e",), "Export the answer", ""),
    ("", ("Escape",), "› How many", "Export the answer"),
    ("answer.copy", ("y",), "Copied.", ""),
    ("back", ("Escape",), "", ""),
    ("", ("bad", "Enter"), "! It is down.", ""),
    # A key that moves the focus is waited for: the next one would still go where the focus was.
    ("", ("BTab",), "⏎ Retry", ""),
    ("answer.previous", ("k",), "2 passages for", ""),
    ("answer.next", ("j",), "The passages that an answer quotes", "2 passages for"),
    ("", ("Escape", "long", "Enter"), "line 59", ""),
    ("page.up", ("PageUp",), "line 2", "line 59"),
    ("page.down", ("PageDown",), "line 59", ""),
    ("", ("PageUp", "PageUp"), "line 2", "line 59"),
    ("page.end", ("End",), "line 59", ""),
    ("", ("slow", "Enter"), "Half an answer", ""),
    ("back", ("Escape",), "■ stopped", ""),
    ("", ("BTab",), "⏎ Retry", ""),
    ("answer.retry", ("r",), "not checked yet", "■ stopped"),
    ("back", ("Escape",), "■ stopped", ""),
    ("conversation.new", ("C-n",), "For example", "Half an answer"),
    ("suspend", ("C-z",), "$", "For example"),
    ("", ("fg", "Enter"), "For example", ""),
    ("quit", ("C-q",), "$", "For example"),
    ("", ("run", "Enter"), "2 articles", ""),
    ("prompt.end", ("C-d",), "$", "For example"),
)


class Tmux:
    """A server of its own with one shell in it."""

    def __init__(self, folder: Path) -> None:
        self._socket = str(folder / "socket")
        rc = folder / "rc"
        command = f"PYTHONPATH={ROOT} {sys.executable} {folder / 'program.py'}"
        rc.write_text(f"PS1='$ '; cd {folder}; run() {{ clear; {command}; clear; }}\n")
        (folder / "program.py").write_text(PROGRAM)
        self._tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "36", f"bash --noprofile --rcfile {rc} -i"
        )

    def _tmux(self, *arguments: str) -> str:
        environment = {name: value for name, value in os.environ.items() if name != "TMUX"}
        done = subprocess.run(
            ["tmux", "-S", self._socket, *arguments], env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout

    def send(self, *keys: str) -> None:
        for key in keys:
            self._tmux("send-keys", key)
            # tmux waits so long after an escape for what may follow it.
            time.sleep(0.6 if key == "Escape" else 0)

    def shows(self, wanted: str, unwanted: str) -> None:
        end = time.monotonic() + DEADLINE_SECONDS
        while True:
            text = self._tmux("capture-pane", "-p")
            if wanted in text and not (unwanted and unwanted in text):
                return
            assert time.monotonic() < end, f"{wanted!r} without {unwanted!r} did not come:\n{text}"
            time.sleep(0.05)

    def close(self) -> None:
        self._tmux("kill-server")


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    server = Tmux(tmp_path)
    yield server
    server.close()


def test_every_action_has_a_key_that_arrives(tmux: Tmux) -> None:
    known = set(keys.bindings(*IsiskQAApp.BINDINGS))
    assert known - {name for name, *_ in STEPS} == set()
    tmux.shows("$", "")
    tmux.send("run", "Enter")
    for _, pressed, wanted, unwanted in STEPS:
        tmux.send(*pressed)
        tmux.shows(wanted, unwanted)
