"""Text of pages. What a page states of itself is in test_page.py."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vectorstore.errors import LoadError
from vectorstore.formats.html import read_html

SENTENCES = [
    f"Officials said on Monday that the group attacked convoy number {number} on the road to the airport in Kabul."
    for number in range(6)
]
REPORT = "".join(f"<p>{sentence}</p>\n" for sentence in SENTENCES)


def page(body: str = "", head: str = "", report: str = REPORT) -> bytes:
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body>'
        '<nav><ul><li><a href="/">Home page</a></li><li><a href="/w">World news</a></li></ul></nav>'
        f"<article><h1>Attack on the road</h1>{report}</article>{body}<footer>Copyright 2023</footer></body></html>"
    ).encode()


def text_of(data: bytes) -> str:
    return read_html(data, "a.html").text


def test_paragraphs_between_blank_lines() -> None:
    assert text_of(page()).split("\n\n") == ["Attack on the road", *SENTENCES]


def test_lists_tables_quotations_and_breaks() -> None:
    report = (
        f"{REPORT}<blockquote>We will go on, he told the radio.</blockquote>"
        "<ul><li>First item.</li><li>Second</li></ul>"
        "<table><tr><th>Year</th><th>Fighters</th></tr><tr><td>2017</td><td>3,000</td></tr></table>"
        "<p>Line one.<br>Line <b>two</b> of <a href='/x'>the</a> same&nbsp;&amp; last.</p>"
    )
    assert text_of(page(report=report)).split("\n\n")[7:] == [
        "We will go on, he told the radio.",
        "- First item.",
        "- Second",
        "| Year | Fighters |",
        "| 2017 | 3,000 |",
        "Line one.",
        "Line two of the same\u00a0& last.",
    ]


def test_lines_of_the_source_are_no_paragraphs() -> None:
    wrapped = [sentence.replace(" ", "\n    ") for sentence in SENTENCES]
    report = "".join(f"<p>\r\n  {text[:30]}<b>{text[30:40]}</b>{text[40:]}\r\n</p>\n" for text in wrapped)
    assert text_of(page(report=report)).split("\n\n")[1:] == SENTENCES
    lines = f"<pre>{SENTENCES[0]}\n{SENTENCES[1]}</pre>{REPORT}"
    assert text_of(page(report=lines)).split("\n\n")[1:3] == SENTENCES[:2]


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>var a = 'SECRET words';</script>",
        "<style>p { content: 'SECRET words' }</style>",
        "<noscript><p>SECRET words of a sentence that is there.</p></noscript>",
        "<template><p>SECRET words of a sentence that is there.</p></template>",
        "<!-- <p>SECRET words of a sentence that is there.</p> -->",
        "<?php SECRET words ?>",
        '<p style="color: red; DISPLAY : none">SECRET words of a sentence that is there.</p>',
        '<div style="visibility:hidden"><p>SECRET words of a sentence that is there.</p></div>',
        "<div hidden><p>SECRET words of a sentence that is there.</p></div>",
        "<form><p>SECRET words of a sentence that is there.</p><button>SECRET</button></form>",
        '<div id="comments"><h3>SECRET</h3><p>SECRET words of a reader, who says that it is all wrong.</p></div>',
        '<section class="wide comments-area"><p>SECRET words of a reader, who says that it is wrong.</p></section>',
        '<ol class="commentlist"><li>SECRET words of a reader, who says that it is all wrong.</li></ol>',
        '<div id="disqus_thread"><p>SECRET words of a reader, who says that it is all wrong.</p></div>',
        '<div itemprop="comment"><p>SECRET words of a reader, who says that it is all wrong.</p></div>',
        '<div itemtype="https://schema.org/Comment"><p>SECRET words of a reader, who says so.</p></div>',
        '<script type="application/ld+json">{"@type": "DiscussionForumPosting", "text": "SECRET"}</script>'
        '<div class="comments"><p>SECRET words of a reader, who says that it is all wrong.</p></div>',
    ],
)
def test_what_no_reader_sees_or_what_readers_wrote(hidden: str) -> None:
    for data in (page(report=REPORT + hidden), page(hidden), page(report=hidden + REPORT)):
        assert text_of(data).split("\n\n") == ["Attack on the road", *SENTENCES]


def test_an_article_in_a_frame_with_the_name_of_comments() -> None:
    data = (
        page().replace(b"<article>", b'<article><div class="post comment">').replace(b"</article>", b"</div></article>")
    )
    assert SENTENCES[-1] in text_of(data)


@pytest.mark.parametrize(
    ("head", "codec", "encoding"),
    [
        ('<meta charset="windows-1251">', "cp1251", "windows-1251 (declared)"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">', "koi8-r", "koi8-r (declared)"),
        ("<META CHARSET='Windows-1251'>", "cp1251", "windows-1251 (declared)"),
        ('<meta charset="windows-1251">', "utf-8", "utf-8 (strict)"),
        ('<meta charset="windows-1251">', "utf-16", "utf-16 (byte order mark)"),
        ("", "cp1251", "cp1251 (detected)"),
        ('<meta name="description" content="no charset here">', "cp1251", "cp1251 (detected)"),
    ],
)
def test_the_encoding_of_a_page(head: str, codec: str, encoding: str) -> None:
    sentence = "Боевики атаковали аэропорт Кабула, сообщили официальные лица в понедельник. Погибли люди."
    draft = read_html(f"<html><head>{head}</head><body><p>{sentence}</p></body></html>".encode(codec), "a.html")
    assert (draft.text, draft.encoding) == (sentence, encoding)


def test_an_xml_declaration() -> None:
    data = '<?xml version="1.0" encoding="iso-8859-2"?><html><body><p>Zażółć gęślą jaźń.</p></body></html>'
    draft = read_html(data.encode("iso-8859-2"), "a.html")
    assert (draft.text, draft.encoding) == ("Zażółć gęślą jaźń.", "iso8859-2 (declared)")


def test_control_characters_do_not_end_the_text() -> None:
    draft = read_html(b"<p>One\x01 two\x1b[31m &#27;three &#x1B;four &#0;five &#xfffe;&#65; six, seven.</p>", "a.html")
    assert draft.text == "One two [31m three four \ufffdfive A six, seven."


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"<html><body></body></html>", "no article text"),
        (b"<!-- only a comment -->", "no HTML in it"),
        (b"<frameset><frame src='a.html'></frameset>", "no article text"),
        (b"<p>----</p>", "no article text"),
        (b"<div>" * 2_000_000, "more than 40,000 elements"),
        (b"<p>x" * 40_001, "more than 40,000 elements"),
        (b"<div>" * 300 + b"text", "nested too deeply"),
        (b"<p " + b" ".join(b"a%d=1" % number for number in range(100_000)) + b">x", "more attributes"),
        ((b"<p " + b" ".join(b"a%d" % number for number in range(1_900)) + b">x") * 110, "more attributes"),
    ],
)
def test_pages_that_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(LoadError, match=message):
        read_html(data, "a.html")


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html [" + b'<!ENTITY a "aaaa">' + b'<!ENTITY b "&a;&a;&a;&a;">' * 500 + b"]><p>&b; Hello there.",
        b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><p>&x; Hello there.</p>',
        b"<script type='application/ld+json'>" + b"[" * 400_000 + b"</script><p>Hello there.",
        b"<p title='" + b"a" * 1_000_000 + b"'>Hello there.",
        b"<ul><li>Hello there.</ul>" * 4_000,
        b"<p>" + b"Hello there. " * 100_000,
        b"<table><tr><td>Hello there." * 60,
        b"<p>Hello there.</p>" + b"<" * 100_000,
    ],
    ids=["entities", "external", "json", "attribute", "lists", "long", "tables", "signs"],
)
def test_hostile_pages_that_are_read(data: bytes) -> None:
    text = text_of(data)
    assert "Hello there." in text
    assert "root:" not in text


def test_a_large_page_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    import trafilatura

    seen = []

    def watch(*args: object, **options: object) -> None:
        seen.append(options["fast"])

    monkeypatch.setattr(trafilatura, "bare_extraction", watch)
    for count in (10, 6_000):
        with pytest.raises(LoadError):
            read_html(b"<p>Hello there." * count, "a.html")
    assert seen == [False, True]


def test_nothing_is_said_on_stderr(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for data in (page(), b"<p></p>", b"<p>x" * 50_000):
        try:
            read_html(data, "a.html")
        except LoadError:
            continue
    assert capfd.readouterr() == ("", "")


def test_the_same_page_gives_the_same_text() -> None:
    assert {text_of(page()) for _ in range(4)} == {"\n\n".join(["Attack on the road", *SENTENCES])}


_PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<div>",
        "<table>",
        "<td>",
        "<li>",
        "<br>",
        "<h1>",
        "<script>",
        "<!--",
        "-->",
        "<a href='x",
        "&#1",
        "&amp",
    ]
)


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(st.lists(_PIECES | st.text(max_size=8), max_size=30))
def test_nothing_else_is_raised(pieces: list[str]) -> None:
    try:
        draft = read_html("".join(pieces).encode("utf-8", "replace"), "a.html")
    except LoadError:
        return
    assert draft.text.strip()
    assert draft.title is None or len(draft.title.splitlines()) == 1
