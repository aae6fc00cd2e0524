import hashlib
import os
from pathlib import Path

import pytest

from vectorstore import loading
from vectorstore.dates import PartialDate
from vectorstore.errors import LoadError, ManifestError
from vectorstore.loading import find_files, find_manifest, load_article, load_manifest

TEXT = "A headline\n\nA report of two sentences. It ends here.\n"


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path.resolve()


def test_a_file_that_nothing_is_known_of(tmp_path: Path) -> None:
    path = put(tmp_path, "My Report (final).txt", TEXT.encode())
    article = load_article(path, {})
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    assert article.id == f"my-report-final-{digest[:8]}"
    assert (article.title, article.text, article.sha256, article.path) == ("A headline", TEXT, digest, str(path))
    assert (article.publisher, article.published, article.published_basis, article.origin) == (
        None,
        None,
        "unknown",
        None,
    )
    assert article.source == article.id


@pytest.mark.parametrize(
    ("name", "start"),
    [("a.txt", "a-"), ("Ü–.txt", "article-"), ("x" * 90 + ".txt", "x" * 40 + "-"), ("..txt", "article-")],
)
def test_an_id_is_made_of_the_name_and_the_content(tmp_path: Path, name: str, start: str) -> None:
    first = load_article(put(tmp_path, f"one/{name}", b"First text."), {})
    second = load_article(put(tmp_path, f"two/{name}", b"Second text."), {})
    assert first.id.startswith(start)
    assert first.id != second.id


@pytest.mark.parametrize(
    ("data", "text", "title"),
    [
        (b"Caf\xc3\xa9 \xe2\x80\x93 \xc2\xa0x", "Café – \u00a0x", "Café – \u00a0x"),
        (b"\xef\xbb\xbfTitle\nText.", "\ufeffTitle\nText.", "Title"),
        (b"Title\r\n\r\nText.\r\n", "Title\r\n\r\nText.\r\n", "Title"),
        (b"Title\rText.", "Title\rText.", "Title"),
        ("e\u0301 \U0001f600".encode(), "e\u0301 \U0001f600", "e\u0301 \U0001f600"),
        (b"word " * 100, "word " * 100, " ".join(["word"] * 31) + "…"),
    ],
)
def test_no_character_is_changed(tmp_path: Path, data: bytes, text: str, title: str) -> None:
    article = load_article(put(tmp_path, "a.txt", data), {})
    assert (article.text, article.title) == (text, title)
    assert article.text.encode() == data


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \r\n\t", "is empty"),
        ("a.txt", "\ufeff\u00a0\u200b\n".encode(), "is empty"),
        ("a.txt", b"ok\0ok", "is not a text file"),
        ("a.txt", "Grüße".encode("utf-16"), "is not a text file"),
        ("a.txt", "Grüße".encode("latin-1"), r"is not UTF-8 text \(byte 2\)"),
        ("a.txt", b"ok \xed\xa0\x80", r"is not UTF-8 text \(byte 3\)"),
        ("a.html", b"<p>Text.</p>", "is not a .txt file"),
        ("a", b"Text.", "is not a .txt file"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = put(tmp_path, name, data)
    with pytest.raises(LoadError, match=message) as caught:
        load_article(path, {})
    assert str(path) in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(LoadError, match="not a regular file"):
        load_article(tmp_path / "pipe.txt", {})
    with pytest.raises(LoadError, match="not a regular file"):
        load_article(tmp_path / "absent.txt", {})


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "MAX_BYTES", 5)
    assert load_article(put(tmp_path, "a.txt", b"12345"), {}).text == "12345"
    with pytest.raises(LoadError, match="larger than"):
        load_article(put(tmp_path, "b.txt", b"123456"), {})


def test_finding_files(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    a, b, c = (put(folder, name, b"x") for name in ("a.txt", "deep/b.TXT", "c.txt"))
    put(folder, "notes.md", b"x")
    (folder / "link.txt").symlink_to(a)
    assert find_files([folder]) == [a, c, b]
    assert find_files([c, folder, c]) == [c, a, b]
    # Named by hand, a link or another suffix is looked at, and load_article says what is wrong with it.
    assert find_files([folder / "link.txt", folder / "notes.md"]) == [a, (folder / "notes.md").resolve()]


def test_nothing_to_find(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="There is no file or folder"):
        find_files([tmp_path / "absent"])
    with pytest.raises(LoadError, match="nothing to read"):
        find_files([tmp_path])
    with pytest.raises(LoadError, match="nothing to read"):
        find_files([])


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
        [[article]]
        id = "other"
        file = "articles/absent.txt"
        """,
    )
    article = load_article(path, find_manifest(path))
    assert (article.id, article.title, article.publisher) == ("valley-2019", "The valley", "The Valley Post")
    assert (article.published, article.published_basis) == (PartialDate("2019-03"), "inferred: from the text")
    assert (article.language, article.origin, article.source) == ("en-GB", "Radio Valley", "Radio Valley")


def test_what_a_manifest_leaves_out_stays_unknown(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", TEXT.encode())
    manifest(tmp_path, '[[article]]\nid = "a"\nfile = "a.txt"\npublisher = "The Valley Post"')
    article = load_article(path, find_manifest(path))
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

    def read(path: Path) -> loading.Manifest:
        reads.append(path)
        return load_manifest(path)

    monkeypatch.setattr(loading, "load_manifest", read)
    assert [find_manifest(path)[path].id for _ in range(3)] == ["first"] * 3
    assert len(reads) == 1
    manifest(tmp_path, '[[article]]\nid = "second"\nfile = "a.txt"')
    assert find_manifest(path)[path].id == "second"


def test_a_file_that_was_altered_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", TEXT.encode())
    manifest(tmp_path, f'[[article]]\nid = "a"\nfile = "a.txt"\nsha256 = "{"0" * 64}"')
    with pytest.raises(LoadError, match="sha256 differs"):
        load_article(path, find_manifest(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[article]", "cannot be read"),
        ('[[article]]\nid = "a"', "article.0.file: Field required"),
        ('[[article]]\nid = "a b"\nfile = "a.txt"', "article.0.id"),
        ('[[article]]\nid = "../a"\nfile = "a.txt"', "article.0.id"),
        ('[[article]]\nid = "a"\nfile = "a.txt"\npublished = "June 2017"', "article.0.published"),
        ('[[article]]\nid = "a"\nfile = "a.txt"\npublished = 2017', "article.0.published"),
        ('[[article]]\nid = "a"\nfile = "a.txt"\nauthor = "me"', "article.0.author"),
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


def test_the_shipped_articles(seeds: Path) -> None:
    loaded = {
        article.id: article
        for article in (load_article(path, find_manifest(path)) for path in find_files([seeds / "articles"]))
    }
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
