"""``squad2:DIR``, ``ramdocs:DIR`` or ``beir:DIR`` -> documents and questions."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.evaluation.dataset import DatasetError, EvalQuestion, GoldEvidence, Nugget, Split, read_lines
from qa.evaluation.tokens import tokenise

Record = Mapping[str, Any]
_NOT_AN_ID = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Document:
    """What becomes an article of the store; each ``publisher`` is a source of its own."""

    id: str
    title: str
    text: str
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Questions, and the documents that alone may answer them."""

    documents: tuple[Document, ...]
    questions: tuple[EvalQuestion, ...]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """``name`` is what was asked for; most sets have one part, RAMDocs one for each question."""

    name: str
    parts: tuple[Part, ...]

    @property
    def questions(self) -> list[EvalQuestion]:
        return [question for part in self.parts for question in part.questions]


def article_id(name: str) -> str:
    """A name as the id of an article; where it had to be changed, with a hash, so that two stay two."""
    plain = _NOT_AN_ID.sub("-", name).strip("-.")[:60]
    return plain if plain == name else f"{plain or 'x'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def readable(text: str) -> str:
    """The same length, without what no text file may hold: a zero byte, and half of a character."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def split_of(cluster: str) -> Split:
    """Half of the clusters each: by whether the first byte of the SHA-256 is even."""
    return "dev" if hashlib.sha256(cluster.encode()).digest()[0] % 2 == 0 else "test"


def records(path: Path) -> Iterator[tuple[str, Record]]:
    """The objects of a JSONL file, each with where it stands. Raises DatasetError."""
    for number, line in read_lines(path):
        where = f"{path}, line {number}"
        try:
            record = json.loads(line)
        except ValueError:
            raise DatasetError(f"{where}: not JSON") from None
        if not isinstance(record, dict):
            raise DatasetError(f"{where}: not an object")
        yield where, record


def nugget(number: int, answers: list[str], evidence: list[GoldEvidence]) -> Nugget:
    """A fact that any of the answers states."""
    aliases = tuple(answer for answer in answers if tokenise(answer))
    pattern = None if aliases else re.escape(answers[0])
    named = tuple(each.id for each in evidence)
    return Nugget(
        id=f"n{number}", text=answers[0], importance="vital", aliases=aliases, pattern=pattern, evidence_ids=named
    )
