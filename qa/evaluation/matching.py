"""Whether an answer says something: typed matching of aliases and patterns against its text."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa.evaluation import patterns
from qa.evaluation.numerals import Number
from qa.evaluation.tokens import MONTHS, Date, Token, Word, plain, tokenise, without_markers

FORBIDDEN_PATTERN = "re:"
"""A forbidden claim that begins with this is a regular expression; any other is a phrase."""


@dataclass(frozen=True, slots=True)
class AnswerText:
    """An answer's text without its markers, for patterns (``plain``) and for phrases (``tokens``)."""

    plain: str
    tokens: tuple[Token, ...]

    @classmethod
    def of(cls, text: str) -> "AnswerText":
        text = without_markers(plain(text))
        return cls(text, tokenise(text))

    def says(self, phrase: str) -> bool:
        """Whether the tokens of ``phrase`` stand side by side in the text; never for an empty phrase."""
        wanted = tokenise(phrase)
        starts = range(len(self.tokens) - len(wanted) + 1) if wanted else range(0)
        return any(
            all(_agree(each, self.tokens[start + offset]) for offset, each in enumerate(wanted)) for start in starts
        )


def first_match(text: AnswerText, aliases: Sequence[str], pattern: str | None = None) -> str | None:
    """The first alias that the text says, else the pattern when it occurs, else None.

    Raises patterns.PatternError for a pattern that takes too long.
    """
    for alias in aliases:
        if text.says(alias):
            return alias
    return pattern if pattern is not None and patterns.found(pattern, text.plain) else None


def claims_made(text: AnswerText, forbidden: Sequence[str]) -> tuple[str, ...]:
    """Which of the forbidden claims the text makes; denying one in its own words counts as making it."""
    return tuple(
        claim
        for claim in forbidden
        if (
            patterns.found(claim.removeprefix(FORBIDDEN_PATTERN), text.plain)
            if claim.startswith(FORBIDDEN_PATTERN)
            else text.says(claim)
        )
    )


def _agree(wanted: Token, said: Token) -> bool:
    """Equal, or ``said`` is a more precise date: "2017" and "December" agree with "12 December 2017"."""
    if not isinstance(said, Date) or wanted == said:
        return wanted == said
    if isinstance(wanted, Date):
        return wanted.month == said.month and wanted.year in (None, said.year) and wanted.day in (None, said.day)
    if isinstance(wanted, Number):
        return not wanted.unit and wanted.value == said.year
    return wanted == Word(MONTHS[said.month - 1])
