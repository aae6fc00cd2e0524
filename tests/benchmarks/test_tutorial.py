"""The pipeline that the ingest is compared with, and the texts that both get."""

import pytest

from tests.benchmarks.hnsw import Graph, Measured, cheapest, recall
from tests.benchmarks.squad import SHARED
from tests.benchmarks.texts import articles
from tests.benchmarks.tutorial import OVERLAP, SIZE, split
from vectorstore.structure import split_sentences


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("", []),
        ("a short text", [12]),
        ("a" * 500 + "\n\n" + "b" * 400 + "\n\n" + "c" * 300, [902, 300]),
        # A paragraph that is longer than a piece is split at spaces; the next piece begins with up to OVERLAP of it.
        ("word " * 300, [999, 699]),
        ("x" * 2_300, [1_000, 1_000, 700]),
    ],
)
def test_split(text: str, sizes: list[int]) -> None:
    pieces = split(text)
    assert [len(piece) for piece in pieces] == sizes
    assert all(piece in text for piece in pieces)


def test_pieces_overlap() -> None:
    text = " ".join(str(number) for number in range(1_000))
    pieces = split(text)
    assert all(len(piece) <= SIZE for piece in pieces)
    for piece, following in zip(pieces, pieces[1:], strict=False):
        shared = [size for size in range(1, OVERLAP + 1) if piece.endswith(following[:size])]
        assert shared
        assert max(shared) > OVERLAP - 10


def test_articles_are_the_same_each_time_and_repeat_few_sentences() -> None:
    if not SHARED.is_dir():
        pytest.skip(f"needs {'/'.join(SHARED.parts[-2:])} beside the repository")
    made = articles(500)
    assert made[:100] == articles(100)
    sentences = [text[start:end] for text in made for start, end in split_sentences(text)]
    assert len(set(sentences)) > 0.97 * len(sentences)


def test_recall() -> None:
    assert recall([[1, 2, 3], [4, 5, 6]], [[1, 3, 2], [7, 4, 8]], 2) == 0.5


def test_the_cheapest_that_is_good_enough() -> None:
    def measured(neighbours: int, care: int, width: int, found: float) -> Measured:
        return Measured(Graph(neighbours, care), width, (1.0, found), 1.0, 1.0)

    grid = [measured(16, 100, 100, 0.99), measured(16, 100, 300, 1.0), measured(16, 100, 200, 0.996)]
    assert cheapest([measured(32, 100, 50, 1.0), *grid]) == grid[2]
    assert cheapest(grid[:1]) is None
