"""Numbers in a text with where they stand and what they measure, and its dates; compared by value and unit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vectorstore.analysis import Token, numbers

_SCALES = frozenset("hundred thousand million billion".split())
_CURRENCY = re.compile(r"(?:US|AU|CA)?([$£€])\s*$")
_CURRENCY_WORDS = {"dollar": "$", "pound": "£", "euro": "€"}
_PERCENT = re.compile(r"\s*(?:%|per ?cent\b|percentage points?\b)", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:-|–|—|‑|to|and)\s*")
_ORDINALS = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
}
# Written forms of a unit, by what they are compared as.
_MEASURES = {
    form: forms[0]
    for forms in (
        ("kilometre", "kilometres", "kilometer", "kilometers", "km"),
        ("metre", "metres", "meter", "meters", "m"),
        ("mile", "miles", "mi"),
        ("foot", "feet", "ft"),
        ("kilogram", "kilograms", "kg"),
        ("tonne", "tonnes", "ton", "tons"),
        ("acre", "acres"),
        ("hectare", "hectares", "ha"),
        ("litre", "litres", "liter", "liters"),
        ("gallon", "gallons"),
        ("barrel", "barrels"),
        ("megawatt", "megawatts", "mw"),
        ("horsepower", "hp"),
        ("inch", "inches"),
        ("centimetre", "centimetres", "centimeter", "centimeters", "cm"),
        ("millimetre", "millimetres", "mm"),
        ("second", "seconds"),
        ("minute", "minutes"),
        ("hour", "hours"),
        ("day", "days"),
        ("week", "weeks"),
        ("month", "months"),
        ("year", "years"),
        ("decade", "decades"),
        ("century", "centuries"),
    )
    for form in forms
}

_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|(?-i:Mar(?:ch)?)|apr(?:il)?|(?-i:May)|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?(?![\w,.]*\d|\s*%)"
_YEAR = r"(?P<year>1[0-9]\d\d|20\d\d)(?![\w,]*\d)"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?",
        rf"\b{_MONTH}\s+(?:the\s+)?{_DAY}(?:,?\s+{_YEAR})?",
        rf"\b{_MONTH},?\s+(?:of\s+)?{_YEAR}",
        rf"\b{_MONTH}",
    )
)
_SHORT_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
# In lower case, as one may be written.
MONTHS = frozenset(
    "january february march april may june july august september october november december sept".split()
) | frozenset(_SHORT_MONTHS)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as ``tokens[first:last]``.

    ``unit`` is "%", a currency sign, "th" for an ordinal, "s" for a decade or century such as "1990s", or "".
    ``measure`` is the unit of measurement that follows. ``firm`` is False for "one", "first" and "second", which often
    count nothing.
    """

    value: float
    unit: str
    measure: str
    first: int
    last: int
    firm: bool
    is_year: bool

    def agrees(self, other: "Quantity") -> bool:
        """Whether the other text may be what this one was taken from: a currency may be left out, nothing else."""
        if self.value != other.value or (self.measure and other.measure and self.measure != other.measure):
            return False
        return self.unit == other.unit or (self.unit == "" and other.unit in "$£€")


@dataclass(frozen=True, slots=True)
class Date:
    """A month with what stands beside it."""

    year: int | None
    month: int
    day: int | None

    def contradicts(self, other: "Date") -> bool:
        """Whether the two name one month and differ in a day or a year that both give."""
        return self.month == other.month and (
            (self.year is not None and other.year is not None and self.year != other.year)
            or (self.day is not None and other.day is not None and self.day != other.day)
        )


def quantities(text: str, tokens: Sequence[Token]) -> tuple[Quantity, ...]:
    """The numbers of ``text``, in order; ``tokens`` are all of its tokens."""
    found: list[Quantity] = []
    index = 0
    while index < len(tokens):
        word = tokens[index].surface.lower()
        if word in _ORDINALS:
            value = _ORDINALS[word]
            found.append(Quantity(value, "th", "", index, index + 1, value > 2, is_year=False))
            index += 1
            continue
        last = _number_end(tokens, index)
        if last > index:
            found.append(_quantity(text, tokens, index, last))
        index = max(last, index + 1)
    return tuple(_with_shared_units(text, tokens, found))


def _number_end(tokens: Sequence[Token], first: int) -> int:
    """The end of the one number that begins at ``first``; ``first`` itself where none does."""
    if not tokens[first].is_number or len(numbers(tokens[first : first + 1])) != 1:
        return first
    end = first + 1
    while end < len(tokens) and len(numbers(tokens[first : end + 1])) == 1:
        joins = tokens[end].surface.lower() == "and" and end + 1 < len(tokens) and tokens[end + 1].is_number
        scales = tokens[end].surface.lower() in _SCALES
        if not (joins or scales or tokens[end].is_number):
            break
        if joins and len(numbers(tokens[first : end + 2])) != 1:
            break
        end += 1
    return end


def _quantity(text: str, tokens: Sequence[Token], first: int, last: int) -> Quantity:
    value = numbers(tokens[first:last])[0]
    start, end = tokens[first].start, tokens[last - 1].end
    after = tokens[last].surface.lower() if last < len(tokens) else ""
    attached = last < len(tokens) and tokens[last].start == end
    unit = ""
    if attached and after in ("st", "nd", "rd", "th"):
        unit = "th"
    elif after == "s" and (attached or text[end : end + 1] in "'’"):
        unit = "s"
    elif _PERCENT.match(text, end):
        unit = "%"
    elif currency := _CURRENCY.search(text[:start]):
        unit = currency.group(1)
    elif after.removesuffix("s") in _CURRENCY_WORDS:
        unit = _CURRENCY_WORDS[after.removesuffix("s")]
    digits = text[start:end]
    return Quantity(
        value,
        unit,
        _MEASURES.get(after, "") if unit in ("", "th") else "",
        first,
        last,
        firm=digits.lower() != "one",
        is_year=unit in ("", "s") and bool(re.fullmatch(r"1\d\d\d|20\d\d", digits)),
    )


def _with_shared_units(text: str, tokens: Sequence[Token], found: list[Quantity]) -> list[Quantity]:
    """In "56-57%" both numbers are percentages."""
    for number, following in zip(range(len(found) - 1), found[1:], strict=True):
        this = found[number]
        between = text[tokens[this.last - 1].end : tokens[following.first].start]
        if following.unit == "%" and not this.unit and _RANGE.fullmatch(between):
            found[number] = Quantity(
                this.value, "%", this.measure, this.first, this.last, firm=this.firm, is_year=False
            )
    return found


def dates(text: str) -> tuple[Date, ...]:
    """Months with the day and the year beside them; "may" and "march" only with a capital."""
    found: list[tuple[int, Date]] = []
    taken: list[tuple[int, int]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            groups = match.groupdict()
            year, day = groups.get("year"), groups.get("day")
            month = _SHORT_MONTHS.index(groups["month"][:3].lower()) + 1
            found.append((match.start(), Date(int(year) if year else None, month, int(day) if day else None)))
            taken.append(match.span())
    return tuple(date for _, date in sorted(found, key=lambda pair: pair[0]))
