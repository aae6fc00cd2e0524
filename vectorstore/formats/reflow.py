"""Lines as they stand on printed pages, joined to paragraphs."""

import re
from collections.abc import Sequence

_CLOSES = re.compile(r"[.!?:…][\"'”’»)\]]*$")
_BULLET = re.compile(r"(?:[-*•·▪●–]|\(?\d{1,2}[.)]) ")
_HYPHENATED = re.compile(r"\w[-‐]$")
# Of a full line: what is shorter ends its paragraph, or is a heading.
_SHORT = 0.75
_MIN_WIDTH = 30


def reflow(pages: Sequence[str]) -> str:
    """Paragraphs between blank lines. A line goes on the one before when that is full, or when it begins small.

    No letter is added or taken away: a hyphen at a line's end stays, without a space after it, since it may belong to
    the word ("Afghan-led"); a soft hyphen goes. Paragraphs are joined over a page's end only before a small letter.
    """
    texts = [[_squeezed(line) for line in page.splitlines()] for page in pages]
    lengths = sorted(len(line) for lines in texts for line in lines if line)
    width = max(_MIN_WIDTH, lengths[int(len(lengths) * 0.9)]) if lengths else _MIN_WIDTH
    paragraphs: list[list[str]] = []
    last = ""
    for lines in texts:
        new_page = True
        for line in lines:
            if line:
                if last and _goes_on(last, line, width, new_page):
                    paragraphs[-1].append(line)
                else:
                    paragraphs.append([line])
                new_page = False
            last = line or ("" if not new_page else last)
    return "\n\n".join(_joined(paragraph) for paragraph in paragraphs)


def _squeezed(line: str) -> str:
    return re.sub(r"[ \t]+", " ", line).strip(" \t\ufeff\u200b")


def _goes_on(last: str, line: str, width: int, new_page: bool) -> bool:
    small = line[0].islower()
    if _BULLET.match(line):
        return False
    if new_page or len(last) < width * _SHORT:
        return small and not _CLOSES.search(last)
    return True


def _joined(lines: Sequence[str]) -> str:
    parts: list[str] = []
    for line in lines[:-1]:
        if line.endswith("\u00ad"):
            parts.append(line[:-1])
        else:
            parts.append(line if _HYPHENATED.search(line[-2:]) else f"{line} ")
    return "".join((*parts, lines[-1]))
