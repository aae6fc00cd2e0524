"""The lexical leg against SQLite's own full scan."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pytest

from vectorstore.database import Database
from vectorstore.lexical import LexicalSearch

# Common and rare, some that FTS5 splits, folds or drops, and one that is two terms' prefix.
_WORDS = ["@isis-k", "@isis", "attack", "attacks", "kabul", "2017", "3.5", "u.s", "o'clock", "o", "clock", "jerónimo",
          "ÉCOLE", "école", "naïve", "ﬁn", "straße", "十", "''", "'", "a-b", "-", "wide*", "NOT", "x" * 40]  # fmt: skip
_DAYS = ["2014-12-31", "2017-06-30", "2018-01-31", None]


class Corpus:
    """A plain database with the tables that the search reads."""

    def __init__(self, path: Path) -> None:
        self.database = Database(path)
        schema = files("vectorstore").joinpath("schema.sql").read_text("utf-8")
        lexical = schema[schema.index("CREATE VIRTUAL TABLE") :]
        with self.database.writing():
            self.database.script(
                "CREATE TABLE articles (id TEXT PRIMARY KEY, latest TEXT);\n"
                "CREATE TABLE chunks (number INTEGER PRIMARY KEY, id TEXT UNIQUE, article_id TEXT);\n"
                "CREATE TABLE generation (value INTEGER);\n"
                "INSERT INTO generation VALUES (0);\n" + lexical[: lexical.index(";") + 2]
            )
        self.search = self.searching()

    def searching(self, capacity: int = 1_000_000) -> LexicalSearch:
        return LexicalSearch(self.database, self.generation, capacity)

    def generation(self) -> int:
        return int(self.database.rows("SELECT value FROM generation")[0][0])

    @contextmanager
    def changing(self) -> Iterator[None]:
        with self.database.writing():
            yield
            self.database.rows("UPDATE generation SET value = value + 1")

    def add(self, rng: random.Random, count: int, words: list[str]) -> None:
        weights = [1 / rank for rank in range(1, len(words) + 1)]
        with self.changing():
            for _ in range(count):
                terms = " ".join(rng.choices(words, weights, k=rng.randint(0, 12)))
                self.add_one(f"{rng.getrandbits(48):012x}", terms, rng.choice(_DAYS))

    def add_one(self, name: str, terms: str, latest: str | None = None) -> None:
        self.database.insert("INSERT INTO articles VALUES (?, ?)", (f"a{name}", latest))
        number = self.database.insert("INSERT INTO chunks (id, article_id) VALUES (?, ?)", (name, f"a{name}"))
        self.database.insert("INSERT INTO lexical (rowid, terms) VALUES (?, ?)", (number, terms))

    def drop(self, rng: random.Random, share: float) -> None:
        with self.changing():
            for (number,) in self.database.rows("SELECT number FROM chunks"):
                if rng.random() < share:
                    self.database.rows("DELETE FROM lexical WHERE rowid = ?", (number,))
                    self.database.rows("DELETE FROM chunks WHERE number = ?", (number,))

    def full_scan(self, terms: list[str], limit: int, until: str | None = None) -> list[tuple[str, float]]:
        query = " OR ".join('"' + term.replace('"', '""') + '"' for term in dict.fromkeys(terms))
        if not query:
            return []
        return self.database.rows(
            "SELECT chunks.id, -bm25(lexical) FROM lexical JOIN chunks ON chunks.number = lexical.rowid "
            "JOIN articles ON articles.id = article_id WHERE lexical MATCH ? AND (? IS NULL OR latest <= ?) "
            "ORDER BY bm25(lexical), chunks.id LIMIT ?",
            (query, until, until, limit),
        )


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    made = Corpus(tmp_path / "catalog.sqlite3")
    yield made
    made.database.close()


@pytest.mark.parametrize("seed", range(12))
def test_a_search_finds_what_a_full_scan_finds(corpus: Corpus, seed: int) -> None:
    rng = random.Random(seed)
    words = rng.sample(_WORDS, rng.randint(3, len(_WORDS)))
    compared = 0
    for count in (rng.choice([1, 5]), 200, 50):
        corpus.add(rng, count, words)
        corpus.drop(rng, rng.choice([0.0, 0.3]))
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
    search, rows = corpus.search, corpus.database.rows
    assert search.count() == 210
    assert search.years() == {2017, 1500}
    assert sorted(search.vocabulary("k")) == ["kabul", "kunar"]
    assert search.vocabulary("x") == []
    counts = {
        term: rows("SELECT count(*) FROM lexical WHERE lexical MATCH ?", ('"' + term.replace('"', '""') + '"',))[0][0]
        for term in ("kabul", "o'clock", "clock", "absent", 'o"clock')
    }
    assert search.document_frequencies(list(counts)) == counts
    assert counts["o'clock"] == counts['o"clock'] == counts["clock"] > 0


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
    corpus.database.connection.set_trace_callback(counted.append)
    small = corpus.searching(sizes["kabul"] + sizes["kunar"])

    def read(term: str) -> bool:
        """Whether the database was asked for the term's postings."""
        counted.clear()
        assert small.search([term], 5) == corpus.full_scan([term], 5)
        return any("FROM temp.occurrences" in statement for statement in counted)

    assert [read(term) for term in ("kabul", "kunar", "kabul")] == [True, True, False]
    assert [read(term) for term in ("attack", "kabul", "kunar")] == [True, False, True]
    assert corpus.searching(0).search(["kabul", "kunar"], 50) == corpus.full_scan(["kabul", "kunar"], 50)


def test_threads_search_at_once_while_the_store_changes(corpus: Corpus) -> None:
    """Every answer is of one generation: of as many chunks as were in, with one score for all."""
    done = threading.Event()

    def ask() -> list[int]:
        counts: list[int] = []
        while not done.is_set() or not counts:
            found = corpus.search.search(["kabul", "o'clock"], 10_000)
            assert len({score for _, score in found}) <= 1
            counts.append(len(found))
        return counts

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        for number in range(150):
            with corpus.changing():
                corpus.add_one(f"c{number}", "kabul")
        done.set()
        for counts in (future.result() for future in asking):
            assert counts == sorted(counts)
    assert len(dict(corpus.search.search(["kabul"], 10_000))) == 150
