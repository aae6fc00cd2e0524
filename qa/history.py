"""Past answers and what they were made from: one SQLite file that only its owner can read.

Passages are kept once, by their content, however many answers were made from them. Of an article only its passages are
kept; a text that is made of them again has blanks where the rest was.
"""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from qa.chat import Message, Reply
from qa.errors import DamagedHistoryError, UnknownAnswerError
from qa.history_file import Writer, opened, set_aside
from qa.models import Answer
from qa.trace import Exchange, Trace, Weighing
from vectorstore.dates import PartialDate
from vectorstore.models import Article, Chunk, Evidence, Passage, Vector

FILE = "history.sqlite3"
_WORD = re.compile(r"\w+")
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
    """A line of the list of past answers; ``status`` is that of the record."""

    id: str
    asked_at: str
    question: str
    answer: str
    status: str


class History:
    """At most ``limit`` answers, the oldest go first; an answer that is given again is kept once.

    It may be used from several threads and programs: every call opens the file anew, but ``keep`` holds it open until
    ``close``. Raises HistoryError; where that is a DamagedHistoryError, the next call finds an empty history.
    """

    def __init__(self, path: Path, limit: int = 500) -> None:
        self._path = path
        self._limit = limit
        self._writer = Writer(path)

    def close(self) -> None:
        """Let go of the file; what is kept later opens it again."""
        self._writer.close()

    def keep(self, answer: Answer, trace: Trace) -> None:
        """Keep an answer with what it was made from. It is kept, too, when DamagedHistoryError is raised."""
        try:
            self._keep(answer, trace)
        except DamagedHistoryError:
            self._keep(answer, trace)
            raise

    def _keep(self, answer: Answer, trace: Trace) -> None:
        record = answer.to_record()
        name = record["id"]
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        exchange = json.dumps(asdict(trace.exchange)) if trace.exchange else None
        with self._writer.opened() as database:
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
                _drop_orphans(database)

    def recent(self, limit: int = 20, text: str = "") -> list[Entry]:
        """The last answers, the latest first; of those with every word of ``text``, or words that begin with it."""
        words = " ".join(f'"{word}"*' for word in _WORD.findall(text))
        matching = "WHERE id IN (SELECT id FROM words WHERE words MATCH ?)" if words else ""
        query = (
            "SELECT id, asked_at, question, json_extract(record, '$.answer'), json_extract(record, '$.status')"
            f" FROM answers {matching} ORDER BY asked_at DESC LIMIT ?"
        )
        with opened(self._path) as database:
            return [Entry(*row) for row in database.execute(query, (words, limit) if words else (limit,))]

    def questions(self, limit: int) -> list[str]:
        """The questions of the last answers, each once, the latest last. Where no history is, none is begun."""
        if not self._path.exists():
            return []
        query = "SELECT question FROM answers GROUP BY question ORDER BY max(asked_at) DESC LIMIT ?"
        with opened(self._path) as database:
            return [question for (question,) in database.execute(query, (limit,))][::-1]

    def cited(self) -> dict[str, int]:
        """In how many of the kept answers each article is cited, by its id."""
        query = (
            "SELECT json_extract(value, '$.article_id') AS article, count(DISTINCT answers.id)"
            " FROM answers, json_each(record, '$.citations') GROUP BY article"
        )
        with opened(self._path) as database:
            return dict(database.execute(query).fetchall())

    def delete(self, answer_id: str) -> bool:
        """Whether there was one of that id."""
        with opened(self._path, to_write=True) as database:
            gone = database.execute("DELETE FROM answers WHERE id = ?", (answer_id,)).rowcount
            _drop_orphans(database)
            _forget_words(database)
        return bool(gone)

    def clear(self) -> int:
        """Delete all; how many there were."""
        with opened(self._path, to_write=True) as database:
            gone = database.execute("DELETE FROM answers").rowcount
            _drop_orphans(database)
            _forget_words(database)
        return gone

    def set_aside(self) -> list[Path]:
        """The files of histories that were found damaged, the latest last."""
        return set_aside(self._path)

    def find(self, reference: str) -> Kept:
        """By id or the unique start of one. Raises UnknownAnswerError."""
        with opened(self._path) as database:
            query = "SELECT id, asked_at, record, exchange FROM answers WHERE substr(id, 1, ?) = ? LIMIT 2"
            rows = database.execute(query, (len(reference), reference)).fetchall()
            if len(rows) != 1 or not reference:
                found = "More than one answer's id begins" if rows and reference else "No kept answer's id begins"
                raise UnknownAnswerError(f"{found} with {reference!r}; isisk-qa history lists those that are kept.")
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


def _drop_orphans(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM passages WHERE key NOT IN (SELECT passage FROM answer_passages)")


def _forget_words(database: sqlite3.Connection) -> None:
    """The index of words only marks a text as deleted, until it is made anew."""
    database.execute("INSERT INTO words(words) VALUES ('rebuild')")


def _bytes(vector: Vector) -> bytes:
    return np.asarray(vector, np.float32).tobytes()


def _packed(passage: Passage) -> tuple[str, str, bytes]:
    """The passage by its content: key, JSON, and the vectors of its sentences one behind the other."""
    published = passage.article.published
    article = {**_fields(passage.article), "text": "", "published": published.iso if published else None}
    spans = [(part.start, part.end) for part in passage.sentences]
    body = json.dumps({"article": article, "chunk": _fields(passage.chunk), "sentences": spans}, sort_keys=True)
    vectors = b"".join(_bytes(part.vector) for part in passage.sentences)
    return hashlib.sha256(body.encode() + b"\n" + vectors).hexdigest(), body, vectors


def _fields(item: Article | Chunk) -> dict[str, Any]:
    # As asdict, which copies each value deeply first.
    return {field.name: getattr(item, field.name) for field in fields(item)}


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
    read = {**stored, "messages": _messages(stored["messages"]), "reply": _reply(stored["reply"])}
    # Records of earlier versions have none.
    if (weighing := stored.get("weighing")) is not None:
        read["weighing"] = Weighing(tuple(map(_messages, weighing["prompts"])), _reply(weighing["reply"]))
    return Exchange(**read)


def _messages(stored: Sequence[Sequence[Any]]) -> tuple[Message, ...]:
    return tuple(Message(*message) for message in stored)


def _reply(stored: Mapping[str, Any]) -> Reply:
    return Reply(**{**stored, "first": tuple(stored.get("first", ()))})
