from pathlib import Path

import pytest

from qa.errors import QuestionError
from qa.question import (
    MAX_CHARACTERS,
    Kind,
    QuestionAnalysis,
    analyse_question,
    check_question,
    months_in,
    surnames,
    years_in,
)
from vectorstore.analysis import Analyser
from vectorstore.glossary import Glossary

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser(Glossary.load(SEEDS / "glossary.toml"))


def read(text: str, analyser: Analyser) -> QuestionAnalysis:
    return analyse_question(text, analyser)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("   \n\t ", "empty"),
        ("?", "empty"),
        ("\u200b…!", "empty"),
        ("x" * (MAX_CHARACTERS + 1), "2,001"),
        ("why " * 5_000, "19,999"),
        ("who\udcff?", "UTF-8"),
    ],
)
def test_questions_that_are_refused(text: str, says: str) -> None:
    with pytest.raises(QuestionError, match=says):
        check_question(text)


@pytest.mark.parametrize(
    ("text", "checked"),
    [(" Who? \n", "Who?"), ("x" * MAX_CHARACTERS, "x" * MAX_CHARACTERS), ("谁?", "谁?"), ("7", "7")],
)
def test_questions_that_are_let_in(text: str, checked: str) -> None:
    assert check_question(text) == checked


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("How many fighters did it have?", Kind.NUMBER),
        ("how large was the group", Kind.NUMBER),
        ("What was the death toll in Kabul?", Kind.NUMBER),
        ("number of fighters killed", Kind.NUMBER),
        ("Kabul airport deaths", Kind.NUMBER),
        ("What share of the country is contested?", Kind.SHARE),
        ("What percentage does the government control?", Kind.SHARE),
        ("How much of the country do the Taliban hold?", Kind.SHARE),
        ("About the group: what explains the drop in the number of messages?", Kind.REASON),
        ("How much territory do they control?", Kind.OTHER),
        ("How much money did they get?", Kind.MONEY),
        ("How much did the group pay a fighter?", Kind.MONEY),
        ("What is the group's annual budget?", Kind.MONEY),
        ("monthly wage of a fighter", Kind.MONEY),
        ("What role did it play in the price of bread?", Kind.OTHER),
        ("Which spokesman announced it?", Kind.NAME),
        ("Which operative blew himself up?", Kind.NAME),
        ("Who holds the post of provincial governor?", Kind.NAME),
        ("What is the leader who fled called?", Kind.NAME),
        ("What is the camp that they left called?", Kind.OTHER),
        ("Who was the group's leader?", Kind.NAME),
        ("What are the names of the experts?", Kind.NAME),
        ("Which of its leaders died?", Kind.NAME),
        ("Which IS-K operative fled?", Kind.NAME),
        ("When was the group founded?", Kind.DATE),
        ("Which year did the leader die?", Kind.DATE),
        ("Which province has most militants?", Kind.PLACE),
        ("In what year did it emerge?", Kind.DATE),
        ("Who founded it?", Kind.ACTOR),
        ("Whose credit was claimed?", Kind.ACTOR),
        ("Where did the attack happen?", Kind.PLACE),
        ("Which province is their stronghold?", Kind.PLACE),
        ("What place did the attack take?", Kind.OTHER),
        ("What place did the index give the group?", Kind.OTHER),
        ("What places did the group leave?", Kind.PLACE),
        ("Why did its activity fall?", Kind.REASON),
        ("What led to the decline?", Kind.REASON),
        ("What is the group's goal?", Kind.OTHER),
        ("Did the Pentagon confirm it?", Kind.OTHER),
        ("Is the man who planned it dead?", Kind.OTHER),
        ("Did they say who planned it?", Kind.NAME),
        ("civilians killed in Kabul", Kind.NUMBER),
        ("when was the emir killed in Kunar", Kind.DATE),
        ("Where does it get its money from?", Kind.OTHER),
    ],
)
def test_kinds(text: str, kind: Kind, analyser: Analyser) -> None:
    assert read(text, analyser).kind is kind


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("in 2017 and 2019", [2017, 2019]),
        ("2017, again in 2017", [2017]),
        ("over 2,017 men", []),
        ("$2017 a month", []),
        ("1499 or 2100 or 12017", []),
        ("the 1500s, 1999.", [1500, 1999]),
    ],
)
def test_years(text: str, years: list[int]) -> None:
    assert years_in(text) == years


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("in May 2018 and june", [5, 6]),
        ("it may be so", []),
        ("on Nov. 28 and in November", [11]),
        ("Sept and sep", [9]),
        ("they march in March", [3]),
        ("Maybe, Augustan, decimal", []),
    ],
)
def test_months(text: str, months: list[int]) -> None:
    assert months_in(text) == months


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("What happened in 2017?", (2017,)),
        ("What happened between 2015 and 2017?", (2015, 2017)),
        ("What happened before 2017?", ()),
        ("Which attacks came after the founding in 2015?", ()),
        ("What changed since 2015, in 2018?", (2018,)),
        ("What was said by the end of 2017?", ()),
    ],
)
def test_a_year_that_only_bounds_is_not_asked_for(text: str, years: tuple[int, ...], analyser: Analyser) -> None:
    assert read(text, analyser).years == years


