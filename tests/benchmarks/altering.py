"""Ways to alter a claim so that its sentence no longer supports it."""

import random
import re
from collections.abc import Callable, Sequence

from tests.benchmarks.rewording import names, small

_NUMBER = re.compile(r"(?<![\w.,$£€/-])\d{1,3}(?:,\d{3})+(?![\w,]*\d)|(?<![\w.,/-])\d+(?:\.\d+)?(?![\w,/-]*\d)(?!\w)")
_YEAR = re.compile(r"1\d\d\d|20\d\d")
_COUNT_WORDS = "two three four five six seven eight nine ten eleven twelve".split()
_COUNT_WORD = re.compile(rf"\b(?:{'|'.join(_COUNT_WORDS)})\b(?= [a-z])")
_MONTHS = (
    "January February March April June July August September October November December".split()
)  # "May" is a word too.
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b")
_DAY = re.compile(
    rf"(?<=\b)(?:(?P<after>\d{{1,2}})(?= (?:{'|'.join(_MONTHS)})\b)|(?<=[yheltr] )(?P<before>\d{{1,2}})(?=,))"
)
_UNITS = (
    ("million", "billion"), ("thousand", "million"), ("miles", "kilometres"), ("km", "miles"), ("acre", "hectare"),
    ("feet", "metres"), ("hours", "days"), ("days", "weeks"), ("weeks", "months"), ("months", "years"),
    ("years", "decades"), ("percent", "million"), ("%", " million"), ("tons", "kilograms"), ("$", "£"), ("£", "€"),
    ("volumes", "pages"), ("students", "teachers"), ("men", "ships"), ("soldiers", "civilians"),
)  # fmt: skip
_LONG_WORD = re.compile(r"(?<=[a-z] )[a-z]{5,}(?=[ .,;])")
_AUXILIARY = re.compile(r"\b(is|are|was|were|has|have|had|can|could|will|would|may|must|should)\b(?! not\b|n't)")
_PAST = re.compile(
    r"(?<=[a-z] )(?!need|seed|feed|speed|breed|bleed|indeed|exceed|proceed|succeed|hundred)([a-z]{2,}ed)\b(?= [a-z])"
)
_NEGATION = re.compile(r"(?:\b(?:not|never) |n't\b)")
# Written apart from qa/opposites.toml, but much of it is bound to be there too.
_OPPOSITES = {
    "increased": "decreased", "increase": "decrease", "rose": "fell", "won": "lost", "victory": "defeat",
    "largest": "smallest", "large": "small", "most": "few", "more": "less", "higher": "lower", "high": "low",
    "before": "after", "first": "last", "early": "late", "north": "south", "northern": "southern", "east": "west",
    "eastern": "western", "supported": "opposed", "support": "opposition", "allowed": "forbade",
    "failed": "succeeded", "strong": "weak", "began": "ended", "accepted": "rejected", "major": "minor",
    "common": "rare", "possible": "impossible", "gained": "lost", "built": "destroyed", "public": "private",
    "agreed": "refused", "same": "different", "oldest": "newest", "best": "worst", "joined": "left",
}  # fmt: skip
_DEGREES = {
    "more than": "less than", "over": "under", "at least": "at most", "some": "all", "often": "rarely",
    "usually": "seldom", "always": "never", "majority": "minority", "all": "no", "every": "no", "many": "few",
    "only": "not only", "both": "neither", "sometimes": "always", "mostly": "hardly",
}  # fmt: skip
_DEGREE = re.compile(
    r"\b(?:more than|over(?= \d)|at least|some(?= of| [a-z]+s\b)|often|usually|always|majority|"
    r"all(?= of| the| [a-z]+s\b)|every|many(?= of| [a-z]+s\b)|sometimes|mostly)(?= )"
)
# Nothing of the kind is in the passages.
_ADDITIONS = (
    ", killing {number} people", " with help from {name}", ", which cost {number} million dollars",
    " and later fled to {name}", " despite fierce protests by farmers", " in a secret underground laboratory",
    ", as {name} had predicted", " and was arrested for bribery", " with drones and hand grenades",
    " after a heavy earthquake", ", although the widow had objected", " and sold the horses to {name}",
)  # fmt: skip
_FAR_NAMES = ("Tokyo", "Peru", "Brisbane", "Mozart", "Senegal", "Iceland")

