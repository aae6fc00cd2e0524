"""The folder of a run: what is in it, how it is written so that an interruption loses nothing, and how it is read."""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from qa.errors import UsageError
from qa.evaluation.dataset import EvalQuestion, load_questions
from qa.evaluation.rows import InvalidRunError, Row, encoded, read_rows
from qa.evaluation.scoring import Scored
from qa.evaluation.summary import SCHEMA
from vectorstore.writer_lock import writer_lock

RECORDS, SUMMARY, MANIFEST, QUESTIONS = "records.jsonl", "summary.json", "manifest.json", "questions.jsonl"
_LOCK = "run.lock"


class OutputError(UsageError):
    """The folder for the results cannot be written."""


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run as it lies on disk. ``summary`` None: it did not finish. ``questions`` are those that were asked."""

    path: Path
    manifest: Mapping[str, Any]
    questions: tuple[EvalQuestion, ...]
    rows: tuple[Row, ...]
    summary: Mapping[str, Any] | None

    def scored(self) -> list[Scored]:
        """One for each row, in order."""
        by_id = {question.id: question for question in self.questions}
        return [row.scored(by_id[row.question_id]) for row in self.rows]

    def asked(self) -> "StoredRun":
        """This one, whichever version scored it. Raises InvalidRunError when it did not finish."""
        if self.summary is None:
            raise InvalidRunError(f"the run in {self.path} did not finish; go on with it: eval run --resume")
        return self

    def finished(self) -> "StoredRun":
        """This one. Raises InvalidRunError when it did not finish, or has the figures of another version."""
        if (self.asked().summary or {}).get("schema") != SCHEMA:
            raise InvalidRunError(f"{self.path} has the figures of another version; make its scores anew: eval score")
        return self


def load_run(path: Path) -> StoredRun:
    """Read the folder of a run. Raises InvalidRunError."""
    manifest = _read_json(path / MANIFEST)
    if manifest is None:
        raise InvalidRunError(f"{path} holds no run: it has no {MANIFEST}")
    questions = tuple(load_questions(path / QUESTIONS))
    rows, _ = read_rows(path / RECORDS)
    if strange := {row.question_id for row in rows} - {question.id for question in questions}:
        raise InvalidRunError(f"{path}: {min(strange)} has a record, but is not in {QUESTIONS}; run it again")
    return StoredRun(path, manifest, questions, tuple(rows), _read_json(path / SUMMARY))


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as problem:
        raise InvalidRunError(f"{path} cannot be read ({problem}); run the questions again") from None
    if not isinstance(content, dict):
        raise InvalidRunError(f"{path} is not what a run writes; run the questions again")
    return content


class RunWriter:
    """Writes a run, one program at a time; use it as a context manager. Raises OutputError and StoreBusyError.

    Rows are appended as they come. ``finish`` puts them in order, and writes the summary last: a folder without one
    holds a run that did not finish.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: AbstractContextManager[None] | None = None
        self._records: BinaryIO | None = None

    def __enter__(self) -> Self:
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            lock = writer_lock(self._path / _LOCK, "an evaluation")
            lock.__enter__()
        except OSError as problem:
            raise self._unwritable(problem) from None
        self._lock = lock
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._records is not None:
            self._records.close()
        if self._lock is not None:
            self._lock.__exit__(kind, error, trace)

    def earlier(self) -> tuple[Mapping[str, Any], list[Row]] | None:
        """The manifest and the rows of the run that is there already; None when there is none."""
        manifest = _read_json(self._path / MANIFEST)
        if manifest is None or not (self._path / RECORDS).exists():
            return None
        return manifest, read_rows(self._path / RECORDS)[0]

    def begin(self, manifest: Mapping[str, Any], questions: Sequence[EvalQuestion], kept: Sequence[Row] = ()) -> None:
        """Take the place of whatever run is there; ``kept`` are its rows that stay."""
        try:
            # A run that is cut short must not leave the figures of an earlier one beside its own records.
            (self._path / SUMMARY).unlink(missing_ok=True)
            lines = "".join(question.model_dump_json() + "\n" for question in questions)
            self._replace(QUESTIONS, lines.encode())
            self._replace(RECORDS, encoded(kept))
            # Last, for without it there is no run to go on with.
            self._replace(MANIFEST, _json(manifest))
            self._records = (self._path / RECORDS).open("ab")
        except OSError as problem:
            raise self._unwritable(problem) from None

    def append(self, row: Row) -> None:
        """Write one row, which from then on stays whatever happens to this program."""
        assert self._records is not None, "append comes after begin"
        try:
            self._records.write(encoded([row]))
            self._records.flush()
        except OSError as problem:
            raise self._unwritable(problem) from None

    def finish(self, rows: Sequence[Row], summary: Mapping[str, Any]) -> None:
        """The same rows in their final order, and the figures."""
        try:
            self._replace(RECORDS, encoded(rows))
            self._replace(SUMMARY, _json(summary))
        except OSError as problem:
            raise self._unwritable(problem) from None

    def _replace(self, name: str, content: bytes) -> None:
        unfinished = self._path / f"{name}.new"
        unfinished.write_bytes(content)
        unfinished.replace(self._path / name)

    def _unwritable(self, problem: OSError) -> OutputError:
        return OutputError(f"cannot write the results to {self._path}: {problem.strerror}")


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()
