"""The lexical leg against SQLite's own full scan."""

import random
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import pytest

from vectorstore.lexical import LexicalSearch, prepare

# Common and rare, some that FTS5 splits, folds or drops, and one that is two terms' prefix.
_WORDS = ["@isis-k", "@isis", "attack", "attacks", "kabul", "2017", "3.5", "u.s", "o'clock", "o", "clock", "jerónimo",
          "ÉCOLE", "école", "naïve", "ﬁn", "straße", "十", "''", "'", "a-b", "-", "wide*", "NOT", "x" * 40]  # fmt: skip
_DAYS = ["2014-12-31", "2017-06-30", "2018-01-31", None]


class Corpus:
    """A plain database with the tables that the search reads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.generation = 0
        self.connection = sqlite3.connect(path, isolation_level=None)
        table = files("vectorstore").joinpath("schema.sql").read_text("utf-8")
        lexical = table[table.index("CREATE VIRTUAL TABLE") :]
        self.connection.executescript(
            "CREATE TABLE articles (id TEXT PRIMARY KEY, latest TEXT);"
            "CREATE TABLE chunks (number INTEGER PRIMARY KEY, id TEXT UNIQUE, article_id TEXT);"
            + lexical[: lexical.index(";") + 1]
            + "PRAGMA journal_mode = WAL;"
        )
        prepare(self.connection)
        self.search = LexicalSearch(lambda: self.connection, lambda: self.generation)

    def open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        prepare(connection)
        return connection

    def add(self, rng: random.Random, count: int, words: list[str]) -> None:
        self.connection.execute("BEGIN")
        for _ in range(count):
            terms = rng.choices(words, [1 / rank for rank in range(1, len(words) + 1)], k=rng.randint(0, 12))
            name = f"{rng.getrandbits(48):012x}"
            self.connection.execute("INSERT INTO articles VALUES (?, ?)", (f"a{name}", rng.choice(_DAYS)))
            number = self.connection.execute(
                "INSERT INTO chunks (id, article_id) VALUES (?, ?)", (name, f"a{name}")
            ).lastrowid
            self.connection.execute("INSERT INTO lexical (rowid, terms) VALUES (?, ?)", (number, " ".join(terms)))
        self.connection.execute("COMMIT")
        self.generation += 1

    def drop(self, share: float, rng: random.Random) -> None:
        self.connection.execute("BEGIN")
        for (number,) in self.connection.execute("SELECT number FROM chunks").fetchall():
            if rng.random() < share:
                self.connection.execute("DELETE FROM lexical WHERE rowid = ?", (number,))
                self.connection.execute("DELETE FROM chunks WHERE number = ?", (number,))
        self.connection.execute("COMMIT")
        self.generation += 1

    def full_scan(self, terms: list[str], limit: int, until: str | None = None) -> list[tuple[str, float]]:
        query = " OR ".join(f'"{term}"' for term in dict.fromkeys(terms) if '"' not in term)
        if not query:
            return []
        return self.connection.execute(
            "SELECT chunks.id, -bm25(lexical) FROM lexical JOIN chunks ON chunks.number = lexical.rowid "
            "JOIN articles ON articles.id = article_id WHERE lexical MATCH ? AND (? IS NULL OR latest <= ?) "
            "ORDER BY bm25(lexical), chunks.id LIMIT ?",
            (query, until, until, limit),
        ).fetchall()


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    made = Corpus(tmp_path / "catalog.sqlite3")
    yield made
    made.connection.close()


@pytest.mark.parametrize("seed", range(12))
def test_a_search_finds_what_a_full_scan_finds(corpus: Corpus, seed: int) -> None:
    rng = random.Random(seed)
    words = rng.sample(_WORDS, rng.randint(3, len(_WORDS)))
    compared = 0
    for count in (rng.choice([1, 5]), 200, 50):
        corpus.add(rng, count, words)
        corpus.drop(rng.choice([0.0, 0.3]), rng)
        for _ in range(15):
            terms = rng.choices([*words, 'say"so', "absent", "ABSENT", "ab'sent"], k=rng.randint(0, 6))
            limit, until = rng.choice([1, 3, 50, 500]), rng.choice([None, "2014-12-31", "2017-12-31", "2013-01-01"])
            expected = corpus.full_scan(terms, limit, until)
            # Bit for bit: so that equal scores are equal here too.
            assert corpus.search.search(terms, limit, until) == expected
            compared += len(expected)
    assert compared > 50


def test_an_empty_store_has_no_passages(corpus: Corpus) -> None:
    assert corpus.search.search(["kabul"], 5) == []
    assert corpus.search.search(["o'clock"], 5, "2018-01-31") == []
    assert corpus.search.search([], 5) == []
    assert (corpus.search.count(), corpus.search.years(), corpus.search.vocabulary("k")) == (0, frozenset(), [])


def test_what_is_known_of_the_terms(corpus: Corpus) -> None:
    corpus.add(random.Random(1), 200, ["kabul", "kunar", "2017", "1499", "2100", "15000", "1999.5", "o'clock", "@isis"])
    corpus.add(random.Random(2), 10, ["1500"])
    search, rows = corpus.search, corpus.connection.execute
    assert search.count() == 210
    assert search.years() == {2017, 1500}
    assert sorted(search.vocabulary("k")) == ["kabul", "kunar"]
    assert search.vocabulary("x") == []
    counts = {
        term: rows("SELECT count(*) FROM lexical WHERE lexical MATCH ?", (f'"{term}"',)).fetchone()[0]
        for term in ("kabul", "o'clock", "clock", "absent")
    }
    assert search.document_frequencies(list(counts)) == counts
    assert counts["o'clock"] == counts["clock"] > 0


def test_a_new_generation_is_read_anew(corpus: Corpus) -> None:
    rng = random.Random(3)
    corpus.add(rng, 20, ["kabul"])
    assert corpus.search.search(["kunar"], 5) == []
    corpus.add(rng, 20, ["kunar", "2019"])
    assert corpus.search.search(["kunar", "kabul"], 50) == corpus.full_scan(["kunar", "kabul"], 50) != []
    assert corpus.search.years() == {2019}


def test_no_more_postings_are_kept_than_the_capacity(corpus: Corpus) -> None:
    """The most recently used ones; one that is larger than all of it is not kept."""
    corpus.add(random.Random(4), 300, ["kabul", "kunar", "attack"])
    sizes = corpus.search.document_frequencies(["kabul", "kunar", "attack"])
    counted: list[str] = []
    corpus.connection.set_trace_callback(counted.append)
    small = LexicalSearch(lambda: corpus.connection, lambda: corpus.generation, sizes["kabul"] + sizes["kunar"])

    def read(term: str) -> bool:
        """Whether the database was asked for the term's postings."""
        counted.clear()
        assert small.search([term], 5) == corpus.full_scan([term], 5)
        return any("occurrences" in statement for statement in counted)

    assert [read(term) for term in ("kabul", "kunar", "kabul")] == [True, True, False]
    assert [read(term) for term in ("attack", "kabul", "kunar")] == [True, False, True]
    none = LexicalSearch(lambda: corpus.connection, lambda: corpus.generation, 0)
    assert none.search(["kabul", "kunar"], 50) == corpus.full_scan(["kabul", "kunar"], 50)


