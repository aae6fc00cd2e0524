"""A text read into its parts."""

import pytest

from qa.verification.statement import Reader, lower_case_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Entities of the glossary, in any of their names.
        ("The US killed ISKP fighters in Jawzjan.", [("@us",), ("@isis-k",), ("@jowzjan",)]),
        # Capitalised words that follow each other are one name; a name does not run over the end of a sentence.
        ("He met Jacob van Braam.", [("jacob",), ("braam",)]),
        ("He saw King Charles III. Rollo left.", [("king", "charl", "iii"), ("rollo",)]),
        ("It was in May, on a Monday.", [("monday",)]),
        # A heading says nothing about what is a name.
        ("Powerful Enemies of the Old Regime", []),
    ],
)
def test_names(reader: Reader, text: str, expected: list[tuple[str, ...]]) -> None:
    assert [name.terms for name in reader.read(text).names] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fighters fled.", False),
        ("Some fled to Rollo.", True),
        ("They fled. Rollo did not.", False),
        ('He said: "Rollo fled"', False),
        ("John Smith fled.", True),
    ],
)
def test_one_capitalised_word_that_opens_a_sentence_may_be_no_name(reader: Reader, text: str, expected: bool) -> None:
    assert reader.read(text).names[0].sure is expected


@pytest.mark.parametrize(
    ("text", "implied", "not_implied"),
    [
        ("ISIS-K", "@isis", "@taliban"),
        ("ISIS", "@isis", "@isis-k"),
        ("the Kabul government", "@kabul", "@taliban"),
        ("the Pakistani Taliban", "@pakistan", "@taliban"),
        ("Darzab", "@jowzjan", "@kabul"),
    ],
)
def test_what_a_name_implies(reader: Reader, text: str, implied: str, not_implied: str) -> None:
    terms = reader.read(text).terms
    assert implied in terms
    assert not_implied not in terms


def test_content_and_keys(reader: Reader) -> None:
    statement = reader.read("The Taliban itself did not kill 153 fighters in August 2018.")
    assert [statement.tokens[index].surface for index in statement.content] == ["kill", "fighters"]
    assert [statement.lemmas[index] for index in statement.keys] == ["@taliban", "kill", "153", "fighter", "2018"]
    assert statement.years == {2018}
    assert statement.written(0, 2) == "The Taliban"


def test_irregular_forms_are_one_word(reader: Reader) -> None:
    assert "seek" in reader.read("They sought it.").terms
    assert "fight" in reader.read("They fought.").terms


def test_words_written_small(reader: Reader) -> None:
    assert lower_case_words("The Fighters fled, and fighters died in Rome.") == {"fled", "and", "fighter", "die", "in"}
