"""What a server can do to a request, over real sockets: it ends in time, as one kind of error."""

import threading
import time
from collections import deque
from collections.abc import Iterator

import httpx
import pytest

from tests.fakes.gate import Gate, Step
from vectorstore.errors import IndexFault, ServerUnreachable
from vectorstore.serving.address import make_server
from vectorstore.serving.http_session import PatientSession, _translated

PATIENCE = 0.6


@pytest.fixture
def gate() -> Iterator[Gate]:
    with Gate().open() as opened:
        yield opened


def ask(session: PatientSession, gate: Gate) -> httpx.Response:
    return session.request("get", f"{gate.url}/api/v2/heartbeat")


@pytest.fixture
def session(gate: Gate) -> Iterator[PatientSession]:
    with PatientSession(make_server(gate.url, token="s3cret", patience_s=PATIENCE)) as opened:
        yield opened


def every_error() -> list[type[Exception]]:
    found: list[type[Exception]] = [httpx.HTTPError, httpx.StreamError, httpx.InvalidURL]
    for each in found:
        found += each.__subclasses__()
    return found


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_no_error_of_the_http_library_escapes(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    Exception.__init__(error, "s3cret")
    with pytest.raises(IndexFault) as caught, _translated("http://h"):
        raise error
    assert "s3cret" not in str(caught.value)
    assert "http://h" in str(caught.value)


@pytest.mark.parametrize("steps", [[503], [502, 429, 500], ["cut"]])
def test_what_passes_is_waited_for(session: PatientSession, gate: Gate, steps: list[Step]) -> None:
    gate.steps.extend([*steps, 204])
    assert ask(session, gate).status_code == 204
    assert len(gate.seen) == len(steps) + 1


@pytest.mark.parametrize("step", ["silence", "drip", 503])
def test_what_does_not_pass_ends_with_the_patience(session: PatientSession, gate: Gate, step: Step) -> None:
    gate.steps = deque([step] * 200)
    began = time.monotonic()
    with pytest.raises(ServerUnreachable):
        ask(session, gate)
    first = time.monotonic() - began
    # The next request shares the patience that is used up, and is let run for a second at most.
    with pytest.raises(ServerUnreachable):
        ask(session, gate)
    assert first < PATIENCE + 5
    assert time.monotonic() - began - first < first + 5


def test_nobody_there(gate: Gate) -> None:
    with Gate().open() as gone:
        address = gone.url
    with PatientSession(make_server(address, patience_s=0.2)) as session, pytest.raises(ServerUnreachable):
        session.request("get", address)


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "credentials"), (403, "credentials"), (404, "no Chroma server"), (302, "no Chroma server")],
)
def test_what_will_not_get_better_is_not_repeated(session: PatientSession, gate: Gate, status: int, said: str) -> None:
    gate.steps.append(status)
    with pytest.raises(IndexFault, match=said) as caught:
        ask(session, gate)
    assert not isinstance(caught.value, ServerUnreachable)
    assert "s3cret" not in str(caught.value)
    assert len(gate.seen) == 1


def test_once_it_answers_there_is_all_the_patience_again(session: PatientSession, gate: Gate) -> None:
    gate.steps = deque([503] * 200)
    with pytest.raises(ServerUnreachable):
        ask(session, gate)
    gate.steps = deque([204])
    assert ask(session, gate).status_code == 204
    # Away for less than the patience: asked again until it is back.
    gate.steps = deque([503] * 200)
    timer = threading.Timer(PATIENCE / 3, setattr, (gate, "steps", deque([204])))
    timer.start()
    try:
        assert ask(session, gate).status_code == 204
    finally:
        timer.join()
