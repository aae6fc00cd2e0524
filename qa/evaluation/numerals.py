"""English numbers: spelled out, with a scale word, with per cent."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Unit = Literal["", "percent", "ordinal"]


def _counted(words: str, start: int, step: int = 1) -> dict[str, int]:
    return {word: start + step * place for place, word in enumerate(words.split())}


_ONES = _counted("one two three four five six seven eight nine", 1)
_TEENS = _counted("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 10)
_TENS = _counted("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10)
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ORDINALS = _counted("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth", 1)


@dataclass(frozen=True, slots=True)
class Number:
    """A number by its value; a percentage and an ordinal are not equal to the bare number."""

    value: Decimal
    unit: Unit = ""


def read(words: Sequence[object]) -> tuple[Number | None, int]:
    """The number that a run of words and Numbers begins with, and how many of them it takes.

    The run holds lower-case words and Number objects with nothing but spaces or hyphens between them. Without
    a number at its start the result is ``(None, 1)``.
    """
    first = words[0]
    if isinstance(first, Number):
        value, used = first.value, 1
        if first.unit:
            return first, 1
        if _at(words, 1) in ("hundred", "dozen"):
            value, used = value * (100 if words[1] == "hundred" else 12), 2
        while (scale := _at(words, used)) in _SCALES:
            value, used = value * _SCALES[scale], used + 1
    elif first in _ORDINALS:
        return Number(Decimal(_ORDINALS[str(first)]), "ordinal"), 1
    else:
        whole, used = _spelled(words)
        if not used:
            return None, 1
        value = Decimal(whole)
    if _at(words, used) in ("%", "percent", "pct"):
        return Number(value, "percent"), used + 1
    if _at(words, used) == "per" and _at(words, used + 1) == "cent":
        return Number(value, "percent"), used + 2
    return Number(value), used


def _at(words: Sequence[object], index: int) -> str:
    word = words[index] if index < len(words) else ""
    return word if isinstance(word, str) else ""


def _spelled(words: Sequence[object]) -> tuple[int, int]:
    """A number in words: groups below a thousand, each with a smaller scale than the one before."""
    if _at(words, 0) == "zero":
        return 0, 1
    total, used, limit = 0, 0, 10**15
    while True:
        start = used + (1 if used and _at(words, used) == "and" else 0)
        group, taken = _below_thousand(words, start)
        if not taken:
            return total, used
        scale = _SCALES.get(_at(words, start + taken), 1)
        if scale >= limit:
            return total, used
        total, limit = total + group * scale, scale
        used = start + taken + (1 if scale > 1 else 0)
        if scale == 1:
            return total, used


def _below_thousand(words: Sequence[object], start: int) -> tuple[int, int]:
    if _at(words, start) in ("a", "an") and _at(words, start + 1) in ("hundred", "dozen", *_SCALES):
        value, used = 1, 1
    else:
        value, used = _below_hundred(words, start)
    if not used:
        return 0, 0
    if _at(words, start + used) == "dozen":
        return value * 12, used + 1
    if _at(words, start + used) == "hundred":
        value, used = value * 100, used + 1
        skip = 1 if _at(words, start + used) == "and" else 0
        rest, taken = _below_hundred(words, start + used + skip)
        if taken:
            return value + rest, used + skip + taken
    return value, used


def _below_hundred(words: Sequence[object], start: int) -> tuple[int, int]:
    word, following = _at(words, start), _at(words, start + 1)
    if word in _TENS:
        return _TENS[word] + _ONES.get(following, 0), 2 if following in _ONES else 1
    return {**_ONES, **_TEENS}.get(word, 0), 1 if word in _ONES or word in _TEENS else 0
