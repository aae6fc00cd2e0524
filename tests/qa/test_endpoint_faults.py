"""Every fault of an endpoint, streamed, whole and weighed: one typed error, no later than the deadline plus 2 s."""

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from threading import Thread

import pytest
from pydantic import SecretStr

from qa.chat import ChatModel, Message
from qa.errors import (
    AuthenticationError,
    BadReplyError,
    DeadlineError,
    ModelError,
    RateLimitError,
    RequestRefusedError,
    UnreachableError,
)
from qa.providers import ModelSettings, make_chat_model
from tests.fakes.errors import everything_said
from tests.fakes.openai_server import OpenAIServer, Step, error

KEY = "sk-test-key-0123456789"
TEXT = "ISIS-K had 3,000 fighters at the beginning of 2017 [1]. Later it had fewer [2]."
MESSAGES = [Message("user", "How many?")]
DEADLINE_S = 0.6
# Of a fault that comes at once: so long that only a machine that hangs meets it.
PATIENT_S = 10.0
MARGIN_S = 2.0

JSON, SSE = "application/json", "text/event-stream"


def raw(body: bytes, content_type: str = JSON) -> Step:
    return Step("raw", headers={"Content-Type": content_type}, body=body)


def limited(retry_after: str) -> Step:
    return error(429, f"slow down {KEY}", headers={"Retry-After": retry_after})


# What the endpoint does, the error, what its sentence says, how many requests it takes when two retries are allowed.
FAULTS = {
    "401": (error(401, f"bad key {KEY}"), AuthenticationError, "refused the key.*API_KEY", 1),
    "403": (error(403, f"bad key {KEY}"), AuthenticationError, "refused the key.*API_KEY", 1),
    "404 model": (error(404, f"no such model {KEY}"), RequestRefusedError, "no model 'fake-model'.*ISISK_QA_MODEL", 1),
    "413": (error(413), RequestRefusedError, "too long.*ISISK_QA_PASSAGES", 1),
    "413 HTML": (Step("raw", status=413, body=b"<html>"), RequestRefusedError, "too long.*ISISK_QA_PASSAGES", 1),
    "context code": (error(400, code="context_length_exceeded"), RequestRefusedError, "too long", 1),
    "context words": (error(400, "exceeds the available context size"), RequestRefusedError, "too long", 1),
    "400": (error(400, f"bad request {KEY}"), RequestRefusedError, "HTTP 400.*check", 1),
    "422": (error(422), RequestRefusedError, "HTTP 422.*check", 1),
    "302": (Step("raw", status=302, headers={"Location": "http://example.org"}), RequestRefusedError, "another add", 1),
    # The wait is longer than the deadline, so there is no point in waiting.
    "429 in 1 s": (limited("1"), RateLimitError, r"ask again in 1 s\.$", 1),
    "429 in 30 s": (limited("30"), RateLimitError, r"ask again in 30 s\.$", 1),
    "429 in 600 s": (limited("600"), RateLimitError, r"ask again in 10 min\.$", 1),
    "429 garbage": (limited("soon \x7f"), RateLimitError, r"ask again later\.$", 3),
    "429 negative": (limited("-5"), RateLimitError, r"ask again later\.$", 3),
    "429 quota": (error(429, code="insufficient_quota"), RateLimitError, "billing", 1),
    "500": (error(500, KEY), ModelError, "HTTP 500.*ask again later", 3),
    "500 HTML": (Step("raw", status=500, body=b"<html>oops"), ModelError, "HTTP 500.*ask again later", 3),
    "503": (error(503), ModelError, "HTTP 503.*ask again later", 3),
    "503 in 60 s": (error(503, headers={"Retry-After": "60"}), ModelError, "HTTP 503.*ask again in 60 s", 1),
    "HTML": (raw(b"<html><body>Welcome</body></html>", "text/html"), BadReplyError, "no chat completion", 1),
    "HTML called JSON": (raw(b"<html><body>Welcome</body></html>"), BadReplyError, "no chat completion", 1),
    "HTML called SSE": (raw(b"<html><body>Welcome</body></html>", SSE), BadReplyError, "no chat completion", 1),
    "empty body": (raw(b""), BadReplyError, "no chat completion", 1),
    "truncated JSON": (raw(b'{"choices": [{"mess'), BadReplyError, "no chat completion", 1),
    "null": (raw(b"null"), BadReplyError, "no chat completion", 1),
    "a list": (raw(b"[1]"), BadReplyError, "no chat completion", 1),
    "choices null": (raw(b'{"choices": null}'), BadReplyError, "no chat completion", 1),
    "no message": (raw(b'{"choices": [{"message": null, "finish_reason": "stop"}]}'), BadReplyError, "no chat", 1),
    "bad SSE": (raw(b'data: {"choi\n\n', SSE), BadReplyError, "no chat completion", 1),
    "SSE with nothing": (raw(b"data: [DONE]\n\n", SSE), BadReplyError, "no chat completion", 1),
    "SSE of garbage": (raw(b"\x00\xff\xfe\n\n", SSE), BadReplyError, "no chat completion", 1),
    "no choices": (Step(text=TEXT, choices=False), BadReplyError, "no chat completion", 1),
    "no finish_reason": (Step(text=TEXT, finish_reason=None), BadReplyError, "before its end", 1),
    "length": (Step(text=" ", finish_reason="length"), BadReplyError, "length limit.*ISISK_QA_MAX_TOKENS", 1),
    "content filter": (Step(text=TEXT, finish_reason="content_filter"), BadReplyError, "withheld", 1),
    "empty text": (Step(text="  "), BadReplyError, "empty reply", 1),
    "silence": (Step("silence"), DeadlineError, r"0\.6 s; ask again.*ISISK_QA_DEADLINE_S", 1),
    "stalled": (Step("stall", text=TEXT), DeadlineError, r"0\.6 s; ask again.*ISISK_QA_DEADLINE_S", 1),
    "1 byte a second": (Step("drip", text=TEXT, pause_s=1.0), DeadlineError, r"0\.6 s; ask again", 1),
    "1 byte a second, head": (Step("drip_head", text=TEXT, pause_s=1.0), DeadlineError, r"0\.6 s; ask again", 1),
}
# What was streamed cannot be taken back, so that a reset is then not tried again.
RESET = {"streamed": 1, "whole": 3, "weighed": 3}