@pytest.mark.parametrize(
    "text",
    [
        "Write a poem about ISIS-K.",
        "Please translate this into French.",
        "Could you draft a letter?",
        "How do I build a bomb?",
        "How can we join ISIS-K?",
        "how to join ISIS-K",
        "Give me a recipe for bread.",
        "Tell me a joke.",
        "step by step guide to making explosives",
        "how do I send money to ISIS-K without the bank noticing",
        "How should I safely leave the country?",
    ],
)
def test_out_of_scope(text: str, analyser: Analyser) -> None:
    assert read(text, analyser).out_of_scope


@pytest.mark.parametrize(
    "text",
    [
        "How does ISIS-K recruit members?",
        "How did fighters join ISIS-K?",
        "How can ISIS-K join forces with others?",
        "Who wrote the report?",
        "How can I know who wrote the report?",
        "What did the ministry plan to make?",
        "Did they build new bases?",
    ],
)
def test_in_scope(text: str, analyser: Analyser) -> None:
    assert not read(text, analyser).out_of_scope


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("How many foreign fighters are in Darzab?", ("foreign",)),
        ("How many fighters were killed?", ()),
        ("How many service members died?", ("servic",)),
        ("How many cave networks, and where?", ("cave", "network")),
        ("Which spokesman announced it?", ("spokesman",)),
        ("Which Afghan general spoke?", ("general",)),
        ("Who holds the post of provincial governor?", ("governor",)),
        ("Civilian casualties in Kabul", ("civilian",)),
        ("What is their goal?", ()),
    ],
)
def test_what_is_counted_or_to_be_named(text: str, head: tuple[str, ...], analyser: Analyser) -> None:
    assert read(text, analyser).head == head


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("Where was Omar Hassan seen?", ("hassan",)),
        ("Where were Omar and Hassan seen?", ("omar", "hassan")),
        ("Where was it seen?", ()),
    ],
)
def test_the_last_of_several_names(text: str, last: tuple[str, ...], analyser: Analyser) -> None:
    assert surnames(read(text, analyser)) == last


@pytest.mark.parametrize(
    ("text", "entities", "names"),
    [
        ("Who leads ISKP?", ("isis-k",), ()),
        ("What is Daesh-Khorasan?", ("isis-k",), ()),
        ("What did Omar say in Doha?", (), ("omar", "doha")),
        ("Did Omar meet the Taliban in May?", ("taliban",), ("omar",)),
        ("WHO LEADS OMAR AND DOHA NOW?", (), ()),
        ("Who Was Sent to Doha by the Emir?", (), ()),
        ("What was Operation Steady Lantern?", (), ("oper", "steadi", "lantern")),
        ("Kabul: who was there?", ("kabul",), ()),
        ("What did Mawlawi Omar tell Haji Karim?", (), ("omar", "karim")),
        ("What did Colonel Smith tell the Western allies?", (), ("smith",)),
    ],
)
def test_known_and_unknown_names(
    text: str, entities: tuple[str, ...], names: tuple[str, ...], analyser: Analyser
) -> None:
    analysis = read(text, analyser)
    assert (analysis.entities, analysis.names) == (entities, names)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("How strong is ISIS-K?", "How many fighters does ISIS-K have?"),
        ("What was the size of the Taliban in 2017?", "How many fighters did Taliban have in 2017?"),
        ("How strong is the wind in Kabul?", "How strong is the wind in Kabul?"),
        ("How large is Kabul?", "How large is Kabul?"),
    ],
)
def test_a_group_is_as_strong_as_it_has_fighters(text: str, asked: str, analyser: Analyser) -> None:
    assert read(text, analyser).text == asked


def test_how_long_it_lasted_asks_for_no_last_year(analyser: Analyser) -> None:
    assert "last" not in read("How long did the war last?", analyser).terms
    assert "last" in read("When was the last war?", analyser).terms


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Who are the 1,600?", (1600.0,)),
        ("Which two of the 31 days of 2017?", ()),
        ("Who said three thousand?", (3000.0,)),
    ],
)
def test_numbers_that_must_be_there(text: str, numbers: tuple[float, ...], analyser: Analyser) -> None:
    assert read(text, analyser).numbers == numbers


@pytest.mark.parametrize(
    ("text", "yes_no", "alternatives"),
    [
        ("Did it grow?", True, False),
        ("Was it beaten or strong?", True, True),
        ("Who grew?", False, False),
        ("Which one, Kunar or Nangarhar?", False, True),
        ("How did Orwell do?", False, False),
    ],
)
def test_forms(text: str, yes_no: bool, alternatives: bool, analyser: Analyser) -> None:
    analysis = read(text, analyser)
    assert (analysis.yes_no, analysis.alternatives) == (yes_no, alternatives)


@pytest.mark.parametrize(
    ("text", "noun"),
    [("Which district hosts them?", "district"), ("What river is it?", "river"), ("Where is it?", None)],
)
def test_place_noun(text: str, noun: str | None, analyser: Analyser) -> None:
    assert read(text, analyser).place_noun == noun


def test_terms_hold_the_question_without_its_asking_words(analyser: Analyser) -> None:
    analysis = read("How many fighters, tell me, how many fighters did ISKP have in 2017?", analyser)
    assert analysis.terms == ("fighter", "@isis-k", "@isis", "2017")
