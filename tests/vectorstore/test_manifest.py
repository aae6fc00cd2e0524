import hashlib
from pathlib import Path

import pytest

from tests.vectorstore.reading import TEXT, load_all, load_good, put
from vectorstore import manifest as manifests
from vectorstore.dates import PartialDate
from vectorstore.errors import LoadError, ManifestError
from vectorstore.manifest import Manifest, find_manifest, load_manifest
from vectorstore.models import Article


def load_one(path: Path) -> Article:
    (article,) = load_good(path)
    return article


def manifest(folder: Path, text: str) -> Path:
    return put(folder, "catalog.toml", text.encode())


def test_what_a_manifest_says_is_taken_over(tmp_path: Path) -> None:
    path = put(tmp_path, "articles/a.txt", TEXT.encode())
    manifest(
        tmp_path,
        f"""
        [[article]]
        id = "valley-2019"
        file = "articles/a.txt"
        sha256 = "{hashlib.sha256(TEXT.encode()).hexdigest()}"
        title = "The valley"
        publisher = "The Valley Post"
        published = "2019-03"
        published_basis = "inferred: from the text"
        language = "en-GB"
        origin = "Radio Valley"
        author = "A. Writer"
        url = "https://example.org/a"
        [[article]]
        id = "other"
        file = "articles/absent.txt"
        """,
    )
    article = load_one(path)
    assert (article.id, article.title, article.publisher) == ("valley-2019", "The valley", "The Valley Post")
    assert (article.published, article.published_basis) == (PartialDate("2019-03"), "inferred: from the text")
    assert (article.language, article.origin, article.source) == ("en-GB", "Radio Valley", "Radio Valley")
    assert (article.author, article.url) == ("A. Writer", "https://example.org/a")


PAGE = b"""<html lang="de"><title>Stated title</title><meta name="author" content="B. Writer">
<meta property="article:published_time" content="2020-05-06"><meta property="og:site_name" content="Page">
<p>A report of two sentences, told by officials. It ends here, on Monday.</p></html>"""


def test_what_a_manifest_says_overrides_what_the_file_states(tmp_path: Path) -> None:
    path = put(tmp_path, "a.html", PAGE)
    manifest(
        tmp_path,
        '[[article]]\nid = "a"\nfile = "a.html"\ntitle = "Known title"\npublished = "2020"\n'
        'published_basis = "inferred: from its number"\npublisher = "Known"\nlanguage = "de-AT"',
    )
    article = load_one(path)
    assert (article.title, article.publisher, article.language) == ("Known title", "Known", "de-AT")
    assert (article.published, article.published_basis) == (PartialDate("2020"), "inferred: from its number")
    # What it leaves out is as the file states it.
    assert article.author == "B. Writer"
    manifest(tmp_path, '[[article]]\nid = "a"\nfile = "a.html"')
    article = load_one(path)
    assert (article.id, article.title, article.language) == ("a", "Stated title", "de")
    assert (article.published, article.published_basis) == (PartialDate("2020-05-06"), "stated: article:published_time")


def test_a_record_is_named_by_its_file_and_id(tmp_path: Path) -> None:
    records = [b'{"id": "one", "text": "The first text."}', b'{"text": "The second text."}']
    path = put(tmp_path, "news.jsonl", b"\n".join(records))
    manifest(
        tmp_path,
        '[[article]]\nid = "known"\nfile = "news.jsonl#one"\npublisher = "Known"\n'
        f'sha256 = "{hashlib.sha256(records[0]).hexdigest()}"\n'
        '[[article]]\nid = "second"\nfile = "news.jsonl#line-2"',
    )
    first, second = load_good(path)
    assert (first.id, first.publisher, first.path) == ("known", "Known", f"{path}#one")
    assert (second.id, second.publisher, second.path) == ("second", None, f"{path}#line-2")
    manifest(tmp_path, f'[[article]]\nid = "a"\nfile = "news.jsonl#one"\nsha256 = "{"0" * 64}"')
    refused, kept = load_all(path)
    assert isinstance(refused, LoadError)
    assert "sha256 differs" in str(refused)
    assert isinstance(kept, Article)
    manifest(tmp_path, '[[article]]\nid = "a"\nfile = "news.jsonl"')
    (whole,) = load_all(path)
    assert isinstance(whole, LoadError)
    assert "as news.jsonl#id" in str(whole)


