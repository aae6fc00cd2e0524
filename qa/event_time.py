"""When what a sentence tells happened: its dates, the relative ones counted from the article's date of publication.

Never from today: the same sentence means the same time in ten years. What counts from another event ("a day later"),
or from a publication of unknown date, stays unresolved. An own grammar, since general date parsers resolve against
today unless each call says otherwise, bring hundreds of locales, and read "may" and "second" as dates.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from vectorstore.dates import PartialDate

_SHORT_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
# First month and length; winter is that which begins in December.
_SEASONS = {"spring": (3, 3), "summer": (6, 3), "autumn": (9, 3), "fall": (9, 3), "winter": (12, 3)}
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_COUNTS |= {"nine": 9, "ten": 10, "couple of": 2, "a couple of": 2}

_COUNT = r"(?P<count>\d{1,2}|a couple of|couple of|an?|one|two|three|four|five|six|seven|eight|nine|ten)"
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|(?-i:Mar(?:ch)?)|apr(?:il)?|(?-i:May)|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?(?![\w,.]*\d|\s*%)"
_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d)(?![\w,]*\d)"
_FUTURE = re.compile(
    r"\b(?:will|would|plan(?:s|ned|ning)?|expect(?:s|ed)?|schedul\w+|deadline|upcoming|due|to (?:begin|start|leave|withdraw))\b",
    re.IGNORECASE,
)
# "In the last year" reaches back from the publication; "last year" is the one before.
_BACK = r"\b(?:the (?:last|past)|past|recent)"


@dataclass(frozen=True, slots=True)
class EventTime:
    """``text[start:end]`` names a time between two days, both included; ``relative`` to the article's publication."""

    start: int
    end: int
    earliest: date
    latest: date
    relative: bool

    def overlaps(self, other: "EventTime") -> bool:
        """Whether both can mean one day."""
        return self.earliest <= other.latest and other.earliest <= self.latest

    @property
    def years(self) -> range:
        return range(self.earliest.year, self.latest.year + 1)


_Days = tuple[date, date]
_Reader = Callable[[re.Match[str], _Days | None, str], _Days | None]


@lru_cache(maxsize=20_000)
def event_times(text: str, published: PartialDate | None) -> tuple[EventTime, ...]:
    """The times that a sentence names, in order; those that cannot be resolved are left out."""
    known = (published.earliest(), published.latest()) if published else None
    found: list[EventTime] = []
    taken: list[tuple[int, int]] = []
    for pattern, read, relative in _GRAMMAR:
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            # What is not resolved is taken too: "the year before last year" holds no year of its own.
            taken.append(match.span())
            try:
                days = read(match, known, text)
            except (ValueError, OverflowError):
                continue  # the 31st of June, or a year before the first
            if days is not None:
                found.append(EventTime(*match.span(), *days, relative=relative))
    return tuple(sorted(found, key=lambda item: item.start))


def event_years(text: str, published: PartialDate | None) -> frozenset[int]:
    """The years that a sentence is about, as far as it names times."""
    return frozenset(year for item in event_times(text, published) for year in item.years)


