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
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from qa.chat import Call, ChatModel, Message, Reply
from qa.errors import SettingsError
from qa.faults import MAX_REPLY_CHARS, Diagnosis, Fault, Symptom

if TYPE_CHECKING:
    import httpx2
    import openai
    from langchain_core.messages import BaseMessage

OPENAI_URL = "https://api.openai.com/v1"
_CONNECT_S = 10.0
# Endpoints without keys still want the header; this is no key.
_NO_KEY = "not-needed"
_HTTP_ERROR = re.compile(r"[45][0-9]{2}")
_current_call: ContextVar[Call] = ContextVar("current_call")

Ask = Callable[[Call, "list[BaseMessage]"], Reply]


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which chat model to ask, where, and for how long.

    ``base_url`` None means OpenAI. ``deadline_s`` (seconds) bounds one call with all its ``retries``; the
    n-th pause is ``backoff_s * 2**n`` seconds unless the endpoint says how long.
    """

    model: str
    base_url: str | None = None
    api_key: SecretStr | None = None
    deadline_s: float = 60.0
    retries: int = 2
    backoff_s: float = 0.5


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
    url = _checked_url(settings.base_url or OPENAI_URL)
    key = _checked_key(settings.api_key)
    if key is None and settings.base_url is None:
        raise SettingsError("OpenAI wants a key; set ISISK_QA_API_KEY, or ISISK_QA_BASE_URL for another endpoint.")
    if key and not _may_carry_key(url):
        raise SettingsError(
            f"The key would travel to {_host(url)} unencrypted; use an https address, or unset the key."
        )
    return OpenAIChatModel(settings, url, key)


def _checked_url(address: str) -> SplitResult:
    wrong = SettingsError("ISISK_QA_BASE_URL must be an http or https address such as http://127.0.0.1:11434/v1.")
    try:
        url = urlsplit(address.strip())
        usable = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise wrong
    if url.username or url.password:
        raise SettingsError("ISISK_QA_BASE_URL must not hold a password; put the key into ISISK_QA_API_KEY.")
    return url


def _checked_key(secret: SecretStr | None) -> str | None:
    key = secret.get_secret_value().strip() if secret else ""
    # Anything else cannot be a header's value, and the HTTP library's error would quote it.
    if not all("!" <= character <= "~" for character in key):
        raise SettingsError("The API key holds a blank or a character that no key has; check ISISK_QA_API_KEY.")
    return key or None


def _host(url: SplitResult) -> str:
    return url.netloc.rpartition("@")[2]


def _is_loopback(url: SplitResult) -> bool:
    name = url.hostname or ""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _may_carry_key(url: SplitResult) -> bool:
    return url.scheme == "https" or _is_loopback(url)


class OpenAIChatModel:
    """A ChatModel over langchain_openai's ChatOpenAI; ``make_chat_model`` checks its arguments."""

    def __init__(self, settings: ModelSettings, url: SplitResult, key: str | None) -> None:
        import httpx2
        from langchain_openai import ChatOpenAI

        self._settings = settings
        self._diagnosis = Diagnosis(settings.model.strip(), _host(url), key)
        # Not every model takes these; one that is refused is left out from then on.
        self._optional = frozenset({"temperature", "stream_options", "response_format"})
        # A fresh connection for each call: only its own call can cut it, and it is never stale.
        limits = httpx2.Limits(max_keepalive_connections=0)
        self._http = httpx2.Client(
            # With a transport of its own the client uses no proxy from the environment.
            transport=httpx2.HTTPTransport(limits=limits) if _is_loopback(url) else None,
            limits=limits,
            # A redirect can lead from https to http.
            follow_redirects=False,
            event_hooks={"request": [_watch if _may_carry_key(url) else _watch_without_key]},
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
            timeout=httpx2.Timeout(settings.deadline_s + 1, connect=min(_CONNECT_S, settings.deadline_s)),
            max_retries=0,
            use_responses_api=False,
            output_version="v0",
            openai_proxy=None,
        )

    @property
    def name(self) -> str:
        return self._diagnosis.model

    def stream(self, messages: Sequence[Message], schema: Mapping[str, Any] | None = None) -> Call:
        return self._call(partial(self._ask_for_stream, schema=schema), messages)

    def complete(self, messages: Sequence[Message]) -> Reply:
        with self._call(self._ask_for_whole, messages) as call:
            for _ in call:
                pass
            return call.reply

    def close(self) -> None:
        self._http.close()

    def _call(self, ask: Ask, messages: Sequence[Message]) -> Call:
        from langchain_core.messages import HumanMessage, SystemMessage

        kinds: dict[str, type[BaseMessage]] = {"system": SystemMessage, "user": HumanMessage}
        prompt = [kinds[message.role](content=message.text) for message in messages]
        return Call(
            lambda call: self._work(call, ask, prompt),
            deadline_s=self._settings.deadline_s,
            where=self._diagnosis.where,
        )

    def _work(self, call: Call, ask: Ask, prompt: "list[BaseMessage]") -> Reply:
        _current_call.set(call)
        retries = 0
        while True:
            outcome = self._attempt(call, ask, prompt)
            if isinstance(outcome, Reply):
                return self._diagnosis.checked(outcome)
            if outcome is None:
                continue
            pause = outcome.retry_after
            if pause is None:
                pause = self._settings.backoff_s * 2**retries
            # Text that was shown cannot be taken back, so after the first piece there is no second try.
            may_retry = outcome.passing and not call.emitted and retries < self._settings.retries
            if not may_retry or pause >= call.remaining():
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

    def _options(self, schema: Mapping[str, Any] | None = None) -> dict[str, Any]:
        options: dict[str, Any] = {"temperature": 0.0} if "temperature" in self._optional else {}
        if schema is not None and "response_format" in self._optional:
            form = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}
            # Under its own name LangChain would hand the stream to another method of the SDK, which parses it itself.
            options["extra_body"] = {"response_format": form}
        return options

    def _ask_for_stream(
        self, call: Call, prompt: "list[BaseMessage]", schema: Mapping[str, Any] | None = None
    ) -> Reply:
        text, finish = "", ""
        usage: dict[str, int] = {}
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


def _usage(message: "BaseMessage") -> dict[str, int]:
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
