"""What pages state of themselves, and that nothing else counts."""

import json
from typing import Any

import pytest

from vectorstore.formats.fields import Draft
from vectorstore.formats.html import read_html

BODY = "<p>Officials said on Monday that the group attacked a convoy on the road.</p>"


def draft(head: str = "", body: str = BODY, attributes: str = "") -> Draft:
    return read_html(f"<html {attributes}><head>{head}</head><body>{body}</body></html>".encode(), "a.html")


def dated(head: str = "", body: str = BODY) -> tuple[str | None, str]:
    found = draft(head, body)
    return (found.published.iso if found.published else None), found.published_basis


def linked(*nodes: Any) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


NEWS = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Linked headline"}
CANONICAL = '<link rel="canonical" href="https://example.org/{}">'
UNKNOWN = (None, "unknown")


@pytest.mark.parametrize(
    ("head", "iso", "basis"),
    [
        (meta("article:published_time", "2021-08-27T01:30:00+04:30"), "2021-08-27", "stated: article:published_time"),
        ('<meta name="DCTERMS.issued" content="2021-08">', "2021-08", "stated: dcterms.issued"),
        (linked({**NEWS, "datePublished": "2021-08-27"}), "2021-08-27", "stated: datePublished"),
        (
            linked({"@graph": [{"@type": "WebPage"}, {**NEWS, "datePublished": "2021"}]}),
            "2021",
            "stated: datePublished",
        ),
        (
            linked([{**NEWS, "@type": ["Thing", "Article"], "datePublished": "2021-08"}]),
            "2021-08",
            "stated: datePublished",
        ),
        (
            meta("article:published_time", "2021-08-27") + linked({**NEWS, "datePublished": "2020-01-01"}),
            "2021-08-27",
            "stated: article:published_time",
        ),
        # A value that is no date makes room for the next statement.
        (
            meta("article:published_time", "today") + linked({**NEWS, "datePublished": "2020"}),
            "2020",
            "stated: datePublished",
        ),
        (CANONICAL.format("2021/08/27/attack"), "2021-08-27", "inferred: from its address"),
        (CANONICAL.format("world/2021/aug/27/attack"), "2021-08-27", "inferred: from its address"),
        (CANONICAL.format("2021/08/attack"), "2021-08", "inferred: from its address"),
        (CANONICAL.format("2021-08-27/attack"), "2021-08-27", "inferred: from its address"),
        (meta("og:url", "https://example.org/2021/08/27/a"), "2021-08-27", "inferred: from its address"),
        (CANONICAL.format("2019/01/02/a") + linked({**NEWS, "datePublished": "2021"}), "2021", "stated: datePublished"),
    ],
)
def test_dates_that_are_stated(head: str, iso: str, basis: str) -> None:
    assert dated(head) == (iso, basis)


@pytest.mark.parametrize(
    "head",
    [
        meta("article:modified_time", "2021-08-27"),
        meta("og:updated_time", "2021-08-27"),
        meta("date", "2021-08-27"),
        meta("dc.date", "2021-08-27"),
        '<meta http-equiv="last-modified" content="2021-08-27">',
        '<meta name="copyright" content="2021">',
        "<title>Attack of 27 August 2021</title>",
        linked({**NEWS, "dateModified": "2021-08-27", "dateCreated": "2021-08-27", "uploadDate": "2021-08-27"}),
        linked({**NEWS, "@type": "WebPage", "datePublished": "2021-08-27"}),
        linked({"@type": "ItemList", "itemListElement": [{**NEWS, "datePublished": "2021-08-27"}]}),
        # Two articles, and nothing that tells which is the page's.
        linked({**NEWS, "datePublished": "2021-08-27"}, {**NEWS, "datePublished": "2020-01-01"}),
        linked({**NEWS, "datePublished": ["2021-08-27"]}),
        linked({**NEWS, "datePublished": "2999-01-01"}),
        linked({**NEWS, "datePublished": "1970-01-01T00:00:00Z"}),
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2021-08-27"</script>',
        '<script>{"@type": "NewsArticle", "datePublished": "2021-08-27"}</script>',
        CANONICAL.format("archive/20210827/attack"),
        CANONICAL.format("attack-2021"),
        CANONICAL.format("2021/13/attack"),
        CANONICAL.format("2021/99-bottles"),
    ],
)
def test_dates_that_are_not_of_publication(head: str) -> None:
    assert dated(head) == UNKNOWN


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<time itemprop="datePublished" datetime="2021-08-27T10:00">Friday</time>', "2021-08-27"),
        ('<time pubdate datetime="2021-08-27">Friday</time>', "2021-08-27"),
        ('<span itemprop="datePublished">2021-08-27</span>', "2021-08-27"),
        ('<meta itemprop="datePublished" content="2021-08-27">', "2021-08-27"),
        ('<time itemprop="datePublished" datetime="2021-08-27">a</time><time pubdate>2021-08-27</time>', "2021-08-27"),
        ('<time datetime="2021-08-27">Friday</time>', None),
        ('<time itemprop="dateModified" datetime="2021-08-27">Friday</time>', None),
        ('<time itemprop="datePublished" datetime="2021-08-27">a</time><time pubdate>2020-01-01</time>', None),
        ('<div class="comment"><time pubdate datetime="2021-08-27">x</time></div>', None),
        ('<div itemprop="comment"><meta itemprop="datePublished" content="2021-08-27"></div>', None),
        ('<aside><time pubdate datetime="2021-08-27">x</time></aside>', None),
        ('<div class="related-stories"><time pubdate datetime="2021-08-27">x</time></div>', None),
        ("<p>Published on 27 August 2021. Updated 2021-08-28.</p>", None),
        ("<footer>© 2021 The Valley Post</footer>", None),
    ],
)
def test_dates_that_are_marked_in_the_text(body: str, expected: str | None) -> None:
    assert dated("", BODY + body) == (
        (expected, "stated: marked on the page as its publication") if expected else UNKNOWN
    )


