"""What a chat model is to the rest of the program, and the wall clock over one call to it.

An HTTP client's timeouts bound the wait for the next bytes, not the call: a reply that drips one byte a
second never runs into them. So a call runs in a thread of its own, and whoever waits for it waits no longer
than the deadline.
"""

import contextvars
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Any, Literal, NamedTuple, Protocol, Self

from qa.errors import CancelledError, DeadlineError


class Message(NamedTuple):
    role: Literal["system", "user"]
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, complete unless it is ``cut_off``.

    ``usage``: ``input_tokens``, ``output_tokens``, ``total_tokens`` and ``cost``, where known. ``first``, of a reply to
    ``weigh``: for each prompt the likeliest first tokens with the natural logarithms of their probabilities.
    """

    text: str
    finish_reason: str
    usage: Mapping[str, float] = field(default_factory=dict)
    first: tuple[Mapping[str, float], ...] = ()

    @property
    def cut_off(self) -> bool:
        """Whether it ran into its length limit; only a stream gives one, for whoever can use its beginning."""
        return self.finish_reason == "length"


def added(*usages: Mapping[str, float]) -> dict[str, float]:
    """The usage of several calls together."""
    names = dict.fromkeys(name for usage in usages for name in usage)
    return {name: sum(usage.get(name, 0) for usage in usages) for name in names}


class ReplyStream(Protocol):
    """Pieces of a reply as they come. Only after the last one is it known whether it is complete.

    Iterating raises ModelError. Leaving the ``with`` block, or ``close``, drops the connection.
    """

    def __iter__(self) -> Iterator[str]: ...
    def __next__(self) -> str: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def close(self) -> None: ...

    @property
    def reply(self) -> Reply:
        """The whole reply; RuntimeError before the stream has ended well."""
        ...


class ChatModel(Protocol):
    """A chat model behind an endpoint. Safe to use from several threads at once."""

    @property
    def name(self) -> str: ...
    def stream(self, messages: Sequence[Message], schema: Mapping[str, Any] | None = None) -> ReplyStream:
        """``schema``: the JSON Schema of the reply, where the endpoint can hold a model to one."""
        ...

    def complete(self, messages: Sequence[Message]) -> Reply: ...
    def weigh(self, prompts: Sequence[Sequence[Message]]) -> Reply:
        """How the reply to each prompt would begin; one call, with one deadline.

        ``first`` is empty where the endpoint does not tell.
        """
        ...

    def close(self) -> None: ...


class Cancellation:
    """Ends, from any thread, the calls that are begun inside its ``with`` block, and those that would be."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: list[Call] = []
        self._cancelled = False

    def cancel(self) -> None:
        with self._lock:
            self._cancelled = True
            calls, self._calls = self._calls, []
        for call in calls:
            call.cancel()

    def watch(self, call: "Call") -> None:
        with self._lock:
            self._calls.append(call)
            cancelled = self._cancelled
        if cancelled:
            call.cancel()

    def __enter__(self) -> Self:
        self._token = _cancellation.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _cancellation.reset(self._token)


_cancellation: contextvars.ContextVar[Cancellation | None] = contextvars.ContextVar("cancellation", default=None)


