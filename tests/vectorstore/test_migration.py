"""A store that version 1 of the schema has, opened by today's program."""

import hashlib
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.vectorstore.synthetic import IDENTITY, exactly, open_catalog, open_index, unit_vectors
from vectorstore.analysis import ANALYSIS_VERSION
from vectorstore.auditing import audit
from vectorstore.dates import PartialDate

VERSION_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE articles (
    id              TEXT PRIMARY KEY,
    title           TEXT NOT NULL,
    text            TEXT NOT NULL,
    sha256          TEXT NOT NULL,
    path            TEXT NOT NULL UNIQUE,
    publisher       TEXT,
    published       TEXT,
    published_basis TEXT NOT NULL,
    language        TEXT NOT NULL,
    origin          TEXT
) STRICT;
CREATE TABLE regions (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    start      INTEGER NOT NULL,
    end        INTEGER NOT NULL
) STRICT;
CREATE INDEX regions_article ON regions (article_id);
CREATE TABLE chunks (
    number     INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    ordinal    INTEGER NOT NULL,
    start      INTEGER NOT NULL,
    end        INTEGER NOT NULL,
    heading    TEXT NOT NULL,
    caption    INTEGER NOT NULL,
    vector     BLOB NOT NULL
) STRICT;
CREATE INDEX chunks_article ON chunks (article_id);
CREATE TABLE sentences (
    chunk  INTEGER NOT NULL REFERENCES chunks (number) ON DELETE CASCADE,
    start  INTEGER NOT NULL,
    end    INTEGER NOT NULL,
    vector BLOB NOT NULL
) STRICT;
CREATE INDEX sentences_chunk ON sentences (chunk);
CREATE VIRTUAL TABLE lexical USING fts5 (
    terms, tokenize = "unicode61 remove_diacritics 0 tokenchars '@-.'"
);
CREATE TABLE words (term TEXT PRIMARY KEY, vector BLOB NOT NULL) STRICT;
CREATE TABLE pending (chunk_id TEXT PRIMARY KEY, present INTEGER NOT NULL) STRICT;
"""
DATES = [None, "2016", "2016-02", "2017-12", "2018-08-15", "2021"]
VECTORS = unit_vectors(4 * len(DATES))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The path of its catalog: articles of four chunks each, and one row that the index was still to be told."""
    path = tmp_path / "catalog.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(VERSION_1)
        connection.execute("PRAGMA user_version = 1")
        embedder = {"name": IDENTITY.name, "dimension": IDENTITY.dimension, "fingerprint": IDENTITY.fingerprint}
        meta = {"generation": "7", "analysis_version": str(ANALYSIS_VERSION), "embedder": json.dumps(embedder)}
        connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        for number, date in enumerate(DATES):
            lines = [f"Report {line} of article {number} names the zebra." for line in range(4)]
            text = "\n".join(lines)
            name = f"a{number}"
            sha256 = hashlib.sha256(text.encode()).hexdigest()
            connection.execute(
                "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, 'stated', 'en', 'Agency')",
                (name, f"Title {number}", text, sha256, f"texts/{name}.txt", "Paper", date),
            )
            connection.execute("INSERT INTO regions VALUES (?, 'caption', 0, 6)", (name,))
            for ordinal, line in enumerate(lines):
                start = text.index(line)
                chunk = f"{name}#{ordinal:03d}-{hashlib.sha256(line.encode()).hexdigest()[:8]}"
                # Numbers as after changes: not from 1 and not without gaps.
                row = (100 + 10 * number + ordinal, chunk, name, ordinal, start, start + len(line))
                vector = VECTORS[4 * number + ordinal].tobytes()
                connection.execute("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, 'Heading', 1, ?)", (*row, vector))
                connection.execute("INSERT INTO sentences VALUES (?, ?, ?, ?)", (row[0], row[4], row[5], vector))
                connection.execute("INSERT INTO lexical (rowid, terms) VALUES (?, ?)", (row[0], f"zebra a{number}"))
        connection.execute("INSERT INTO words VALUES ('zebra', ?)", (VECTORS[0].tobytes(),))
        connection.execute("INSERT INTO pending VALUES ('gone#000-00000000', 0)")
    (tmp_path / "index" / "1").mkdir(parents=True)
    return path


