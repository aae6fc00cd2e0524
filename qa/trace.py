"""What an answer was made from, so that it can be made again without asking anyone."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from qa.chat import Message, Reply
from vectorstore.models import Passage, Vector


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call to a model: what was sent, with its mark, and the raw reply."""

    messages: tuple[Message, ...]
    mark: str
    size: str
    structured: bool
    reply: Reply


@dataclass(frozen=True, slots=True)
class Trace:
    """``embedded``: the vectors of the question's text and of a model's sentences, by what was embedded."""

    passages: tuple[Passage, ...]
    embedded: Mapping[str, Vector] = field(default_factory=dict)
    exchange: Exchange | None = None
