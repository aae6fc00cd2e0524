"""The program on a real terminal: keys, signals, sizes."""

import os
import random
import re
import signal

import pytest

from tests.qa.tui import fakes
from tests.qa.tui.terminal import COLUMNS, LINES, renditions, terminal

RESIZES = 500 if os.environ.get("SOAK") else 60

# A defect before there is anything to go on with.
BROKEN = """
from qa.tui import app
from tests.qa.tui import fakes
app.MainScreen.on_mount = lambda self: 1 / 0
key = "sk-in-a-variable\x1b[5m"
app.run(lambda: fakes.Application())
"""


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


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_leaves_a_sane_terminal(number: signal.Signals, code: int) -> None:
    with terminal() as term:
        term.until(lambda: "2 articles" in term.text())
        assert not term.is_sane()
        term.child.send_signal(number)
        assert term.finish() == code
        assert term.is_sane()
        assert b"Traceback" not in term.raw


@pytest.mark.parametrize("asking", [False, True], ids=["idle", "asking"])
def test_a_closed_terminal_ends_the_program(asking: bool) -> None:
    """Without SIGHUP, which only a process with a controlling terminal is sent."""
    script = "{'q': [*[fakes.TextDelta('More of an answer. ')] * 500, fakes.threading.Event()]}"
    with terminal(script) as term:
        term.until(lambda: "2 articles" in term.text())
        if asking:
            term.type("q\r")
            term.until(lambda: "More of an answer" in term.text())
        assert term.hang_up() == 129


def test_a_crash_leaves_a_sane_terminal_and_shows_no_variables() -> None:
    with terminal(program=BROKEN) as term:
        assert term.finish() == 1
        assert b"ZeroDivisionError" in term.raw
        assert b"sk-in-a-variable" not in term.raw.replace(BROKEN.encode(), b"")
        assert term.is_sane()


def test_ctrl_z_leaves_a_sane_terminal_and_fg_returns() -> None:
    with terminal() as term:
        term.until(lambda: "2 articles" in term.text())
        term.type("typed before\x1a")
        assert os.WIFSTOPPED(os.waitpid(term.child.pid, os.WUNTRACED)[1])
        term.read_for(0.2)
        assert term.is_sane()
        term.child.send_signal(signal.SIGCONT)
        term.clear()
        term.until(lambda: not term.is_sane() and "typed before" in term.text() and "For example" in term.text())
        term.type("\x11")
        assert term.finish() == 0
        assert term.is_sane()


def test_many_sizes_do_no_harm() -> None:
    dice = random.Random(5)
    with terminal() as term:
        term.until(lambda: "2 articles" in term.text())
        term.type(f"{fakes.QUESTION}\r")
        for _ in range(RESIZES):
            term.resize(dice.randint(1, 250), dice.randint(1, 80))
            term.read_for(0.02)
        term.resize(COLUMNS, LINES)
        term.until(lambda: "≈ partly supported" in term.text() and "[2] US, Afghan Forces" in term.text())
        term.type("\x11")
        assert term.finish() == 0
        assert b"Something went wrong" not in term.raw
