import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.vectorstore.conftest import Write
from tests.vectorstore.fakes import Store, WordEmbedder
from vectorstore.analysis import ANALYSIS_VERSION
from vectorstore.catalog import Catalog
from vectorstore.cleaning import find_regions
from vectorstore.errors import IdentityError, StoreError, UnknownArticleError


def test_what_went_in_comes_out(shipped: Store) -> None:
    catalog = shipped.catalog
    articles = catalog.articles()
    assert [article.id for article in articles] == [
        "sputnik-2017-12",
        "new-arab-2017-12-12",
        "mintpress-2018-08",
        "southfront-2020-02",
        "explainer-2021-08",
    ]
    for article in articles:
        assert article.text.encode() == Path(article.path).read_bytes()
        assert catalog.regions(article.id) == find_regions(article.text, article.title)


def test_chunks_and_sentences_are_verbatim_with_unit_vectors(shipped: Store) -> None:
    catalog = shipped.catalog
    texts = {article.id: article.text for article in catalog.articles()}
    chunks = catalog.chunks()
    assert len(chunks) == catalog.count_chunks() > 20
    stored = catalog.chunks_by_id([chunk.id for chunk in chunks])
    for chunk in chunks:
        assert texts[chunk.article_id][chunk.start : chunk.end] == chunk.text
        again, vector = stored[chunk.id]
        assert again == chunk
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
        sentences = catalog.sentences(chunk)
        assert sentences[0].start == chunk.start
        assert sentences[-1].end == chunk.end
        for sentence in sentences:
            assert texts[chunk.article_id][sentence.start : sentence.end] == sentence.text
            assert np.linalg.norm(sentence.vector) == pytest.approx(1.0, abs=1e-5)


def test_no_chunk_overlaps_what_is_no_reporting(shipped: Store) -> None:
    for chunk in shipped.catalog.chunks():
        for region in shipped.catalog.regions(chunk.article_id):
            if region.kind.excluded:
                assert region.end <= chunk.start or chunk.end <= region.start


@pytest.mark.parametrize(
    "reference",
    ["sputnik-2017-12", "sput", "s" + "putnik-2017", "000_18e8cb0073947491.txt"],
)
def test_an_article_by_reference(shipped: Store, reference: str) -> None:
    assert shipped.catalog.article(reference).id == "sputnik-2017-12"


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("reuters", "No article in the store is called 'reuters'"),
        ("", "No article"),
        ("s", "More than one article is meant by 's'"),
        ("Sputnik-2017-12", "No article"),
        ("' OR 1=1 --", "No article"),
        ("%", "No article"),
    ],
)
def test_no_such_article(shipped: Store, reference: str, message: str) -> None:
    with pytest.raises(UnknownArticleError, match=message):
        shipped.catalog.article(reference)


def test_an_exact_id_wins_over_longer_ones(store: Store, write: Write) -> None:
    write("catalog.toml", "".join(f'[[article]]\nid = "{name}"\nfile = "{name}.txt"\n' for name in ("a", "ab")))
    write("a.txt")
    store.ingestor.run([write("ab.txt").parent])
    assert store.catalog.article("a").id == "a"


@pytest.mark.parametrize(
    ("terms", "first"),
    [
        (["moab"], "sputnik-2017-12"),
        (["@isis-k", "hazara", "sikh"], "explainer-2021-08"),
        (["153", "jawzjan"], "mintpress-2018-08"),
    ],
)
def test_lexical_search(shipped: Store, terms: list[str], first: str) -> None:
    terms = [term for word in terms for term in (shipped.analyser.terms(word) if word[0] != "@" else [word])]
    found = shipped.catalog.lexical.search(terms, 50, None)
    assert found[0][0].startswith(first)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert all(score > 0 for _, score in found)


def test_lexical_search_with_limits(shipped: Store) -> None:
    catalog = shipped.catalog
    everywhere = catalog.lexical.search(["@isis"], 50, None)
    assert catalog.lexical.search(["@isis"], 3, None) == everywhere[:3]
    only = catalog.lexical.search(["@isis"], 50, "2018-12-31")
    by_then = {article.id for article in catalog.articles() if article.published and article.published.year <= 2018}
    assert only == [pair for pair in everywhere if pair[0].split("#")[0] in by_then] != []
    assert catalog.lexical.search(["@isis"], 50, "2001-01-01") == []


