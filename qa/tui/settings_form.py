"""What F2 changes: checked, written to the settings file, and told; no widgets."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from qa.config_file import write_config
from qa.endpoint import OPENAI_URL, checked_endpoint, checked_url, host
from qa.errors import SettingsError
from qa.settings import Settings

FIELDS = ("answerer", "model", "base_url", "strict", "theme")
LOCAL = "local:"

Value = str | bool | None


def problems(settings: Settings, changes: Mapping[str, Value]) -> dict[str, str]:
    """A sentence for each field that cannot be so; under "" what is no one field's fault."""
    try:
        changed = _changed(settings, changes)
    except ValidationError as error:
        return {str(each["loc"][0]): f"{each['msg']}." for each in error.errors(include_input=False, include_url=False)}
    except SettingsError as error:
        return {"": str(error)}
    found = {"model": _about_model(changed), "base_url": _about_endpoint(changed)}
    return {field: problem for field, problem in found.items() if problem}


def save(settings: Settings, changes: Mapping[str, Value]) -> Settings:
    """Write what was changed to the settings file; the settings with it. Raises SettingsError.

    ``changes`` must be without problems.
    """
    changed = _changed(settings, changes)
    write_config(settings.config, changes)
    return settings.model_copy(update={name: getattr(changed, name) for name in changes})


def overridden(field: str) -> str:
    """That the environment has the say over a field, and how to change that; empty when it has not."""
    variable = Settings.variable(field)
    return f"{variable} in the environment says so; unset it to change this here." if variable else ""


def about_key(settings: Settings) -> str:
    """Whether there is a key, where from and whom it is sent to; never the key."""
    if settings.api_key is None:
        return "API key: none. Set ISISK_QA_API_KEY, or api_key in the file; it cannot be typed here."
    place = Settings.variable("api_key") or "the file"
    if settings.model is None or settings.model.startswith(LOCAL):
        return f"API key: set, from {place}; it is sent nowhere."
    try:
        where = host(checked_url(settings.base_url or OPENAI_URL))
    except SettingsError:
        return f"API key: set, from {place}."
    return f"API key: set, from {place}; it is sent to {where}."


def _changed(settings: Settings, changes: Mapping[str, Value]) -> Settings:
    # Not dict(settings): a field is called keys.
    return Settings(**{**{name: getattr(settings, name) for name in Settings.model_fields}, **changes})


def _about_model(settings: Settings) -> str:
    if settings.model is None:
        needed = settings.answerer == "llm"
        return "A model is needed: name one, or choose another answerer." if needed else ""
    if settings.model.startswith(LOCAL):
        path = Path(settings.model.removeprefix(LOCAL).strip()).expanduser()
        return "" if path.is_file() else f"There is no file {path}."
    return ""


def _about_endpoint(settings: Settings) -> str:
    try:
        if settings.base_url is not None:
            checked_url(settings.base_url)
        if settings.model is not None and not settings.model.startswith(LOCAL) and settings.answerer != "extractive":
            checked_endpoint(settings.base_url, settings.api_key)
    except SettingsError as error:
        return str(error)
    return ""
