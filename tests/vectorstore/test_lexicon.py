from collections.abc import Sequence

import pytest

from tests.vectorstore.fakes import Store, WordEmbedder
from vectorstore.lexicon import Lexicon


@pytest.fixture(scope="module")
def lexicon(shipped: Store) -> Lexicon:
    return Lexicon(shipped.catalog, shipped.embedder, shipped.analyser)


def test_rare_words_weigh_more(lexicon: Lexicon) -> None:
    rarity = lexicon.rarity(["@isis", "prison", "zzzz", "moab"])
    assert 0 < rarity["@isis"] < rarity["moab"] <= rarity["zzzz"]


def test_words_that_mean_the_same_are_alike(lexicon: Lexicon) -> None:
    likeness = lexicon.likeness(
        {"soldier": "soldiers", "bread": "bread"}, {"troop": "troops", "soldier": "soldiers", "river": "river"}
    )
    assert likeness["soldier"]["soldier"] == pytest.approx(1.0)
    assert likeness["soldier"]["troop"] > 0.8
    assert "river" not in likeness["soldier"]
    assert "troop" not in likeness["bread"]


def test_likeness_to_what_the_corpus_knows_embeds_nothing_else(lexicon: Lexicon) -> None:
    likeness = lexicon.known_likeness({"soldier": "soldiers"}, ["troop", "xyzzi", "soldier"])
    assert set(likeness["soldier"]) == {"troop", "soldier"}
    assert lexicon.known_likeness({}, ["troop"]) == {}


def test_nothing_is_like_nothing(lexicon: Lexicon) -> None:
    assert lexicon.likeness({}, {"a": "a"}) == {}
    assert lexicon.likeness({"a": "a"}, {}) == {"a": {}}


@pytest.mark.parametrize(
    ("asked", "repaired"),
    [
        ("What happened in Jowzjn?", "What happened in Jowzjan?"),
        ("Who is Khalilazd?", "Who is Zalmay Khalilzad?"),
        # Another first letter, of a name only.
        ("Who is Zhalilzad?", "Who is Zalmay Khalilzad?"),
        # Other letters for the same sounds.
        ("What happened in Jouzjan?", "What happened in Jowzjan?"),
        ("Where is Nangarhaar?", "Where is Nangarhar?"),
        ("Who is Niccolson?", "Who is John Nicholson?"),
        # Two edits are too many for a short word, and a long ending does not make it longer.
        ("What about Jowxqan?", None),
        ("Who is Reisinger?", None),
        # Whole words, not stems with another word's ending.
        ("Which govermnent was it?", "Which government was it?"),
        ("Which famlies fled?", "Which families fled?"),
        # No correction is sought among names that no article has.
        ("Who is Guterez?", None),
        # English, in the articles, a name, a number, or too short: left alone.
        ("How much bread was sold to fighters in Kabul in 2017?", None),
        ("Is teh end near?", None),
        ("Who are the Xyzzyqwert?", None),
        ("", None),
    ],
)
def test_repair(lexicon: Lexicon, asked: str, repaired: str | None) -> None:
    assert lexicon.repair(asked) == (asked if repaired is None else repaired)


def test_known_words_are_not_embedded_again(shipped: Store) -> None:
    def refuse(texts: Sequence[str]) -> None:
        assert not texts

    lexicon = Lexicon(shipped.catalog, WordEmbedder(before=refuse), shipped.analyser)
    words = shipped.analyser.words("The fighters and the troops of the Taliban")
    assert set(lexicon.likeness(words, words)) == set(words)


def test_what_was_asked_before_changes_nothing(shipped: Store) -> None:
    """Words that had to be embedded for one question are not taken for words of the corpus by the next."""
    asked, there = {"soldier": "soldiers"}, ["troop", "gunmen"]
    fresh, used = (Lexicon(shipped.catalog, shipped.embedder, shipped.analyser) for _ in range(2))
    used.likeness({"gunmen": "gunmen", "soldieri": "soldiery"}, {"warrior": "warrior"})
    assert used.known_likeness(asked, there) == fresh.known_likeness(asked, there)
    # Another word with the same stem is a word of its own.
    words = {"soldieri": "soldierly"}
    assert used.likeness(words, asked) == fresh.likeness(words, asked)
