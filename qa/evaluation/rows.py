"""One line of records.jsonl: a question that was asked, what came back, and what it scored."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from qa.errors import QAError
from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.scoring import Scored, Scores
from qa.models import Answer

# The one key of a row that differs between two runs that gave the same answers.
VOLATILE = "volatile"
Key = tuple[str, int]


class InvalidRunError(QAError):
    """A folder that holds no run, one that did not finish, or one that fits not what it is held against."""


@dataclass(frozen=True, slots=True)
class Row:
    """``repeat`` counts from 1. ``scores`` are of the answer; both None when it ended in ``error`` (type, message).

    With an answer and no scores it could not be held against its gold, and ``error`` says why.
    ``timings_ms`` are the answer's own and ``wall``, from the question to the verified answer; ``retries`` the calls
    to the model that had to be made again.
    """

    question_id: str
    repeat: int
    answer: Answer | None
    scores: Scores | None
    error: Mapping[str, str] | None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    retries: int = 0

    @property
    def key(self) -> Key:
        return self.question_id, self.repeat

    def scored(self, question: EvalQuestion) -> Scored:
        """What the figures are counted from."""
        unscored = self.answer is not None and self.scores is None
        return Scored(question, self.scores, self.timings_ms["wall"], unscored)

    def to_line(self) -> str:
        """JSON with a line end. The answer's times are in the volatile block, and its own are empty."""
        record = {**self.answer.to_record(), "timings_ms": {}} if self.answer else None
        content = {
            "question_id": self.question_id,
            "repeat": self.repeat,
            "record": record,
            "scores": self.scores.to_record() if self.scores else None,
            "error": self.error,
            VOLATILE: {"timings_ms": dict(self.timings_ms), "retries": self.retries},
        }
        return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_line(cls, line: str) -> "Row":
        """The row again, the answer with its times. Raises ValueError."""
        read = json.loads(line)
        try:
            volatile = read[VOLATILE]
            timings = {name: float(value) for name, value in volatile["timings_ms"].items()}
            answer = read["record"] and _answers().validate_python(read["record"])
            if answer:
                own = {name: value for name, value in timings.items() if name != "wall"}
                # pydantic would make floats of the counts, which are then not written as they were read.
                answer = replace(answer, timings_ms=own, usage=read["record"]["usage"])
            scores = read["scores"] and _scores().validate_python(read["scores"])
            if scores:
                scores = replace(scores, usage=read["scores"].get("usage", {}))
            return cls(
                read["question_id"],
                int(read["repeat"]),
                answer or None,
                scores or None,
                read["error"],
                timings,
                int(volatile["retries"]),
            )
        except (ValidationError, LookupError, TypeError, AttributeError) as problem:
            raise ValueError(str(problem).splitlines()[0]) from None


# Made when they are first needed: each takes some milliseconds.
@cache
def _answers() -> TypeAdapter[Answer]:
    return TypeAdapter(Answer)


@cache
def _scores() -> TypeAdapter[Scores]:
    return TypeAdapter(Scores)


def read_rows(path: Path) -> tuple[list[Row], int]:
    """The whole lines, and how many bytes they take: a line that was cut off by the end of its writer is left out.

    Raises InvalidRunError, with the number of the line.
    """
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise InvalidRunError(f"{path} cannot be read ({problem.strerror}); name the folder of a run") from None
    whole = content.rfind(b"\n") + 1
    rows = []
    for number, line in enumerate(content[:whole].split(b"\n")[:-1], start=1):
        try:
            rows.append(Row.from_line(line.decode()))
        except ValueError as problem:
            raise InvalidRunError(
                f"{path}:{number} is no record of this version ({problem}); run the questions again"
            ) from None
    return rows, whole


def encoded(rows: Iterable[Row]) -> bytes:
    """Lines as bytes; a lone surrogate in a model's reply is written as its JSON escape."""
    return "".join(row.to_line() for row in rows).encode("utf-8", "backslashreplace")
