"""The command line as a process: arguments in, an exit code out. stdout carries data, stderr everything else.

Here and in qa/commands most imports happen inside the functions: qa.app, qa.models and what they load (chromadb,
langchain, pydantic, numpy, rich) take 0.1 to 5 seconds, and ``--help``, ``--version`` and wrong usage need none of
it. Click alone takes more than three times what an empty Python program does, so the first two, and the terminal UI's
first frame, do without it.
"""

from __future__ import annotations

import io
import os
import sys

from qa import __version__
from qa.usage import FAILURE, HELP, INTERRUPTED, PROGRAM, WIDTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from qa.commands.common import ApplicationFactory


def main(arguments: list[str] | None = None, application: ApplicationFactory | None = None) -> int:
    """Run one command and return its exit code; what a person or an endpoint did wrong is one sentence.

    ``application`` makes the Application from the name of the model given on the command line (None: the
    settings' own); it is where a test puts its own. ``arguments`` default to those of the process.
    """
    _speak_utf8()
    # What numpy multiplies for a question takes 0.2 ms in one thread, and 4 to 8 in two where other programs use the
    # processors, since each waits for the other. Read when numpy is loaded; what is set already stands.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if page := _page(given):
            print(page, flush=True)  # noqa: T201 - click.echo would load click
            return 0
        _run(given, application)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone. What is still buffered must go nowhere, or Python complains at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except Exception as error:  # noqa: BLE001 - the one place where a defect becomes a sentence and a log entry
        from qa.commands.failures import exit_code

        return exit_code(error)
    return 0


def _page(given: list[str]) -> str | None:
    """What these arguments ask to be told about the program, if that is known without click."""
    if given == ["--version"]:
        return f"{PROGRAM} {__version__}"
    # Click lays the page out for a terminal that is narrower, or said to be.
    if given in (["--help"], ["-h"]) and "COLUMNS" not in os.environ and _columns() >= WIDTH:
        return HELP
    return None


def _columns() -> int:
    try:
        return os.get_terminal_size().columns
    except OSError:
        return WIDTH


def _run(given: list[str], application: ApplicationFactory | None) -> None:
    from qa.commands import ui

    if not given and ui.has_full_terminal():
        ui.show(application)
    else:
        from qa.commands import root

        root.run(given, application)


def _speak_utf8() -> None:
    for stream, errors in ((sys.stdin, "strict"), (sys.stdout, "strict"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


if __name__ == "__main__":
    sys.exit(main())
