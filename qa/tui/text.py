"""Untrusted text to ``Content``: sanitised, never read as markup; the screen's marks are spans."""

from collections.abc import Iterable

from textual.content import Content

from qa.models import Citation
from qa.terminal import sanitise
from vectorstore.dates import PartialDate

# Reverse and bold show without colour too; the colour only tints the bar.
MARK = "bold reverse $accent"
MARKER = "bold $primary"
PENDING = "dim"
# Beside the style, which not every terminal shows.
PENDING_SIGN = "…"
CONTEXT = "dim"
QUIET = "dim"
GOOD = "$success"
DOUBTFUL = "bold $warning"
BAD = "bold $error"


def safe(text: str, limit: int | None = None) -> Content:
    """``text`` as plain content of the same length; past ``limit`` code points it is cut and says so."""
    clean = sanitise(text)
    if limit is not None and len(clean) > limit:
        return Content(clean[:limit]) + Content(f" … ({len(clean) - limit:,} more characters)").stylize(QUIET)
    return Content(clean)


def one_line(text: str, limit: int = 200) -> str:
    """``text`` sanitised, on one line, at most ``limit`` code points."""
    line = " ".join(sanitise(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def spoken_date(iso: str | None) -> str:
    """An ISO date, month or year as a person reads it; anything else unchanged, None as "date unknown"."""
    if iso is None:
        return "date unknown"
    try:
        return PartialDate(iso).spoken()
    except ValueError:
        return iso


def source_line(citation: Citation, *, brief: bool = False) -> Content:
    """Publisher and date, and how the date is known: ``Sputnik · December 2017 (inferred: …)``.

    ``brief`` leaves out what it was inferred from.
    """
    parts = [citation.publisher or "publisher unknown", spoken_date(citation.published)]
    basis = citation.published_basis.partition(":")[0] if brief else citation.published_basis
    known = f" ({basis})" if citation.published is not None else ""
    return safe(" · ".join(parts) + known, limit=600)


def joined(parts: Iterable[str]) -> str:
    """The parts that are not empty, with a middle dot between them."""
    return " · ".join(part for part in parts if part)


def counted(number: int, noun: str) -> str:
    """``1 article``, ``5 articles``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
