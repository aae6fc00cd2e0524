"""Chat models behind OpenAI's API or a compatible endpoint. The only module here that imports their SDKs.

langchain_openai and openai take 1 to 3 s to import, so that happens inside functions: a command that needs
no model does not pay for it.
"""

import os
import re
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult

from pydantic import SecretStr

from qa.chat import Call, ChatModel, Message, Reply, WorkingModel, added
from qa.endpoint import checked_endpoint, checked_url, host
from qa.errors import SettingsError
from qa.faults import MAX_REPLY_CHARS, Diagnosis, Fault, Symptom
from qa.local_server import PREFIX, LocalChatModel, model_path
from vectorstore.serving.address import is_loopback, may_carry_secrets

if TYPE_CHECKING:
    import httpx2
    import openai
    from langchain_core.messages import BaseMessage

DEADLINE_S = 60.0
# A small machine reads some 30 tokens a second, and a prompt has a few thousand.
LOCAL_DEADLINE_S = 600.0
_CONNECT_S = 10.0
# Endpoints without keys still want the header; this is no key.
_NO_KEY = "not-needed"
# As many as OpenAI gives.
_LIKELIEST = 20
_HTTP_ERROR = re.compile(r"[45][0-9]{2}")
_current_call: ContextVar[Call] = ContextVar("current_call")

