import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr

from qa import providers
from qa.chat import ChatModel, Message, Reply
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
MESSAGES = [Message("system", "Cite {passages}."), Message("user", "How many?")]

Make = Callable[..., ChatModel]
Ask = Callable[[ChatModel], Reply]


def streamed(chat: ChatModel) -> Reply:
    with chat.stream(MESSAGES) as stream:
        pieces = list(stream)
        assert "".join(pieces) == stream.reply.text
        return stream.reply


def whole(chat: ChatModel) -> Reply:
    return chat.complete(MESSAGES)


both_ways = pytest.mark.parametrize("ask", [streamed, whole])


@pytest.fixture
def make(openai_server: OpenAIServer) -> Iterator[Make]:
    made: list[ChatModel] = []

    def chat(
        deadline_s: float = 10.0, retries: int = 0, base_url: str | None = None, key: str | None = KEY
    ) -> ChatModel:
        secret = SecretStr(key) if key else None
        url = base_url or openai_server.url
        made.append(make_chat_model(ModelSettings("fake-model", url, secret, deadline_s, retries, backoff_s=0.0)))
        return made[-1]

    yield chat
    for each in made:
        each.close()


def calls_in_flight() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "model-call"]


def assert_no_call_is_left() -> None:
    for thread in calls_in_flight():
        thread.join(10)
    assert calls_in_flight() == []


@both_ways
def test_a_reply_with_its_usage(openai_server: OpenAIServer, make: Make, ask: Ask) -> None:
    openai_server.answer = TEXT
    words = len(TEXT.split())
    usage = {"input_tokens": 10, "output_tokens": words, "total_tokens": 10 + words}
    assert ask(make()) == Reply(TEXT, "stop", usage)
    request = openai_server.requests[0]
    assert request.path == "/v1/chat/completions"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.json["temperature"] == 0
    assert [message["content"] for message in request.json["messages"]] == ["Cite {passages}.", "How many?"]


def raw(body: bytes, content_type: str = "application/json") -> Step:
    return Step("raw", headers={"Content-Type": content_type}, body=body)


FAULTS = [
    pytest.param(error(401, f"bad key {KEY}"), AuthenticationError, id="401"),
    pytest.param(error(403, f"bad key {KEY}"), AuthenticationError, id="403"),
    pytest.param(error(404, f"no such model {KEY}"), RequestRefusedError, id="404"),
    pytest.param(error(400, "context", code="context_length_exceeded"), RequestRefusedError, id="400 too long"),
    pytest.param(error(400, f"bad request {KEY}"), RequestRefusedError, id="400"),
    pytest.param(error(413), RequestRefusedError, id="413"),
    pytest.param(error(422), RequestRefusedError, id="422"),
    pytest.param(error(429, headers={"Retry-After": "1"}), RateLimitError, id="429"),
    pytest.param(error(429, headers={"Retry-After": "garbage"}), RateLimitError, id="429 garbage"),
    pytest.param(error(429, code="insufficient_quota"), RateLimitError, id="429 quota"),
    pytest.param(error(500, KEY), ModelError, id="500"),
    pytest.param(error(503), ModelError, id="503"),
    pytest.param(Step("raw", status=302, headers={"Location": "http://example.org"}), RequestRefusedError, id="302"),
    pytest.param(Step("raw", status=500, body=b"<html>oops"), ModelError, id="500 with HTML"),
    pytest.param(raw(b"<html><body>Welcome</body></html>", "text/html"), BadReplyError, id="HTML"),
    pytest.param(raw(b"<html><body>Welcome</body></html>"), BadReplyError, id="HTML called JSON"),
    pytest.param(raw(b""), BadReplyError, id="empty body"),
    pytest.param(raw(b'{"choices": [{"mess'), BadReplyError, id="cut-off JSON"),
    pytest.param(raw(b"null"), BadReplyError, id="null"),
    pytest.param(raw(b"[1]"), BadReplyError, id="a list"),
    pytest.param(raw(b'{"choices": null}'), BadReplyError, id="choices null"),
    pytest.param(raw(b'{"choices": [{"message": null, "finish_reason": "stop"}]}'), BadReplyError, id="no message"),
    pytest.param(raw(b'data: {"choi\n\n', "text/event-stream"), BadReplyError, id="bad SSE"),
    pytest.param(raw(b"data: [DONE]\n\n", "text/event-stream"), BadReplyError, id="SSE with nothing"),
    pytest.param(raw(b"\x00\xff\xfe\n\n", "text/event-stream"), BadReplyError, id="SSE of garbage"),
    pytest.param(Step(text=TEXT, finish_reason=None), BadReplyError, id="no finish_reason"),
    pytest.param(Step(text=TEXT, finish_reason="length"), BadReplyError, id="length"),
    pytest.param(Step(text=TEXT, finish_reason="content_filter"), BadReplyError, id="filtered"),
    pytest.param(Step(text=TEXT, choices=False), BadReplyError, id="no choices"),
    pytest.param(Step(text="  "), BadReplyError, id="empty text"),
    pytest.param(Step("reset", text=TEXT), BadReplyError, id="reset"),
]


