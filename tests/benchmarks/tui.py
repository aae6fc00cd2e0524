"""How fast the terminal UI is: its first frame, and its keys while an answer streams. `make bench-tui` runs it.

All is measured on a pseudo-terminal, as a person meets it, beside a bare Textual app or an idle UI in the same run.
Wall-clock times, and for the first frame CPU seconds too, which another program on the machine changes less.
"""

import argparse
import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

BARE = """
from textual.app import App
from textual.widgets import Footer, Input
class Bare(App):
    def compose(self):
        yield Input(placeholder="READY")
        yield Footer()
Bare().run()
"""
STREAM = """
import time
from pathlib import Path
from qa.models import Finished, PassagesFound, TextDelta
from qa.tui.app import run
from tests.qa.tui import fakes

WORDS = "the group was said to have lost most of its fighters in the north of the country by then . ".split()
SECONDS = {seconds}


class Chain:
    def stream(self, question):
        kind = question.text.split()[0]
        yield PassagesFound(())
        if kind == "earlier":
            yield Finished(fakes.fighters())
            return
        text, begun, every = "", time.monotonic(), max(int(SECONDS * 100) // 100, 1)
        for number in range(int(SECONDS * 100)):
            piece = WORDS[number % len(WORDS)] + " "
            if kind == "list" and number % every == 0:
                piece = "\\n- " + piece
            if kind == "prose" and number % 60 == 59:
                piece += "[1]\\n\\n"
            text += piece
            yield TextDelta(piece)
            time.sleep(max(begun + (number + 1) / 100 - time.monotonic(), 0))
        Path("{mark}").write_text(str(time.monotonic()))
        yield Finished(fakes.answer(text + " DONE", (), fakes.fighters().citations))

class Application(fakes.Application):
    def chain(self):
        return Chain()

run(Application)
"""
SIZE = (120, 36)


class Child:
    """A program on a pseudo-terminal."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ISISK_QA_")}
        terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=kept | terminal | environment
        )
        os.close(slave)

    def wait(self, needle: bytes, seconds: float = 60) -> float:
        """Read until ``needle`` came; when that was."""
        seen, end = b"", time.monotonic() + seconds
        while needle not in seen:
            if not select.select([self._master], [], [], max(end - time.monotonic(), 0))[0]:
                raise TimeoutError(f"{needle!r} did not come: {seen[-2_000:]!r}")
            seen = seen[-len(needle) :] + os.read(self._master, 65_536)
        return time.monotonic()

    def drain(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._master], [], [], left)[0]:
                os.read(self._master, 65_536)

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)


def first_frame(command: list[str], needle: bytes, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds until what can be typed into is drawn: by the clock, and of the CPU."""
    begun = time.monotonic()
    child = Child(command, environment)
    try:
        return child.wait(needle) - begun, child.cpu_seconds()
    finally:
        child.close()


def run_time(command: list[str]) -> tuple[float, float]:
    """Seconds that a command takes: by the clock, and of the CPU."""
    begun, before = time.monotonic(), os.times()
    subprocess.run(command, check=True, capture_output=True)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.monotonic() - begun, cpu


def ratio(
    name: str, ours: Callable[[], tuple[float, float]], theirs: Callable[[], tuple[float, float]], n: int
) -> None:
    """Print the medians of ``n`` runs, taken in turns, and their ratio."""
    runs = [(ours(), theirs()) for _ in range(n)]
    for place, unit in ((0, "s"), (1, "s of CPU")):
        mine, other = (statistics.median(run[side][place] for run in runs) for side in (0, 1))
        print(f"{name}: {mine:.3f} {unit}, beside {other:.3f}: {mine / other:.2f} times (medians of {n})", flush=True)


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def echoes(child: Child, seconds: float) -> list[float]:
    """How long each key took to be seen, eight keys a second; every key is taken back."""
    found: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.monotonic()
        child.type("Q")
        found.append(child.wait(b"Q") - begun)
        child.drain(0.06)
        child.type("\x7f")
        child.drain(0.06)
    return found


def streaming(kind: str, earlier: int, seconds: float) -> None:
    """Print the echo of keys before and while an answer of 100 chunks a second comes, and when it ended."""
    with TemporaryDirectory() as folder:
        mark = Path(folder) / "last"
        child = Child([sys.executable, "-c", STREAM.format(seconds=seconds, mark=mark)], {"ISISK_QA_HOME": folder})
        try:
            child.wait(b"2 articles")
            for number in range(earlier):
                child.type(f"earlier {number}\r")
                child.wait(b"12 ms")
            child.drain(1)
            idle = echoes(child, 4)
            child.type(f"{kind}\r")
            child.wait(b"not checked yet")
            busy = echoes(child, seconds - 2)
            ended = child.wait(b"DONE") - float(mark.read_text())
        finally:
            child.close()
    print(
        f"{kind}, {earlier} earlier answers: key echo p95 {p95(busy) * 1000:.0f} ms (n={len(busy)}), "
        f"idle {p95(idle) * 1000:.0f} ms (n={len(idle)}): {p95(busy) / p95(idle):.1f} times; "
        f"ended {ended:.2f} s after its last chunk",
        flush=True,
    )


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=12)
    given = parser.parse_args()
    python = sys.executable
    with TemporaryDirectory() as home:
        ratio(
            "first frame",
            lambda: first_frame([python, "-m", "qa.cli"], b"Ask about", {"ISISK_QA_HOME": home}),
            # The cursor stands on the R until it blinks, a second later.
            lambda: first_frame([python, "-c", BARE], b"EADY", {}),
            given.runs,
        )
    for option in ("--help", "--version"):
        ratio(
            option,
            lambda option=option: run_time([python, "-m", "qa.cli", option]),  # type: ignore[misc]
            lambda: run_time([python, "-c", "pass"]),
            given.runs,
        )
    for kind, earlier in (("prose", 0), ("paragraph", 0), ("list", 0), ("prose", 60)):
        streaming(kind, earlier, given.seconds)


if __name__ == "__main__":
    main()
