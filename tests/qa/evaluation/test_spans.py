from dataclasses import dataclass

import pytest

from qa.evaluation.spans import hits, overlap, shared_characters


@dataclass(frozen=True)
class At:
    start: int
    end: int
    article_id: str = "a"


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (At(10, 20), True),
        (At(19, 30), True),
        (At(20, 30), False),
        (At(0, 10), False),
        (At(12, 13), True),
        (At(0, 99), True),
        (At(15, 15), False),
        (At(10, 20, "b"), False),
    ],
)
def test_overlap(other: At, expected: bool) -> None:
    assert overlap(At(10, 20), other) is expected
    assert overlap(other, At(10, 20)) is expected
    assert hits(other, [At(500, 600), At(10, 20)]) is expected


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], 0),
        ([At(0, 99)], 10),
        ([At(5, 12), At(18, 40)], 4),
        ([At(10, 15), At(12, 16), At(12, 13)], 6),
        ([At(10, 20, "b"), At(20, 30)], 0),
    ],
)
def test_shared_characters_counts_each_once(others: list[At], expected: int) -> None:
    assert shared_characters(At(10, 20), others) == expected
