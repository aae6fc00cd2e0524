"""The answer record and the events that lead to it; one object for the TUI, ``--json``, history and evaluation."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # numpy, which it loads, takes 0.1 s: the terminal UI draws its first frame without.
    from vectorstore.models import Passage


class Status(StrEnum):
    ANSWERED = "answered"
    ABSTAINED = "abstained"


class Reason(StrEnum):
    """Why there is no answer."""

    NO_MATCH = "no_match"
    INSUFFICIENT = "insufficient"
    OUT_OF_RANGE = "out_of_range"
    OUT_OF_SCOPE = "out_of_scope"
    FALSE_PREMISE = "false_premise"


class Support(StrEnum):
    """How far the cited spans support a sentence."""

    SUPPORTED = "supported"
    PARTIAL = "partial"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. ``as_of`` (ISO date, month or year): use no article published after it.

    ``earlier`` are the questions that it may lean on, as they were understood, the last one last.
    """

    text: str
    as_of: str | None = None
    earlier: tuple[str, ...] = ()


# Of what was asked long before nothing is meant any more.
MOST_EARLIER = 8


@dataclass(frozen=True, slots=True)
class Conversation:
    """Earlier questions, each as it was understood, the last one last. What was answered is no part of it."""

    questions: tuple[str, ...] = ()

    def and_then(self, understood: str) -> "Conversation":
        """With one more question."""
        return Conversation((*self.questions, understood)[-MOST_EARLIER:])


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim slice of a stored article: ``text[start:end] == quote``, in code points."""

    marker: int
    article_id: str
    title: str
    publisher: str | None
    published: str | None
    published_basis: str
    path: str
    sha256: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, without markers; ``citations`` are marker numbers, ``score`` is in [0, 1].

    ``replaced``: the citations are not of the passages that the sentence named, since another supports it better.
    """

    text: str
    citations: tuple[int, ...]
    support: Support
    score: float
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    claim: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Different statements about the same thing, from different sources or dates."""

    about: str
    positions: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class RetrievedChunk:
    chunk_id: str
    article_id: str
    start: int
    end: int
    score: float
    dense_rank: int | None
    lexical_rank: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer record; its fields are described in docs/answer-record.md.

    ``dropped`` counts the sentences that were left out as unsupported, which is done only when ``strict``.
    ``repair`` is what had to be done to a model's reply; None without one, and where nothing was.
    """

    question: str
    status: Status
    reason: Reason | None
    answer: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    conflicts: tuple[Conflict, ...]
    retrieved: tuple[RetrievedChunk, ...]
    answerer: str
    model: str | None
    prompt_sha256: str | None
    index_generation: int
    as_of: str | None
    notes: tuple[str, ...] = ()
    strict: bool = False
    dropped: int = 0
    repair: tuple[str, ...] | None = None
    usage: Mapping[str, float] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    standalone_question: str | None = None
    read_as: str | None = None

    @property
    def understood(self) -> str:
        """The question that was answered: what a next one may lean on."""
        return self.read_as or self.standalone_question or self.question

    @property
    def id(self) -> str:
        """Twelve hex digits that follow from what was asked and answered, not from when or how fast."""
        return _id(asdict(self))

    def to_record(self) -> dict[str, Any]:
        """Plain JSON types, in the order of the fields above, and the id."""
        record = asdict(self)
        return {**record, "id": _id(record)}


def _id(record: Mapping[str, Any]) -> str:
    lasting = {name: value for name, value in record.items() if name not in ("usage", "timings_ms")}
    return sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class PassagesFound:
    """Retrieval is done."""

    passages: "tuple[Passage, ...]"


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A sentence of the answer as soon as it is whole, not yet verified; without a model, all of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class SentenceChecked:
    """What the verification says of the sentence that the last TextDelta gave; None: it will not stand as it is.

    Its markers are those that it will have if nothing after it changes them.
    """

    sentence: Sentence | None


@dataclass(frozen=True, slots=True)
class Finished:
    """The verified answer. It replaces whatever was shown before."""

    answer: Answer


Event = PassagesFound | TextDelta | SentenceChecked | Finished
