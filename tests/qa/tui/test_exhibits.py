from dataclasses import replace

import pytest

from qa.terminal import sanitise
from qa.tui.exhibits import CHANGED, GONE, REACH, Exhibit, excerpt, exhibits
from qa.tui.text import MARK
from tests.qa.tui import fakes
from vectorstore.models import Article


def _article(text: str) -> Article:
    return replace(fakes.shipped()[0], text=text)


def _parts(exhibit: Exhibit) -> tuple[str, str, str]:
    content = excerpt(exhibit)
    (mark,) = [span for span in content.spans if span.style == MARK]
    return content.plain[: mark.start], content.plain[mark.start : mark.end], content.plain[mark.end :]


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("One. THE QUOTE. Two.", "One. ", " Two."),
        ("Menu\n\n    One. THE QUOTE. Two.\n\nComments", "One. ", " Two."),
        ("THE QUOTE.", "", ""),
        ("Menu\nTHE QUOTE.\nComments", "", ""),
        ("\x1b]0;x\x07 THE QUOTE.", "\ufffd]0;x\ufffd ", ""),
        ("One.\r\nTHE QUOTE. Two.\r\nThree.", "", " Two."),
    ],
)
def test_the_excerpt_stays_within_its_paragraph(text: str, before: str, after: str) -> None:
    article = _article(text)
    exhibit = Exhibit(fakes.cite(article, 1, "THE", "QUOTE."), article)
    assert _parts(exhibit) == (before, "THE QUOTE.", after)


def test_a_long_paragraph_is_cut_between_words() -> None:
    article = _article("alpha beta " * 200 + "THE QUOTE. " + "gamma delta " * 200)
    before, quote, after = _parts(Exhibit(fakes.cite(article, 1, "THE", "QUOTE."), article))
    assert quote == "THE QUOTE."
    assert before.startswith("… ")
    assert after.endswith(" …")
    assert {*before.split(), *after.split()} == {"…", "alpha", "beta", "gamma", "delta"}
    assert REACH / 2 < len(before) <= REACH + 2
    assert REACH / 2 < len(after) <= REACH + 2


def test_a_quote_over_several_paragraphs_is_marked_whole() -> None:
    article = _article("One. FIRST half.\n\nSecond HALF. Two.\nThree.")
    exhibit = Exhibit(fakes.cite(article, 1, "FIRST", "HALF."), article)
    assert _parts(exhibit) == ("One. ", "FIRST half.\n\nSecond HALF.", " Two.")


def test_the_mark_is_the_slice_of_the_shipped_article() -> None:
    article = fakes.shipped()[0]
    for citation in fakes.fighters().citations:
        _, quote, _ = _parts(Exhibit(citation, article))
        assert quote == sanitise(article.text)[citation.start : citation.end] == citation.quote


def test_exhibits_say_why_a_quote_is_not_shown_in_place() -> None:
    articles = fakes.shipped()
    right = fakes.cite(articles[0], 1, "They are", "2017.")
    gone = replace(right, marker=2, article_id="no-such-article")
    changed = replace(right, marker=3, start=right.start + 1, end=right.end + 1)
    found = exhibits((right, gone, changed), fakes.Application().article)
    assert [exhibit.problem for exhibit in found] == ["", GONE, CHANGED]
    assert [exhibit.article for exhibit in found] == [articles[0], None, None]
    for exhibit in found:
        assert _parts(exhibit)[1] == right.quote
