"""Tracebacks of what nobody expected, in a file that a person can send along."""

import traceback
from datetime import UTC, datetime
from pathlib import Path

NAME = "isisk-qa.log"


def record(home: Path, error: BaseException) -> Path | None:
    """Append the traceback of ``error`` to ``home``/isisk-qa.log; None when that file cannot be written."""
    path = home / NAME
    at = datetime.now(UTC).isoformat(timespec="seconds")
    entry = f"{at}\n{''.join(traceback.format_exception(error))}\n"
    try:
        home.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(entry)
    except OSError:
        return None
    return path