@both_ways
@pytest.mark.parametrize(("step", "kind"), FAULTS)
def test_each_fault_is_one_typed_error_without_the_key(
    openai_server: OpenAIServer, make: Make, ask: Ask, step: Step, kind: type[ModelError]
) -> None:
    openai_server.script(step)
    chat = make()
    with pytest.raises(ModelError) as caught:
        ask(chat)
    assert type(caught.value) is kind
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert KEY not in everything_said(caught.value)
    assert len(openai_server.requests) == 1


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (b'{"error": {"message": "busy", "code": 429}}', RateLimitError),
        (b'{"error": {"message": "x"}}', ModelError),
        (b'{"error": {"message": "x", "code": "' + b"9" * 5000 + b'"}}', ModelError),
    ],
    ids=["429", "no code", "no status"],
)
def test_an_error_reported_inside_a_stream(
    openai_server: OpenAIServer, make: Make, event: bytes, kind: type[ModelError]
) -> None:
    openai_server.script(raw(b"data: " + event + b"\n\n", "text/event-stream"))
    with pytest.raises(ModelError) as caught:
        streamed(make())
    assert type(caught.value) is kind


@both_ways
@pytest.mark.parametrize(
    "step",
    [
        Step("silence"),
        Step("stall", text=TEXT),
        Step("drip", text=TEXT, pause_s=0.1),
        Step("drip_head", text=TEXT, pause_s=0.1),
    ],
    ids=lambda step: step.kind,
)
def test_the_deadline_holds_whatever_the_endpoint_does(
    openai_server: OpenAIServer, make: Make, ask: Ask, step: Step
) -> None:
    # None of these would end by itself while the test runs, so that it ends is the assertion.
    openai_server.script(step)
    with pytest.raises(DeadlineError, match=r"0\.4 s"):
        ask(make(deadline_s=0.4))
    assert_no_call_is_left()


def test_closing_a_stream_drops_the_connection(openai_server: OpenAIServer, make: Make) -> None:
    openai_server.script(Step("stall", text=TEXT))
    stream = make(deadline_s=3600).stream(MESSAGES)
    assert next(stream)
    stream.close()
    assert_no_call_is_left()
    assert list(stream) == []


