"""JSON Lines: one article a line."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from vectorstore.errors import LoadError, first_problem
from vectorstore.formats.fields import ID, Draft, headline, language_tag, one_line, stated_date, web_address
from vectorstore.structure import split_lines

MAX_LINE = 10_000_000


class Record(BaseModel):
    """One line. Only ``text`` must be there; other fields than these are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    text: str
    id: str | None = Field(default=None, pattern=ID)
    title: str | None = None
    publisher: str | None = None
    published: str | None = None
    author: str | None = None
    url: str | None = None
    origin: str | None = None
    language: str | None = None

    @field_validator("id", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("text")
    @classmethod
    def _is_text(cls, value: str) -> str:
        if "\0" in value or not split_lines(value):
            raise ValueError("empty, or not text")
        return value

    @field_validator("published")
    @classmethod
    def _is_date(cls, value: str | None) -> str | None:
        if value and stated_date(value) is None:
            raise ValueError("not a past date such as 2017, 2017-12, 2017-12-12 or 2017-12-12T10:30:00Z")
        return value

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value and web_address(value) is None:
            raise ValueError("not an http or https address")
        return value

    @field_validator("language")
    @classmethod
    def _is_language(cls, value: str | None) -> str | None:
        if value and language_tag(value) is None:
            raise ValueError("not a language tag such as en or en-GB")
        return value

    def draft(self) -> Draft:
        published = stated_date(self.published)
        return Draft(
            text=self.text,
            encoding="utf-8 (strict)",
            id=self.id,
            title=one_line(self.title) or headline(self.text),
            publisher=one_line(self.publisher),
            published=published,
            published_basis="stated: in its record" if published else "unknown",
            language=language_tag(self.language),
            origin=one_line(self.origin),
            author=one_line(self.author),
            url=web_address(self.url),
        )


def read_records(data: bytes, name: str) -> Iterator[tuple[str, bytes, Draft] | LoadError]:
    """Each article with what tells it apart in its file, its id or ``line-N``, and its line's bytes.

    A line that is not an article is a LoadError, and the next ones are still read.
    """
    seen: set[str] = set()
    for number, line in enumerate(_lines(data), 1):
        if not line.strip():
            continue
        where = f"{name}, line {number},"
        if len(line) > MAX_LINE:
            yield LoadError(f"{where} is longer than {MAX_LINE // 1_000_000} MB.")
            continue
        try:
            record = Record.model_validate_json(line)
        except ValidationError as error:
            yield LoadError(f"{where} is not an article: {first_problem(error).removeprefix(': ')}.")
            continue
        key = record.id or f"line-{number}"
        if key in seen:
            yield LoadError(f"{where} has the id {key} of an earlier line; give it another.")
            continue
        seen.add(key)
        yield key, line, record.draft()


def _lines(data: bytes) -> Iterator[bytes]:
    """Without their line ends, and without a byte order mark; not all at once in memory."""
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        yield data[start:end].removesuffix(b"\r")
        start = end + 1
