import os
import stat
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from qa.cli import main
from qa.config_file import write_config
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


def test_a_value_is_changed_and_the_rest_stays(tmp_path: Path) -> None:
    text = '# first\n\nmodel = "old"   # of March\nstrict = true\n\n[keys] # mine\nhelp = "f9"\n'
    path = write(tmp_path, text)
    write_config(path, {"model": 'a "b" [c] \\ é', "theme": "nord", "strict": None})
    assert path.read_text("utf-8") == (
        '# first\n\nmodel = "a \\"b\\" [c] \\\\ é"   # of March\ntheme = "nord"\n\n[keys] # mine\nhelp = "f9"\n'
    )
    settings = Settings(home=tmp_path)
    assert (settings.model, settings.theme, settings.strict) == ('a "b" [c] \\ é', "nord", False)
    assert settings.keys == {"help": "f9"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["config.toml"]


def test_a_first_value_makes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    write_config(path, {"strict": True, "model": None})
    assert path.read_text("utf-8") == "strict = true\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_goes_on_being_one(tmp_path: Path) -> None:
    real = write(tmp_path / "elsewhere", "")
    link = tmp_path / "config.toml"
    link.symlink_to(real)
    write_config(link, {"model": "m"})
    assert link.is_symlink()
    assert real.read_text("utf-8") == 'model = "m"\n'


@pytest.mark.parametrize(("text", "mode", "says"), [("x = ", 0o600, "not TOML"), ("", 0o644, "chmod 600")])
def test_a_file_that_is_wrong_is_not_written(tmp_path: Path, text: str, mode: int, says: str) -> None:
    path = write(tmp_path, text, mode)
    with pytest.raises(SettingsError, match=says):
        write_config(path, {"model": "m"})
    assert path.read_text("utf-8") == text


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        write_config(tmp_path / "file" / "config.toml", {"model": "m"})


def test_a_crash_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, 'model = "old"\n')

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="No space left"):
        write_config(path, {"model": "new"})
    assert path.read_text("utf-8") == 'model = "old"\n'
    assert [each.name for each in tmp_path.iterdir()] == ["config.toml"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere data and configuration are in one place, or not by XDG")
def test_where_the_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    proper, beside = (tmp_path / name / "isisk-qa" / "config.toml" for name in ("config", "data"))
    assert (Settings().config, Settings().model) == (proper, None)
    write_config(beside, {"model": "beside the data"})
    assert (Settings().config, Settings().model) == (beside, "beside the data")
    write_config(proper, {"model": "at its place"})
    with pytest.raises(SettingsError, match="keep one of them") as caught:
        Settings()
    assert str(proper) in str(caught.value)
    assert str(beside) in str(caught.value)
    beside.unlink()
    assert (Settings().config, Settings().model) == (proper, "at its place")
    # A home that is named has its own.
    assert Settings(home=tmp_path).config == tmp_path / "config.toml"
    monkeypatch.setenv("ISISK_QA_HOME", str(tmp_path))
    assert Settings().config == tmp_path / "config.toml"


def test_keys_are_no_matter_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ISISK_QA_KEYS", "help=f9")
    assert main(["ask", "x"]) == 2
    assert capsys.readouterr().err.startswith("isisk-qa: ISISK_QA_KEYS is not valid")