Ask = Callable[[Call, "list[BaseMessage]"], Reply]


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which chat model to ask, where, and for how long.

    ``model`` may be ``local:`` and the path of a GGUF file; then ``base_url`` and ``api_key`` stay unused.
    ``base_url`` None means OpenAI. ``deadline_s`` (seconds; None: what is usual for such a model) bounds one call with
    all its ``retries``; the n-th pause is ``backoff_s * 2**n`` seconds unless the endpoint says how long.
    ``max_tokens`` bounds a reply, ``local_context`` a local model's prompt and reply together, in tokens. Prices are
    for a million tokens, in any currency. ``local_threads`` None: one a core.
    """

    model: str
    base_url: str | None = None
    api_key: SecretStr | None = None
    deadline_s: float | None = None
    retries: int = 2
    backoff_s: float = 0.5
    max_tokens: int = 2048
    price_input: float | None = None
    price_output: float | None = None
    local_context: int = 16384
    local_threads: int | None = None


def silence_tracing() -> None:
    """Keep LangSmith from sending prompts away, whatever the environment says."""
    for name in ("LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING", "LANGCHAIN_TRACING"):
        os.environ[name] = "false"
    # langsmith remembers what it has read; while it is not imported there is nothing to forget.
    if utils := sys.modules.get("langsmith.utils"):
        utils.get_env_var.cache_clear()


def make_chat_model(settings: ModelSettings) -> ChatModel:
    """A chat model for these settings; connects to nothing yet. Raises SettingsError."""
    if not settings.model.strip():
        raise SettingsError("No model is named; set ISISK_QA_MODEL.")
    if settings.model.startswith(PREFIX):
        return _make_local(settings)
    return OpenAIChatModel(settings, *checked_endpoint(settings.base_url, settings.api_key))


def _make_local(settings: ModelSettings) -> ChatModel:
    path = model_path(settings.model)
    if not path.name:
        raise SettingsError("No model file is named; set ISISK_QA_MODEL to local: and the path of a GGUF file.")
    named = replace(settings, model=path.name)
    return LocalChatModel(
        path,
        context=settings.local_context,
        threads=settings.local_threads,
        deadline_s=settings.deadline_s or LOCAL_DEADLINE_S,
        connect=lambda address, key: OpenAIChatModel(named, checked_url(address), key),
    )


class OpenAIChatModel(WorkingModel):
    """A ChatModel over langchain_openai's ChatOpenAI; ``make_chat_model`` checks its arguments."""

    def __init__(self, settings: ModelSettings, url: SplitResult, key: str | None) -> None:
        import httpx2
        from langchain_openai import ChatOpenAI

        self._settings = settings
        self._deadline_s = settings.deadline_s or DEADLINE_S
        self._diagnosis = Diagnosis(settings.model.strip(), host(url), key)
        # Not every model takes these; one that is refused is left out from then on.
        self._optional = frozenset(
            {"temperature", "stream_options", "max_completion_tokens", "response_format", "logprobs"}
        )
        # A fresh connection for each call: only its own call can cut it, and it is never stale.
        limits = httpx2.Limits(max_keepalive_connections=0)
        self._http = httpx2.Client(
            # With a transport of its own the client uses no proxy from the environment.
            transport=httpx2.HTTPTransport(limits=limits) if is_loopback(url) else None,
            limits=limits,
            # A redirect can lead from https to http.
            follow_redirects=False,
            event_hooks={"request": [_watch if may_carry_secrets(url) else _watch_without_key]},
        )
        # Whatever ChatOpenAI would look up in the environment (address, proxy, form of output) is given here.
        self._chat = ChatOpenAI(
            model=self.name,
            base_url=url.geturl(),
            api_key=SecretStr(key or _NO_KEY),
            http_client=self._http,
            # Only for the asynchronous client, which is not used; otherwise it warns about proxies.
            http_socket_options=(),
            # The wall clock of the call comes first; this ends a wait that could not be cut.
            timeout=httpx2.Timeout(self._deadline_s + 1, connect=min(_CONNECT_S, self._deadline_s)),
            max_retries=0,
            use_responses_api=False,
            output_version="v0",
            openai_proxy=None,
        )

    @property
    def name(self) -> str:
        return self._diagnosis.model

    @property
    def where(self) -> str:
        return self._diagnosis.where

    def close(self) -> None:
        self._http.close()

    def work(
        self, call: Call, messages: Sequence[Message], *, streamed: bool, schema: Mapping[str, Any] | None = None
    ) -> Reply:
        """Ask, in the thread of ``call``, which sets the deadline. Raises ModelError."""
        ask = partial(self._ask_for_stream, schema=schema) if streamed else self._ask_for_whole
        return self._asked(call, messages, ask, beginning=streamed)

    def weighing(self, call: Call, prompts: Sequence[Sequence[Message]]) -> Reply:
        """Ask for one token each, in the thread of ``call``. Raises ModelError."""
        first, used = list[Mapping[str, float]](), dict[str, float]()
        for messages in prompts:
            reply = self._asked(call, messages, self._ask_for_first, beginning=True)
            used = added(used, reply.usage)
            if not reply.first:
                return Reply("", "stop", used)
            first += reply.first
        return Reply("", "stop", used, tuple(first))

    def _asked(self, call: Call, messages: Sequence[Message], ask: Ask, *, beginning: bool) -> Reply:
        from langchain_core.messages import HumanMessage, SystemMessage

        kinds: dict[str, type[BaseMessage]] = {"system": SystemMessage, "user": HumanMessage}
        prompt = [kinds[message.role](content=message.text) for message in messages]
        _current_call.set(call)
        retries = 0
        while True:
            outcome = self._attempt(call, ask, prompt)
            if isinstance(outcome, Reply):
                usage = self._priced(outcome.usage)
                # Of one token it is only asked how likely it was.
                checked = outcome if outcome.first else self._diagnosis.checked(outcome, beginning=beginning)
                return replace(checked, usage={**usage, "retries": retries} if retries else usage)
            if outcome is None:
                continue
            pause = outcome.retry_after
            if pause is None:
                pause = self._settings.backoff_s * 2**retries
            # Text that was shown cannot be taken back, so after the first piece there is no second try.
            may_retry = outcome.passing and not call.emitted and retries < self._settings.retries
            if not may_retry or pause >= call.remaining():
                outcome.error.retries = retries
                raise outcome.error
            call.pause(pause)
            retries += 1

    def _attempt(self, call: Call, ask: Ask, prompt: "list[BaseMessage]") -> Reply | Fault | None:
        """One request; None when it should go out again without an option that the endpoint does not know."""
        import openai

        # Nothing is raised inside these handlers: it would carry along the SDK's error, which holds the key.
        try:
            return ask(call, prompt)
        except openai.OpenAIError as error:
            symptom = _symptom(error)
        except (ValueError, LookupError, TypeError, AttributeError):
            # This is how the SDK and LangChain fail over a body that is no chat completion.
            return self._diagnosis.unreadable()
        if symptom.status in (400, 422):
            said = f"{symptom.param} {symptom.detail}"
            if refused := {option for option in self._optional if option in said}:
                self._optional -= refused
                return None
        return self._diagnosis.name(symptom)

    def _priced(self, usage: Mapping[str, float]) -> Mapping[str, float]:
        """The counts with their cost, where every count and price that it takes is known."""
        tokens = usage.get("input_tokens"), usage.get("output_tokens")
        prices = self._settings.price_input, self._settings.price_output
        if None in tokens or None in prices:
            return usage
        cost = sum((count or 0) * (price or 0) for count, price in zip(tokens, prices, strict=True)) / 1e6
        return {**usage, "cost": round(cost, 9)}

    def _options(self, schema: Mapping[str, Any] | None = None, most: int | None = None) -> dict[str, Any]:
        given = {"temperature": 0.0, "max_completion_tokens": most or self._settings.max_tokens}
        options: dict[str, Any] = {name: value for name, value in given.items() if name in self._optional}
        if schema is not None and "response_format" in self._optional:
            form = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}
            # Under its own name LangChain would hand the stream to another method of the SDK, which parses it itself.
            options["extra_body"] = {"response_format": form}
        return options

    def _ask_for_stream(
        self, call: Call, prompt: "list[BaseMessage]", schema: Mapping[str, Any] | None = None
    ) -> Reply:
        text, finish = "", ""
        usage: dict[str, float] = {}
        options = self._options(schema)
        for chunk in self._chat.stream(prompt, stream_usage="stream_options" in self._optional, **options):
            piece = str(chunk.text)
            call.emit(piece)
            text += piece
            finish = chunk.response_metadata.get("finish_reason") or finish
            usage = _usage(chunk) or usage
            if len(text) > MAX_REPLY_CHARS:
                break
        return Reply(text, finish, usage)

    def _ask_for_whole(self, call: Call, prompt: "list[BaseMessage]") -> Reply:
        message = self._chat.invoke(prompt, **self._options())
        return Reply(str(message.text), message.response_metadata.get("finish_reason") or "", _usage(message))

    def _ask_for_first(self, call: Call, prompt: "list[BaseMessage]") -> Reply:
        told: dict[str, Any] = {"logprobs": True, "top_logprobs": _LIKELIEST} if "logprobs" in self._optional else {}
        message = self._chat.invoke(prompt, **self._options(most=1), **told)
        logprobs = message.response_metadata.get("logprobs") or {}
        likeliest = (logprobs.get("content") or [{}])[0].get("top_logprobs") or ()
        first = ({str(each["token"]): float(each["logprob"]) for each in likeliest},) if likeliest else ()
        finish = message.response_metadata.get("finish_reason") or ""
        return Reply(str(message.text), finish, _usage(message), first)


