"""One writer at a time, by a file lock; whoever comes second is told who writes."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from vectorstore.errors import StoreBusyError, StoreError


@contextmanager
def writer_lock(path: Path, what: str) -> Iterator[None]:
    """Hold the lock file of a store while writing to it; ``what`` is being done is told to those who come second.

    A thread that holds it already may take it again. Raises StoreBusyError at once when another writes, and
    StoreError when there can be no lock.
    """
    # One object a path: it counts how often this thread holds the lock.
    lock = FileLock(path, is_singleton=True)
    if lock.is_locked:
        yield
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise StoreBusyError(f"Another process is writing to {path.parent}{_holder(path)}.") from None
    except OSError as error:
        raise StoreError(f"The store at {path.parent} cannot be written: {error.strerror}.") from error
    try:
        _note_owner(path, what)
        yield
    finally:
        # Before the lock is given back: then it is someone else's file.
        with suppress(OSError):
            _owner_file(path).unlink(missing_ok=True)
        lock.release()


def _owner_file(path: Path) -> Path:
    """Beside the lock, since a locked file cannot be read everywhere."""
    return path.with_suffix(".owner")


def _note_owner(path: Path, what: str) -> None:
    text = f"process {os.getpid()} on {socket.gethostname()} since {time.strftime('%Y-%m-%d %H:%M:%S')}: {what}"
    # Never half written; and a disk that is full stops the writing itself, not this note.
    new = path.with_suffix(".owner.new")
    with suppress(OSError):
        new.write_text(text, "utf-8")
        new.replace(_owner_file(path))


def _holder(path: Path) -> str:
    """Who holds the lock. It has only now got it when what stands there is of one that has ended."""
    for _ in range(20):
        try:
            text = _owner_file(path).read_text("utf-8")
        except OSError:
            text = ""
        if text and _may_be_running(text):
            return f" ({text})"
        time.sleep(0.02)
    return ""


def _may_be_running(owner: str) -> bool:
    _, number, _, host, *_ = owner.split() + [""] * 5
    if not number.isdecimal() or host != socket.gethostname() or os.name != "posix":
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
