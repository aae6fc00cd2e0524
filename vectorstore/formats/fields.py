"""What a file states of its article, made safe: one line, bounded, and unknown when in doubt."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from vectorstore.dates import PartialDate
from vectorstore.structure import split_paragraphs

ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$"
_MAX_LINE = 300
_MAX_HEADLINE = 160
_MAX_ADDRESS = 2_000
_ISO = re.compile(r"(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:[T ]\d{2}:.*)?", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
# Anything that is not a space to everyone, or acts on what shows it: controls, directions, invisible characters.
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


@dataclass(frozen=True, slots=True)
class Draft:
    """A text and what its file states of it; None where it states nothing."""

    text: str
    encoding: str
    id: str | None = None
    title: str | None = None
    publisher: str | None = None
    published: PartialDate | None = None
    published_basis: str = "unknown"
    language: str | None = None
    origin: str | None = None
    author: str | None = None
    url: str | None = None


def one_line(value: str | None, most: int = _MAX_LINE) -> str | None:
    """Without line breaks, control characters and repeated spaces, at most ``most`` characters; None when empty."""
    # Cut first: a hostile page has a title of megabytes.
    line = " ".join(_UNPRINTED.sub(" ", (value or "")[: most * 20]).split())
    if len(line) > most:
        cut = line[: most - 1]
        line = f"{cut.rsplit(' ', 1)[0] if ' ' in cut else cut}…"
    return line or None


def headline(text: str) -> str:
    """The first paragraph, cut at a word. ``text`` has one."""
    start, end = split_paragraphs(text)[0]
    line = text[start:end]
    return line if len(line) <= _MAX_HEADLINE else f"{line[: _MAX_HEADLINE - 1].rsplit(' ', 1)[0]}…"


def stated_date(value: str | None) -> PartialDate | None:
    """The day, month or year of an ISO 8601 date or time, as it is written: no time zone moves it.

    None for anything else, for what is before 1500 or later than tomorrow, and for the first second of Unix time, which
    programs write for "not set".
    """
    value = (value or "").strip()
    match = _ISO.fullmatch(value)
    if not match or re.match(r"1970-01-01[T ]00:00", value):
        return None
    try:
        date = PartialDate(match[1])
    except ValueError:
        return None
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    return date if date.year >= 1500 and date.earliest() <= tomorrow else None


def web_address(value: str | None) -> str | None:
    """An absolute http or https address without white space; None for anything else."""
    value = (value or "").strip()
    if not 0 < len(value) <= _MAX_ADDRESS or re.search(r"\s", value) or _UNPRINTED.search(value):
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme in ("http", "https") and parts.hostname else None


def language_tag(value: str | None) -> str | None:
    """A language tag such as ``en`` or ``en-GB``; None for anything else."""
    value = (value or "").strip().replace("_", "-")
    return value if len(value) <= 35 and _LANGUAGE.fullmatch(value) else None