def _month_days(year: int, month: int, length: int = 1) -> _Days:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    after = month + length
    return date(year, month, 1), date(year + (after - 1) // 12, (after - 1) % 12 + 1, 1) - timedelta(days=1)


def _year_days(year: int) -> _Days:
    return date(year, 1, 1), date(year, 12, 31)


def _explicit(match: re.Match[str], known: _Days | None, text: str) -> _Days | None:
    groups = match.groupdict()
    month = _SHORT_MONTHS.index(groups["month"][:3].lower()) + 1
    day = int(groups["day"]) if groups.get("day") else None
    if groups.get("year"):
        return _dated(int(groups["year"]), month, day)
    if known is None:
        return None
    # Without a year: the last one before the publication, or the nearest where the sentence looks ahead.
    first, last = known
    leap = 8 if (month, day) == (2, 29) else 1
    tried = [
        _dated(year, month, day)
        for year in range(last.year - leap, last.year + leap + 1)
        if leap == 1 or calendar.isleap(year)
    ]
    if _FUTURE.search(text):
        return min(tried, key=lambda days: max((first - days[1]).days, (days[0] - last).days))
    return max(days for days in tried if days[0] <= last)


def _dated(year: int, month: int, day: int | None) -> _Days:
    if day is None:
        return _month_days(year, month)
    return date(year, month, day), date(year, month, day)


def _season_of_year(match: re.Match[str], known: _Days | None, text: str) -> _Days | None:
    month, length = _SEASONS[match["season"].lower()]
    return _month_days(int(match["year"]), month, length)


def _year(match: re.Match[str], known: _Days | None, text: str) -> _Days | None:
    return _year_days(int(match["year"]))


def _decade(match: re.Match[str], known: _Days | None, text: str) -> _Days | None:
    first = int(match["decade"])
    return date(first, 1, 1), date(first + 9, 12, 31)


def _unresolved(match: re.Match[str], known: _Days | None, text: str) -> _Days | None:
    return None


def _day_word(match: re.Match[str], known: _Days | None, text: str) -> _Days | None:
    if known is None:
        return None
    shift = timedelta(days={"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}[match.group().lower()])
    return known[0] + shift, known[1] + shift


def _weekday(match: re.Match[str], known: _Days | None, text: str) -> _Days | None:
    if known is None:
        return None
    if known[0] != known[1]:
        return known[0] - timedelta(days=7), known[1] + timedelta(days=7 if _FUTURE.search(text) else 0)
    asked = _WEEKDAYS.index(match["weekday"].lower())
    back = (known[0].weekday() - asked) % 7
    which = (match["which"] or "").lower()
    if which == "next" or (which != "last" and _FUTURE.search(text) and back):
        back -= 7
    elif which == "last" and back == 0:
        back = 7
    day = known[0] - timedelta(days=back)
    return day, day


def _unit(match: re.Match[str], known: _Days | None, text: str) -> _Days | None:
    """Last, this or next week, month, year, season or decade."""
    if known is None:
        return None
    step = {"last": -1, "previous": -1, "this": 0, "current": 0, "next": 1, "coming": 1}[match["which"].lower()]
    return _hull(*(_shifted(day, match["unit"].lower(), step) for day in known))


def _ago(match: re.Match[str], known: _Days | None, text: str) -> _Days | None:
    if known is None:
        return None
    steps = -_count(match["count"])
    return _hull(*(_shifted(day, match["unit"].lower(), steps) for day in known))


def _reaching_back(match: re.Match[str], known: _Days | None, text: str) -> _Days | None:
    """The last year, the past two weeks, the past few months: up to the publication."""
    if known is None:
        return None
    count = 8 if (match["some"] or "").lower() in ("few", "several") else _count(match["count"] or "one")
    begin, _ = _shifted(known[0], match["unit"].lower(), -count, whole=False)
    return begin, known[1]


def _hull(*intervals: _Days) -> _Days:
    return min(first for first, _ in intervals), max(last for _, last in intervals)


def _count(word: str) -> int:
    return int(word) if word.isdigit() else _COUNTS[word.lower()]


def _shifted(day: date, unit: str, steps: int, *, whole: bool = True) -> _Days:
    """The week, month, year or season that is ``steps`` away from a day's own; not ``whole``: just that day's like."""
    if unit in ("day", "week"):
        moved = day + timedelta(days=steps * (1 if unit == "day" else 7))
        if unit == "day" or not whole:
            return moved, moved
        monday = moved - timedelta(days=moved.weekday())
        return monday, monday + timedelta(days=6)
    if unit in _SEASONS:
        month, length = _SEASONS[unit]
        # The winter of January began the year before.
        began = day.year - (1 if unit == "winter" and day.month < month else 0)
        return _month_days(began + steps, month, length)
    if unit == "month":
        year, month = divmod(day.year * 12 + day.month - 1 + steps, 12)
        return _month_days(year, month + 1)
    if unit == "decade":
        first = (day.year // 10 + steps) * 10
        return (date(first, 1, 1), date(first + 9, 12, 31)) if whole else _year_days(day.year + 10 * steps)
    if unit == "year" and not whole:
        return _month_days(day.year + steps, day.month)
    return _year_days(day.year + steps)


_UNIT = r"(?P<unit>day|week|month|year|decade|spring|summer|autumn|fall|winter)"
_GRAMMAR: tuple[tuple[re.Pattern[str], _Reader, bool], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), read, relative)
    for pattern, read, relative in (
        # From another event, not from the publication.
        (rf"\b{_COUNT} {_UNIT}s? (?:later|earlier|before|after)\b", _unresolved, True),
        (rf"\b(?:the|that) (?:same|next|following|previous) {_UNIT}\b", _unresolved, True),
        (rf"\bthe {_UNIT} before\b(?: last)?", _unresolved, True),
        (rf"\b{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?", _explicit, False),
        (rf"\b{_MONTH}\s+(?:the\s+)?{_DAY}(?:,?\s+{_YEAR})?", _explicit, False),
        (rf"\b{_MONTH},?\s+(?:of\s+)?{_YEAR}", _explicit, False),
        (rf"\b(?P<season>spring|summer|autumn|fall|winter),?\s+(?:of\s+)?{_YEAR}", _season_of_year, False),
        (rf"\b{_MONTH}", _explicit, False),
        (r"\b(?P<decade>(?:1[5-9]|20)\d0)['’]?s\b", _decade, False),
        (rf"(?<![\d,.$€£]){_YEAR}", _year, False),
        (rf"\b{_COUNT} {_UNIT}s? ago\b", _ago, True),
        (
            rf"{_BACK} (?:(?P<some>few|several)|{_COUNT})? ?(?P<unit>day|week|month|year|decade)s?\b",
            _reaching_back,
            True,
        ),
        (rf"\b(?P<which>last|previous|this|current|next|coming) {_UNIT}\b", _unit, True),
        (r"\b(?:yesterday|today|tonight|tomorrow)\b", _day_word, True),
        (
            r"\b(?:(?P<which>last|this|next) )?(?P<weekday>(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
            _weekday,
            True,
        ),
    )
)
