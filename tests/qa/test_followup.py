import json
from pathlib import Path

import pytest

from qa.followup import leans, standalone
from qa.models import MOST_EARLIER, Conversation
from vectorstore.analysis import Analyser
from vectorstore.glossary import Glossary

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
FIGHTERS = "How many fighters did ISIS-K have at the beginning of 2017?"
ATTACK = "Did the Taliban attack ISIS in Jawzjan?"


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser(Glossary.load(SEEDS / "glossary.toml"))


@pytest.mark.parametrize(
    ("earlier", "question", "expected"),
    [
        (FIGHTERS, "And in 2018?", "How many fighters did ISIS-K have in 2018?"),
        (FIGHTERS, "2018?", "How many fighters did ISIS-K have in 2018?"),
        (FIGHTERS, "last year?", "How many fighters did ISIS-K have last year?"),
        ("Who commands the American forces?", "And in 2018?", "Who commands the American forces in 2018?"),
        (FIGHTERS, "What about the Taliban?", "How many fighters did the Taliban have at the beginning of 2017?"),
        ("What happened in Jowzjan?", "And in Nangarhar?", "What happened in Nangarhar?"),
        (FIGHTERS, "who said that?", "Who said that about fighters ISIS-K have at the beginning of 2017?"),
        (FIGHTERS, "how many of them?", "How many of the fighters ISIS-K have at the beginning of 2017?"),
        (
            "Which foreign fighters are in Darzab?",
            "How many of them are French?",
            "How many of the foreign fighters in Darzab are French?",
        ),
        (FIGHTERS, "Who leads it?", "Who leads ISIS-K?"),
        ("Who is General John Nicholson?", "What did he say?", "What did General John Nicholson say?"),
        ("Who is Zalmay Khalilzad?", "What are his views?", "What are Zalmay Khalilzad's views?"),
        (
            "Who commands the American forces in Afghanistan?",
            "When did he say so?",
            "When did the one who commands the American forces in Afghanistan say so?",
        ),
        ("What happened in Jowzjan?", "How many died there?", "How many died in Jowzjan?"),
        ("When was the MOAB dropped?", "How many people did it kill?", "How many people did the MOAB kill?"),
        (ATTACK, "Why?", "Why did the Taliban attack ISIS in Jawzjan?"),
        (ATTACK, "When was that?", "When did the Taliban attack ISIS in Jawzjan?"),
        (ATTACK, "How many did they kill?", "How many did the Taliban kill?"),
        # Alone as they are.
        (FIGHTERS, "Who founded the Taliban?", None),
        (FIGHTERS, "Why did Trump visit Bagram?", None),
        (FIGHTERS, "Did the Taliban say that they had won?", None),
        (FIGHTERS, "During its first three years, what did IS-K attack?", None),
        (FIGHTERS, "How does it seem that the war ends?", None),
        (FIGHTERS, "Estimated deaths from the MOAB strike", None),
        (FIGHTERS, "", None),
        (FIGHTERS, "?", None),
    ],
)
def test_a_follow_up(analyser: Analyser, earlier: str, question: str, expected: str | None) -> None:
    assert standalone(question, Conversation((earlier,)), analyser) == expected


def test_a_name_may_be_of_an_earlier_question(analyser: Analyser) -> None:
    conversation = Conversation(("Who is General John Nicholson?", "How many fighters did ISIS-K have?"))
    assert standalone("What did he say?", conversation, analyser) == "What did General John Nicholson say?"


def test_nothing_before_it_changes_nothing(analyser: Analyser) -> None:
    assert standalone("And in 2018?", Conversation(), analyser) is None


def test_no_question_of_the_fixed_set_leans_on_another(analyser: Analyser) -> None:
    lines = (SEEDS / "questions.jsonl").read_text("utf-8").splitlines()
    asked = [record["question"] for record in map(json.loads, lines) if record["split"] == "dev"]
    assert len(asked) > 100
    assert [question for question in asked if leans(question, analyser)] == []


def test_a_conversation_keeps_the_latest() -> None:
    conversation = Conversation()
    for number in range(20):
        conversation = conversation.and_then(str(number))
    assert conversation.questions == tuple(map(str, range(20 - MOST_EARLIER, 20)))
