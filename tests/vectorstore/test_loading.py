import hashlib
from pathlib import Path

import pytest

from tests.vectorstore.reading import TEXT, load_all, load_good, put
from vectorstore.dates import PartialDate
from vectorstore.errors import LoadError
from vectorstore.files import MAX_BYTES, find_files
from vectorstore.loading import load_articles
from vectorstore.models import Article


def test_a_file_that_nothing_is_known_of(tmp_path: Path) -> None:
    path = put(tmp_path, "My Report (final).txt", TEXT.encode())
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    (article,) = load_good(path)
    assert article == Article(
        id=f"my-report-final-{digest[:12]}",
        title="A headline",
        text=TEXT,
        sha256=digest,
        path=str(path),
        publisher=None,
        published=None,
        published_basis="unknown",
        language="en",
        origin=None,
        author=None,
        url=None,
        encoding="utf-8 (strict)",
    )
    assert article.source == article.id


@pytest.mark.parametrize(
    ("name", "start"),
    [("a.txt", "a-"), ("Ü–.txt", "article-"), ("x" * 90 + ".txt", "x" * 40 + "-"), ("a.b.TXT", "a-b-")],
)
def test_an_id_is_made_of_the_name_and_the_content(tmp_path: Path, name: str, start: str) -> None:
    first, second = load_good(put(tmp_path, f"1/{name}", b"First text."), put(tmp_path, f"2/{name}", b"Second text."))
    assert first.id.startswith(start)
    assert first.id != second.id


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", b""),
        ("a.md", b"ok\0ok"),
        ("a.html", b""),
        ("a.htm", b"<html><body></body></html>"),
        ("a.pdf", b"%PDF-1.7 no more"),
        ("a.jsonl", b"{"),
    ],
)
def test_a_bad_file_is_one_sentence_and_the_rest_goes_on(tmp_path: Path, name: str, data: bytes) -> None:
    put(tmp_path, name, data)
    put(tmp_path, "b.txt", TEXT.encode())
    bad, good = load_all(tmp_path)
    assert isinstance(bad, LoadError)
    assert str(bad).startswith(str(tmp_path / name))
    assert str(bad).count("\n") == 0
    assert str(bad).endswith(".")
    assert isinstance(good, Article)


def test_every_kind_that_is_found_is_read(tmp_path: Path) -> None:
    for number, suffix in enumerate(MAX_BYTES):
        put(tmp_path, f"{number}{suffix}", b"")
    for file in find_files([tmp_path]).files:
        assert all(isinstance(each, LoadError) for each in load_articles(file, b"\0"))


def test_the_shipped_articles(seeds: Path) -> None:
    loaded = {article.id: article for article in load_good(seeds / "articles")}
    assert sorted(loaded) == [
        "explainer-2021-08",
        "mintpress-2018-08",
        "new-arab-2017-12-12",
        "southfront-2020-02",
        "sputnik-2017-12",
    ]
    # Two copies of one report are one source.
    assert loaded["mintpress-2018-08"].source == loaded["southfront-2020-02"].source == "SouthFront"
    assert loaded["explainer-2021-08"].source == "explainer-2021-08"
    assert loaded["sputnik-2017-12"].published == PartialDate("2017-12")
    assert {article.encoding for article in loaded.values()} == {"utf-8 (strict)"}
