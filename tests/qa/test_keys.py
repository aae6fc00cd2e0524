"""A key is in nothing that the program writes, whatever the endpoint says and whatever breaks."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from qa import providers
from qa.app import Application
from qa.cli import main
from qa.errors import SettingsError
from qa.settings import Settings
from tests.fakes.errors import everything_said
from tests.fakes.openai_server import OpenAIServer, Step, error

KEY = "k3y-of-the-person-0123456789"


@pytest.fixture
def environment(home: Path, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ISISK_QA_HOME", str(home))
    monkeypatch.setenv("ISISK_QA_MODEL", "fake-model")
    monkeypatch.setenv("ISISK_QA_BASE_URL", openai_server.url)
    (home / "config.toml").write_text(f'api_key = "{KEY}"')
    (home / "config.toml").chmod(0o600)
    return home


def holds_the_key(folder: Path) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "config.toml"]
    assert files
    return [path for path in files if KEY.encode() in path.read_bytes()]


QUESTION = "How many fighters did ISIS-K have at the beginning of 2017?"


@pytest.mark.parametrize(
    ("arguments", "step", "code"),
    [
        (["ask", "--json", QUESTION], Step(text="ISIS-K had 3,000 fighters [1]."), 0),
        (["ask", QUESTION], error(401, f"wrong key {KEY}"), 1),
        (["ask", QUESTION], error(404, f"no such model for {KEY}"), 1),
        (["ask", QUESTION], Step("reset", text="ISIS-K had 3,000 fighters [1]."), 1),
        (["doctor"], Step(), 0),
    ],
    ids=["answer", "401", "404", "reset", "doctor"],
)
def test_what_is_written(
    environment: Path,
    openai_server: OpenAIServer,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    step: Step,
    code: int,
) -> None:
    openai_server.script(step)
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert KEY not in out + err
    assert holds_the_key(environment) == []
    if arguments[0] == "ask":
        assert openai_server.requests[0].headers["Authorization"] == f"Bearer {KEY}"


def test_a_defect_s_traceback(
    environment: Path,
    openai_server: OpenAIServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(error: BaseException) -> None:
        raise ZeroDivisionError(str(error))

    monkeypatch.setattr(providers, "_symptom", broken)
    openai_server.script(error(400, f"wrong key {KEY}"))
    assert main(["ask", QUESTION]) == 1
    assert KEY not in "".join(capsys.readouterr())
    assert "wrong key ***" in (environment / "isisk-qa.log").read_text()
    assert holds_the_key(environment) == []


def test_an_evaluation(environment: Path, openai_server: OpenAIServer, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["eval", "run", "--answerer", "llm", "--split", "dev", "--limit", "2", "--out", str(out)]) == 0
    assert holds_the_key(out) == []


def test_the_chat_model_s_key_is_for_its_endpoint_only(tmp_path: Path, openai_server: OpenAIServer) -> None:
    def embed(**given: Any) -> None:
        settings = Settings(home=tmp_path, embedding_model="an-embedder", api_key=SecretStr(KEY), **given)
        with Application(settings) as application:
            application._embedder.embed(["text"])

    embed(base_url="https://models.example/v1", embedding_base_url=openai_server.url)
    embed(base_url=openai_server.url)
    first, second = (str(request.headers["Authorization"]) for request in openai_server.requests)
    assert KEY not in first
    assert second == f"Bearer {KEY}"
    with pytest.raises(SettingsError, match="unencrypted") as caught:
        embed(base_url="http://192.0.2.1/v1")
    assert KEY not in everything_said(caught.value)
