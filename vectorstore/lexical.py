"""The lexical leg: BM25 over the FTS5 table ``lexical``, and what else is read off its terms."""

import json
import math
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from vectorstore.database import Database

# Of SQLite's bm25(), which has no others.
_K1, _B, _LEAST_IDF = 1.2, 0.75, 1e-6
# One token to FTS5 whatever it stands for: other terms may be split ("o'clock") or folded.
_PLAIN = re.compile(r"[a-z0-9@.-]+")
_NEVER = 99_999_999


@dataclass(frozen=True, slots=True)
class _Postings:
    """``places`` of a term's chunks in ``_Snapshot.numbers``, and what the term adds to the score of each."""

    places: NDArray[np.int32]
    impacts: NDArray[np.float64]


@dataclass(slots=True)
class _Snapshot:
    """What was read of one generation. ``norms`` is the part of BM25's denominator that a chunk's length makes."""

    generation: int
    numbers: NDArray[np.int64]
    norms: NDArray[np.float64]
    postings: OrderedDict[str, _Postings] = field(default_factory=OrderedDict)
    held: int = 0
    latest: NDArray[np.int32] | None = None
    years: frozenset[int] | None = None
    vocabulary: dict[str, list[str]] = field(default_factory=dict)


class LexicalSearch:
    """BM25 with SQLite's own figures, without letting SQLite score every chunk that has any of the terms.

    At 100,000 chunks ``ORDER BY bm25(lexical)`` takes 1.5 µs a matching chunk, which for a common word is most of the
    store. A term's postings are read once a generation (0.25 µs each) and kept as what they add to a score, 12 bytes
    each, at most ``capacity`` of them; then a search is a sum of arrays. ``generation`` counts the committed changes.
    Not to be used inside a transaction that writes.
    """

    def __init__(self, database: Database, generation: Callable[[], int], capacity: int = 8_000_000) -> None:
        self._database = database
        self._generation = generation
        self._capacity = capacity
        self._latest: _Snapshot | None = None
        self._lock = threading.Lock()

    def search(self, terms: Sequence[str], limit: int, until: str | None = None) -> list[tuple[str, float]]:
        """Chunk ids with their BM25 scores (larger is better; k1 = 1.2, b = 0.75), best first, equal ones by id.

        ``until``, a day as 2018-01-31, leaves out the articles that are not known to be published by then.
        """
        with self._reading() as snapshot:
            scores = np.zeros(len(snapshot.numbers))
            for term in dict.fromkeys(terms):
                postings = self._postings(snapshot, term)
                scores[postings.places] += postings.impacts
            if until is not None:
                scores[self._days(snapshot) > int(until.replace("-", ""))] = 0
            best = _highest(scores, limit)
            rows = self._database.rows(
                "SELECT number, id FROM chunks WHERE number IN (SELECT value FROM json_each(?))",
                (json.dumps(snapshot.numbers[best].tolist()),),
            )
            ids = dict(rows)
        found = ((ids[number], score) for number, score in zip(snapshot.numbers[best], scores[best], strict=True))
        return [(name, float(score)) for name, score in sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]]

    def terms(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """The index terms of chunks and of what they are read in, in order."""
        rows = self._database.rows(
            "SELECT chunks.id, terms FROM chunks JOIN lexical ON lexical.rowid = number "
            "WHERE chunks.id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        return {name: terms.split(" ") for name, terms in rows}

    def count(self) -> int:
        """How many chunks there are."""
        with self._reading() as snapshot:
            return len(snapshot.numbers)

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many chunks each term stands."""
        with self._reading() as snapshot:
            return {term: len(self._postings(snapshot, term).places) for term in terms}

    def vocabulary(self, initial: str) -> list[str]:
        """The index terms that begin with a character."""
        with self._reading() as snapshot:
            if initial not in snapshot.vocabulary:
                snapshot.vocabulary[initial] = self._terms(initial, chr(ord(initial) + 1))
            return snapshot.vocabulary[initial]

    def years(self) -> frozenset[int]:
        """The years, 1500 to 2099, that stand in any chunk."""
        with self._reading() as snapshot:
            if snapshot.years is None:
                found = (term for term in self._terms("15", "21") if len(term) == 4 and term.isdecimal())
                snapshot.years = frozenset(map(int, found))
            return snapshot.years

    @contextmanager
    def _reading(self) -> Iterator[_Snapshot]:
        """What is known of the present generation; every read inside is of it."""
        with self._database.reading():
            generation = self._generation()
            snapshot = self._latest
            if snapshot is None or snapshot.generation != generation:
                snapshot = self._latest = _snapshot(self._database, generation)
            yield snapshot

    def _terms(self, first: str, end: str) -> list[str]:
        view = self._view("vocabulary", "row")
        return [
            row[0] for row in self._database.rows(f"SELECT term FROM {view} WHERE term >= ? AND term < ?", (first, end))
        ]

    def _view(self, name: str, kind: str) -> str:
        """A view of the index's terms, which each connection has to make for itself."""
        self._database.rows(f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{name} USING fts5vocab (main, lexical, {kind})")
        return f"temp.{name}"

    def _postings(self, snapshot: _Snapshot, term: str) -> _Postings:
        with self._lock:
            if (known := snapshot.postings.get(term)) is not None:
                snapshot.postings.move_to_end(term)
                return known
        read = self._read(snapshot, term)
        with self._lock:
            if term not in snapshot.postings:
                snapshot.held += len(read.places)
            snapshot.postings[term] = read
            while snapshot.held > self._capacity:
                _, oldest = snapshot.postings.popitem(last=False)
                snapshot.held -= len(oldest.places)
        return read

    def _read(self, snapshot: _Snapshot, term: str) -> _Postings:
        rows, occurrences = self._database.rows, self._view("occurrences", "instance")
        # One long string is made in C; a row for each occurrence would take Python three times as long.
        numbers = _numbers(rows(f"SELECT group_concat(doc) FROM {occurrences} WHERE term = ?", (term,))[0][0])
        if not len(numbers) and not _PLAIN.fullmatch(term):
            # Alone in a query, a phrase scores what it adds to the score of a longer one.
            phrase = '"' + term.replace('"', '""') + '"'
            scored = rows("SELECT rowid, -bm25(lexical) FROM lexical WHERE lexical MATCH ?", (phrase,))
            found = np.array([number for number, _ in scored], np.int64)
            return _Postings(_places(snapshot, found), np.array([impact for _, impact in scored], np.float64))
        ends = np.flatnonzero(np.diff(numbers, append=-1))
        frequencies = np.diff(ends, prepend=-1).astype(np.float64)
        total, having = len(snapshot.numbers), len(ends)
        idf = math.log((total - having + 0.5) / (having + 0.5))
        places = _places(snapshot, numbers[ends])
        saturation = frequencies * (_K1 + 1) / (frequencies + snapshot.norms[places])
        return _Postings(places, (idf if idf > 0 else _LEAST_IDF) * saturation)

    def _days(self, snapshot: _Snapshot) -> NDArray[np.int32]:
        """The last day, as the number 20180131, that each chunk's article can be of."""
        if snapshot.latest is None:
            ((numbers, days),) = self._database.rows(
                "SELECT group_concat(number), group_concat(coalesce(replace(latest, '-', ''), ?)) "
                "FROM articles JOIN chunks ON article_id = articles.id",
                (_NEVER,),
            )
            latest = np.full(len(snapshot.numbers), _NEVER, np.int32)
            latest[_places(snapshot, _numbers(numbers))] = _numbers(days)
            snapshot.latest = latest
        return snapshot.latest


def _snapshot(database: Database, generation: int) -> _Snapshot:
    ((names, sizes),) = database.rows("SELECT group_concat(id), group_concat(hex(sz)) FROM lexical_docsize")
    encoded = sizes.split(",") if sizes else []
    decoded = {size: _varint(bytes.fromhex(size)) for size in set(encoded)}
    lengths = np.array([decoded[size] for size in encoded], np.float64)
    average = lengths.sum() / max(1, len(lengths))
    return _Snapshot(generation, _numbers(names), _K1 * (1 - _B + _B * lengths / (average or 1)))


def _varint(encoded: bytes) -> int:
    """A number as SQLite stores it: seven bits a byte, the high bit set in all but the last."""
    value = 0
    for byte in encoded:
        value = value << 7 | byte & 0x7F
    return value


def _numbers(joined: str | None) -> NDArray[np.int64]:
    return cast(NDArray[np.int64], np.fromstring(joined or "", np.int64, sep=","))


def _places(snapshot: _Snapshot, numbers: NDArray[np.int64]) -> NDArray[np.int32]:
    return np.searchsorted(snapshot.numbers, numbers).astype(np.int32)


def _highest(scores: NDArray[np.float64], limit: int) -> NDArray[np.int64]:
    """Places of the ``limit`` highest scores above 0, and of all that equal the last of them; unordered."""
    matching = np.flatnonzero(scores)
    if len(matching) <= limit:
        return matching
    found = scores[matching]
    least = np.partition(found, len(found) - limit)[len(found) - limit]
    return cast(NDArray[np.int64], matching[found >= least])