def rows(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


KEPT = [
    "SELECT id, title, text, sha256, path, publisher, published, published_basis, language, origin FROM articles",
    "SELECT * FROM regions",
    "SELECT * FROM chunks",
    "SELECT * FROM sentences",
    "SELECT rowid, terms FROM lexical",
    "SELECT * FROM words",
    "SELECT * FROM meta WHERE key NOT IN ('store')",
]


def test_nothing_is_lost(old: Path) -> None:
    before = [rows(old, statement) for statement in KEPT]
    assert all(before)
    with closing(open_catalog(old.parent)) as catalog:
        assert (catalog.generation, catalog.count_articles(), catalog.count_chunks()) == (7, 6, 24)
        article = catalog.article("a2")
        assert (article.published, article.source, article.encoding) == (
            PartialDate("2016-02"),
            "Agency",
            "utf-8 (strict)",
        )
        assert len(catalog.meta("store") or "") == 32
        found = audit(catalog)
        assert (found.articles, found.chunks, found.sentences, found.catalog, found.lexical) == (6, 24, 24, (), ())
    assert [rows(old, statement) for statement in KEPT] == before
    assert rows(old, "PRAGMA user_version") == [(2,)]


def test_files_and_last_days_are_what_version_2_would_have_stored(old: Path) -> None:
    with closing(open_catalog(old.parent)) as catalog:
        stored = dict(catalog.database.rows("SELECT id, latest FROM articles"))
        for number, date in enumerate(DATES):
            assert stored[f"a{number}"] == (PartialDate(date).latest().isoformat() if date else None)
        files = catalog.database.rows(
            "SELECT files.path, files.sha256 = articles.sha256 FROM files JOIN articles ON file = files.path"
        )
        assert files == [(f"texts/a{number}.txt", 1) for number in range(6)]


def test_it_is_searched_and_gets_an_index(old: Path) -> None:
    question = unit_vectors(1, seed=9)[0]
    with closing(open_catalog(old.parent)) as catalog, closing(open_index(old.parent, catalog)) as index:
        for _ in range(2):
            assert index.search(question, 5) == exactly(catalog, question, 5)
            assert index.search(question, 5, "2016-02-29") == exactly(catalog, question, 5, "2016-02-29")
            index.follow()
        assert index.in_use
        # What version 1 had as its index is cleared away.
        assert [path.name for path in (old.parent / "index").iterdir()] == ["2"]


def test_what_belongs_to_an_article_still_goes_with_it(old: Path) -> None:
    with closing(open_catalog(old.parent)) as catalog:
        with catalog.writing():
            assert catalog.remove_files(["texts/a3.txt"]) == 1
        left = [
            catalog.database.rows(f"SELECT count(*) FROM {t}")[0][0]
            for t in ("chunks", "sentences", "lexical", "regions")
        ]
        assert left == [20, 20, 20, 5]
        assert audit(catalog).catalog == ()


def test_a_change_that_fails_leaves_the_old_store(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    before = [rows(old, statement) for statement in KEPT]
    with monkeypatch.context() as patch:
        patch.setattr("vectorstore.catalog.Catalog.set_meta", fail)
        with pytest.raises(KeyboardInterrupt):
            open_catalog(old.parent)
    assert rows(old, "PRAGMA user_version") == [(1,)]
    assert [rows(old, statement) for statement in KEPT] == before
    open_catalog(old.parent).close()
    assert rows(old, "PRAGMA user_version") == [(2,)]


def test_processes_that_open_it_at_once(old: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from tests.vectorstore.synthetic import open_catalog\n"
        "print(open_catalog(pathlib.Path(sys.argv[1])).count_chunks())\n"
    )
    arguments = [sys.executable, "-c", code, str(old.parent)]
    running = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[0] for process in running] == ["24\n"] * 3
    assert len(rows(old, "SELECT * FROM files")) == 6