def test_what_a_manifest_leaves_out_stays_unknown(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", TEXT.encode())
    manifest(tmp_path, '[[article]]\nid = "a"\nfile = "a.txt"\npublisher = "The Valley Post"')
    article = load_one(path)
    assert (article.title, article.published, article.published_basis) == ("A headline", None, "unknown")
    assert article.source == "The Valley Post"


def test_the_nearest_manifest_counts(tmp_path: Path) -> None:
    path = put(tmp_path, "articles/a.txt", TEXT.encode())
    assert find_manifest(path) == {}
    manifest(tmp_path, '[[article]]\nid = "above"\nfile = "articles/a.txt"')
    assert find_manifest(path)[path].id == "above"
    manifest(tmp_path / "articles", '[[article]]\nid = "beside"\nfile = "a.txt"')
    assert find_manifest(path)[path].id == "beside"
    assert find_manifest(path.parent)[path].id == "beside"


def test_a_manifest_is_read_once_and_again_when_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, "a.txt", TEXT.encode())
    manifest(tmp_path, '[[article]]\nid = "first"\nfile = "a.txt"')
    reads: list[Path] = []

    def read(path: Path) -> Manifest:
        reads.append(path)
        return load_manifest(path)

    monkeypatch.setattr(manifests, "load_manifest", read)
    assert [find_manifest(path)[path].id for _ in range(3)] == ["first"] * 3
    assert len(reads) == 1
    manifest(tmp_path, '[[article]]\nid = "second"\nfile = "a.txt"')
    assert find_manifest(path)[path].id == "second"


def test_a_file_that_was_altered_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", TEXT.encode())
    manifest(tmp_path, f'[[article]]\nid = "a"\nfile = "a.txt"\nsha256 = "{"0" * 64}"')
    with pytest.raises(LoadError, match="sha256 differs"):
        load_one(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[article]", "cannot be read"),
        ('[[article]]\nid = "a"', "article.0.file: Field required"),
        ('[[article]]\nid = "a b"\nfile = "a.txt"', "article.0.id"),
        ('[[article]]\nid = "../a"\nfile = "a.txt"', "article.0.id"),
        ('[[article]]\nid = "a"\nfile = "a.txt"\npublished = "June 2017"', "article.0.published"),
        ('[[article]]\nid = "a"\nfile = "a.txt"\npublished = 2017', "article.0.published"),
        ('[[article]]\nid = "a"\nfile = "a.txt"\nwriter = "me"', "article.0.writer"),
        ('[[article]]\nid = "a"\nfile = "a.txt"\nurl = "file:///etc/passwd"', "article.0.url"),
        ('[[article]]\nid = "a"\nfile = "a.txt"\npublished = "0999"', "article.0.published"),
        ('[[article]]\nid = "a"\nfile = "a.txt"\npublished = "2999-01"', "article.0.published"),
        ('[[article]]\nid = "a"\nfile = "a.txt"\npublished = "2017-01-01T00:00:00"', "article.0.published"),
        ('[[articles]]\nid = "a"\nfile = "a.txt"', "articles"),
        ('[[article]]\nid = "a"\nfile = "a.txt"\n[[article]]\nid = "a"\nfile = "b.txt"', "names a twice"),
        ('[[article]]\nid = "a"\nfile = "a.txt"\n[[article]]\nid = "b"\nfile = "a.txt"', "names a.txt twice"),
    ],
)
def test_a_manifest_that_is_not_valid(tmp_path: Path, text: str, message: str) -> None:
    path = manifest(tmp_path, text)
    with pytest.raises(ManifestError, match=message) as caught:
        load_manifest(path)
    assert str(path) in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_a_manifest_that_is_no_text_or_is_absent(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be read"):
        load_manifest(put(tmp_path, "catalog.toml", b"\xff\xfe"))
    with pytest.raises(ManifestError, match="cannot be read"):
        load_manifest(tmp_path / "absent.toml")
