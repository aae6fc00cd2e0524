from decimal import Decimal

import pytest

from qa.evaluation.numerals import Number
from qa.evaluation.tokens import Date, Token, Word, plain, tokenise, without_markers


def short(token: Token) -> object:
    """A token as tests write it: a str, a Decimal, a Decimal with its unit, or (year, month, day)."""
    match token:
        case Word(text):
            return text
        case Number(value, ""):
            return value
        case Number(value, unit):
            return value, unit
        case Date(year, month, day):
            return year, month, day


def number(value: str) -> Decimal:
    return Decimal(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3,000", [3000]),
        ("three thousand", [3000]),
        ("12.5", [number("12.5")]),
        ("125.", [125]),
        ("1,600 and 1,400", [1600, "and", 1400]),
        ("12,5", ["12,5"]),
        ("1.2.3", ["1.2.3"]),
        ("3,0000", [3, 0]),
        ("7 million", [7_000_000]),
        ("1.5m", [1_500_000]),
        ("3k", [3000]),
        ("7.62mm", ["7.62mm"]),
        ("40-strong", [40, "strong"]),
        ("AK-47", ["ak", 47]),
        ("1990s", ["1990s"]),
        ("9/11", ["9/11"]),
        ("31st", [(31, "ordinal")]),
        ("the first", ["the", (1, "ordinal")]),
        ("one hundred and fifty-three", [153]),
        ("a hundred", [100]),
        ("two dozen", [24]),
        ("zero", [0]),
        ("seventeen hundred", [1700]),
        ("two million three hundred thousand and four", [2_300_004]),
        ("twelve and thirteen", [12, "and", 13]),
        ("twenty seventeen", [20, 17]),
        ("killed one, two thousand fled", ["killed", 1, 2000, "fled"]),
        ("a fighter", ["a", "fighter"]),
        ("hundreds of thousands", ["hundreds", "of", "thousands"]),
    ],
)
def test_numbers(text: str, expected: list[object]) -> None:
    assert [short(token) for token in tokenise(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("29%", [(29, "percent")]),
        ("29 per cent", [(29, "percent")]),
        ("twenty-nine percent", [(29, "percent")]),
        ("12.5 pct", [(number("12.5"), "percent")]),
        ("56-57%", [(56, "percent"), "to", (57, "percent")]),
        ("56–57 percent", [(56, "percent"), "to", (57, "percent")]),
        ("56 to 57%", [(56, "percent"), "to", (57, "percent")]),
        ("between 56 and 57%", ["between", (56, "percent"), "to", (57, "percent")]),
        ("in 2017—12% of it", ["in", 2017, (12, "percent"), "of", "it"]),
        ("% of", ["%", "of"]),
        ("2014-2017", [2014, "to", 2017]),
        ("between 2014 and 2017", ["between", 2014, "to", 2017]),
        ("between us and 57", ["between", "us", "and", 57]),
    ],
)
def test_percentages_and_ranges(text: str, expected: list[object]) -> None:
    assert [short(token) for token in tokenise(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 December, 2017", [(2017, 12, 12)]),
        ("December 12th, 2017", [(2017, 12, 12)]),
        ("the 12th of December 2017", ["the", (2017, 12, 12)]),
        ("2017-12-12", [(2017, 12, 12)]),
        ("December 2017", [(2017, 12, None)]),
        ("December of 2017", [(2017, 12, None)]),
        ("Aug. 1, 2018", [(2018, 8, 1)]),
        ("(August 26)", [(None, 8, 26)]),
        ("On November 28th, US President", ["on", (None, 11, 28), "us", "president"]),
        ("On August 1, 153 members", ["on", (None, 8, 1), 153, "members"]),
        ("in August 40 died", ["in", "august", 40, "died"]),
        ("in August 3,000 fled", ["in", "august", 3000, "fled"]),
        ("in August 12% fled", ["in", "august", (12, "percent"), "fled"]),
        ("of whom 12 may have died", ["of", "whom", 12, "may", "have", "died"]),
        ("12 May", [(None, 5, 12)]),
        ("12.5 May", [number("12.5"), "may"]),
        ("late 2019 and early 2020", ["late", 2019, "and", "early", 2020]),
    ],
)
def test_dates(text: str, expected: list[object]) -> None:
    assert [short(token) for token in tokenise(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sar‑e‑Pul", ["sar", "e", "pul"]),
        ("Sar-e-Pul", ["sar", "e", "pul"]),
        ("U.S. troops", ["us", "troops"]),
        ("the U.S.", ["the", "us"]),
        ("U.S", ["us"]),
        ("the Taliban’s fighters'", ["the", "taliban", "fighters"]),
        ("al-Qa'ida", ["al", "qaida"]),
        ("“mother of all bombs”", ["mother", "of", "all", "bombs"]),
        ("Deir\u00a0az\u2011Zour", ["deir", "az", "zour"]),
        ("Isla\u00admic\u200b State", ["islamic", "state"]),
        ("Sayyāf", ["sayyaf"]),
        ("one.Two", [1, 2]),
        ("—…!", []),
        ("", []),
    ],
)
def test_words(text: str, expected: list[object]) -> None:
    assert [short(token) for token in tokenise(text)] == expected


def test_markers_are_not_numbers() -> None:
    assert tokenise(without_markers("They had 3,000 [1][2, 3] then [4-6].")) == tokenise("They had 3,000 then")
    assert without_markers("in [2015] and [The] rest") == "in [2015] and [The] rest"


def test_plain_keeps_what_a_pattern_needs() -> None:
    assert plain("“1,100”\u00a0–\u00a0it’s") == '"1,100" - it\'s'


def test_a_long_run_of_number_words_is_read_in_pieces() -> None:
    tokens = tokenise("nine " * 5000)
    assert len(tokens) == 5000
    assert set(tokens) == {Number(Decimal(9))}
