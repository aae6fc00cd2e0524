"""The times that a question asks about: "in early 2017", "since March 2018", "two years ago", "last year".

Read with the same grammar as what articles tell (event_time.py). What is relative counts from the day that the question
is asked as of.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from qa.event_time import EventTime, event_times
from vectorstore.dates import PartialDate


class Bound(StrEnum):
    """Whether the time itself is asked about, or what lies on one side of it."""

    IN = "in"
    SINCE = "since"
    AFTER = "after"
    BEFORE = "before"
    UNTIL = "until"


_BEFORE_IT = re.compile(
    r"\b(?P<word>since|from|after|following|before|prior to|until|till|up to|by)\s+(?:the\s+)?"
    r"(?:(?:early|mid|late|start of|beginning of|middle of|end of)[\s-]+(?:the\s+)?)?$",
    re.IGNORECASE,
)
_BOUNDS = {
    "since": Bound.SINCE, "from": Bound.SINCE, "after": Bound.AFTER, "following": Bound.AFTER, "before": Bound.BEFORE,
    "prior to": Bound.BEFORE, "until": Bound.UNTIL, "till": Bound.UNTIL, "up to": Bound.UNTIL, "by": Bound.UNTIL,
}  # fmt: skip
_PART = re.compile(
    r"\b(?:(?P<first>early|start of|beginning of)|(?P<middle>mid|middle of)|(?P<last>late|end of))[\s-]+(?:the\s+)?"
    r"(?:year\s+)?$",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s*(?:to|and|until|till|[-–—])\s*", re.IGNORECASE)
_OPENS = re.compile(r"\b(?:from|between)\s+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AskedTime:
    """``text[start:end]`` of the question, and the days that are asked about, both included; None where it is open."""

    start: int
    end: int
    earliest: date | None
    latest: date | None
    bound: Bound
    relative: bool

    @property
    def years(self) -> tuple[int, ...]:
        """Those that are asked about themselves: none for "since 2015"."""
        if self.bound is not Bound.IN or self.earliest is None or self.latest is None:
            return ()
        return tuple(range(self.earliest.year, self.latest.year + 1))


def asked_times(question: str, asked: PartialDate | None) -> tuple[AskedTime, ...]:
    """The times in order. ``asked`` is the day the question is asked as of; without it nothing relative is resolved."""
    # A month without a year is that of the articles, not the last one before the day of asking.
    named = [time for time in event_times(question, None) if not time.relative]
    relative = [time for time in event_times(question, asked) if time.relative] if asked else []
    times: list[AskedTime] = []
    for time in sorted(named + relative, key=lambda time: time.start):
        read = _bounded(question, time)
        if (
            times
            and _RANGE.fullmatch(question, times[-1].end, time.start)
            and _OPENS.search(question[: times[-1].start])
        ):
            read = replace(times.pop(), end=time.end, latest=read.latest, bound=Bound.IN)
        times.append(read)
    return tuple(times)


def _bounded(question: str, time: EventTime) -> AskedTime:
    before = question[: time.start]
    match = _BEFORE_IT.search(before)
    bound = _BOUNDS[match["word"].lower()] if match else Bound.IN
    first, last = _part(before, time)
    earliest = {Bound.BEFORE: None, Bound.UNTIL: None, Bound.AFTER: last + timedelta(days=1)}.get(bound, first)
    latest = {Bound.SINCE: None, Bound.AFTER: None, Bound.BEFORE: first - timedelta(days=1)}.get(bound, last)
    return AskedTime(time.start, time.end, earliest, latest, bound, time.relative)


def _part(before: str, time: EventTime) -> tuple[date, date]:
    """A third of the time, where its beginning, middle or end is meant."""
    match = _PART.search(before)
    if match is None:
        return time.earliest, time.latest
    third = (time.latest - time.earliest) / 3
    if match["first"]:
        return time.earliest, time.earliest + third
    if match["middle"]:
        return time.earliest + third, time.latest - third
    return time.latest - third, time.latest
