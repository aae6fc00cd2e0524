"""Dates of day, month or year precision, as an article's source supports them."""

import calendar
import re
from dataclasses import dataclass
from datetime import date

_FORM = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
# Each look-up in calendar.month_name formats a date anew.
_MONTHS = tuple(calendar.month_name)


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day, a month or a year: the ISO 8601 prefix that is known, such as ``2017-12``.

    Raises ValueError for anything that is not ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.
    """

    iso: str

    def __post_init__(self) -> None:
        if not _FORM.fullmatch(self.iso):
            raise ValueError(f"{self.iso!r} is not a date of the form YYYY, YYYY-MM or YYYY-MM-DD")
        self.earliest()

    def _parts(self) -> tuple[int, int | None, int | None]:
        parts = [int(part) for part in self.iso.split("-")]
        return parts[0], parts[1] if len(parts) > 1 else None, parts[2] if len(parts) > 2 else None

    @property
    def precision(self) -> str:
        """One of ``year``, ``month`` and ``day``."""
        return ("year", "month", "day")[self.iso.count("-")]

    @property
    def year(self) -> int:
        return self._parts()[0]

    def earliest(self) -> date:
        """The first day that it can mean."""
        year, month, day = self._parts()
        return date(year, 1 if month is None else month, 1 if day is None else day)

    def latest(self) -> date:
        """The last day that it can mean."""
        year, month, day = self._parts()
        month = 12 if month is None else month
        return date(year, month, calendar.monthrange(year, month)[1] if day is None else day)

    def spoken(self) -> str:
        """As a person reads it: ``12 December 2017``, ``December 2017``, ``2017``."""
        year, month, day = self._parts()
        return " ".join(str(part) for part in (day, month and _MONTHS[month], year) if part)
