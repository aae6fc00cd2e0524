"""Web pages: the article's paragraphs, without menus, readers' comments and hidden text; and what the page states."""

import logging
import re
from typing import TYPE_CHECKING

from vectorstore.decoding import decode
from vectorstore.errors import LoadError
from vectorstore.formats.fields import Draft
from vectorstore.formats.page import read_statements
from vectorstore.structure import split_lines

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Articles have a few thousand elements.
MAX_ELEMENTS = 40_000
# Above it, extraction is not compared with that of jusText, whose time grows with the square of the page.
_COMPARED_ELEMENTS = 5_000
# The parser's time grows with the square of a tag's attributes.
_MAX_TAG_ATTRIBUTES, _MAX_ATTRIBUTES = 2_000, 200_000
_TAG = re.compile(r"<[a-zA-Z][^\s/>]*+")
_ATTRIBUTE = re.compile(r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?""")
# Characters that XML does not have, and with them the extraction's tree.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARED = re.compile(rb"""<(?:meta|\?xml)\b[^>]{0,500}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I)
_SPACES = re.compile(r"[ \t\r\n\f]+")
_UNSEEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_UNSEEN_TAGS = "script, style, noscript, template, iframe, object, svg, math, form, button, select, textarea".split(
    ", "
)
_COMMENTS = frozenset(
    "comment comments comment-list commentlist comments-list comments-area comments-section comment-section "
    "comments-wrapper comments-container comment-thread comments-thread comment-respond comment-body respond "
    "reader-comments user-comments disqus_thread dsq-content fb-comments".split()
)


def read_html(data: bytes, name: str) -> Draft:
    """Nothing is fetched and no script is run. Raises LoadError."""
    declared = _DECLARED.search(data[:4096])
    decoded = decode(data, name, declared[1].decode("ascii", "replace") if declared else None)
    tree = _parse(decoded.text, name)
    stated = read_statements(tree)
    _prune(tree)
    _join_lines(tree)
    paragraphs = _paragraphs(tree)
    if not paragraphs:
        raise LoadError(f"{name} has no article text that can be found; save the article as text.")
    return stated.draft("\n\n".join(paragraphs), decoded.encoding)


def _parse(text: str, name: str) -> "HtmlElement":
    # 0.2 s to import, with trafilatura below.
    from lxml import etree, html

    if text.count("<") > 4 * MAX_ELEMENTS:
        raise LoadError(f"{name} has more than {MAX_ELEMENTS:,} elements; save the article as text.")
    if _has_too_many_attributes(text):
        raise LoadError(f"{name} has a tag of more attributes than any page; save the article as text.")
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        tree = html.document_fromstring(text.encode(), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise LoadError(f"{name} has no HTML in it.") from error
    # The parser stops at its limits and gives what it has; half a page is no article.
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise LoadError(f"{name} is nested too deeply, or has too long a line; save the article as text.")
    if sum(1 for _ in tree.iter()) > MAX_ELEMENTS:
        raise LoadError(f"{name} has more than {MAX_ELEMENTS:,} elements; save the article as text.")
    return tree


def _has_too_many_attributes(text: str) -> bool:
    total = place = 0
    while tag := _TAG.search(text, place):
        place, count = tag.end(), 0
        while attribute := _ATTRIBUTE.match(text, place):
            place, count = attribute.end(), count + 1
            if count > _MAX_TAG_ATTRIBUTES:
                return True
        total += count
    return total > _MAX_ATTRIBUTES


def _prune(tree: "HtmlElement") -> None:
    """Take out what a reader does not see, and what readers wrote."""
    for element in list(tree.iter()):
        if element.getparent() is None or element.tag in ("html", "head", "body", "main", "article"):
            continue
        if _is_unseen(element) or (_is_comments(element) and not _holds_article(element)):
            # drop_tree keeps the text that follows the element.
            element.drop_tree()


def _join_lines(tree: "HtmlElement") -> None:
    """A line's end in the source is a space to the reader; only ``br`` and ``pre`` break a line."""
    kept = {each for pre in tree.iter("pre") for each in pre.iter()}
    for element in tree.iter():
        if element.text:
            element.text = _spaced(element.text, element in kept)
        if element.tail:
            element.tail = _spaced(element.tail, element in kept and element.tag != "pre")


def _spaced(text: str, kept: bool) -> str:
    text = _NOT_XML.sub(" ", text)
    return text if kept else _SPACES.sub(" ", text)


def _is_unseen(element: "HtmlElement") -> bool:
    return (
        element.tag in _UNSEEN_TAGS
        or element.get("hidden") is not None
        or bool(_UNSEEN_STYLE.search(element.get("style", "")))
    )


def _is_comments(element: "HtmlElement") -> bool:
    names = f"{element.get('id', '')} {element.get('class', '')}".lower().split()
    return (
        not _COMMENTS.isdisjoint(names)
        or element.get("itemprop") == "comment"
        or element.get("itemtype", "").endswith("schema.org/Comment")
    )


def _holds_article(element: "HtmlElement") -> bool:
    """Whether it is the page's own frame with a name like that of comments."""
    return element.find(".//h1") is not None


def _paragraphs(tree: "HtmlElement") -> list[str]:
    # 0.2 s to import.
    from trafilatura import bare_extraction

    # It complains of pages without text on stderr; that is said by a LoadError.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    large = sum(1 for _ in tree.iter()) > _COMPARED_ELEMENTS
    try:
        found = bare_extraction(tree, fast=large, include_comments=False, include_tables=True, include_formatting=False)
    except RecursionError:
        return []
    text = found.text if found is not None and not isinstance(found, dict) else None
    lines = [text[start:end] for start, end in split_lines(text)] if text else []
    # The rule under a table's head is drawn, not written.
    return [line for line in lines if any(character.isalnum() for character in line)]
