from dataclasses import replace
from typing import Any

from qa.evaluation.report.view import Piece, _surroundings


def test_a_quote_stands_among_whole_words(world: Any) -> None:
    quote = "had 3,000 fighters"
    citation = world.citation(1, "alpha", quote)
    start = 150 * len("word ")
    text = f"{'word ' * 150}{quote}{' word' * 150}"
    moved = replace(citation, start=start, end=start + len(quote))
    before, cited, after = _surroundings(moved, text)
    assert (set(before.text.split()), set(after.text.split())) == ({"…", "word"}, {"word", "…"})
    assert 150 < len(before.text) <= 202
    assert 150 < len(after.text) <= 202
    assert cited == Piece(quote, cited=True)
    # All of what is shorter, and nothing but the quote where the words are others.
    assert "".join(piece.text for piece in _surroundings(citation, world.article("alpha").text)) == (
        world.article("alpha").text
    )
    assert list(_surroundings(replace(citation, start=0), text)) == [Piece(quote, cited=True)]