@both_ways
@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://127.0.0.1:{free}/v1", "Nothing answers"),
        ("https://127.0.0.1:{port}/v1", "TLS"),
        ("https://models.invalid/v1", "no host"),
    ],
)
def test_an_endpoint_that_cannot_be_reached(
    openai_server: OpenAIServer, make: Make, ask: Ask, address: str, says: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        free = unused.getsockname()[1]
    port = openai_server.url.rpartition(":")[2].partition("/")[0]
    with pytest.raises(UnreachableError, match=says) as caught:
        ask(make(base_url=address.format(free=free, port=port), retries=2))
    assert KEY not in everything_said(caught.value)


@both_ways
@pytest.mark.parametrize(
    "step",
    [error(500), error(429), error(429, headers={"Retry-After": "0"})],
    ids=["500", "429", "429 with 0"],
)
def test_what_may_pass_is_tried_again(openai_server: OpenAIServer, make: Make, ask: Ask, step: Step) -> None:
    openai_server.script(step, step)
    openai_server.answer = TEXT
    assert ask(make(retries=2)).text == TEXT
    assert len(openai_server.requests) == 3


@both_ways
def test_retries_end(openai_server: OpenAIServer, make: Make, ask: Ask) -> None:
    openai_server.script(*[error(503)] * 5)
    with pytest.raises(ModelError, match="503"):
        ask(make(retries=2))
    assert len(openai_server.requests) == 3


@both_ways
@pytest.mark.parametrize(
    "step",
    [
        error(429, headers={"Retry-After": "600"}),
        error(429, headers={"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}),
        error(401),
        error(400),
    ],
)
def test_what_will_not_pass_in_time_is_not_tried_again(
    openai_server: OpenAIServer, make: Make, ask: Ask, step: Step
) -> None:
    openai_server.script(step)
    with pytest.raises(ModelError):
        ask(make(retries=2))
    assert len(openai_server.requests) == 1


def test_closing_in_a_pause_sends_no_second_request(openai_server: OpenAIServer, make: Make) -> None:
    openai_server.script(error(429, headers={"Retry-After": "60"}))
    stream = make(deadline_s=3600, retries=2).stream(MESSAGES)
    while not openai_server.requests:
        threading.Event().wait(0.01)
    stream.close()
    assert_no_call_is_left()
    assert len(openai_server.requests) == 1


def test_text_that_was_shown_is_not_asked_for_again(openai_server: OpenAIServer, make: Make) -> None:
    openai_server.script(Step("reset", text=TEXT))
    stream = make(retries=2).stream(MESSAGES)
    assert next(stream)
    with pytest.raises(BadReplyError):
        list(stream)
    assert len(openai_server.requests) == 1


@pytest.mark.parametrize("option", ["temperature", "stream_options"])
def test_an_option_that_the_endpoint_refuses_is_left_out(openai_server: OpenAIServer, make: Make, option: str) -> None:
    openai_server.script(error(400, f"Unsupported value: '{option}'", param=option))
    chat = make()
    streamed(chat)
    streamed(chat)
    assert [option in request.json for request in openai_server.requests] == [True, False, False]


def test_calls_in_several_threads_keep_apart(openai_server: OpenAIServer, make: Make) -> None:
    openai_server.answer = lambda request: f"You asked: {request['messages'][-1]['content']}"
    chat = make()

    def ask(number: int) -> str:
        with chat.stream([Message("user", f"question {number}")]) as stream:
            return "".join(stream)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(8))) == [f"You asked: question {number}" for number in range(8)]


@both_ways
def test_the_environment_changes_nothing(
    openai_server: OpenAIServer, make: Make, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "OPENAI_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "LANGSMITH_GATEWAY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-another")
    monkeypatch.setenv("LC_OUTPUT_VERSION", "responses/v1")
    assert ask(make()).text == openai_server.answer
    assert openai_server.requests[0].headers["Authorization"] == f"Bearer {KEY}"


def test_without_a_key_none_is_sent(openai_server: OpenAIServer, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    whole(make(key=None))
    assert KEY not in str(openai_server.requests[0].headers)


def test_no_authorization_travels_unencrypted(
    openai_server: OpenAIServer, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "_is_loopback", lambda url: False)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"Authorization: Bearer {KEY}")
    whole(make(key=None))
    assert "Authorization" not in openai_server.requests[0].headers
