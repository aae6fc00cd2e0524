"""A model file as a ChatModel: real llama.cpp, a tiny model, a real process and a real socket."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from qa.app import Application
from qa.chat import ChatModel, Message
from qa.errors import LocalModelError, SettingsError
from qa.llm import ModelAnswerer, PromptSize
from qa.local_server import LocalChatModel, ServerProcess
from qa.models import Question
from qa.providers import ModelSettings, make_chat_model
from qa.settings import Settings
from tests.fakes.tiny_gguf import write_model

TEXT = "The group had 3,000 fighters [1]."
MESSAGES = [Message("user", "How many?")]


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "tiny.gguf", TEXT)


@pytest.fixture(scope="module")
def chat(model_file: Path) -> Iterator[LocalChatModel]:
    chat = made(model_file)
    assert isinstance(chat, LocalChatModel)
    yield chat
    chat.close()


def made(path: Path) -> ChatModel:
    key = SecretStr("sk-of-another-endpoint")
    return make_chat_model(
        ModelSettings(f"local:{path}", "https://example.org/v1", key, 120.0, local_context=2048, local_threads=1)
    )


def process_of(chat: LocalChatModel) -> ServerProcess:
    server = chat._server
    assert server is not None
    return server


def test_a_reply_streamed_and_whole(chat: LocalChatModel) -> None:
    with chat.stream(MESSAGES) as stream:
        pieces = list(stream)
        assert len(pieces) > 3
        assert stream.reply.text == "".join(pieces) == TEXT
        assert stream.reply.usage["output_tokens"] > 3
    reply = chat.complete(MESSAGES)
    assert (reply.text, reply.finish_reason) == (TEXT, "stop")
    # The record names the model, not where it lies on this machine.
    assert chat.name == "tiny.gguf"


def test_it_tells_how_its_replies_would_begin(chat: LocalChatModel) -> None:
    reply = chat.weigh([MESSAGES, MESSAGES])
    assert len(reply.first) == 2
    for likeliest in reply.first:
        assert likeliest
        assert all(logarithm <= 0 for logarithm in likeliest.values())
    assert reply.usage["output_tokens"] == 2


def test_only_this_process_may_ask(chat: LocalChatModel) -> None:
    chat.complete(MESSAGES)
    server = process_of(chat)
    address = server.address()
    assert address is not None
    assert address.startswith("http://127.0.0.1:")
    body = json.dumps({"messages": [{"role": "user", "content": "x"}]}).encode()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(f"{address}/v1/chat/completions", body))
    assert refused.value.code == 401
    refused.value.close()
    for shown in ("cmdline", "environ"):
        assert server.key.encode() not in Path(f"/proc/{server.pid}/{shown}").read_bytes()


def test_it_is_started_again_when_it_has_died(chat: LocalChatModel) -> None:
    chat.complete(MESSAGES)
    first = process_of(chat)
    os.kill(first.pid, signal.SIGKILL)
    first._process.wait()
    assert chat.complete(MESSAGES).text == TEXT
    assert process_of(chat).pid != first.pid


def test_its_death_in_the_middle_of_a_call_is_said(chat: LocalChatModel) -> None:
    chat.complete(MESSAGES)
    server = process_of(chat)
    # Stopped, so that it cannot have answered before it is killed.
    os.kill(server.pid, signal.SIGSTOP)
    with chat.stream(MESSAGES) as stream:
        threading.Event().wait(0.2)
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(LocalModelError, match=r"tiny\.gguf ended while it answered.*ask again"):
            list(stream)


def test_making_it_starts_nothing(model_file: Path) -> None:
    assert vars(made(model_file))["_server"] is None


def test_closing_ends_it(model_file: Path) -> None:
    chat = made(model_file)
    assert isinstance(chat, LocalChatModel)
    with chat.stream(MESSAGES):
        while not vars(chat)["_server"]:
            threading.Event().wait(0.01)
    server = process_of(chat)
    chat.close()
    assert server.ended()
    with pytest.raises(LocalModelError, match="not served any more"):
        chat.complete(MESSAGES)


def test_it_ends_with_a_program_that_is_killed(model_file: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from qa.local_server import ServerProcess\n"
        "server = ServerProcess(Path(sys.argv[1]), 2048, 1)\n"
        "while server.address() is None: time.sleep(0.01)\n"
        "print(server.pid, flush=True); time.sleep(3600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(model_file)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as program:
        assert program.stdout is not None
        pid = int(program.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        program.kill()
    while _runs(pid):
        threading.Event().wait(0.02)


def _runs(pid: int) -> bool:
    try:
        # Nobody may be there to bury it.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, r"cannot be read.*isisk-qa local-model"),
        (b"<html>", "is not a GGUF file"),
        (b"GGUF" + bytes(range(256)), "cannot be loaded"),
    ],
    ids=["missing", "something else", "broken"],
)
def test_a_file_that_is_no_model(tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "model.gguf"
    if content is not None:
        file.write_bytes(content)
    chat = made(file)
    with pytest.raises(LocalModelError, match=says) as caught:
        chat.complete(MESSAGES)
    assert str(caught.value).endswith(".")
    chat.close()


def test_without_xllamacpp_it_says_what_to_install(
    model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xllamacpp.py").write_text("raise ImportError")
    monkeypatch.syspath_prepend(tmp_path)
    chat = made(model_file)
    with pytest.raises(LocalModelError, match=r"pip install 'isisk-qa\[local\]'"):
        chat.complete(MESSAGES)
    chat.close()


def test_a_file_must_be_named() -> None:
    with pytest.raises(SettingsError, match="local:"):
        make_chat_model(ModelSettings("local: "))


def test_a_small_model_gets_the_short_prompt_of_the_program(home: Path, model_file: Path) -> None:
    with Application(Settings(home=home, model=f"local:{model_file}", structured=False)) as application:
        answer = application.chain().invoke(Question("How many fighters did ISIS-K have at the beginning of 2017?"))
    assert answer.model == model_file.name
    assert answer.prompt_sha256 == ModelAnswerer(PromptSize.SHORT, structured=False).prompt_sha256
