"""What an answer was made from, so that it can be made again without asking anyone."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from qa.chat import Message, Reply
from vectorstore.models import Passage, Vector


@dataclass(frozen=True, slots=True)
class Weighing:
    """What a small model was asked about single sentences, and the raw reply."""

    prompts: tuple[tuple[Message, ...], ...]
    reply: Reply


@dataclass(frozen=True, slots=True)
class Exchange:
    """The calls to a model: what was sent, with its mark, and the raw reply.

    Without ``messages`` the reply is empty: nothing more was asked after the weighing.
    """

    messages: tuple[Message, ...]
    mark: str
    size: str
    structured: bool
    reply: Reply
    weighing: Weighing | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """``embedded``: the vectors of the question's text and of a model's sentences, by what was embedded.

    The question encoder's are under ``question_key``.
    """

    passages: tuple[Passage, ...]
    embedded: Mapping[str, Vector] = field(default_factory=dict)
    exchange: Exchange | None = None


def question_key(text: str) -> str:
    """Where ``Trace.embedded`` has the question encoder's vector of a text."""
    return f"question: {text}"