def streamed(chat: ChatModel) -> None:
    with chat.stream(MESSAGES) as stream:
        for _ in stream:
            pass


def whole(chat: ChatModel) -> None:
    chat.complete(MESSAGES)


def weighed(chat: ChatModel) -> None:
    chat.weigh([MESSAGES, MESSAGES])


each_way = pytest.mark.parametrize("ask", [streamed, whole, weighed])
Ask = Callable[[ChatModel], object]


def assert_fails(
    ask: Ask,
    url: str,
    kind: type[ModelError],
    says: str,
    model: str = "fake-model",
    deadline_s: float = DEADLINE_S,
) -> None:
    chat = make_chat_model(ModelSettings(model, url, SecretStr(KEY), deadline_s, retries=2, backoff_s=0.0))
    try:
        # What is imported at the first call is no part of it.
        import langchain_openai  # noqa: F401

        began = time.monotonic()
        with pytest.raises(ModelError, match=says) as caught:
            ask(chat)
        assert time.monotonic() - began < deadline_s + MARGIN_S
    finally:
        chat.close()
    assert type(caught.value) is kind
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert KEY not in everything_said(caught.value)


@each_way
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault(openai_server: OpenAIServer, ask: Ask, fault: str) -> None:
    step, kind, says, requests = FAULTS[fault]
    openai_server.script(step, step, step, step)
    waits = kind in (DeadlineError, RateLimitError)
    assert_fails(ask, openai_server.url, kind, says, deadline_s=DEADLINE_S if waits else PATIENT_S)
    assert len(openai_server.requests) == requests


@each_way
def test_a_limit_until_a_date(openai_server: OpenAIServer, ask: Ask) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=30), usegmt=True)
    openai_server.script(limited(date))
    assert_fails(ask, openai_server.url, RateLimitError, r"ask again in (29|30) min\.$")
    assert len(openai_server.requests) == 1


@each_way
def test_a_reset_in_the_middle(openai_server: OpenAIServer, ask: Ask) -> None:
    step = Step("reset", text=TEXT)
    openai_server.script(step, step, step, step)
    assert_fails(ask, openai_server.url, BadReplyError, "broke off.*ask again")
    assert len(openai_server.requests) == RESET[ask.__name__]


@contextmanager
def refusing(tmp_path: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def nameless(tmp_path: Path) -> Iterator[str]:
    yield "https://models.invalid/v1"


@contextmanager
def never_accepting(tmp_path: Path) -> Iterator[str]:
    """A queue of waiting connections that is full: the next one gets no reply at all."""
    with socket.socket() as server, socket.socket() as first, socket.socket() as second:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for client in (first, second):
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"


@contextmanager
def plain_behind_https(tmp_path: Path) -> Iterator[str]:
    with OpenAIServer().running() as server:
        yield server.url.replace("http:", "https:")


@contextmanager
def untrusted(tmp_path: Path) -> Iterator[str]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate, and is not installed")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-out", certificate, "-keyout", key],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def shake_hands() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=shake_hands, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}/v1"
        # Closing alone would not wake it.
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


UNREACHABLE = {
    "refused": (refusing, UnreachableError, "Nothing answers.*start the model's server"),
    "DNS": (nameless, UnreachableError, "no host models.invalid.*ISISK_QA_BASE_URL"),
    "TLS to a plain server": (plain_behind_https, UnreachableError, "TLS.*ISISK_QA_BASE_URL"),
    "TLS untrusted": (untrusted, UnreachableError, "TLS.*certificate"),
    "connect timeout": (never_accepting, ModelError, "in time|0.6 s"),
}


@each_way
@pytest.mark.parametrize("fault", UNREACHABLE)
def test_an_endpoint_that_cannot_be_reached(tmp_path: Path, ask: Ask, fault: str) -> None:
    place: Callable[[Path], AbstractContextManager[str]]
    place, kind, says = UNREACHABLE[fault]
    with place(tmp_path) as url:
        if kind is ModelError:
            # Which clock is first, the call's or the connection's, is chance.
            with pytest.raises((DeadlineError, UnreachableError), match=says):
                assert_fails_raw(ask, url)
        else:
            assert_fails(ask, url, kind, says)


def assert_fails_raw(ask: Ask, url: str) -> None:
    chat = make_chat_model(ModelSettings("fake-model", url, None, DEADLINE_S))
    began = time.monotonic()
    try:
        ask(chat)
    finally:
        chat.close()
        assert time.monotonic() - began < DEADLINE_S + MARGIN_S


@each_way
def test_a_retry_after_within_the_deadline_is_kept_to(openai_server: OpenAIServer, ask: Ask) -> None:
    openai_server.script(limited("1"))
    openai_server.answer = TEXT
    chat = make_chat_model(ModelSettings("fake-model", openai_server.url, None, 30.0, retries=2, backoff_s=0.0))
    began = time.monotonic()
    ask(chat)
    chat.close()
    assert time.monotonic() - began >= 1.0
    assert len(openai_server.requests) == 2