class Call:
    """A ReplyStream over ``work``, which runs in a thread, passes text to ``emit`` and returns the reply.

    ``deadline_s`` is in seconds from now and holds for everything: retries, pauses and a reply that drips.
    """

    def __init__(self, work: Callable[["Call"], Reply], *, deadline_s: float, where: str) -> None:
        self._work = work
        self._deadline_s = deadline_s
        self._ends = monotonic() + deadline_s
        self._where = where
        self._items: SimpleQueue[str | Reply | BaseException] = SimpleQueue()
        self._closed = Event()
        self._abort: Callable[[], None] | None = None
        self._outcome: Reply | None = None
        self._cancelled = False
        self.emitted = False
        # The caller's context goes along so that a tracer the person asked for sees the call as part of the
        # chain.
        context = contextvars.copy_context()
        # A daemon: a look-up of a host's name cannot be interrupted and must not hold up the end of the
        # program.
        Thread(target=context.run, args=(self._run,), name="model-call", daemon=True).start()
        if cancellation := _cancellation.get():
            cancellation.watch(self)

    def _run(self) -> None:
        item: Reply | BaseException
        try:
            item = self._work(self)
        except BaseException as error:  # noqa: BLE001 - carried to the thread that waits, and raised there
            item = error
        # From here on the connection may serve the next call.
        self._abort = None
        self._items.put(item)

    def emit(self, text: str) -> None:
        """From the work: more text. Raises DeadlineError when it comes too late."""
        if self._closed.is_set() or self.remaining() <= 0:
            raise self._late()
        if text:
            self.emitted = True
            self._items.put(text)

    def remaining(self) -> float:
        """Seconds until the deadline; negative after it."""
        return self._ends - monotonic()

    def pause(self, seconds: float) -> None:
        """From the work: sleep. Raises DeadlineError as soon as nobody waits any more."""
        if self._closed.wait(seconds):
            raise self._late()

    def abort_with(self, abort: Callable[[], None]) -> None:
        """From the work: how to cut the connection in use, from any thread."""
        self._abort = abort
        if self._closed.is_set():
            abort()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._closed.is_set() and not self._cancelled:
            raise StopIteration
        item = self._next_item()
        if self._cancelled:
            raise CancelledError("The question was given up; ask it again if it is still wanted.")
        if isinstance(item, str):
            return item
        self.close()
        if isinstance(item, Reply):
            self._outcome = item
            raise StopIteration
        raise item or self._late()

    def _next_item(self) -> str | Reply | BaseException | None:
        try:
            return self._items.get(timeout=max(0.0, self.remaining()))
        except Empty:
            return None

    def _late(self) -> DeadlineError:
        return DeadlineError(
            f"{self._where} had not finished its reply after {self._deadline_s:g} s; "
            "ask again, or allow more with ISISK_QA_DEADLINE_S."
        )

    @property
    def reply(self) -> Reply:
        if self._outcome is None:
            raise RuntimeError("the reply is known only after the stream has ended without an error")
        return self._outcome

    def close(self) -> None:
        self._closed.set()
        if self._abort:
            self._abort()

    def cancel(self) -> None:
        """Close it while another thread iterates, which then raises CancelledError at once."""
        self._cancelled = True
        # Whoever waits is woken.
        self._items.put("")
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class WorkingModel(ABC):
    """A ChatModel whose ``work`` does one call, in the thread of that call."""

    _deadline_s: float

    @property
    @abstractmethod
    def where(self) -> str:
        """What is asked, for the sentence that tells of a deadline."""

    @abstractmethod
    def work(
        self, call: Call, messages: Sequence[Message], *, streamed: bool, schema: Mapping[str, Any] | None = None
    ) -> Reply:
        """Raises ModelError."""

    @abstractmethod
    def weighing(self, call: Call, prompts: Sequence[Sequence[Message]]) -> Reply:
        """The work of ``weigh``. Raises ModelError."""

    def stream(self, messages: Sequence[Message], schema: Mapping[str, Any] | None = None) -> Call:
        return self._call(partial(self.work, messages=messages, streamed=True, schema=schema))

    def complete(self, messages: Sequence[Message]) -> Reply:
        return self._whole(partial(self.work, messages=messages, streamed=False))

    def weigh(self, prompts: Sequence[Sequence[Message]]) -> Reply:
        return self._whole(partial(self.weighing, prompts=prompts))

    def _whole(self, work: Callable[[Call], Reply]) -> Reply:
        with self._call(work) as call:
            for _ in call:
                pass
            return call.reply

    def _call(self, work: Callable[[Call], Reply]) -> Call:
        return Call(work, deadline_s=self._deadline_s, where=self.where)
