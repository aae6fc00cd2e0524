"""A citation beside the article it was cut from: what the evidence pane and the article screen show."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content, Span

from qa.models import Citation
from qa.terminal import sanitise
from qa.tui.text import CONTEXT, MARK
from vectorstore.errors import UnknownArticleError

if TYPE_CHECKING:
    from vectorstore.models import Article

REACH = 300

GONE = "This article is no longer in the store; the quote is shown as it was cited."
CHANGED = "The stored article has changed since this answer; the quote is shown as it was cited."


@dataclass(frozen=True, slots=True)
class Exhibit:
    """``article`` is None where the quote cannot be shown in place, and ``problem`` says why.

    ``first`` is where the text at hand begins in the article: not 0 where only a passage of it was kept.
    """

    citation: Citation
    article: "Article | None"
    problem: str = ""
    first: int = 0

    @property
    def span(self) -> tuple[int, int]:
        """The quote's place in the text at hand."""
        return self.citation.start - self.first, self.citation.end - self.first


def whole(article: "Article", problem: str = "") -> Exhibit:
    """An article of which nothing is quoted; its marker is 0."""
    published = article.published.iso if article.published else None
    nothing = Citation(
        0, article.id, article.title, article.publisher, published, article.published_basis, article.path,
        article.sha256, 0, 0, "",
    )  # fmt: skip
    return Exhibit(nothing, article, problem)


def exhibits(citations: Iterable[Citation], article: "Callable[[str], Article]") -> tuple[Exhibit, ...]:
    """One exhibit a citation, in order. Raises what ``article`` raises, except UnknownArticleError."""
    return tuple(_exhibit(citation, article) for citation in citations)


def _exhibit(citation: Citation, article: "Callable[[str], Article]") -> Exhibit:
    try:
        found = article(citation.article_id)
    except UnknownArticleError:
        return Exhibit(citation, None, GONE)
    if found.text[citation.start : citation.end] != citation.quote:
        return Exhibit(citation, None, CHANGED)
    return Exhibit(citation, found)


def excerpt(exhibit: Exhibit) -> Content:
    """The quote, marked, in the text of its own paragraphs, at most REACH code points to either side."""
    quote = exhibit.citation.quote
    if exhibit.article is None:
        return Content(sanitise(quote), spans=[Span(0, len(quote), MARK)])
    text = sanitise(exhibit.article.text)
    start, end = exhibit.span
    before, after = _before(text, start), _after(text, end)
    shown = before + text[start:end] + after
    mark = Span(len(before), len(before) + end - start, MARK)
    dimmed = (Span(0, mark.start, CONTEXT), Span(mark.end, len(shown), CONTEXT))
    return Content(shown, spans=[span for span in (dimmed[0], mark, dimmed[1]) if span.start < span.end])


def _before(text: str, start: int) -> str:
    paragraph = text.rfind("\n", 0, start) + 1
    if start - paragraph <= REACH:
        return text[paragraph:start].lstrip()
    _, _, words = text[start - REACH : start].partition(" ")
    return f"… {words}"


def _after(text: str, end: int) -> str:
    stop = text.find("\n", end)
    paragraph = len(text) if stop < 0 else stop
    if paragraph - end <= REACH:
        return text[end:paragraph].rstrip()
    words, _, _ = text[end : end + REACH].rpartition(" ")
    return f"{words} …"
