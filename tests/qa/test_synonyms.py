"""Meanings that words and phrases share, as qa/synonyms.toml ships them."""

import pytest

from qa.synonyms import Synonyms, mark
from vectorstore.analysis import Analyser
from vectorstore.glossary import Glossary

SYNONYMS = Synonyms.load()
ANALYSER = Analyser(Glossary())


def meanings(text: str) -> set[int]:
    return set().union(*SYNONYMS.meanings(ANALYSER.tokens(text)).values())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("They beat the rebels.", "They were defeating the rebels."),
        ("Forty men gave themselves up.", "Forty men surrendered."),
        ("It was founded in May.", "It was set up in May."),
        ("Nine died.", "Nine were killed."),
        ("Their doctrine is old.", "It is what the group believes in."),
        ("The drone hit a house.", "A UAV hit a house."),
    ],
)
def test_two_wordings_of_one_thing(one: str, other: str) -> None:
    assert meanings(one) & meanings(other)


@pytest.mark.parametrize("text", ["The weather was fine.", "They gave money.", "He set the table."])
def test_what_is_no_event_and_no_deed(text: str) -> None:
    assert not meanings(text) & (SYNONYMS.events | SYNONYMS.deeds)


def test_a_gap_takes_one_word_and_no_more() -> None:
    surrendered = meanings("They surrendered.") & SYNONYMS.events
    assert surrendered <= meanings("They gave up.")
    assert not surrendered & meanings("They gave the old fort up.")


def test_every_word_of_a_phrase_has_its_meaning_and_small_words_between_have_not() -> None:
    found = SYNONYMS.meanings(ANALYSER.tokens("They laid down their arms."))
    assert found["laid"] & found["arm"]
    assert "their" not in found


def test_marks_are_no_terms() -> None:
    tokens = ANALYSER.tokens("Nine died.")
    assert SYNONYMS.marks(tokens) == [mark(number) for number in sorted(meanings("Nine died."))]
    assert not set(SYNONYMS.marks(tokens)) & set(ANALYSER.terms("Nine died 1 2 3"))
