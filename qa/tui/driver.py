"""The terminal that the UI is drawn on may be closed under it: then nothing waits for it, and the program ends."""

import signal
from collections.abc import Callable
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App

HUNG_UP = 128 + signal.SIGHUP


class Outlet:
    """A terminal's output, which drops what is written once the terminal is gone, and calls ``gone`` the first time.

    Textual writes in a thread that ends with the first error. Thirty writes later its event loop would stand still, in
    a process that no signal but SIGKILL ends.
    """

    def __init__(self, terminal: IO[str], gone: Callable[[], object]) -> None:
        self._terminal = terminal
        self._gone = gone
        self._open = True

    def write(self, text: str) -> None:
        self._attempt(partial(self._terminal.write, text))

    def flush(self) -> None:
        self._attempt(self._terminal.flush)

    def fileno(self) -> int:
        return self._terminal.fileno()

    def _attempt(self, output: Callable[[], object]) -> None:
        if self._open:
            try:
                output()
            except OSError:
                self._open = False
                self._gone()


class TerminalDriver(LinuxDriver):
    """Ends the program as SIGHUP does when its terminal is gone, which not every process is sent a signal for."""

    _file: Any

    def __init__(self, app: "App[Any]", **options: Any) -> None:
        super().__init__(app, **options)
        leave = partial(app.exit, return_code=HUNG_UP)
        # Called in the thread that writes, which must not wait for the one that it writes for.
        self._file = Outlet(self._file, partial(self._loop.call_soon_threadsafe, leave))
