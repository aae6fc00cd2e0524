"""Text as typed tokens: "12.5" is not "125", "5" is not in "2015", "3,000" is "three thousand"."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from qa.evaluation import numerals
from qa.evaluation.numerals import Number

_SINGLE_QUOTES = "‘’‚‛′ʼ`´"
_DOUBLE_QUOTES = "“”„‟″«»"
# Not the em dash: it separates clauses, so that "in 2017—12%" is no range.
_HYPHENS = "‐‑‒–−"
_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_NOTHING = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_PLAIN = str.maketrans(
    {
        **dict.fromkeys(_SINGLE_QUOTES, "'"),
        **dict.fromkeys(_DOUBLE_QUOTES, '"'),
        **dict.fromkeys(_HYPHENS, "-"),
        **dict.fromkeys(_SPACES, " "),
        **dict.fromkeys(_NOTHING, None),
    }
)
_MARKER = re.compile(r"\[\d{1,3}(?:\s*[,;-]\s*\d{1,3})*\]")

# Not calendar.month_name: that follows the locale.
_MONTH_NAMES = "january february march april may june july august september october november december"
MONTHS = tuple(_MONTH_NAMES.split())

# "may" and "march" are also verbs: "of whom 12 may have died". Only with a capital are they months.
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|(?-i:Mar(?:ch)?)|apr(?:il)?|(?-i:May)|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?!\w|[.,]\d|\s*%)"
_YEAR = r"(?:1[89]|20)\d\d(?!\w|[.,]\d|\s*%)"

_TOKEN = re.compile(
    rf"""
      (?P<iso>(?:1[89]|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?!\w)
    | (?P<dm_d>{_DAY})(?:\s+|-)(?:of\s+)?(?P<dm_m>{_MONTH})(?:(?:,?\s+|-)(?P<dm_y>{_YEAR}))?
    | (?P<md_m>{_MONTH})\s+(?:the\s+)?(?P<md_d>{_DAY})(?:,?\s+(?P<md_y>{_YEAR}))?
    | (?P<my_m>{_MONTH}),?\s+(?:of\s+)?(?P<my_y>{_YEAR})
    | (?P<slashed>\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?)(?!\w)
    | (?P<odd>\d{{1,3}},\d{{1,2}}(?![\d,])|\d+(?:\.\d+){{2,}})
    | (?P<number>(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?:\.\d+)?)(?P<suffix>[^\W\d_]\w*)?
    | (?P<percent>%)
    | (?P<acronym>[^\W\d_](?:\.[^\W\d_])+\b)\.?
    | (?P<word>[^\W_]+(?:'[^\W_]+)*)
    """,
    re.VERBOSE | re.IGNORECASE,
)
# In tokens; "nine hundred and ninety-nine billion ..." down to the ones needs 23.
_LONGEST_NUMBER = 24
_SUFFIXES = {"k": 10**3, "m": 10**6, "mn": 10**6, "bn": 10**9}


@dataclass(frozen=True, slots=True)
class Word:
    """A word in lower case, without accents, apostrophes, or a possessive ending."""

    text: str


@dataclass(frozen=True, slots=True)
class Date:
    """A month with a day, a year, or both."""

    year: int | None
    month: int
    day: int | None


Token = Word | Number | Date


def plain(text: str) -> str:
    """``text`` with straight quotes, hyphens and spaces, no accents, and no invisible characters."""
    letters = text.translate(_PLAIN)
    if letters.isascii():
        return letters
    letters = unicodedata.normalize("NFD", letters)
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")


def without_markers(text: str) -> str:
    """``text`` without citation markers such as [1], [1, 2] and [1-3]."""
    return _MARKER.sub("", text)


def tokenise(text: str) -> tuple[Token, ...]:
    """Words, numbers (also spelled out), percentages and dates, in order; punctuation only separates."""
    text = plain(text)
    tokens: list[Token] = []
    gaps: list[str] = []
    end = 0
    for match in _TOKEN.finditer(text):
        tokens.append(_token(match))
        gaps.append(text[end : match.start()])
        end = match.end()
    return _units(tokens, gaps)


def _token(match: re.Match[str]) -> Token:
    groups = match.groupdict()
    if iso := groups["iso"]:
        return Date(int(iso[:4]), int(iso[5:7]), int(iso[8:]))
    for kind in ("dm", "md", "my"):
        if month := groups[f"{kind}_m"]:
            year, day = groups[f"{kind}_y"], groups.get(f"{kind}_d")
            number = next(n for n, name in enumerate(MONTHS, 1) if name.startswith(month[:3].lower()))
            return Date(int(year) if year else None, number, int(day.rstrip("stndrhSTNDRH")) if day else None)
    if digits := groups["number"]:
        value, suffix = Decimal(digits.replace(",", "")), (groups["suffix"] or "").lower()
        if not suffix:
            return Number(value)
        if suffix in _SUFFIXES:
            return Number(value * _SUFFIXES[suffix])
        return Number(value, "ordinal") if suffix in ("st", "nd", "rd", "th") else Word(digits + suffix)
    if odd := groups["slashed"] or groups["odd"]:
        return Word(odd)
    word = match.group().lower().replace(".", "")
    return Word(word.removesuffix("'s").replace("'", ""))


def _units(tokens: Sequence[Token], gaps: Sequence[str]) -> tuple[Token, ...]:
    """Spelled numbers as numbers, "per cent" into the number, a range "A-B" or "between A and B" as "A to B".

    ``gaps[i]`` is what stands between ``tokens[i]`` and the token before it.
    """
    result: list[Token] = []
    at = 0
    between = False
    while at < len(tokens):
        stop = at + 1
        while stop < min(len(tokens), at + _LONGEST_NUMBER) and (gaps[stop] == "-" or not gaps[stop].strip()):
            stop += 1
        run = [token.text if isinstance(token, Word) else token for token in tokens[at:stop]]
        number, used = numerals.read(run)
        if number is None:
            between = between and tokens[at] == Word("and")
            result.append(tokens[at])
        else:
            if gaps[at] == "-" and result and isinstance(result[-1], Number):
                result.append(Word("to"))
            elif between and result[-1] == Word("and"):
                result[-1] = Word("to")
            between = result[-1:] == [Word("between")]
            if number.unit == "percent" and result[-1:] == [Word("to")]:
                _share_unit(result)
            result.append(number)
        at += used
    return tuple(result)


def _share_unit(result: list[Token]) -> None:
    """In "56-57%" the first number is a percentage too; ``result`` ends in the word between the two."""
    left = result[-2] if len(result) > 1 else None
    if isinstance(left, Number) and not left.unit:
        result[-2] = Number(left.value, "percent")
