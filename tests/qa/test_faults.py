import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from qa.chat import Reply
from qa.errors import (
    AuthenticationError,
    BadReplyError,
    DeadlineError,
    ModelError,
    RateLimitError,
    RequestRefusedError,
    UnreachableError,
)
from qa.faults import Diagnosis, Symptom, seconds_to_wait

DIAGNOSIS = Diagnosis("a-model", "host:80", "sk-live-key-1234")


@pytest.mark.parametrize(
    ("symptom", "kind", "says", "passing"),
    [
        (Symptom("status", 401), AuthenticationError, "refused the key", False),
        (Symptom("status", 403), AuthenticationError, "refused the key", False),
        (Symptom("status", 404, "model gone"), RequestRefusedError, "no model 'a-model'", False),
        (Symptom("status", 413), RequestRefusedError, "too long", False),
        (Symptom("status", 400, code="context_length_exceeded"), RequestRefusedError, "too long", False),
        (
            Symptom("status", 400, "exceeds the available context size"),
            RequestRefusedError,
            "too long",
            False,
        ),
        (Symptom("status", 400, "bad role"), RequestRefusedError, r"HTTP 400.*bad role", False),
        (Symptom("status", 302), RequestRefusedError, "another address", False),
        (Symptom("status", 408), ModelError, "HTTP 408", True),
        (Symptom("status", 500), ModelError, "HTTP 500", True),
        (Symptom("status", 503), ModelError, "HTTP 503", True),
        (Symptom("status", 429, retry_after="30"), RateLimitError, "in 30 s", True),
        (Symptom("status", 429, retry_after="soon"), RateLimitError, "later", True),
        (Symptom("status", 429, code="insufficient_quota"), RateLimitError, "billing", False),
        (Symptom("status", 0, "overloaded"), ModelError, "in the middle of its reply", False),
        (Symptom("broken"), BadReplyError, "broke off", True),
        (Symptom("timeout"), DeadlineError, "in time", False),
        (Symptom("connect_timeout"), UnreachableError, "did not accept", False),
        (Symptom("connect"), UnreachableError, "Nothing answers", False),
        (Symptom("connect", causes=(socket.gaierror(),)), UnreachableError, "no host", False),
        (Symptom("connect", causes=(ssl.SSLError(),)), UnreachableError, "TLS", False),
    ],
)
def test_each_symptom_has_a_type_and_a_sentence(
    symptom: Symptom, kind: type[ModelError], says: str, passing: bool
) -> None:
    fault = DIAGNOSIS.name(symptom)
    assert type(fault.error) is kind
    assert fault.passing is passing
    with pytest.raises(kind, match=says):
        raise fault.error
    message = str(fault.error)
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize("status", [400, 404, 413, 500])
def test_what_the_endpoint_says_is_cleaned(status: int) -> None:
    said = "Key sk-live-key-1234 or sk-other-99\x1b[2J\nno\u202e " + "x" * 5000
    message = str(DIAGNOSIS.name(Symptom("status", status, said)).error)
    assert "sk-" not in message
    assert message.isprintable()
    assert len(message) < 500


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply("text", "length"), "cut off"),
        (Reply("text", "content_filter"), "withheld"),
        (Reply("text", "tool_calls"), "before its end"),
        (Reply("text", ""), "before its end"),
        (Reply("", ""), "no chat completion"),
        (Reply(" \n", "stop"), "empty"),
        (Reply("x" * 100_001, "stop"), "would not end"),
    ],
)
def test_nothing_partial_passes_as_complete(reply: Reply, says: str) -> None:
    with pytest.raises(BadReplyError, match=says):
        DIAGNOSIS.checked(reply)
    if says != "cut off":
        with pytest.raises(BadReplyError, match=says):
            DIAGNOSIS.checked(reply, beginning=True)


def test_only_who_can_use_a_beginning_gets_a_reply_that_is_cut_off() -> None:
    reply = Reply("text", "length")
    assert DIAGNOSIS.checked(reply, beginning=True) is reply
    assert reply.cut_off
    with pytest.raises(BadReplyError, match="cut off"):
        DIAGNOSIS.checked(Reply(" ", "length"), beginning=True)


@pytest.mark.parametrize("reason", ["stop", "end_turn", "eos"])
def test_a_complete_reply_passes(reason: str) -> None:
    reply = Reply("text", reason)
    assert DIAGNOSIS.checked(reply) is reply


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("1", 1.0),
        (" 600 ", 600.0),
        ("0.5", 0.5),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("nan", None),
        ("1e9", None),
    ],
)
def test_retry_after_in_seconds(header: str, seconds: float | None) -> None:
    assert seconds_to_wait(header) == seconds


def test_retry_after_as_a_date() -> None:
    soon = datetime.now(UTC) + timedelta(minutes=10)
    wait = seconds_to_wait(format_datetime(soon, usegmt=True))
    assert wait is not None
    assert 500 < wait <= 600
    assert seconds_to_wait("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0


def test_what_no_other_question_gets_past_is_lasting() -> None:
    lasting = [
        Symptom("status", 401),
        Symptom("status", 403),
        Symptom("status", 404),
        Symptom("status", 302),
        Symptom("status", 429, code="insufficient_quota"),
    ]
    passing = [Symptom("status", status) for status in (400, 408, 413, 429, 500, 503)]
    passing += [Symptom("broken"), Symptom("timeout"), Symptom("connect")]
    assert [DIAGNOSIS.name(symptom).error.lasting for symptom in lasting] == [True] * len(lasting)
    assert [DIAGNOSIS.name(symptom).error.lasting for symptom in passing] == [False] * len(passing)
