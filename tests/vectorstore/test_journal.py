from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.vectorstore.synthetic import drop, open_catalog, put, unit_vectors
from vectorstore.catalog import Catalog
from vectorstore.journal import IndexJournal, Published


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(open_catalog(tmp_path)) as opened:
        yield opened


def test_what_is_new_is_pending_until_it_is_published(catalog: Catalog) -> None:
    journal = IndexJournal(catalog.database)
    assert (journal.published, journal.unfinished, journal.count()) == (None, None, 0)
    ids = put(catalog, "one", unit_vectors(3))
    assert journal.pending() == (ids, [])
    assert journal.count() == 3
    journal.begin("1")
    assert (journal.unfinished, journal.published) == ("1", None)
    journal.publish("1", "seal")
    assert (journal.unfinished, journal.published) == (None, Published("1", "seal"))
    assert journal.pending() == ([], [])


def test_what_goes_is_to_be_forgotten_and_what_changes_is_to_be_told(catalog: Catalog) -> None:
    journal = IndexJournal(catalog.database)
    first, second = put(catalog, "one", unit_vectors(2)), put(catalog, "two", unit_vectors(1))
    journal.publish("1", "seal")
    drop(catalog, "two")
    put(catalog, "one", unit_vectors(1, seed=1))
    assert journal.pending() == (first[:1], [*first[1:], *second])


def test_what_comes_and_goes_before_it_is_published_is_to_be_forgotten(catalog: Catalog) -> None:
    journal = IndexJournal(catalog.database)
    ids = put(catalog, "one", unit_vectors(1))
    drop(catalog, "one")
    assert journal.pending() == ([], ids)
    put(catalog, "one", unit_vectors(1))
    assert journal.pending() == (ids, [])


def test_a_withdrawn_index_leaves_all_pending(catalog: Catalog) -> None:
    journal = IndexJournal(catalog.database)
    kept = put(catalog, "one", unit_vectors(2))
    put(catalog, "two", unit_vectors(2))
    journal.publish("1", "seal")
    drop(catalog, "two")
    journal.begin("2")
    journal.withdraw()
    assert (journal.published, journal.unfinished) == (None, None)
    assert journal.pending() == (kept, [])
    # A place is not used again after that.
    assert journal.last == "2"


def test_a_failed_article_leaves_the_journal_as_it_was(catalog: Catalog) -> None:
    def fail() -> None:
        with catalog.writing():
            catalog.remove(["one"])
            raise KeyboardInterrupt

    put(catalog, "one", unit_vectors(2))
    journal = IndexJournal(catalog.database)
    before = journal.pending()
    with pytest.raises(KeyboardInterrupt):
        fail()
    assert journal.pending() == before
