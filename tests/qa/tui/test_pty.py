"""The program on a real terminal, as far as a pseudo-terminal and a terminal emulator can stand for one."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyte
import pytest

from tests.qa.tui import fakes

COLUMNS, LINES = 120, 36
# So generous that only a program that hangs meets it.
DEADLINE_SECONDS = 60

PROGRAM = """
from qa.tui.app import run
from tests.qa.tui import fakes
run(fakes.Application({script}))
"""


class Terminal:
    """A child on a pty, the bytes that it sent and the screen that they make."""

    def __init__(self, program: str, environment: dict[str, str]) -> None:
        self.raw = b""
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.child = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
        )
        os.close(slave)
        self._end = time.monotonic() + DEADLINE_SECONDS

    def text(self) -> str:
        return "\n".join(self._screen.display)

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def until(self, condition: Callable[[], bool]) -> None:
        """Read until ``condition`` holds; the test fails when the child ends or hangs before."""
        while not condition():
            if not self._read():
                raise AssertionError(f"the program ended:\n{self.raw[-2000:].decode(errors='replace')}")

    def finish(self) -> int:
        """Read to the end; the exit code."""
        while self._read():
            pass
        return self.child.wait(DEADLINE_SECONDS)

    def close(self) -> None:
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        os.close(self._master)

    def _read(self) -> bool:
        left = self._end - time.monotonic()
        if left <= 0 or not select.select([self._master], [], [], left)[0]:
            raise AssertionError(f"the program hangs:\n{self.text()}")
        try:
            data = os.read(self._master, 65_536)
        except OSError:  # Linux reports the end of the child this way
            return False
        self.raw += data
        # pyte knows nothing of private CSI sequences such as the keyboard protocol's, and would print their ends.
        self._stream.feed(re.sub(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$[a-z]", b"", data))
        return bool(data)


@contextmanager
def terminal(script: str = "", **environment: str) -> Iterator[Terminal]:
    opened = Terminal(PROGRAM.format(script=script), environment)
    try:
        yield opened
    finally:
        opened.close()


def renditions(raw: bytes) -> set[int]:
    """The parameters of every SGR sequence, less the colours that follow a 38 or 48."""
    found: set[int] = set()
    for sequence in re.findall(rb"\x1b\[([\d;]*)m", raw):
        bare = re.sub(rb"\b([34]8);(?:2;\d+;\d+;\d+|5;\d+)", rb"\1", sequence)
        found.update(int(parameter or 0) for parameter in bare.split(b";"))
    return found


def test_ask_read_and_quit() -> None:
    with terminal() as term:
        term.until(lambda: "2 articles" in term.text())
        term.type(f"{fakes.QUESTION}\r")
        term.until(lambda: "≈ partly supported" in term.text() and "[2] US, Afghan Forces" in term.text())
        assert "› How many fighters did ISIS-K have at the beginning of 2017?" in term.text()
        assert "Sputnik · December 2017 (inferred)" in term.text()
        term.type("\x11")
        assert term.finish() == 0
        assert b"\x1b[?1049l" in term.raw
        assert b"Traceback" not in term.raw


def test_quitting_does_not_wait_for_a_model() -> None:
    """The script waits for an event that nobody sets; only the first delta ever comes."""
    script = "{'slow': [fakes.TextDelta('Half an answer'), fakes.threading.Event()]}"
    with terminal(script) as term:
        term.until(lambda: "2 articles" in term.text())
        term.type("slow\r")
        term.until(lambda: "Half an answer" in term.text())
        term.type("\x11")
        assert term.finish() == 0


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}], ids=["colour", "no colour"])
def test_no_escape_sequence_of_a_text_reaches_the_terminal(environment: dict[str, str]) -> None:
    hostile = "\\x1b]52;c;aGk=\\x07\\x1b]0;owned\\x1b\\\\ \\x9b5m \\x1b[5m [/foo] [@click=app.quit]END[/]"
    script = f"{{'q': fakes.steps(fakes.answer('{hostile}')), 'f': [fakes.UnknownArticleError('{hostile}')]}}"
    with terminal(script, **environment) as term:
        term.until(lambda: "2 articles" in term.text())
        term.type("q\r")
        term.until(lambda: "[/foo] [@click=app.quit]END[/]" in term.text())
        term.type("f\r")
        term.until(lambda: term.text().count("[@click=app.quit]END[/]") == 2)
        term.type("\x11")
        assert term.finish() == 0
    # OSC 22 is Textual's own: it sets the shape of the pointer.
    assert set(re.findall(rb"\x1b\](\d*)", term.raw)) <= {b"22"}
    assert b"\xc2\x9b" not in term.raw
    # Bold, dim, underlined, reverse and their ends; foreground and background where colour is wanted. Not blink.
    plain = {0, 1, 2, 4, 7, 39, 49}
    assert renditions(term.raw) <= (plain if environment else plain | {38, 48})