Alteration = Callable[[str, str, str, random.Random], str | None]


def _numbers(text: str, years: bool) -> list[re.Match[str]]:
    return [match for match in _NUMBER.finditer(text) if bool(_YEAR.fullmatch(match.group())) == years]


def _number(claim: str, sentence: str, passage: str, random_: random.Random, years: bool = False) -> str | None:
    """One number for another of the passage, or for one nearby."""
    places = _numbers(claim, years)
    if not places:
        return None
    place = random_.choice(places)
    old = place.group()
    others = {match.group() for match in _numbers(passage, years)} - {
        match.group() for match in _numbers(sentence, years)
    }
    if others and random_.random() < 0.5:
        new = random_.choice(sorted(others))
    else:
        value = float(old.replace(",", ""))
        step = random_.choice((1, 2, 3, 10) if years else (1, 2, 5, max(1, round(value * 0.3))))
        changed = value + random_.choice((-1, 1)) * step
        changed = changed if changed > 0 else value + step
        new = f"{changed:,.0f}" if "," in old else f"{changed:.{len(old.partition('.')[2])}f}"
        if new in re.findall(r"[\d.,]*\d", sentence):
            return None
    return claim[: place.start()] + new + claim[place.end() :]


def _year(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    return _number(claim, sentence, passage, random_, years=True)


def _count_word(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    """ "three battles" for "two battles"."""
    others = [
        word for number, word in enumerate(_COUNT_WORDS, 2) if not re.search(rf"\b(?:{word}|{number})\b", sentence)
    ]
    return _replaced(claim, list(_COUNT_WORD.finditer(claim)), others, random_)


def _date(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    """Another month, or another day of it."""
    days = [
        match for match in _DAY.finditer(claim) if _MONTH.search(claim[max(0, match.start() - 12) : match.end() + 12])
    ]
    if days and random_.random() < 0.5:
        return _replaced(claim, days, [str(day) for day in range(1, 29) if str(day) not in sentence], random_)
    months = [month for month in _MONTHS if month not in sentence]
    return _replaced(claim, list(_MONTH.finditer(claim)), months, random_)


def _unit(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    """Another unit, or another kind of thing, after a number."""
    options = []
    for unit, other in _UNITS:
        pattern = rf"{re.escape(unit)}(?=\d)" if unit in "$£" else rf"(?<=\d)[ -]?{re.escape(unit)}(?!\w)"
        if other.strip() not in sentence:
            options += [(match, other if unit in "$£%" else f" {other}") for match in re.finditer(pattern, claim)]
    if not options:
        return None
    place, other = random_.choice(options)
    return claim[: place.start()] + other + claim[place.end() :]


def _number_swapped(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    """Two numbers in each other's place; not the two of a range, and not what counts neighbours in a list."""
    return _swapped(claim, [_numbers(claim, years) for years in (False, True)], random_)


def _name(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    """A name for another of the passage that has no word in common with the sentence."""
    here = set(re.findall(r"\w+", sentence.lower()))
    found = {match.group() for match in names(passage)}
    others = sorted(name for name in found if not any(_akin(word, here) for word in name.lower().split()))
    return _replaced(claim, names(claim), others, random_)


def _replaced(claim: str, places: Sequence[re.Match[str]], others: Sequence[str], random_: random.Random) -> str | None:
    if not places or not others:
        return None
    place = random_.choice(places)
    return claim[: place.start()] + random_.choice(others) + claim[place.end() :]


def _akin(word: str, words: set[str]) -> bool:
    """Whether a word may stand for one of the others: "Norman" and "Normandy"."""
    return any(word[:4] == other[:4] for other in words)


def _share_a_word(one: str, other: str) -> bool:
    return any(_akin(word, set(re.findall(r"\w+", other))) for word in re.findall(r"\w+", one))


def _roles(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    return _swapped(claim, [names(claim)], random_)


def _swapped(claim: str, groups: Sequence[Sequence[re.Match[str]]], random_: random.Random) -> str | None:
    """Two of a group in each other's place, with a verb or a preposition between them and no list."""
    options = [
        (one, other)
        for group in groups
        for place, one in enumerate(group)
        for other in group[place + 1 :]
        if not _share_a_word(one.group().lower(), other.group().lower())
        and len(re.findall(r"\b[a-z]{2,}\b", between := claim[one.end() : other.start()])) >= 2
        and not re.search(r"\b(?:and|or|between|with|like|as)\b|[–—]", between)
    ]  # fmt: skip
    if not options:
        return None
    one, other = random_.choice(options)
    return claim[: one.start()] + other.group() + claim[one.end() : other.start()] + one.group() + claim[other.end() :]


def _negation_added(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    places = [(match.end(), " not") for match in _AUXILIARY.finditer(claim)]
    past = _PAST.search(claim)
    if places:
        position, words = random_.choice(places)
        return claim[:position] + words + claim[position:]
    if past:
        return f"{claim[: past.start()]}never {claim[past.start() :]}"
    return None


def _negation_removed(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    match = _NEGATION.search(claim)
    if match is None or re.match(r"not (?:only|just|merely|necessarily)|never mind", claim[match.start() :]):
        return None
    return claim[: match.start()] + claim[match.end() :]


def _denied(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    return random_.choice(("It is not true that ", "Officials denied that ", "Nobody claims that ")) + small(claim)


def _opposite(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    both = {**_OPPOSITES, **{other: word for word, other in _OPPOSITES.items()}}
    places = [match for match in re.finditer(r"\b[a-z]+\b", claim) if match.group() in both]
    places = [match for match in places if both[match.group()] not in sentence]
    if not places:
        return None
    place = random_.choice(places)
    return claim[: place.start()] + both[place.group()] + claim[place.end() :]


def _degree(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    """ "all" for "some", "at most" for "at least"."""
    places = [match for match in _DEGREE.finditer(claim) if _DEGREES[match.group()] not in sentence]
    if not places:
        return None
    place = random_.choice(places)
    return claim[: place.start()] + _DEGREES[place.group()] + claim[place.end() :]


def _added(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    """Something more, at the end."""
    if not claim.endswith("."):
        return None
    number, name = random_.choice((14, 37, 61, 250)), random_.choice(_FAR_NAMES)
    return claim[:-1] + random_.choice(_ADDITIONS).format(number=number, name=name) + "."


def _word(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    """A word for another of the passage with the same ending, which the sentence has nothing like."""
    places = list(_LONG_WORD.finditer(claim))
    if not places:
        return None
    place = random_.choice(places)
    here = set(re.findall(r"\w+", sentence.lower()))
    found = {match.group() for match in _LONG_WORD.finditer(passage)}
    others = sorted(word for word in found if word[-2:] == place.group()[-2:] and not _akin(word, here))
    return _replaced(claim, [place], others, random_)


ALTERATIONS: dict[str, Alteration] = {
    "number": _number, "number word": _count_word, "year": _year, "date": _date, "unit": _unit,
    "number swapped": _number_swapped, "name": _name, "roles": _roles, "negation added": _negation_added,
    "negation removed": _negation_removed, "denied": _denied, "opposite": _opposite, "degree": _degree,
    "added": _added, "word": _word,
}  # fmt: skip
FIGURE_KINDS = ("number", "number word", "year", "date", "unit", "number swapped")
