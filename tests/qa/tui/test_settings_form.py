from pathlib import Path

import pytest
from pydantic import SecretStr

from qa.errors import SettingsError
from qa.settings import Settings
from qa.tui.settings_form import Value, about_key, overridden, problems, save

KEY = "sk-very-secret-1234"


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"answerer": "llm"}, "model", "A model is needed"),
        ({"model": "gpt"}, "base_url", "OpenAI wants a key"),
        ({"model": "local:/no/such/file.gguf"}, "model", "no file /no/such/file.gguf"),
        ({"base_url": "example.org"}, "base_url", "http or https"),
        ({"base_url": "http://a:b@example.org/v1"}, "base_url", "password"),
        ({"answerer": "oracle"}, "answerer", "'auto'"),
    ],
)
def test_what_cannot_be(tmp_path: Path, changes: dict[str, Value], field: str, says: str) -> None:
    found = problems(Settings(home=tmp_path), changes)
    assert list(found) == [field]
    assert says in found[field]
    assert "\n" not in found[field]


def test_what_can_be(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert problems(settings, {}) == {}
    assert problems(settings, {"model": "m", "base_url": "http://127.0.0.1:1/v1", "answerer": "llm"}) == {}
    # No endpoint is asked then.
    assert problems(settings, {"model": "m", "answerer": "extractive"}) == {}
    assert problems(settings.model_copy(update={"api_key": SecretStr(KEY)}), {"model": "m"}) == {}


def test_a_key_does_not_travel_in_the_open(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, api_key=SecretStr(KEY))
    found = problems(settings, {"model": "m", "base_url": "http://192.0.2.1/v1"})
    assert "unencrypted" in found["base_url"]
    assert KEY not in str(found)


def test_saving_changes_the_file_and_what_is_in_force(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'# mine\napi_key = "{KEY}"\nmodel = "old" # why\n', "utf-8")
    (tmp_path / "config.toml").chmod(0o600)
    settings = Settings(home=tmp_path)
    saved = save(settings, {"model": "new", "base_url": "https://x.example/v1", "strict": True})
    assert (saved.model, saved.base_url, saved.strict) == ("new", "https://x.example/v1", True)
    assert (settings.model, settings.strict) == ("old", False)
    again = Settings(home=tmp_path)
    assert (again.model, again.base_url, again.strict, again.secrets()) == ("new", saved.base_url, True, [KEY])
    text = (tmp_path / "config.toml").read_text("utf-8")
    assert text.startswith(f'# mine\napi_key = "{KEY}"\nmodel = "new" # why\n')
    assert save(saved, {"model": None}).model is None
    assert Settings(home=tmp_path).model is None


def test_saving_keeps_what_it_was_not_asked_to_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://environment.example/v1")
    settings = Settings(home=tmp_path, passages=3)
    saved = save(settings, {"strict": True})
    assert (saved.passages, saved.base_url, saved.config) == (3, "https://environment.example/v1", settings.config)
    assert (tmp_path / "config.toml").read_text("utf-8") == "strict = true\n"


def test_a_file_that_was_spoilt_meanwhile_is_a_sentence(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    (tmp_path / "config.toml").write_text("model = ")
    (tmp_path / "config.toml").chmod(0o600)
    assert "not TOML" in problems(settings, {"strict": True})[""]
    with pytest.raises(SettingsError, match="not TOML"):
        save(settings, {"strict": True})
    assert (tmp_path / "config.toml").read_text("utf-8") == "model = "


def test_the_environment_has_the_say(monkeypatch: pytest.MonkeyPatch) -> None:
    assert overridden("model") == ""
    monkeypatch.setenv("ISISK_QA_MODEL", "")
    assert overridden("model") == ""
    monkeypatch.setenv("isisk_qa_model", "m")
    monkeypatch.setenv("OPENAI_BASE_URL", "u")
    assert overridden("model").startswith("isisk_qa_model in the environment")
    assert overridden("base_url").startswith("OPENAI_BASE_URL in the environment")


def test_what_is_said_of_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert about_key(Settings(home=tmp_path)).startswith("API key: none")
    (tmp_path / "config.toml").write_text(f'api_key = "{KEY}"\nmodel = "m"')
    (tmp_path / "config.toml").chmod(0o600)
    assert about_key(Settings(home=tmp_path)) == "API key: set, from the file; it is sent to api.openai.com."
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    other = Settings(home=tmp_path, base_url="https://x.example:8443/v1")
    assert about_key(other) == "API key: set, from OPENAI_API_KEY; it is sent to x.example:8443."
    assert "nowhere" in about_key(Settings(home=tmp_path, model="local:m.gguf"))
