"""Tracebacks of what nobody expected, in a file that a person can send along."""

import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

NAME = "isisk-qa.log"


@contextmanager
def instead_of(kind: type[Exception], home: Path) -> Iterator[None]:
    """Log errors of this kind instead of passing them on."""
    try:
        yield
    except kind as error:
        record(home, error)


def record(home: Path, error: BaseException, secrets: Iterable[str] = ()) -> Path | None:
    """Append the traceback of ``error`` to ``home``/isisk-qa.log; None when that file cannot be written.

    None of the ``secrets`` gets into it: what an endpoint says may quote a key, and an error what it said.
    """
    path = home / NAME
    entry = "".join(traceback.format_exception(error))
    for secret in secrets:
        entry = entry.replace(secret, "***")
    try:
        home.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{datetime.now(UTC).isoformat(timespec='seconds')}\n{entry}\n")
    except OSError:
        return None
    return path


def unexpected(home: Path, error: BaseException, secrets: Iterable[str] = ()) -> str:
    """Record an error that nobody expected; the sentence that tells a person."""
    path = record(home, error, secrets)
    where = f"the details are in {path}" if path else "and its log could not be written"
    return f"Something went wrong ({type(error).__name__}); {where}."
