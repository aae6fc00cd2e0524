"""Words that may stand for each other."""

import pytest

from qa.verification.synonyms import SYNONYMS, alike
from vectorstore.analysis import stem


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("fighters", "militants", True),
        ("militants", "fighters", True),
        ("launched", "conducted", True),
        ("organ", "organisation", True),
        ("fighters", "civilians", False),
        ("soldiers", "fighters", False),
        ("responds", "responsible", False),
        ("attack", "defence", False),
    ],
)
def test_alike(one: str, other: str, expected: bool) -> None:
    assert alike(stem(one), stem(other)) is expected


def test_it_works_both_ways() -> None:
    assert all(word in SYNONYMS[other] for word, others in SYNONYMS.items() for other in others)
