"""The rules of furniture.toml, read once and compiled."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from vectorstore.models import RegionKind

Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class CommentLine:
    """A line that speaks for a comment section with ``weight``.

    One that ``opens`` may be the section's first; one of its ``own`` is no reporting wherever it stands.
    """

    weight: float
    opens: bool
    own: bool
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class CommentRules:
    """How a comment section is told from reporting; furniture.toml says what each cost is."""

    lines: tuple[CommentLine, ...]
    personal: Pattern
    reported: Pattern
    reported_cost: float
    plain_cost: float
    personal_gain: float
    personal_most: int
    section_cost: float
    stub_cost: float


@dataclass(frozen=True, slots=True)
class Rules:
    """``furniture`` and ``caption`` match a whole normalised paragraph, ``lists`` the label of a list."""

    furniture: tuple[tuple[RegionKind, Pattern], ...]
    caption: Pattern
    caption_words: int
    lists: Pattern
    comments: CommentRules


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Furniture(_Strict):
    kind: RegionKind
    patterns: list[str]


class _Caption(_Strict):
    max_words: int
    patterns: list[str]


class _Lists(_Strict):
    labels: list[str]


class _Line(_Strict):
    weight: float
    opens: bool = False
    own: bool = False
    patterns: list[str]


class _Sentence(_Strict):
    personal: list[str]
    reported: list[str]


class _Comments(_Strict):
    reported: float
    plain: float
    personal: float
    personal_most: int
    section: float
    stub: float
    line: list[_Line]
    sentence: _Sentence


class _File(_Strict):
    parts: dict[str, str]
    furniture: list[_Furniture]
    caption: _Caption
    lists: _Lists
    comments: _Comments


@cache
def load_rules() -> Rules:
    """The package's own rules."""
    return parse_rules(files("vectorstore").joinpath("furniture.toml").read_text("utf-8"))


def parse_rules(source: str) -> Rules:
    """Compile the text of a rules file. Raises pydantic's ValidationError and re.error when it is not valid."""
    content = _File.model_validate(tomllib.loads(source))

    def compiled(patterns: list[str]) -> Pattern:
        return re.compile("|".join(f"(?:{_expand(pattern, content.parts)})" for pattern in patterns), re.IGNORECASE)

    comments = content.comments
    return Rules(
        furniture=tuple((entry.kind, compiled(entry.patterns)) for entry in content.furniture),
        caption=compiled(content.caption.patterns),
        caption_words=content.caption.max_words,
        lists=compiled(content.lists.labels),
        comments=CommentRules(
            lines=tuple(
                CommentLine(line.weight, line.opens, line.own, compiled(line.patterns)) for line in comments.line
            ),
            personal=compiled(comments.sentence.personal),
            reported=compiled(comments.sentence.reported),
            reported_cost=comments.reported,
            plain_cost=comments.plain,
            personal_gain=comments.personal,
            personal_most=comments.personal_most,
            section_cost=comments.section,
            stub_cost=comments.stub,
        ),
    )


def _expand(pattern: str, parts: dict[str, str]) -> str:
    """Put the parts in, which may themselves be made of parts."""
    while found := re.search(r"\{([A-Z]+)\}", pattern):
        pattern = pattern.replace(found.group(), parts[found.group(1)])
    return pattern
