import hashlib
from pathlib import Path
from typing import Any

import pytest

from vectorstore.dates import PartialDate

Record = dict[str, Any]


def test_every_article_file_has_one_record(seeds: Path, catalog: list[Record]) -> None:
    on_disk = sorted(f"articles/{path.name}" for path in (seeds / "articles").iterdir())
    assert sorted(article["file"] for article in catalog) == on_disk
    assert len({article["id"] for article in catalog}) == len(catalog) == 5


def test_files_are_the_given_bytes(seeds: Path, catalog: list[Record]) -> None:
    found = {article["id"]: hashlib.sha256((seeds / article["file"]).read_bytes()).hexdigest() for article in catalog}
    assert found == {article["id"]: article["sha256"] for article in catalog}


@pytest.mark.parametrize(
    ("article_id", "published", "publisher", "origin"),
    [
        ("sputnik-2017-12", "2017-12", "Sputnik", "Sputnik"),
        ("new-arab-2017-12-12", "2017-12-12", "The New Arab", "The New Arab"),
        ("southfront-2020-02", "2020-02", "SouthFront", "SouthFront"),
        ("explainer-2021-08", "2021-08", None, None),
        ("mintpress-2018-08", "2018-08", "MintPress News", "SouthFront"),
    ],
)
def test_what_is_known_of_each_article(
    catalog: list[Record], article_id: str, published: str, publisher: str | None, origin: str | None
) -> None:
    article = next(record for record in catalog if record["id"] == article_id)
    assert PartialDate(article["published"]).iso == published
    assert article.get("publisher") == publisher
    assert article.get("origin") == origin
    assert article["language"] == "en"
    assert article["title_basis"]
    assert article["publisher_basis"]


def test_only_one_article_states_its_date(catalog: list[Record], texts: dict[str, str]) -> None:
    stated = [article["id"] for article in catalog if article["published_basis"] == "stated"]
    assert stated == ["new-arab-2017-12-12"]
    assert "12 December, 2017" in texts["new-arab-2017-12-12"]
    inferred = [article for article in catalog if article["id"] not in stated]
    assert all(article["published_basis"].startswith("inferred: ") for article in inferred)


def test_titles_are_words_of_their_files(catalog: list[Record], texts: dict[str, str]) -> None:
    for article in catalog:
        assert article["title"].removesuffix("…") in texts[article["id"]]