def _usage(message: "BaseMessage") -> dict[str, float]:
    found: Mapping[str, object] = getattr(message, "usage_metadata", None) or {}
    counts = ((name, found.get(name)) for name in ("input_tokens", "output_tokens", "total_tokens"))
    return {name: count for name, count in counts if isinstance(count, int)}


def _watch(request: "httpx2.Request") -> None:
    """Tell the current call how to cut the connection that this request will use."""
    call = _current_call.get()

    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            sock: socket.socket | None = info["return_value"].get_extra_info("socket")
            if sock is not None:
                call.abort_with(lambda: _shut(sock))

    request.extensions = {**request.extensions, "trace": trace}


def _watch_without_key(request: "httpx2.Request") -> None:
    # Also covers what the SDK adds on its own, such as OPENAI_CUSTOM_HEADERS.
    request.headers.pop("authorization", None)
    _watch(request)


def _shut(sock: socket.socket) -> None:
    # Closing would not wake a thread that is reading; TLS's own shutdown would pull its state from under it.
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _symptom(error: "openai.OpenAIError") -> Symptom:
    import httpx2
    import openai

    causes = tuple(_causes(error))
    if isinstance(error, openai.APIConnectionError):
        if any(isinstance(cause, httpx2.ConnectTimeout) for cause in causes):
            return Symptom("connect_timeout", causes=causes)
        if any(isinstance(cause, httpx2.ConnectError | httpx2.ProxyError) for cause in causes):
            return Symptom("connect", causes=causes)
        return Symptom("timeout" if isinstance(error, openai.APITimeoutError) else "broken", causes=causes)
    body = error.body if isinstance(error, openai.APIError) and isinstance(error.body, Mapping) else {}
    detail, code = (str(body.get(name) or "") for name in ("message", "code"))
    param = str(body.get("param") or "")
    if isinstance(error, openai.APIStatusError):
        retry_after = error.response.headers.get("retry-after", "")
        return Symptom("status", error.status_code, detail, code, param, retry_after)
    # Reported inside a stream; some endpoints put an HTTP status where OpenAI has a word.
    return Symptom("status", int(code) if _HTTP_ERROR.fullmatch(code) else 0, detail, code, param)


def _causes(error: BaseException) -> Iterator[BaseException]:
    following: BaseException | None = error
    while following is not None:
        yield following
        following = following.__cause__ or following.__context__
