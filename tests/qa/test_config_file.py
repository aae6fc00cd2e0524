from pathlib import Path

import pytest
from pydantic import ValidationError

from qa.cli import main
from qa.errors import SettingsError
from qa.settings import Settings
from tests.fakes.errors import everything_said

KEY = "key-in-a-file-0123456789"


def write(home: Path, text: str, mode: int = 0o600) -> Path:
    home.mkdir(exist_ok=True)
    path = home / "config.toml"
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def test_the_file_fills_in_what_the_environment_leaves_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, f'model = "from-file"\napi_key = "{KEY}"\nbase_url = "https://file.example/v1"\nprice_input = 2\n')
    monkeypatch.setenv("ISISK_QA_HOME", str(tmp_path))
    settings = Settings()
    assert (settings.model, settings.base_url, settings.price_input) == ("from-file", "https://file.example/v1", 2.0)
    assert settings.secrets() == [KEY]
    assert KEY not in repr(settings)
    monkeypatch.setenv("ISISK_QA_MODEL", "from-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://environment.example/v1")
    monkeypatch.setenv("ISISK_QA_API_KEY", "another-key")
    settings = Settings()
    assert (settings.model, settings.base_url) == ("from-environment", "https://environment.example/v1")
    assert settings.secrets() == ["another-key"]
    assert Settings(model="given").model == "given"


def test_a_home_that_is_given_has_its_own_file(tmp_path: Path) -> None:
    write(tmp_path, f'api_key = "{KEY}"')
    assert Settings(home=tmp_path).secrets() == [KEY]
    assert Settings(home=tmp_path / "elsewhere").secrets() == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_that_others_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path, f'api_key = "{KEY}"', mode)
    with pytest.raises(SettingsError, match=f"chmod 600 {path}") as caught:
        Settings(home=tmp_path)
    assert KEY not in everything_said(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f'api_key = "{KEY}', "not TOML"),
        (f"api_key = {KEY}", "not TOML"),
        (f'apikey = "{KEY}"', "'apikey'"),
        (f'home = "{KEY}"', "'home'"),
        (f'[api_key]\nvalue = "{KEY}"', "API_KEY"),
    ],
)
def test_a_file_that_is_wrong_is_one_sentence_without_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    write(tmp_path, text)
    monkeypatch.setenv("ISISK_QA_HOME", str(tmp_path))
    assert main(["ask", "x"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1
    assert KEY not in err
    with pytest.raises((SettingsError, ValidationError)) as caught:
        Settings()
    assert KEY not in everything_said(caught.value)
