"""The claims that the verification is judged by: true ones stay true, altered ones are altered."""

import random
from collections import defaultdict

import pytest

from tests.benchmarks.alterations import HARD_KINDS, Pair, squad_pairs
from tests.benchmarks.altering import ALTERATIONS, FIGURE_KINDS
from tests.benchmarks.rewording import REWORDINGS, named
from tests.benchmarks.squad import SHARED
from tests.benchmarks.verification import judge, macro_f1

FOUNDED = "In 1636, the college was founded by John Harvard in Boston, which had many houses and two churches."
SENTENCES = (
    FOUNDED,
    "On 3 May it sold 40 books to Yale, although all professors had not agreed.",
    "Rollo left Paris on 14 October with 700 men and 20 million ducats and was joined by some Danes at Rouen.",
    "The large army marched more than 20 miles and attacked the castle before Harald came back to York.",
)


@pytest.mark.parametrize(
    ("kind", "sentence", "expected"),
    [
        ("shorter", FOUNDED, "In 1636, the college was founded by John Harvard in Boston."),
        ("voice", "England was conquered by William in 1066.", "William conquered England in 1066."),
        ("voice", "William conquered England in 1066.", "England was conquered by William in 1066."),
        ("voice", "The book was written by Anna Lee.", "Anna Lee wrote the book."),
        ("reordered", "In 1066, the Normans won.", "The Normans won in 1066."),
        ("figures", "It has about 3,000 houses.", "It has about three thousand houses."),
        ("figures", "They lost 5 percent of it.", "They lost 5% of it."),
    ],
)
def test_true_claims(kind: str, sentence: str, expected: str) -> None:
    assert expected in list(REWORDINGS[kind](sentence))


@pytest.mark.parametrize("sentence", ["It fell.", "He was born in a town by the sea.", "They slept."])
def test_no_voice_is_made_up(sentence: str) -> None:
    assert list(REWORDINGS["voice"](sentence)) == []


def test_a_pronoun_becomes_the_name_that_the_sentence_before_begins_with() -> None:
    assert named("He agreed to it.", "Rollo was their leader.") == "Rollo agreed to it."
    assert named("He agreed to it.", "In 911 they had a leader.") is None
    assert named("The duke agreed to it.", "Rollo was their leader.") is None


@pytest.mark.parametrize("kind", ALTERATIONS)
def test_an_alteration_changes_the_claim_or_declines(kind: str) -> None:
    passage = " ".join((*SENTENCES, "Oxford had 77 pupils, three painted chapels and 12 gardeners."))
    for sentence in SENTENCES:
        made = {ALTERATIONS[kind](sentence, sentence, passage, random.Random(number)) for number in range(8)}
        assert sentence not in made
    made_of_any = [ALTERATIONS[kind](sentence, sentence, passage, random.Random(1)) for sentence in SENTENCES]
    assert any(made_of_any)


@pytest.fixture(scope="module")
def held_out() -> list[Pair]:
    if not (SHARED / "squad2" / "passages.jsonl").is_file():
        pytest.skip(f"needs {'/'.join(SHARED.parts[-2:])}/squad2 beside the repository")
    pairs = [pair for pair in squad_pairs(every=9) if pair.kind not in HARD_KINDS]
    titles = sorted({pair.title for pair in pairs})[1::2]
    return [pair for pair in pairs if pair.title in titles]


def test_altered_claims_are_told_from_true_ones(held_out: list[Pair]) -> None:
    """The floor of the figures that `python -m tests.benchmarks.verification` gives for all of them."""
    by_kind = defaultdict(list)
    for pair in held_out:
        by_kind[pair.kind].append(pair)
    random_ = random.Random(3)
    sample = [pair for kind in sorted(by_kind) for pair in random_.sample(by_kind[kind], min(10, len(by_kind[kind])))]
    judged = judge(sample, {})
    figures = [item for item in judged if item.pair.supported or item.pair.kind in FIGURE_KINDS]
    assert macro_f1(judged) >= 0.9
    assert macro_f1(figures) >= 0.95
