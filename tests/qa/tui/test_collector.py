"""Python's collector of garbage, which is kept off the first frame and off what stays."""

from tests.qa.tui import fakes
from tests.qa.tui.terminal import terminal

PROGRAM = """
import gc
from contextlib import nullcontext
from qa.commands import ui
from tests.qa.tui import fakes
from qa.tui.screens.main import MainScreen
first, anew, seen = MainScreen.on_mount, MainScreen.action_anew, []
def noted(screen):
    seen.append((gc.isenabled(), gc.get_freeze_count() > 0))
    first(screen)
async def begun_anew(screen):
    seen.append((gc.isenabled(), gc.get_freeze_count() > 0))
    await anew(screen)
    seen.append((gc.isenabled(), gc.get_freeze_count() > 0))
MainScreen.on_mount, MainScreen.action_anew = noted, begun_anew
ui.show(lambda model: nullcontext(fakes.Application()))
print("SEEN", seen)
"""


def test_it_is_off_until_the_first_frame_and_then_overlooks_what_stays_as_long_as_it_does() -> None:
    with terminal(program=PROGRAM) as term:
        term.until(lambda: "2 articles" in term.text())
        term.type(f"{fakes.QUESTION}\r")
        term.until(lambda: "partly supported" in term.text())
        term.type("\x0e")
        term.until(lambda: "For example" in term.text())
        term.type("\x11")
        assert term.finish() == 0
        assert b"SEEN [(False, False), (True, True), (True, False)]" in term.raw