def test_the_pages_own_article_among_several() -> None:
    others = [{**NEWS, "url": f"https://example.org/{name}", "datePublished": f"20{name}"} for name in (18, 19, 20)]
    head = CANONICAL.format("19") + linked(*others)
    assert dated(head) == ("2019", "stated: datePublished")
    by_title = [{**NEWS, "headline": f"Title {name}", "datePublished": f"20{name}"} for name in (18, 19)]
    assert dated(meta("og:title", "Title 18") + linked(*by_title)) == ("2018", "stated: datePublished")


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        (linked(NEWS) + meta("og:title", "Graph title") + "<title>Title</title>", BODY, "Linked headline"),
        (meta("og:title", "Graph\n  title") + "<title>Title</title>", f"<h1>Heading</h1>{BODY}", "Graph title"),
        ("<title>Title | Site</title>", f"<h1>The <i>heading</i></h1>{BODY}", "The heading"),
        ("<title>Title | Site</title>", f"<h1>One</h1><h1>Two</h1>{BODY}", "Title | Site"),
        (meta("og:title", " ") + "<title></title>", BODY, None),
        (meta("og:title", "A \x1b[31m\u202e title"), BODY, "A [31m title"),
    ],
)
def test_titles(head: str, body: str, title: str | None) -> None:
    assert draft(head, body).title == title


def test_everything_else_that_is_stated() -> None:
    node = {
        **NEWS,
        "author": [{"@type": "Person", "name": "A. Writer"}, {"name": "B. Writer"}, "A. Writer", 7],
        "publisher": {"@type": "Organization", "name": "The Valley Post"},
        "inLanguage": "de",
        "mainEntityOfPage": "https://example.org/main",
    }
    found = draft(linked(node) + meta("og:site_name", "Valley"), attributes='lang="en-GB"')
    assert (found.author, found.publisher, found.language) == ("A. Writer, B. Writer", "The Valley Post", "en-GB")
    assert found.url == "https://example.org/main"
    found = draft(linked(node) + CANONICAL.format("own") + meta("author", "C. Writer"))
    assert (found.language, found.url, found.author) == ("de", "https://example.org/own", "A. Writer, B. Writer")


@pytest.mark.parametrize(
    ("head", "body", "author"),
    [
        ('<meta name="author" content="A. Writer">', "", "A. Writer"),
        ("", '<a rel="author" href="/w">A. Writer</a>', "A. Writer"),
        ("", '<span itemprop="author">A. Writer</span>', "A. Writer"),
        (meta("article:author", "https://social.example.org/writer"), "", None),
        ('<meta name="author" content="https://example.org/w">', "", None),
        ("", '<div class="comment"><span itemprop="author">A reader</span></div>', None),
        ("", '<p class="byline">By A. Writer</p>', None),
    ],
)
def test_authors(head: str, body: str, author: str | None) -> None:
    assert draft(head, BODY + body).author == author


def test_a_page_that_states_nothing() -> None:
    found = draft()
    assert found == Draft(text=found.text, encoding="utf-8 (strict)")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "/relative", "file:///etc/passwd", "https://a b"])
def test_addresses_that_are_none(address: str) -> None:
    assert draft(f'<link rel="canonical" href="{address}">').url is None
