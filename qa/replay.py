"""Makes a kept answer again from its stored passages, prompt and raw reply, with no call to a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from langchain_core.documents import Document

from qa.chain import AnswerChain
from qa.chat import Call, Message, Reply, ReplyStream
from qa.errors import ReplayError
from qa.history import Kept
from qa.llm import ModelAnswerer, PromptSize
from qa.models import Answer, Question
from qa.run import Reading
from qa.trace import Exchange, Trace, question_key
from vectorstore.embedding import Embedder, EmbedderIdentity
from vectorstore.models import Vector

# They are different each time, or follow from the rest.
_NOT_COMPARED = frozenset({"timings_ms", "id"})


@dataclass(frozen=True, slots=True)
class Replayed:
    """``answer`` is what comes of it today; ``differs`` names the keys of the record that are not as they were.

    ``generation`` is that of the store whose word rarity it was made with; the record names that of then.
    ``same_prompt``: today's prompt, for the same question and passages, is what was sent; None without a model.
    """

    kept: Kept
    answer: Answer
    differs: tuple[str, ...]
    same_prompt: bool | None
    generation: int

    @property
    def other_store(self) -> bool:
        """Whether the store has changed since, which alone may make a difference."""
        return self.generation != int(self.kept.record["index_generation"])

    @property
    def identical(self) -> bool:
        return not self.differs and self.same_prompt is not False


class _StoredRetriever:
    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def invoke(self, input: str, config: Any = None, **kwargs: Any) -> list[Document]:
        return [Document("", metadata={"passage": passage}) for passage in self._trace.passages]


class _StoredEmbedder:
    """Vectors that were computed then. Those of a sentence that was not written then are computed now."""

    def __init__(self, embedded: Mapping[str, Vector], other: Embedder) -> None:
        self._embedded = embedded
        self._other = other

    @property
    def identity(self) -> EmbedderIdentity:
        return self._other.identity

    def embed(self, texts: Sequence[str]) -> Any:
        return self._stored(texts) or self._other.embed(texts)

    def embed_questions(self, texts: Sequence[str]) -> Any:
        return self._stored([question_key(text) for text in texts]) or self._other.embed_questions(texts)

    def _stored(self, keys: Sequence[str]) -> list[Vector]:
        """Nothing where not all are there."""
        return [self._embedded[key] for key in keys] if all(key in self._embedded for key in keys) else []


class _StoredChat:
    """Gives the stored replies, whatever it is asked; ``asked`` and ``weighed`` are what that was."""

    def __init__(self, name: str, exchange: Exchange) -> None:
        self.name = name
        self._exchange = exchange
        self.asked: tuple[Message, ...] = ()
        self.weighed: tuple[tuple[Message, ...], ...] = ()

    @property
    def same(self) -> bool:
        """Whether it was asked what the model was."""
        weighing = self._exchange.weighing
        return self.asked == self._exchange.messages and self.weighed == (weighing.prompts if weighing else ())

    def stream(self, messages: Sequence[Message], schema: Mapping[str, Any] | None = None) -> ReplyStream:
        self.asked = tuple(messages)
        return Call(self._give, deadline_s=60, where="the history")

    def _give(self, call: Call) -> Reply:
        call.emit(self._exchange.reply.text)
        return self._exchange.reply

    def complete(self, messages: Sequence[Message]) -> Reply:
        return self._exchange.reply

    def weigh(self, prompts: Sequence[Sequence[Message]]) -> Reply:
        if (weighing := self._exchange.weighing) is None:
            return Reply("", "stop")
        self.weighed = tuple(map(tuple, prompts))
        known = dict(zip(weighing.prompts, weighing.reply.first, strict=False))
        # Where it was asked about other sentences then, nothing is known of today's.
        told = all(each in known for each in self.weighed)
        return replace(weighing.reply, first=tuple(known[each] for each in self.weighed) if told else ())

    def close(self) -> None:
        """There is nothing to let go of."""


def replay(kept: Kept, reading: Reading) -> Replayed:
    """Read, repair, verify and cite again, with the glossary and the rarity of words of ``reading``'s store.

    Raises ReplayError when the record was not written by this kind of program.
    """
    record, trace = kept.record, kept.trace
    try:
        question = Question(record["question"], record["as_of"])
        generation = int(record["index_generation"])
        standalone, strict = record["standalone_question"], bool(record["strict"])
        asked_on = datetime.fromisoformat(kept.asked_at).astimezone().date()
    except (KeyError, TypeError, ValueError):
        raise ReplayError(f"The record {kept.id} cannot be read; it was written by another version.") from None
    stored = replace(
        reading,
        retriever=_StoredRetriever(trace),
        embedder=_StoredEmbedder(trace.embedded, reading.embedder),
        generation=lambda: generation,
        today=lambda: asked_on,
    )
    exchange = trace.exchange
    if exchange is None:
        chat, asking, mark = None, None, ""
    else:
        chat = _StoredChat(str(record["model"]), exchange)
        asking = ModelAnswerer(PromptSize(exchange.size), structured=exchange.structured)
        mark = exchange.mark
    chain = AnswerChain(
        stored, chat, asking, strict=strict, new_mark=lambda: mark, rewrite=lambda text, conversation: standalone
    )
    answer = chain.invoke(question)
    made = answer.to_record()
    differs = tuple(key for key in made if key not in _NOT_COMPARED and _plain(made[key]) != _plain(record.get(key)))
    return Replayed(kept, answer, differs, chat.same if chat is not None else None, reading.generation())


def _plain(value: object) -> object:
    """As it comes back out of JSON."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value
