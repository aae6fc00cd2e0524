"""What a web page states of its article: Open Graph and other meta elements, JSON-LD, microdata. Nothing is guessed.

A date of update, crawl or copyright is never one of publication. A date in the page's address is an inferred one.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vectorstore.dates import PartialDate
from vectorstore.formats.fields import Draft, language_tag, one_line, stated_date, web_address

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Names of meta elements that can only mean publication. "date" and "dc.date" may mean any date, so they are not here.
_DATE_METAS = (
    "article:published_time",
    "og:article:published_time",
    "citation_publication_date",
    "citation_online_date",
    "dcterms.issued",
    "dc.date.issued",
    "parsely-pub-date",
    "publication_date",
    "publication-date",
    "publishdate",
    "publish-date",
    "pubdate",
)
_ARTICLE_TYPES = frozenset(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle BackgroundNewsArticle OpinionNewsArticle "
    "ReviewNewsArticle BlogPosting LiveBlogPosting Report ScholarlyArticle TechArticle".split()
)
_ASIDE = re.compile(r"comment|related|sidebar|recommend|promo|teaser|footer", re.IGNORECASE)
_IN_ADDRESS = re.compile(
    r"/((?:19|20)\d\d)[/-](\d\d|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[/-](\d\d))?(?=[/-])", re.IGNORECASE
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MAX_JSON = 500_000


@dataclass(frozen=True, slots=True)
class Statements:
    title: str | None = None
    publisher: str | None = None
    published: PartialDate | None = None
    published_basis: str = "unknown"
    language: str | None = None
    author: str | None = None
    url: str | None = None

    def draft(self, text: str, encoding: str) -> Draft:
        return Draft(
            text, encoding, title=self.title, publisher=self.publisher, published=self.published,
            published_basis=self.published_basis, language=self.language, author=self.author, url=self.url,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Linked:
    """The page's own article in its JSON-LD; empty when there is none, or when it cannot be told among several."""

    node: dict[str, Any] = field(default_factory=dict)

    def text(self, key: str) -> str | None:
        value = self.node.get(key)
        return value if isinstance(value, str) else None

    def names(self, key: str) -> list[str]:
        """The names of the persons or organisations under ``key``."""
        found = self.node.get(key)
        values = found if isinstance(found, list) else [found]
        named = [value.get("name") if isinstance(value, dict) else value for value in values]
        return [name for name in named if isinstance(name, str)]


def read_statements(tree: "HtmlElement") -> Statements:
    """Each value from the first place that states it, in the order of docs/formats.md."""
    metas = _metas(tree)
    links = {
        rel: element.get("href") for element in tree.iter("link") for rel in element.get("rel", "").lower().split()
    }
    url = _first(web_address, links.get("canonical"), metas.get("og:url"))
    linked = _linked_article(tree, url, metas.get("og:title"))
    url = url or _first(web_address, linked.text("url"), linked.text("mainEntityOfPage"))
    published, basis = _publication(tree, metas, linked, url)
    return Statements(
        title=_first(one_line, linked.text("headline"), metas.get("og:title"), _only(tree, "h1"), _only(tree, "title")),
        publisher=_first(one_line, *linked.names("publisher"), metas.get("og:site_name")),
        published=published,
        published_basis=basis,
        language=_first(language_tag, tree.get("lang"), linked.text("inLanguage"), metas.get("og:locale")),
        author=_authors(tree, metas, linked),
        url=url,
    )


def _first(clean: Any, *values: str | None) -> Any:
    return next((found for value in values if (found := clean(value)) is not None), None)


def _metas(tree: "HtmlElement") -> dict[str, str]:
    """The content of meta elements by their lower-case name; the first of a name counts."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or ""
        if name and element.get("content", "").strip() and not element.get("itemprop"):
            found.setdefault(name.strip().lower(), element.get("content", ""))
    return found


def _only(tree: "HtmlElement", tag: str) -> str | None:
    """The text of an element that the page has once."""
    texts = [text for element in tree.iter(tag) if (text := one_line(element.text_content()))]
    return texts[0] if len(texts) == 1 else None


def _linked_article(tree: "HtmlElement", url: str | None, title: str | None) -> _Linked:
    nodes = []
    for script in tree.iter("script"):
        source = script.text or ""
        if script.get("type", "").strip().lower() == "application/ld+json" and len(source) <= _MAX_JSON:
            try:
                nodes += [node for node in _tops(json.loads(source, strict=False)) if _is_article(node)]
            except (ValueError, RecursionError):
                continue
    if len(nodes) > 1:
        own = {address for address in (url, one_line(title)) if address}
        nodes = [node for node in nodes if own & _identities(node)]
    return _Linked(nodes[0]) if len(nodes) == 1 else _Linked()


def _tops(value: Any) -> Iterator[dict[str, Any]]:
    """The nodes that the page is about: not those inside others, such as a list of related articles."""
    for node in value if isinstance(value, list) else [value]:
        if isinstance(node, dict):
            graph = node.get("@graph")
            yield from (each for each in graph if isinstance(each, dict)) if isinstance(graph, list) else (node,)


def _is_article(node: dict[str, Any]) -> bool:
    kinds = node.get("@type")
    return any(
        kind in _ARTICLE_TYPES for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)
    )


def _identities(node: dict[str, Any]) -> set[str]:
    page = node.get("mainEntityOfPage")
    values = [node.get("url"), node.get("@id"), node.get("headline"), page]
    values.append(page.get("@id") if isinstance(page, dict) else None)
    return {line for value in values if isinstance(value, str) and (line := one_line(value))}


def _publication(
    tree: "HtmlElement", metas: dict[str, str], linked: _Linked, url: str | None
) -> tuple[PartialDate | None, str]:
    for name in _DATE_METAS:
        if date := stated_date(metas.get(name)):
            return date, f"stated: {name}"
    if date := stated_date(linked.text("datePublished")):
        return date, "stated: datePublished"
    marked = {date for element in tree.iter() if (date := _marked_date(element))}
    if len(marked) == 1:
        return marked.pop(), "stated: marked on the page as its publication"
    if url and (date := _address_date(url)):
        return date, "inferred: from its address"
    return None, "unknown"


def _marked_date(element: "HtmlElement") -> PartialDate | None:
    own = element.get("itemprop") == "datePublished" or (element.tag == "time" and element.get("pubdate") is not None)
    if not own or _stands_aside(element):
        return None
    return stated_date(element.get("datetime") or element.get("content") or element.text_content())


def _stands_aside(element: "HtmlElement") -> bool:
    """Whether it belongs to a comment or to another article that the page leads to."""
    return any(
        above.tag in ("aside", "nav", "footer", "li")
        or (above.tag != "body" and _ASIDE.search(f"{above.get('class', '')} {above.get('id', '')}"))
        or above.get("itemprop") == "comment"
        for above in element.iterancestors()
    )


def _address_date(url: str) -> PartialDate | None:
    match = _IN_ADDRESS.search(url)
    if not match:
        return None
    year, month, day = match.groups()
    number = month if month.isdigit() else f"{_MONTHS.index(month.lower()) + 1:02}"
    return stated_date("-".join(part for part in (year, number, day) if part))


def _authors(tree: "HtmlElement", metas: dict[str, str], linked: _Linked) -> str | None:
    names = linked.names("author") or [metas.get("author", "")]
    if not any(names):
        marked = tree.xpath("//*[@rel='author' or @itemprop='author']")
        names = [element.text_content() for element in marked if not _stands_aside(element)]
    lines = [line for name in names if (line := one_line(name)) and web_address(line) is None]
    return one_line(", ".join(dict.fromkeys(lines)))
