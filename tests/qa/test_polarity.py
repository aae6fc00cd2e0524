"""Opposites and negation."""

import tomllib
from importlib.resources import files

import pytest

from qa.polarity import Phrase, Polarity
from vectorstore.analysis import Analyser
from vectorstore.glossary import Glossary

ANALYSER = Analyser(Glossary())
POLARITY = Polarity.load()


@pytest.mark.parametrize(
    ("question", "evidence", "expected"),
    [
        ("When did USFOR-A confirm the transfer?", "USFOR-A deny this to be the case.", ("confirm", "deny")),
        ("Why did he deny it?", "He admitted that the group was fighting.", ("deny", "admitted")),
        ("How did they succeed in 2015?", "But their efforts failed.", ("succeed", "failed")),
        ("Why did the number of troops fall by half?", "The number increased.", ("fall by", "increased")),
        ("Why did he concede the war?", "He declared victory in the war.", ("concede", "victory")),
        ("Why do Afghans support it?", "Most of them oppose the group.", ("support", "oppose")),
        ("Why did the alliance form?", "They are two opposing forces.", ("alliance", "opposing")),
        ("What weakened the group?", "It strengthened its ranks.", ("weakened", "strengthened")),
        ("Why were troops withdrawn?", "The troops were deployed.", ("withdrawn", "deployed")),
        ("How did the leader die?", "He managed to survive.", ("die", "survive")),
        ("Why do people like them? They are liked.", "Most dislike them.", ("liked", "dislike")),
        ("Why is it safe?", "It is a dangerous group.", ("safe", "dangerous")),
        ("Why is it no danger to them?", "It is a chronic threat.", ("not danger", "threat")),
        ("Why did they not succeed?", "They succeeded.", ("not succeed", "succeeded")),
        # What agrees, or takes both sides, or neither.
        ("Why did they not succeed?", "Their efforts failed.", None),
        ("Why did they fail?", "They didn’t succeed.", None),
        ("How did they fail?", "They failed at first, then succeeded.", None),
        ("Did it grow or shrink?", "It grew.", None),
        ("Where is it?", "It failed.", None),
        ("How did they succeed?", "The succession was disputed, not failed.", None),
    ],
)
def test_opposed(question: str, evidence: str, expected: tuple[str, str] | None) -> None:
    assert POLARITY.opposed(ANALYSER.tokens(question), ANALYSER.tokens(evidence)) == expected


def test_contextual_groups_are_only_used_when_asked_for() -> None:
    claim, evidence = ANALYSER.tokens("in the northern part"), ANALYSER.tokens("in the southern part")
    assert POLARITY.opposed(claim, evidence) is None
    assert POLARITY.opposed(claim, evidence, contextual=True) == ("northern", "southern")


def test_words_that_stand_for_each_other_are_never_opposites() -> None:
    claim, evidence = ANALYSER.tokens("They tried it."), ANALYSER.tokens("They did not attempt it.")
    assert {hit.group for hit in POLARITY.hits(claim)} & {hit.group for hit in POLARITY.hits(evidence)}
    assert POLARITY.opposed(claim, evidence, contextual=True) is None


def test_no_word_stands_on_both_sides_of_a_group() -> None:
    groups = tomllib.loads(files("qa").joinpath("opposites.toml").read_text("utf-8"))["group"]
    for group in groups:
        both = set(map(Phrase.read, group["one"])) & set(map(Phrase.read, group.get("other", ())))
        assert not both, both


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Taliban didn't respond.", True),
        ("The Taliban didn’t respond.", True),
        ("They have never been there.", True),
        ("It has yet to launch attacks.", True),
        ("They failed to take the city.", True),
        ("He denied the reports.", True),
        ("There is no evidence.", True),
        ("It went on without support.", True),
        ("The Taliban responded.", False),
        ("Not only that, reports came in.", False),
        ("It has no less than 40 members.", False),
        ("The efforts of the notable north.", False),
    ],
)
def test_negated(text: str, expected: bool) -> None:
    assert POLARITY.negated(ANALYSER.tokens(text)) is expected


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("They did not take the city", "take", True),
        ("They took the city but did not hold it", "took", False),
        ("No, they took the city", "took", False),
        ("They did not fail to take the city", "take", False),
        ("He did not say that on the first day they took it", "took", False),
    ],
)
def test_a_negation_reaches_a_few_words_of_its_clause(text: str, word: str, expected: bool) -> None:
    tokens = ANALYSER.tokens(text)
    index = [token.surface for token in tokens].index(word)
    assert POLARITY.negates(tokens, index) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The group is growing.", ["growing"]),
        # More and fewer can both be true of one thing, and what is worked against is not said to be so.
        ("More than 40 fighters came.", []),
        ("They counter the expansion.", []),
    ],
)
def test_opposites(text: str, expected: list[str]) -> None:
    assert [hit.words for hit in POLARITY.opposites(list(ANALYSER.tokens(text)))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Are they allies?", {"alli"}),
        # Both sides are none.
        ("Are they allies or rivals?", set()),
        ("Did they counter the alliance?", set()),
    ],
)
def test_sides(text: str, expected: set[str]) -> None:
    assert set().union(*POLARITY.sides(ANALYSER.tokens(text)).values()) == expected
