"""Giving a question up ends its request: the endpoint sees the connection closed, long before the deadline."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest
from pydantic import SecretStr
from textual.message import Message

from qa.app import Application
from qa.chat import Cancellation
from qa.chat import Message as Prompt
from qa.errors import CancelledError
from qa.models import Question, TextDelta
from qa.providers import ModelSettings, make_chat_model
from qa.settings import Settings
from qa.tui.session import Session
from tests.fakes.openai_server import OpenAIServer, Step

QUESTION = "How many fighters did ISIS-K have at the beginning of 2017?"
TEXT = "The group had 3,000 fighters at the beginning of 2017 [1]."
HOUR_S = 3600.0
hanging = pytest.mark.parametrize("step", [Step("silence"), Step("stall", text=TEXT)], ids=["silent", "stalled"])


@pytest.fixture
def asking(home: Path, openai_server: OpenAIServer) -> Iterator[Application]:
    settings = Settings(
        home=home, model="fake-model", base_url=openai_server.url, api_key=SecretStr("key"), deadline_s=HOUR_S
    )
    with Application(settings) as application:
        yield application


def wait_for_request(server: OpenAIServer) -> None:
    while not server.requests:
        threading.Event().wait(0.01)


def test_closing_the_events(openai_server: OpenAIServer, asking: Application) -> None:
    # Half of it holds whole sentences, which are what is streamed.
    openai_server.script(
        Step("stall", text=" ".join([TEXT, *(f"Item {n} was lost there too [1]." for n in range(20))]))
    )
    events = asking.chain().stream(Question(QUESTION))
    assert any(isinstance(event, TextDelta) for event in iter(lambda: next(events), None) if event)
    events.close()  # type: ignore[attr-defined]
    assert openai_server.left.wait(10)


@hanging
def test_from_another_thread(openai_server: OpenAIServer, step: Step) -> None:
    openai_server.script(step)
    chat = make_chat_model(ModelSettings("fake-model", openai_server.url, deadline_s=HOUR_S))
    cancellation = Cancellation()

    def give_up() -> None:
        wait_for_request(openai_server)
        cancellation.cancel()

    thread = threading.Thread(target=give_up)
    thread.start()
    with cancellation, chat.stream([Prompt("user", "x")]) as stream, pytest.raises(CancelledError, match="given up"):
        list(stream)
    thread.join()
    assert openai_server.left.wait(10)
    with cancellation, chat.stream([Prompt("user", "x")]) as late, pytest.raises(CancelledError):
        list(late)
    with chat.stream([Prompt("user", "x")]) as other:
        assert list(other), "it is no longer under that cancellation"
    chat.close()


@hanging
def test_a_question_stopped_in_the_terminal_ui(openai_server: OpenAIServer, asking: Application, step: Step) -> None:
    openai_server.script(step)
    posted: Queue[Message] = Queue()
    session = Session(lambda: asking, posted.put)
    session.ask(1, QUESTION)
    wait_for_request(openai_server)
    assert session.cancel() == 1
    assert openai_server.left.wait(10)
    for thread in threading.enumerate():
        if thread.name == "isisk-qa-job":
            thread.join(10)
            assert not thread.is_alive()
    shown = [posted.get() for _ in range(posted.qsize())]
    assert not any(isinstance(message, Session.Answered | Session.Failed) for message in shown)


def test_ctrl_c_at_the_command_line(openai_server: OpenAIServer, home: Path) -> None:
    openai_server.script(Step("stall", text=TEXT))
    # Tests that run in the background inherit an ignored SIGINT.
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from qa.cli import main; sys.exit(main())"
    )
    environment = {
        "ISISK_QA_HOME": str(home),
        "ISISK_QA_MODEL": "fake-model",
        "ISISK_QA_BASE_URL": openai_server.url,
        "ISISK_QA_DEADLINE_S": str(HOUR_S),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    with subprocess.Popen(
        [sys.executable, "-c", code, "ask", "--json", QUESTION],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for_request(openai_server)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert openai_server.left.wait(10)
