"""Text and Markdown files: the file's own text, verbatim."""

import re

from vectorstore.decoding import decode
from vectorstore.formats.fields import Draft, headline, one_line

_LONGEST_HEADING = 1_000


def read_text(data: bytes, name: str) -> Draft:
    """The title is the first paragraph. Raises LoadError."""
    decoded = decode(data, name)
    return Draft(decoded.text, decoded.encoding, title=headline(decoded.text))


def read_markdown(data: bytes, name: str) -> Draft:
    """The title is the first ``# heading`` outside a code block, else the first paragraph. Raises LoadError."""
    decoded = decode(data, name)
    return Draft(decoded.text, decoded.encoding, title=_first_heading(decoded.text) or headline(decoded.text))


def _first_heading(text: str) -> str | None:
    fence = ""
    for whole in text.splitlines():
        line = whole[:_LONGEST_HEADING].strip()
        if line.startswith(("```", "~~~")):
            if not fence:
                fence = line[:3]
            elif line.startswith(fence):
                fence = ""
        elif line.startswith(("# ", "#\t")) and not fence:
            return one_line(re.sub(r"[ \t]#+$", "", line[2:]))
    return None
