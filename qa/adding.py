"""Articles that are added in a thread of their own, while whoever asked for it goes on."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qa.errors import QAError
from vectorstore.errors import VectorStoreError

if TYPE_CHECKING:
    from vectorstore.ingest import IngestReport
    from vectorstore.pipeline import Progress

    Ingest = Callable[[Sequence[Path], Callable[[Progress], None]], IngestReport]

STOPPED = "Stopped; what had been read by then is in the store."


@dataclass(frozen=True, slots=True)
class AddingState:
    """``progress`` while it runs, then either the ``report`` or the ``problem``, a sentence; nothing before the first.

    ``number`` counts the times that something was added, so that one end can be told from another.
    """

    number: int = 0
    running: bool = False
    progress: "Progress | None" = None
    report: "IngestReport | None" = None
    problem: str = ""


class _StoppedError(Exception):
    pass


class Adding:
    """One at a time. ``ingest`` takes paths and what to call at each step; ``unexpected`` makes a sentence of a defect.

    Its state may be looked at from any thread.
    """

    def __init__(self, ingest: "Ingest", unexpected: Callable[[BaseException], str]) -> None:
        self._ingest = ingest
        self._unexpected = unexpected
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._state = AddingState()

    @property
    def state(self) -> AddingState:
        return self._state

    def start(self, paths: Sequence[Path]) -> bool:
        """Begin to add files and folders; False, and nothing, while others are being added."""
        if self._state.running:
            return False
        self._stop.clear()
        self._state = AddingState(self._state.number + 1, running=True)
        # A daemon: one that cannot be stopped must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, args=(tuple(paths),), name="isisk-qa-adding", daemon=True)
        self._thread.start()
        return True

    def stop(self) -> None:
        """Break off after the article at hand; what has been read stays in the store."""
        self._stop.set()

    def close(self) -> None:
        """Stop, and wait for that."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def _run(self, paths: Sequence[Path]) -> None:
        number = self._state.number
        report, problem = None, ""
        try:
            report = self._ingest(paths, self._progressed)
        except _StoppedError:
            problem = STOPPED
        except (QAError, VectorStoreError) as error:
            problem = str(error)
        except BaseException as error:  # noqa: BLE001 - the thread's outermost frame
            problem = self._unexpected(error)
        self._state = AddingState(number, report=report, problem=problem)

    def _progressed(self, progress: "Progress") -> None:
        # Past this phase the articles are in, and an index that is broken off would be taken for a crash.
        if self._stop.is_set() and progress.phase == "embedding":
            raise _StoppedError
        self._state = AddingState(self._state.number, running=True, progress=progress)
