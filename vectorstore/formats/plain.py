"""Text and Markdown files: the file's own text, verbatim."""

import re

from vectorstore.decoding import decode
from vectorstore.formats.fields import Draft, headline, one_line

_HEADING = re.compile(r"^ {0,3}#[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)


def read_text(data: bytes, name: str) -> Draft:
    """The title is the first paragraph. Raises LoadError."""
    decoded = decode(data, name)
    return Draft(decoded.text, decoded.encoding, title=headline(decoded.text))


def read_markdown(data: bytes, name: str) -> Draft:
    """The title is the first ``# heading`` outside a code block, else the first paragraph. Raises LoadError."""
    decoded = decode(data, name)
    lines = re.sub(r"\r\n?", "\n", decoded.text)
    heading = _HEADING.search(_FENCE.sub("", lines))
    title = one_line(heading[1]) if heading else None
    return Draft(decoded.text, decoded.encoding, title=title or headline(decoded.text))
