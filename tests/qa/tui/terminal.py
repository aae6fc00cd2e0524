"""A real terminal, as far as a pseudo-terminal and a terminal emulator can stand for one."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyte

COLUMNS, LINES = 120, 36
# So generous that only a program that hangs meets it.
DEADLINE_SECONDS = 1_800 if os.environ.get("SOAK") else 120

PROGRAM = """
from qa.tui.app import run
from tests.qa.tui import fakes
run(lambda: fakes.Application({script}))
"""


class Terminal:
    """A child on a pty, the bytes that it sent and the screen that they make."""

    def __init__(self, program: str, environment: dict[str, str]) -> None:
        self.raw = b""
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._master, slave = pty.openpty()
        self._set_size(COLUMNS, LINES)
        self._before = termios.tcgetattr(self._master)
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
        # Not pyte's own ``display``: it fails where a half of a wide character was written over.
        rows, columns = range(self._screen.lines), range(self._screen.columns)
        return "\n".join("".join(self._screen.buffer[row][column].data for column in columns) for row in rows)

    def resize(self, columns: int, lines: int) -> None:
        """As a window manager would; the child has no controlling terminal that would tell it."""
        self._set_size(columns, lines)
        self._screen.resize(lines, columns)
        self.child.send_signal(signal.SIGWINCH)

    def is_sane(self) -> bool:
        """Whether the modes that programs change are as a shell wants them, by what was sent and what the tty says."""
        modes = dict(re.findall(rb"\x1b\[\?(\d+)([hl])", self.raw))
        off = {name: modes.get(name, b"l") for name in (b"1049", b"1000", b"1003", b"1006", b"1015", b"1004", b"2004")}
        on = {name: modes.get(name, b"h") for name in (b"25", b"7")}
        pushed = len(re.findall(rb"\x1b\[>\d+u", self.raw)) - len(re.findall(rb"\x1b\[<\d*u", self.raw))
        same = termios.tcgetattr(self._master)[:4] == self._before[:4]
        return set(off.values()) == {b"l"} and set(on.values()) == {b"h"} and pushed == 0 and same

    def read_for(self, seconds: float) -> None:
        """Read what comes in the meantime."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([self._master], [], [], left)[0] and not self._read():
                return

    def clear(self) -> None:
        """As some terminals do with a screen that was left."""
        self._screen.reset()

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

    def hang_up(self) -> int:
        """Close the terminal's window; the exit code."""
        os.close(self._master)
        self._master = -1
        return self.child.wait(DEADLINE_SECONDS)

    def close(self) -> None:
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        if self._master >= 0:
            os.close(self._master)

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

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
def terminal(script: str = "", program: str = PROGRAM, **environment: str) -> Iterator[Terminal]:
    opened = Terminal(program.format(script=script), environment)
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
