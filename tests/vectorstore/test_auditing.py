"""Each thing that can be wrong with a store is found, and what is derived is mended without a model."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.vectorstore.conftest import SEEDS
from tests.vectorstore.synthetic import DIMENSION, open_catalog, open_index, put, unit_vectors
from vectorstore.analysis import Analyser
from vectorstore.auditing import audit
from vectorstore.catalog import Catalog
from vectorstore.dense import VectorIndex
from vectorstore.errors import StoreError
from vectorstore.exact import ExactSearch
from vectorstore.glossary import Glossary
from vectorstore.models import Article
from vectorstore.repairing import repair

ANALYSER = Analyser(Glossary())


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(open_catalog(tmp_path)) as opened:
        for number in range(3):
            put(opened, f"a{number}", unit_vectors(6, seed=number), "2017-12" if number else None)
        yield opened


def mend(catalog: Catalog, index: VectorIndex) -> list[str]:
    return repair(catalog.path.parent, catalog, index, ANALYSER)


def test_a_sound_store(catalog: Catalog) -> None:
    found = audit(catalog)
    assert (found.articles, found.chunks, found.sentences, found.catalog, found.lexical) == (3, 18, 18, (), ())


def test_an_empty_store(tmp_path: Path) -> None:
    with closing(open_catalog(tmp_path / "new")) as catalog:
        found = audit(catalog)
    assert (found.articles, found.chunks, found.sentences, found.catalog, found.lexical) == (0, 0, 0, (), ())


def test_a_store_that_was_made_by_the_program(shipped_home: Path) -> None:
    with closing(open_catalog(shipped_home)) as catalog:
        found = audit(catalog)
    assert (found.articles, found.catalog, found.lexical) == (5, (), ())
    assert found.sentences > found.chunks > 20


TOO_LONG = (2 * unit_vectors(1)[0]).astype(np.float32).tobytes()
CATALOG_FAULTS = [
    ("UPDATE chunks SET end = 10000 WHERE number = 6", (), "characters 165 to 10000 are not in the article's text"),
    ("UPDATE chunks SET end = start WHERE number = 2", (), "are not in the article's text"),
    ("UPDATE chunks SET start = -1 WHERE number = 1", (), "are not in the article's text"),
    ("UPDATE chunks SET start = start + 1 WHERE number = 2", (), "its text is not the one that it was made from"),
    ("UPDATE articles SET text = replace(text, 'Report 3', 'Report 4') WHERE id = 'a1'", (), "a1#003"),
    ("UPDATE articles SET text = '' WHERE id = 'a1'", (), "a1#000"),
    ("UPDATE articles SET latest = '2018-01-01' WHERE id = 'a1'", (), "a1: 2018-01-01 is not the last day of 2017-12"),
    ("UPDATE articles SET latest = '2018-01-01' WHERE id = 'a0'", (), "a0: 2018-01-01 is not the last day of None"),
    ("UPDATE articles SET latest = NULL WHERE id = 'a1'", (), "a1: None is not the last day of 2017-12"),
    ("UPDATE chunks SET vector = ? WHERE number = 3", (b"\0" * 4,), f"has 4 bytes, for {DIMENSION} numbers"),
    ("UPDATE chunks SET vector = ? WHERE number = 3", (TOO_LONG,), "its vector has length 2, not 1"),
    ("UPDATE chunks SET vector = ? WHERE number = 3", (b"\xff" * 4 * DIMENSION,), "has length nan"),
    ("UPDATE chunks SET vector = ? WHERE number = 3", (b"\0" * 4 * DIMENSION,), "has length 0"),
    ("UPDATE sentences SET vector = ? WHERE chunk = 3", (TOO_LONG,), "the vector of its sentence at 66 has length 2"),
    ("UPDATE sentences SET start = start - 1 WHERE chunk = 3", (), "are not one after another what it says"),
    ("UPDATE sentences SET start = start + 1 WHERE chunk = 3", (), "are not one after another what it says"),
    ("UPDATE sentences SET end = end - 1 WHERE chunk = 3", (), "its sentences do not reach its end"),
    ("DELETE FROM sentences WHERE chunk = 3", (), "its sentences do not reach its end"),
    ("INSERT INTO sentences SELECT * FROM sentences WHERE chunk = 3", (), "are not one after another"),
    ("INSERT INTO regions VALUES ('a0', 'comments', 40, 41)", (), "it overlaps text that is no reporting"),
    ("INSERT INTO regions VALUES ('a0', 'caption', 40, 4100)", (), "from 40 to 4100 is not one of its text"),
    ("INSERT INTO regions VALUES ('a0', 'caption', 40, 39)", (), "from 40 to 39 is not one of its text"),
    ("INSERT INTO regions VALUES ('a0', 'caqtion', 0, 1)", (), "the region 'caqtion'"),
    ("UPDATE meta SET value = replace(value, ': 16', ': 17') WHERE key = 'embedder'", (), "for 17 numbers"),
    ("DELETE FROM meta WHERE key = 'embedder'", (), "for None numbers"),
    ("INSERT OR REPLACE INTO pending VALUES ('gone#000-00000000', 1)", (), "says that it is there, which it is not"),
    ("UPDATE pending SET present = 0 WHERE chunk_id LIKE 'a1#000%'", (), "says that it is gone, which it is not"),
    ("DELETE FROM articles WHERE id = 'a2'", (), "a row of chunks belongs to no row of articles"),
]


@pytest.mark.parametrize(("statement", "values", "expected"), CATALOG_FAULTS)
def test_what_is_wrong_with_the_catalog_is_found_and_never_mended_by_guessing(
    catalog: Catalog, statement: str, values: tuple[bytes, ...], expected: str
) -> None:
    catalog.database.rows("PRAGMA foreign_keys = OFF")
    with catalog.writing():
        catalog.database.rows(statement, values)
    found = audit(catalog)
    assert expected in found.catalog[0]
    with (
        closing(open_index(catalog.path.parent, catalog)) as index,
        pytest.raises(StoreError, match=r"is damaged \(.*\), which nothing can mend; put a backup in its place"),
    ):
        mend(catalog, index)
    assert not (catalog.path.with_name("index")).exists()


def test_a_caption_may_be_in_a_chunk(catalog: Catalog) -> None:
    with catalog.writing():
        catalog.database.rows("INSERT INTO regions VALUES ('a0', 'caption', 40, 41)")
    assert audit(catalog).catalog == ()


def test_very_many_faults_are_not_all_told(catalog: Catalog) -> None:
    put(catalog, "long", unit_vectors(50))
    with catalog.writing():
        catalog.database.rows("UPDATE chunks SET end = 100000")
    assert len(audit(catalog).catalog) == 20


def test_a_damaged_structure_is_found(catalog: Catalog) -> None:
    with catalog.writing():
        catalog.database.rows("PRAGMA writable_schema = ON")
        catalog.database.rows("UPDATE sqlite_master SET rootpage = 3 WHERE name = 'chunks_article'")
    catalog.close()
    with closing(open_catalog(catalog.path.parent)) as again:
        found = audit(again)
    assert found.catalog
    assert found.chunks == 0


LEXICAL_FAULTS = [
    ("DELETE FROM lexical WHERE rowid = 5", "chunk number 5 has no terms"),
    ("INSERT INTO lexical (rowid, terms) VALUES (500, 'zebra')", "there are terms of chunk number 500, which is gone"),
    ("UPDATE lexical_content SET c0 = 'zebra' WHERE id = 5", "malformed"),
    ("DELETE FROM lexical_data WHERE id > 10", "malformed"),
    ("DELETE FROM lexical_docsize WHERE id = 5", "malformed"),
    ("UPDATE lexical_data SET block = x'00ff00ff' WHERE id > 10", "malformed"),
]


@pytest.mark.parametrize(("statement", "expected"), LEXICAL_FAULTS)
def test_what_is_wrong_with_the_terms_is_found_and_mended(
    catalog: Catalog, index: VectorIndex, statement: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A look at every vector takes a process of its own, seconds each time.
    monkeypatch.setattr(VectorIndex, "fault", lambda *_, thorough: None)
    # What the analyser makes of the texts, in place of the made-up terms.
    break_terms(catalog, "DELETE FROM lexical")
    mend(catalog, index)
    terms = catalog.database.rows("SELECT rowid, terms FROM lexical")
    assert len(terms) == 18
    generation = catalog.generation
    break_terms(catalog, statement)
    found = audit(catalog)
    assert found.catalog == ()
    assert expected in found.lexical[0]
    (done,) = mend(catalog, index)
    assert done == f"The terms of 18 chunks were made anew ({found.lexical[0]})."
    assert audit(catalog).lexical == ()
    assert catalog.database.rows("SELECT rowid, terms FROM lexical") == terms
    # Readers that keep something of the terms must notice.
    assert catalog.generation == generation + 1
    assert mend(catalog, index) == []


def break_terms(catalog: Catalog, statement: str) -> None:
    catalog.close()
    with closing(sqlite3.connect(catalog.path)) as connection, connection:
        connection.execute(statement)


def test_the_terms_are_those_that_an_ingest_makes(
    shipped_home: Path, tmp_path: Path, articles: dict[str, Article]
) -> None:
    """Also with the glossary and the title and heading that a chunk is read in."""
    with closing(open_catalog(shipped_home)) as catalog:
        made = catalog.database.rows("SELECT rowid, terms FROM lexical")
        with closing(sqlite3.connect(tmp_path / "catalog.sqlite3")) as copy:
            catalog.database.connection.backup(copy)
    with closing(open_catalog(tmp_path)) as catalog, closing(open_index(tmp_path, catalog)) as index:
        break_terms(catalog, "DELETE FROM lexical")
        repair(tmp_path, catalog, index, Analyser(Glossary.load(SEEDS / "glossary.toml")))
        assert catalog.database.rows("SELECT rowid, terms FROM lexical") == made
        assert len(catalog.articles()) == len(articles)


def test_all_that_is_derived_is_mended_at_once(
    catalog: Catalog, index: VectorIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vectorstore.exact._LEAST", 4)
    home = catalog.path.parent
    vectors = ExactSearch(home / "vectors.bin", catalog)
    assert vectors.nearest(unit_vectors(1)[0], 3, None)
    (home / "vectors.bin").write_bytes(b"garbage")
    (home / "vectors.bin.0123").write_bytes(b"half")
    next((home / "index").rglob("header.bin")).write_bytes(b"garbage")
    (home / "index" / "77").mkdir()
    break_terms(catalog, "DELETE FROM lexical")
    done = mend(catalog, index)
    assert [sentence.partition("(")[0] for sentence in done] == [
        "The terms of 18 chunks were made anew ",
        "The file vectors.bin was dropped ",
        "The vector index was made anew ",
        "Left behind and now cleared away: set-aside, vectors.bin.0123.",
    ]
    assert index.fault(thorough=True) is None
    assert audit(catalog).lexical == ()
    assert vectors.fault() is None
    assert sorted(path.name for path in home.iterdir() if not path.name.startswith("catalog")) == ["index"]
    assert mend(catalog, index) == []


def test_an_index_that_lags_is_brought_up_to_date(catalog: Catalog, index: VectorIndex) -> None:
    put(catalog, "new", unit_vectors(3, seed=8))
    done = mend(catalog, index)
    assert done == ["Left behind and now cleared away: 1."]
    assert index.fault(thorough=True) is None
    assert catalog.database.rows("SELECT count(*) FROM pending") == [(0,)]
