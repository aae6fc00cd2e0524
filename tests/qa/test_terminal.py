import json
import random
import unicodedata
from collections.abc import Iterator

import pytest

from qa.terminal import STAND_IN, escape_json, sanitise

WOMAN_SCIENTIST = "\U0001f469\U0001f3fd\u200d\U0001f52c"
RAINBOW_FLAG = "\U0001f3f3\ufe0f\u200d\U0001f308"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"

# Signs that stand visibly before or over a number; Unicode files them under format characters.
VISIBLE_FORMAT = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"


def code_points() -> Iterator[str]:
    return (chr(number) for number in range(0x110000))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain text, 3,000\ttabs\nand lines\n", "plain text, 3,000\ttabs\nand lines\n"),
        ("\x1b[31mred\x1b[0m", "?[31mred?[0m"),
        ("\x1b]52;c;aGk=\x07", "?]52;c;aGk=?"),
        ("\x9b2J\x90q\x9c", "?2J?q?"),
        ("a\x00b\x08c\x0bd\x0ce\x7ff\x85g", "a?b?c?d?e?f?g"),
        ("over\rwritten", "over?written"),
        ("dos\r\nline\r\r\n", "dos \nline? \n"),
        ("\u202eevil\u202c \u2066x\u2069 \u200e\u200f\u061c", "?evil? ?x? ???"),
        ("a\u200bb\u2060c\ufeffd\u00ade\u180ef", "a?b?c?d?e?f"),
        ("line\u2028para\u2029end", "line?para?end"),
        ("x\U000e0068\U000e0069\U000e007f", "x???"),
        ("half \ud83d pair \udc00", "half ? pair ?"),
        ("\ud83d\ude00", "??"),
        ("cafe\u0301 \u0e01\u0e33 n\u0303", "cafe\u0301 \u0e01\u0e33 n\u0303"),
        (
            "non\u00a0breaking \u201cquotes\u201d \u2014 \u2026",
            "non\u00a0breaking \u201cquotes\u201d \u2014 \u2026",
        ),
        (WOMAN_SCIENTIST, WOMAN_SCIENTIST),
        (RAINBOW_FLAG, RAINBOW_FLAG),
        (FAMILY, FAMILY),
        ("joined\u200dletters", "joined?letters"),
        ("\U0001f468\u200d", "\U0001f468?"),
        ("\u200d\U0001f468", "?\U0001f468"),
        ("\U0001f468\u200d\u200d\U0001f469", "\U0001f468??\U0001f469"),
        (PERSIAN, PERSIAN),
        ("non\u200cjoiner", "non?joiner"),
        ("\u200c", "?"),
        ("1\ufe0f\u20e3 \u2764\ufe0f", "1\ufe0f\u20e3 \u2764\ufe0f"),
        ("\u2764\ufe0f\ufe0f\ufe01 \ufe0f", "\u2764\ufe0f?? ?"),
        ("\ufe0f", "?"),
        ("x\U000e0100\U000e0101", "x\U000e0100?"),
    ],
)
def test_replaces_what_is_unsafe_and_nothing_else(text: str, expected: str) -> None:
    assert sanitise(text) == expected.replace("?", STAND_IN)


def test_every_control_format_surrogate_and_separator_alone_is_replaced() -> None:
    kept = {character for character in code_points() if sanitise(character) == character}
    unsafe = {c for c in code_points() if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert kept & unsafe == {"\n", "\t", *VISIBLE_FORMAT}


def test_every_letter_mark_number_sign_and_space_is_kept() -> None:
    ignorable = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    text = [c for c in code_points() if unicodedata.category(c)[0] in "LMNPS" or unicodedata.category(c) == "Zs"]
    changed = {character for character in text if sanitise("x" + character) != "x" + character}
    assert changed == set(ignorable)


@pytest.mark.parametrize("seed", range(20))
def test_length_holds_and_a_second_pass_changes_nothing(seed: int) -> None:
    dice = random.Random(seed)
    pool = "ab \n\r\x1b\u200b\u200c\u200d\u202e\ufe0f\U0001f468\U0001f469\u0645\ud83d\U000e0041\u0301"
    text = "".join(dice.choice(pool) for _ in range(500))
    clean = sanitise(text)
    assert len(clean) == len(text)
    assert sanitise(clean) == clean
    assert all(new in (old, STAND_IN, " ") for old, new in zip(text, clean, strict=True))
    clean.encode("utf-8")


def test_a_long_run_of_joiners_is_replaced_whole() -> None:
    text = "\u200d" * 200_000
    assert sanitise(text) == STAND_IN * 200_000


@pytest.mark.parametrize("value", ["\x1b\x9b\u2028\u2029\x85", "\ud83d", "\U000e0041", f"{FAMILY} {PERSIAN}", "a\r\nb"])
def test_escaped_json_holds_the_same_value_in_one_safe_line(value: str) -> None:
    line = escape_json(json.dumps({"value": value}, ensure_ascii=False))
    assert json.loads(line) == {"value": value}
    assert len(line.splitlines()) == 1
    assert sanitise(line) == line
