"""Past answers and what they were made from: one SQLite file that only its owner can read.

Passages are kept once, by their content, however many answers were made from them. Of an article only its passages are
kept; a text that is made of them again has blanks where the rest was.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from qa.chat import Message, Reply
from qa.errors import HistoryError, UnknownAnswerError
from qa.models import Answer
from qa.trace import Exchange, Trace
from vectorstore.dates import PartialDate
from vectorstore.models import Article, Chunk, Evidence, Passage, Vector

FILE = "history.sqlite3"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    id TEXT PRIMARY KEY, asked_at TEXT NOT NULL, question TEXT NOT NULL, record TEXT NOT NULL, exchange TEXT
);
CREATE TABLE IF NOT EXISTS passages (key TEXT PRIMARY KEY, body TEXT NOT NULL, vectors BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS answer_passages (
    answer TEXT NOT NULL REFERENCES answers ON DELETE CASCADE, position INTEGER NOT NULL,
    passage TEXT NOT NULL REFERENCES passages, found TEXT NOT NULL, PRIMARY KEY (answer, position)
);
CREATE TABLE IF NOT EXISTS vectors (
    answer TEXT NOT NULL REFERENCES answers ON DELETE CASCADE, text TEXT NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (answer, text)
);
"""
_FOUND = ("score", "dense", "lexical", "dense_rank", "lexical_rank")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given: ``record`` is its JSON, ``asked_at`` ISO 8601 in UTC."""

    id: str
    asked_at: str
    record: Mapping[str, Any]
    trace: Trace


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list of past answers."""

    id: str
    asked_at: str
    question: str


class History:
    """At most ``limit`` answers, the oldest go first; an answer that is given again is kept once.

    Every call opens the file anew, so it may be used from several threads and programs. Raises HistoryError.
    """

    def __init__(self, path: Path, limit: int = 500) -> None:
        self._path = path
        self._limit = limit

    def keep(self, answer: Answer, trace: Trace) -> None:
        """Keep an answer with what it was made from."""
        record = answer.to_record()
        name = record["id"]
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        exchange = json.dumps(asdict(trace.exchange)) if trace.exchange else None
        with self._open() as database:
            database.execute("DELETE FROM answers WHERE id = ?", (name,))
            row = (name, now, answer.question, json.dumps(record), exchange)
            database.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?)", row)
            for position, passage in enumerate(trace.passages):
                key, body, vectors = _packed(passage)
                database.execute("INSERT OR IGNORE INTO passages VALUES (?, ?, ?)", (key, body, vectors))
                found = json.dumps({each: getattr(passage, each) for each in _FOUND})
                database.execute("INSERT INTO answer_passages VALUES (?, ?, ?, ?)", (name, position, key, found))
            for text, vector in trace.embedded.items():
                database.execute("INSERT INTO vectors VALUES (?, ?, ?)", (name, text, _bytes(vector)))
            oldest = "SELECT id FROM answers ORDER BY asked_at DESC LIMIT -1 OFFSET ?"
            if database.execute(f"DELETE FROM answers WHERE id IN ({oldest})", (self._limit,)).rowcount:
                database.execute("DELETE FROM passages WHERE key NOT IN (SELECT passage FROM answer_passages)")

    def recent(self, limit: int = 20) -> list[Entry]:
        """The last answers, the latest first."""
        with self._open() as database:
            query = "SELECT id, asked_at, question FROM answers ORDER BY asked_at DESC LIMIT ?"
            return [Entry(*row) for row in database.execute(query, (limit,))]

    def find(self, reference: str) -> Kept:
        """By id or the unique start of one. Raises UnknownAnswerError."""
        with self._open() as database:
            query = "SELECT id, asked_at, record, exchange FROM answers WHERE substr(id, 1, ?) = ? LIMIT 2"
            rows = database.execute(query, (len(reference), reference)).fetchall()
            if len(rows) != 1 or not reference:
                found = "More than one answer's id begins" if rows and reference else "No kept answer's id begins"
                raise UnknownAnswerError(f"{found} with {reference!r}; isisk-qa replay lists those that are kept.")
            answer, asked_at, record, exchange = rows[0]
            passages = database.execute(
                "SELECT body, vectors, found FROM answer_passages JOIN passages ON key = passage"
                " WHERE answer = ? ORDER BY position",
                (answer,),
            ).fetchall()
            vectors = database.execute("SELECT text, vector FROM vectors WHERE answer = ?", (answer,)).fetchall()
        trace = Trace(
            passages=tuple(_unpacked(passages)),
            embedded={text: np.frombuffer(vector, np.float32) for text, vector in vectors},
            exchange=_exchange(json.loads(exchange)) if exchange else None,
        )
        return Kept(answer, asked_at, json.loads(record), trace)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Made before SQLite would, since that asks for more than its owner should give. Its side files follow it.
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            with closing(sqlite3.connect(self._path, timeout=5)) as database:
                database.execute("PRAGMA foreign_keys = ON")
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("PRAGMA synchronous = NORMAL")
                with database:
                    database.executescript(_SCHEMA)
                    yield database
        except (sqlite3.Error, OSError) as error:
            raise HistoryError(
                f"The history in {self._path} cannot be used ({error}); make it writable, or move it away."
            ) from None


def _bytes(vector: Vector) -> bytes:
    return np.asarray(vector, np.float32).tobytes()


def _packed(passage: Passage) -> tuple[str, str, bytes]:
    """The passage by its content: key, JSON, and the vectors of its sentences one behind the other."""
    article = {**asdict(replace(passage.article, text="", published=None))}
    article["published"] = passage.article.published.iso if passage.article.published else None
    spans = [(part.start, part.end) for part in passage.sentences]
    body = json.dumps({"article": article, "chunk": asdict(passage.chunk), "sentences": spans}, sort_keys=True)
    vectors = b"".join(_bytes(part.vector) for part in passage.sentences)
    return hashlib.sha256(body.encode() + b"\n" + vectors).hexdigest(), body, vectors


def _unpacked(rows: Sequence[tuple[str, bytes, str]]) -> Iterator[Passage]:
    bodies = [json.loads(body) for body, _, _ in rows]
    texts: dict[str, str] = {}
    for body in bodies:
        chunk, text = body["chunk"], texts.get(body["article"]["id"], "")
        text = text.ljust(chunk["end"])
        texts[body["article"]["id"]] = text[: chunk["start"]] + chunk["text"] + text[chunk["end"] :]
    for body, (_, vectors, found) in zip(bodies, rows, strict=True):
        given = body["article"]
        published = PartialDate(given["published"]) if given["published"] else None
        article = Article(**{**given, "text": texts[given["id"]], "published": published})
        matrix = np.frombuffer(vectors, np.float32).reshape(len(body["sentences"]) or 1, -1)
        sentences = tuple(
            Evidence(start, end, article.text[start:end], vector)
            for (start, end), vector in zip(body["sentences"], matrix, strict=bool(body["sentences"]))
        )
        yield Passage(Chunk(**body["chunk"]), article, sentences=sentences, **json.loads(found))


def _exchange(stored: Mapping[str, Any]) -> Exchange:
    messages = tuple(Message(*message) for message in stored["messages"])
    return Exchange(**{**stored, "messages": messages, "reply": Reply(**stored["reply"])})
