"""What a chat model may be made with, what leaves this machine, and what is imported for it."""

import os
import subprocess
import sys

import pytest
from pydantic import SecretStr

from qa.errors import (
    SettingsError,
)
from qa.providers import ModelSettings, make_chat_model, silence_tracing
from tests.fakes.errors import everything_said

KEY = "sk-test-key-0123456789"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (ModelSettings("m"), "ISISK_QA_API_KEY"),
        (ModelSettings(" ", "http://127.0.0.1:1/v1"), "ISISK_QA_MODEL"),
        (ModelSettings("m", "http://192.0.2.1/v1", SecretStr(KEY)), "unencrypted"),
        (ModelSettings("m", "http://localhost.example.org/v1", SecretStr(KEY)), "unencrypted"),
        (ModelSettings("m", "http://127.0.0.1.example.org/v1", SecretStr(KEY)), "unencrypted"),
        (ModelSettings("m", "http://0.0.0.0/v1", SecretStr(KEY)), "unencrypted"),
        (ModelSettings("m", f"https://user:{KEY}@example.org/v1"), "password"),
        (ModelSettings("m", "ftp://example.org"), "http or https"),
        (ModelSettings("m", "example.org/v1"), "http or https"),
        (ModelSettings("m", "http://"), "http or https"),
        (ModelSettings("m", "http://host:port/v1"), "http or https"),
        (ModelSettings("m", "http://[::1/v1"), "http or https"),
        (ModelSettings("m", None, SecretStr(f"{KEY} {KEY}")), "blank or a character"),
        (ModelSettings("m", None, SecretStr(f"{KEY}\r\nX-Evil: 1")), "blank or a character"),
        (ModelSettings("m", None, SecretStr(f"{KEY}é")), "blank or a character"),
    ],
)
def test_settings_that_cannot_work_are_refused_without_the_key(settings: ModelSettings, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        make_chat_model(settings)
    assert KEY not in everything_said(caught.value)
    assert KEY not in repr(settings) or settings.base_url is not None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "[::1]"])
def test_a_key_may_go_to_this_machine(host: str) -> None:
    chat = make_chat_model(ModelSettings("m", f"http://{host}:1/v1", SecretStr(f" {KEY}\n")))
    assert chat.name == "m"
    assert KEY not in repr(chat)
    chat.close()


def test_tracing_is_off_even_where_langsmith_has_already_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    from langchain_core.callbacks import CallbackManager
    from langsmith import utils

    def forget() -> None:
        utils.get_env_var.cache_clear()  # type: ignore[attr-defined]

    # monkeypatch puts back what silence_tracing sets.
    for name in ("LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING"):
        monkeypatch.setenv(name, "false")
    monkeypatch.setenv("LANGCHAIN_TRACING_V2", "true")
    forget()
    try:
        assert not utils.tracing_is_enabled()  # LANGSMITH_TRACING_V2 goes first
        monkeypatch.setenv("LANGSMITH_TRACING_V2", "true")
        forget()
        assert utils.tracing_is_enabled()
        silence_tracing()
        assert not utils.tracing_is_enabled()
        assert CallbackManager.configure().handlers == []
        assert os.environ["LANGCHAIN_TRACING_V2"] == "false"
    finally:
        forget()


def test_importing_the_model_path_loads_no_sdk() -> None:
    code = (
        "import sys, qa.providers, qa.llm, qa.context; qa.providers.silence_tracing();"
        "heavy = {'openai', 'langchain_openai', 'langchain_core', 'langsmith', 'httpx2'} & set(sys.modules);"
        "print(*heavy)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
