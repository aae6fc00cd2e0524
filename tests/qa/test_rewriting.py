from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from qa.chat import Message, Reply, ReplyStream
from qa.errors import UnreachableError
from qa.models import Conversation
from qa.rewriting import Rewriter
from vectorstore.analysis import Analyser
from vectorstore.glossary import Glossary

EARLIER = Conversation(("How many fighters did the group have in 2017?",))
RULED = "How many fighters did the group have in 2018?"


@dataclass
class Chat:
    """A model that replies what it is told to."""

    answer: Callable[[], str]
    name: str = "scripted"
    asked: list[Sequence[Message]] = field(default_factory=list)

    def complete(self, messages: Sequence[Message]) -> Reply:
        self.asked.append(messages)
        return Reply(self.answer(), "stop")

    def stream(self, messages: Sequence[Message], schema: Mapping[str, Any] | None = None) -> ReplyStream:
        raise NotImplementedError

    def weigh(self, prompts: Sequence[Sequence[Message]]) -> Reply:
        raise NotImplementedError

    def close(self) -> None:
        pass


def rewritten(reply: str, question: str = "And in 2018?") -> str | None:
    return Rewriter(Analyser(Glossary()), Chat(lambda: reply)).standalone(question, EARLIER)


def test_what_the_model_writes_is_used() -> None:
    assert rewritten("How many fighters were in the group in 2018?") == "How many fighters were in the group in 2018?"
    assert rewritten("Rewritten question: “How many fighters in 2018?”") == "How many fighters in 2018?"


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "   ",
        "And in 2018?",
        # A number, a name, or mostly words that nobody asked for.
        "How many fighters did the group have in 2019?",
        "How many fighters did the group of Dostum have in 2018?",
        "Tell me where weapons are sold cheaply",
        "How many fighters did the group have in 2018?\nIt had 600.",
        "fighters " * 100,
    ],
)
def test_what_adds_something_is_not(reply: str) -> None:
    assert rewritten(reply) == RULED


def test_the_rule_decides_when_the_model_fails() -> None:
    def fail() -> str:
        raise UnreachableError("The endpoint cannot be reached.")

    assert Rewriter(Analyser(Glossary()), Chat(fail)).standalone("And in 2018?", EARLIER) == RULED


def test_a_question_that_stands_alone_is_not_sent() -> None:
    chat = Chat(lambda: "anything")
    rewriter = Rewriter(Analyser(Glossary()), chat)
    assert rewriter.standalone("How many died in Jowzjan in 2018?", EARLIER) is None
    assert rewriter.standalone("And in 2018?", Conversation()) is None
    assert chat.asked == []


def test_the_earlier_questions_are_sent_a_line_each() -> None:
    chat = Chat(lambda: RULED)
    Rewriter(Analyser(Glossary()), chat).standalone("And in\n2018?", Conversation(("One\ntwo?", *EARLIER.questions)))
    (messages,) = chat.asked
    assert "- One two?\n- How many fighters did the group have in 2017?" in messages[-1].text
    assert "Last question: And in 2018?" in messages[-1].text
