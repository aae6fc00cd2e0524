from pathlib import Path

from qa.app import Application
from tests.vectorstore.synthetic import open_catalog, put, unit_vectors
from vectorstore.summaries import summaries, summarised


def test_they_are_those_of_the_articles(application: Application) -> None:
    found = application.summaries()
    assert found == summarised(application.articles())
    assert len(found) == 5
    assert any(each.published is None or each.publisher is None for each in found)


def test_length_counts_code_points_and_copies_name_their_source(tmp_path: Path) -> None:
    catalog = open_catalog(tmp_path)
    put(catalog, "b", unit_vectors(1), "2017")
    put(catalog, "ä𝄞", unit_vectors(1))
    with catalog.writing():
        catalog.database.rows("UPDATE articles SET copy_of = 'b' WHERE id = 'ä𝄞'")
    found = summaries(catalog)
    assert found == summarised(catalog.articles())
    assert [(each.id, each.characters, each.copied_from) for each in found] == [
        ("b", len("Report 0 of b says nothing new."), None),
        ("ä𝄞", len("Report 0 of ä𝄞 says nothing new."), "b"),
    ]
    catalog.close()
