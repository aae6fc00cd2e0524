"""What of a question's structure a sentence answers to."""

import pytest

from qa.question import analyse_question
from qa.signals import (
    Focus,
    after_numbers,
    before_agent,
    contrasts,
    counts_others,
    counts_those_before,
    lacks_cause,
    other_event,
    read_focus,
    refers_back,
    roles_held,
    weigh,
)
from qa.synonyms import Synonyms
from vectorstore.analysis import Analyser
from vectorstore.glossary import Entity, Glossary

SYNONYMS = Synonyms.load()
ANALYSER = Analyser(Glossary([Entity(id="norway", kind="place", name="Norway", variants=("Norwegians",))]))
NAMES = ("Owls", "John Owl", "Owl Weekly")
OWLS = Analyser(Glossary([Entity(id=name.lower().replace(" ", "-"), kind="group", name=name) for name in NAMES]))


def focus(question: str) -> Focus:
    return read_focus(analyse_question(question, ANALYSER), SYNONYMS)


@pytest.mark.parametrize(
    ("question", "counted"),
    [
        ("How many foreign fighters are there?", ("fighter",)),
        ("How many ships left port?", ("ship",)),
        ("civilians killed in the flood", ("civilian",)),
        ("What is the population of the island?", ("popul",)),
        # A name counts as one.
        ("How many Norwegians were killed?", ("@norway",)),
        ("How many were killed?", ()),
        ("Who counted the ships?", ()),
    ],
)
def test_what_is_counted(question: str, counted: tuple[str, ...]) -> None:
    assert focus(question).counted == counted


def test_names_and_numbers_are_no_relation() -> None:
    assert focus("When did Smith sell 40 ships to Norway?").relation == ("sell", "ship")


def test_what_the_one_asked_for_did() -> None:
    assert focus("Who founded the club?").verb == "found"
    assert focus("Who is she?").verb is None
    assert focus("When was the club founded?").verb is None


@pytest.mark.parametrize(
    ("question", "sentence", "other"),
    [
        ("How many ships does Norway have?", "Norway has 40 ships.", False),
        ("How many fighters do they have?", "The army killed 1,600 fighters.", True),
        ("How many fighters were killed?", "The army killed 1,600 fighters.", False),
        ("How many fighters surrendered?", "The army killed 1,600 fighters.", True),
        ("How many fighters surrendered?", "In all 250 gave themselves up.", False),
        ("How many fighters do they have?", "The army killed many in 2017.", False),
        (
            "How many fighters do they have?",
            "They killed 14 last year, while the army says that the group still had some 1,100 fighters.",
            False,
        ),
        # A number alone counts what the sentence tells of.
        ("How many fighters were killed?", "The report puts the toll of that long day in the hills at 43.", False),
        # A prison is no arrest.
        ("How many fighters were killed at the prison?", "At the prison 40 men were arrested.", True),
    ],
)
def test_a_number_of_something_else(question: str, sentence: str, other: bool) -> None:
    assert other_event(focus(question), ANALYSER.tokens(sentence), SYNONYMS) is other


def test_a_number_alone_counts_those_of_whom_was_told_before() -> None:
    tokens = ANALYSER.tokens("I saw the papers, and there were 43.")
    question = focus("How many fighters were killed?")
    assert other_event(question, tokens, SYNONYMS)
    assert not other_event(question, tokens, SYNONYMS, set(SYNONYMS.marks(ANALYSER.tokens("Officially 29 died."))))


def test_how_long_it_took_counts_nobody() -> None:
    assert focus("How many fighters fell?").counts
    assert not focus("How long did the fighting at the prison last?").counts


@pytest.mark.parametrize(
    ("sentence", "counts"),
    [
        ("There were 43.", True),
        ("That left 338 unaccounted for.", False),
        ("Two of them were shot.", True),
        ("Some 40 ships sank.", False),
        ("Nobody counted.", False),
    ],
)
def test_those_before_are_counted(sentence: str, counts: bool) -> None:
    assert counts_those_before(ANALYSER.tokens(sentence)) is counts


def test_a_reason_is_missed_only_where_one_is_asked_for() -> None:
    assert lacks_cause(focus("Why did they leave?"), "They went north.")
    assert lacks_cause(focus("What was the purpose of the trip?"), "They went north.")
    assert not lacks_cause(focus("Why did they leave?"), "They left because of the cold.")
    assert not lacks_cause(focus("Where did they go?"), "They went north.")


