from pathlib import Path

import pytest

from qa.answer_values import category_of, values
from qa.question import analyse_question
from vectorstore.analysis import Analyser
from vectorstore.dates import PartialDate
from vectorstore.glossary import Glossary

GLOSSARY = Glossary.load(Path(__file__).parents[2] / "seeds" / "glossary.toml")
ANALYSER = Analyser(GLOSSARY)


@pytest.mark.parametrize(
    ("question", "sentence", "distance"),
    [
        # A name of two words is as far as its nearer end, on either side.
        ("Who founded the choir?", "The choir was founded by Ida Lund.", 2),
        ("Who founded the choir?", "Ida Lund founded the choir.", 1),
        ("Who founded the choir?", "The choir sang for the guests of Otto Brand.", 6),
        ("How many foxes fled?", "Forty foxes fled.", 1),
        ("When did the cranes come?", "The cranes came in 2015.", 3),
        ("What did the cranes eat?", "The cranes ate 40 frogs.", None),
        ("Who founded the choir?", "The choir was founded long ago.", None),
        ("Which country has the choir?", "The choir is in Norway.", 3),
        # Several have what it asks for, and do not differ for being others.
        ("Which European countries have a choir?", "A choir is in Norway.", None),
    ],
)
def test_how_far_the_nearest_value_stands_from_what_is_asked(
    question: str, sentence: str, distance: int | None
) -> None:
    tokens = tuple(ANALYSER.tokens(sentence))
    found = values(analyse_question(question, ANALYSER), sentence, tokens, PartialDate("2018"), GLOSSARY)
    assert (found[0].distance if found else None) == distance


@pytest.mark.parametrize(
    ("question", "noun"),
    [
        ("What sport did the choir play?", "sport"),
        ("What is the language of the choir?", "language"),
        ("What did the choir do to the guests?", None),
        ("Which songs did the choir sing?", None),
    ],
)
def test_the_noun_that_an_answer_is_a_kind_of(question: str, noun: str | None) -> None:
    assert category_of(analyse_question(question, ANALYSER)) == noun