def test_threads_search_at_once_while_the_store_changes(corpus: Corpus) -> None:
    """Each with a connection of its own; every answer is of one generation."""
    local = threading.local()

    def connection() -> sqlite3.Connection:
        if not hasattr(local, "connection"):
            local.connection = corpus.open()
        opened: sqlite3.Connection = local.connection
        return opened

    def generation() -> int:
        return int(connection().execute("SELECT value FROM generation").fetchone()[0])

    # Each generation has one more chunk, and all its chunks have the same terms: one score, known in advance.
    corpus.connection.executescript("CREATE TABLE generation (value INTEGER); INSERT INTO generation VALUES (0);")
    search = LexicalSearch(connection, generation)
    done = threading.Event()

    def ask() -> list[int]:
        counts: list[int] = []
        while not done.is_set() or not counts:
            found = search.search(["kabul", "o'clock"], 10_000)
            assert len({score for _, score in found}) <= 1
            counts.append(len(found))
        local.connection.close()
        return counts

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        for number in range(150):
            corpus.connection.execute("BEGIN IMMEDIATE")
            corpus.connection.execute("INSERT INTO chunks VALUES (?, ?, 'a')", (number + 1, f"c{number}"))
            corpus.connection.execute("INSERT INTO lexical (rowid, terms) VALUES (?, 'kabul')", (number + 1,))
            corpus.connection.execute("UPDATE generation SET value = value + 1")
            corpus.connection.execute("COMMIT")
        done.set()
        for counts in (future.result() for future in asking):
            assert counts == sorted(counts)
    assert len(search_all := corpus.search.search(["kabul"], 10_000)) == 150 == len(dict(search_all))
