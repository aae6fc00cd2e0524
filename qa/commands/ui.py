"""The terminal UI, where there is a terminal for it. Without click: it takes a twentieth of the first frame's time."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa.app import Application
    from qa.commands.common import ApplicationFactory


def has_full_terminal() -> bool:
    """Whether it can be shown here."""
    full = sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    # Textual's own variable: a driver that needs no terminal, as for a browser.
    return full or "TEXTUAL_DRIVER" in os.environ


def show(factory: ApplicationFactory | None) -> None:
    """Show it until the person quits; ``factory`` as for ``qa.cli.main``."""
    # Its passes over what is imported take a tenth of the time to the first frame, after which the app turns it on.
    gc.disable()
    from qa.tui.app import run

    def opened() -> Application:
        # Called in a thread: what this imports takes longer than the first frame.
        from qa.commands.common import make_application

        return stack.enter_context((factory or make_application)(None))

    with ExitStack() as stack:
        run(opened)
