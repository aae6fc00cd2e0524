import re

import pytest
from pydantic import ValidationError

from vectorstore.furniture import load_rules, parse_rules
from vectorstore.models import RegionKind

RULES = """
[parts]
NAME = '(?-i:[A-Z][a-z]+)'
NAMES = '{NAME}(?: and {NAME})*'
[[furniture]]
kind = "source_line"
patterns = ['by {NAMES}', 'agencies']
[caption]
max_words = 5
patterns = ['photo: .*']
[lists]
labels = ['key points']
[comments]
reported = 2.0
plain = 0.5
personal = 1.0
personal_most = 3
section = 1.0
stub = 10.0
[[comments.line]]
weight = 6.0
opens = true
patterns = ['leave a reply']
[comments.sentence]
personal = ['I']
reported = ['said']
"""


def test_parts_are_put_in_and_case_counts_only_where_it_says_so() -> None:
    ((kind, pattern),) = parse_rules(RULES).furniture
    assert kind is RegionKind.SOURCE_LINE
    assert [bool(pattern.fullmatch(text)) for text in ("BY Anna and Omar", "by anna", "AGENCIES", "by Anna said")] == [
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ('"source_line"', '"nonsense"', ValidationError),
        ("max_words = 5\n", "", ValidationError),
        ("max_words = 5", 'max_words = 5\nmistyped = "x"', ValidationError),
        ("'agencies'", "'agencies('", re.error),
        ("'by {NAMES}'", "'by {NOBODY}'", KeyError),
    ],
)
def test_a_mistake_in_the_file_is_not_passed_over(old: str, new: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse_rules(RULES.replace(old, new))


def test_the_shipped_rules_are_read_once_and_cover_every_kind_that_a_pattern_can_tell() -> None:
    rules = load_rules()
    assert load_rules() is rules
    by_place = {RegionKind.HEADING, RegionKind.REPEAT, RegionKind.CAPTION, RegionKind.COMMENTS, RegionKind.ASIDE}
    assert {kind for kind, _ in rules.furniture} == set(RegionKind) - by_place
    assert not any(pattern.fullmatch("") for _, pattern in rules.furniture)
