import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr

from qa import providers
from qa.chat import ChatModel, Message, Reply
from qa.errors import (
    BadReplyError,
    ModelError,
    RateLimitError,
)
from qa.providers import ModelSettings, make_chat_model
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


def test_closing_a_stream_drops_the_connection(openai_server: OpenAIServer, make: Make) -> None:
    openai_server.script(Step("stall", text=TEXT))
    stream = make(deadline_s=3600).stream(MESSAGES)
    assert next(stream)
    stream.close()
    assert_no_call_is_left()
    assert list(stream) == []


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


@pytest.mark.parametrize("option", ["temperature", "stream_options", "max_completion_tokens"])
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
    monkeypatch.setattr(providers, "may_carry_secrets", lambda url: False)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"Authorization: Bearer {KEY}")
    whole(make(key=None))
    assert "Authorization" not in openai_server.requests[0].headers


def test_the_reply_is_bounded(openai_server: OpenAIServer) -> None:
    chat = make_chat_model(ModelSettings("fake-model", openai_server.url, max_tokens=77))
    chat.complete(MESSAGES)
    streamed(chat)
    chat.close()
    assert [request.json["max_completion_tokens"] for request in openai_server.requests] == [77, 77]


@both_ways
@pytest.mark.parametrize(
    ("prices", "cost"),
    [((2.0, 8.0), 10 * 2e-6 + 7 * 8e-6), ((0.0, 0.0), 0.0), ((2.0, None), None), ((None, None), None)],
)
def test_a_cost_is_told_only_where_the_prices_are_known(
    openai_server: OpenAIServer, ask: Ask, prices: tuple[float | None, float | None], cost: float | None
) -> None:
    openai_server.answer = "The group had 3,000 fighters [1]. Enough."
    settings = ModelSettings("fake-model", openai_server.url, price_input=prices[0], price_output=prices[1])
    chat = make_chat_model(settings)
    usage = ask(chat).usage
    chat.close()
    assert usage["input_tokens"] == 10
    assert usage["output_tokens"] == 7
    assert usage.get("cost") == (None if cost is None else pytest.approx(cost))