@pytest.mark.parametrize(
    "terms",
    [
        [],
        ["zzzz"],
        ['"'],
        ['a" OR "b'],
        ["*"],
        ["NEAR("],
        ["^kabul"],
        ["-"],
        ["'"],
        ["\u00a0"],
        ["\U0001f600"],
        ["kabul"] * 500,
    ],
)
def test_lexical_search_for_odd_terms_is_no_error(shipped: Store, terms: list[str]) -> None:
    assert all(score > 0 for _, score in shipped.catalog.lexical.search(terms, 5, None))


def test_document_frequencies_and_vocabulary(shipped: Store) -> None:
    catalog = shipped.catalog
    frequencies = catalog.lexical.document_frequencies(["@isis", "zzzz", "moab"])
    assert frequencies["zzzz"] == 0
    assert catalog.count_chunks() >= frequencies["@isis"] > 10
    words = catalog.lexical.vocabulary("j")
    assert words
    assert all(word.startswith("j") for word in words)
    assert "@jowzjan" in catalog.lexical.vocabulary("@")


def test_vectors_by_id(shipped: Store) -> None:
    catalog = shipped.catalog
    known = {chunk.id: catalog.chunks_by_id([chunk.id])[chunk.id][1] for chunk in catalog.chunks()}
    found = catalog.vectors([*known, "absent#000-00000000"])
    assert found.keys() == known.keys()
    assert all(vector.shape == (384,) and np.array_equal(vector, known[name]) for name, vector in found.items())
    assert catalog.vectors([]) == {}


def test_the_last_day_that_an_article_can_be_of(shipped: Store) -> None:
    ids = [chunk.id for chunk in shipped.catalog.chunks()]
    days = {name.split("#")[0]: day for name, _, day in shipped.catalog.vectors_and_days(ids)}
    assert days == {
        "sputnik-2017-12": "2017-12-31",
        "new-arab-2017-12-12": "2017-12-12",
        "mintpress-2018-08": "2018-08-31",
        "southfront-2020-02": "2020-02-29",
        "explainer-2021-08": "2021-08-31",
    }


def test_many_ids_at_once(shipped: Store) -> None:
    known = [chunk.id for chunk in shipped.catalog.chunks()]
    asked = [f"absent-{number}" for number in range(20_000)] + known
    assert set(shipped.catalog.chunks_by_id(asked)) == set(known)


def test_what_fails_in_a_transaction_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.catalog.writing():
            store.catalog.set_meta("key", "value")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert store.catalog.meta("key") is None
    with store.catalog.writing():
        store.catalog.set_meta("key", "value")
    assert store.catalog.meta("key") == "value"


def test_a_reader_sees_one_state(store: Store, write: Write) -> None:
    store.ingestor.run([write("one.txt")])
    with Store.open(store.home, WordEmbedder()) as reader, reader.catalog.reading():
        before = reader.catalog.count_chunks()
        store.ingestor.run([write("two.txt")])
        assert reader.catalog.count_chunks() == before
    assert store.catalog.count_chunks() == 2 * before


def test_threads_have_their_own_connections(shipped: Store) -> None:
    expected = shipped.contents()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: shipped.contents(), range(8))) == [expected] * 8


def test_another_model_is_refused(shipped: Store) -> None:
    shipped.catalog.require_identity(shipped.embedder.identity)
    with pytest.raises(IdentityError, match="embedded with all-MiniLM-L6-v2-int8, not with words"):
        shipped.catalog.require_identity(WordEmbedder().identity)


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    Catalog(tmp_path / "catalog.sqlite3", ANALYSIS_VERSION).close()
    with pytest.raises(StoreError, match="made by another version"):
        Catalog(tmp_path / "catalog.sqlite3", ANALYSIS_VERSION + 1)
    with closing(sqlite3.connect(tmp_path / "catalog.sqlite3")) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="made by another version"):
        Catalog(tmp_path / "catalog.sqlite3", ANALYSIS_VERSION)


def test_a_file_that_is_no_catalog(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite3").write_bytes(b"no database " * 1_000)
    with pytest.raises(StoreError, match="cannot be opened"):
        Catalog(tmp_path / "catalog.sqlite3", ANALYSIS_VERSION)
    assert (tmp_path / "catalog.sqlite3").read_bytes().startswith(b"no database")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be opened"):
        Catalog(tmp_path / "file" / "catalog.sqlite3", ANALYSIS_VERSION)


def test_commits_survive_a_crash_of_the_system(store: Store) -> None:
    with closing(sqlite3.connect(store.catalog.path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store.catalog.database.rows("PRAGMA synchronous") == [(2,)]