@pytest.mark.parametrize(
    ("text", "back"),
    [("They left.", True), ("The group left.", True), ("Norway left.", False), ("Theysen left.", False)],
)
def test_words_for_what_came_before(text: str, back: bool) -> None:
    assert refers_back(text) is back


def test_the_deed_whose_doer_is_named() -> None:
    assert [token.surface for token in before_agent(ANALYSER.tokens("It was founded by two men."))] == ["founded"]
    assert not list(before_agent(ANALYSER.tokens("Two men founded it.")))


@pytest.mark.parametrize(
    ("question", "sentence", "held_against"),
    [
        ("How do owls differ from jays?", "While owls hunt at night, jays sleep.", True),
        ("How do owls differ from jays?", "Owls hunt at night, and jays sleep.", False),
        ("What do owls hunt?", "While owls hunt at night, jays sleep.", False),
    ],
)
def test_one_thing_held_against_another(question: str, sentence: str, held_against: bool) -> None:
    assert contrasts(focus(question), sentence) is held_against


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("What did he say about the old mill?", ("old", "mill")),
        ("What did he say regarding mills?", ("mill",)),
        ("What did he say at the mill?", ()),
    ],
)
def test_what_is_spoken_about(question: str, topic: tuple[str, ...]) -> None:
    assert focus(question).topic == topic


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        ("Who said that it rained?", True),
        ("Who later admitted it?", True),
        ("Who fled?", False),
        ("Who said what?", True),
    ],
)
def test_who_said_something(question: str, speaker: bool) -> None:
    assert focus(question).speaker is speaker


def test_the_words_after_a_number() -> None:
    (after,) = after_numbers(ANALYSER.tokens("Some 40 old ships sank."))
    assert [token.surface for token in after] == ["old", "ships", "sank"]


@pytest.mark.parametrize(
    ("sentence", "others"),
    [
        ("Two Blues were killed.", True),
        ("Two Blues and 40 Reds were killed.", False),
        ("Two Blues were killed and 40 others came.", False),
        ("Two Blues were killed and 40 others hurt.", True),
        ("Two Blues were hurt and 40 others killed.", False),
        ("Reds were killed by Blues.", False),
    ],
)
def test_numbers_of_others(sentence: str, others: bool) -> None:
    analyser = Analyser(Glossary([Entity(id=name.lower(), kind="group", name=name) for name in ("Reds", "Blues")]))
    asked = read_focus(analyse_question("How many Reds were killed?", analyser), SYNONYMS)
    assert counts_others(asked, tuple(analyser.tokens(sentence)), {"@reds"}, SYNONYMS) is others


def test_words_that_only_help_to_ask_weigh_less() -> None:
    weights = weigh({"happen": 2.0, "ship": 2.0})
    assert weights["happen"] < weights["ship"] == 2.0


@pytest.mark.parametrize(
    ("question", "identity", "saying"),
    [
        ("Who is John Owl?", True, False),
        ("What are the Owls?", True, False),
        ("Who is the leader of the Owls?", False, False),
        ("What did John Owl say about the Owls?", False, True),
        ("What does Owl Weekly report?", False, True),
        ("Did John Owl say so?", False, False),
        ("Who told the Owls?", False, False),
    ],
)
def test_who_somebody_is_and_what_somebody_said(question: str, identity: bool, saying: bool) -> None:
    read = read_focus(analyse_question(question, OWLS), SYNONYMS)
    assert (read.identity, read.saying) == (identity, saying)


@pytest.mark.parametrize(
    ("question", "actor", "deed"),
    [
        ("Did the Owls attack the post?", "@owls", "attack"),
        ("Are the Owls attacking the post?", "@owls", "attack"),
        ("Have the Owls been attacked?", None, None),
        ("Are the Owls many?", None, None),
        ("Did many attack the Owls?", None, None),
        ("What did the Owls attack?", None, None),
    ],
)
def test_whose_deed_is_asked_about(question: str, actor: str | None, deed: str | None) -> None:
    read = read_focus(analyse_question(question, OWLS), SYNONYMS)
    assert (read.actor, read.deed) == (actor, deed)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("The leader of the Owls fled.", [("leader", "@owls")]),
        ("The Owls leader fled.", [("leader", "@owls")]),
        ("Leader of the Owls", [("leader", "@owls")]),
        ("John Owl's leader fled.", [("leader", "@john-owl")]),
        ("The leader fled from the Owls.", []),
        ("The Owls fled.", []),
    ],
)
def test_whose_leader_it_is(text: str, held: list[tuple[str, str]]) -> None:
    assert list(roles_held(OWLS.tokens(text))) == held
