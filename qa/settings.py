"""Settings from the environment and a file. No behaviour: only ``qa/app.py`` turns them into objects."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_config_path, user_data_path
from pydantic import AliasChoices, Field, PrivateAttr, SecretStr
from pydantic_settings import BaseSettings, InitSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from qa.config_file import NAME, read_config
from qa.errors import SettingsError

AnswererName = Literal["auto", "extractive", "llm"]
PromptName = Literal["auto", "short", "full"]


def _data() -> Path:
    return user_data_path("isisk-qa", appauthor=False)


def _config_path(home: Path | None) -> Path:
    """In the home folder that was named; else at the platform's place, or beside the data, where it was at first."""
    if home is not None:
        return home / NAME
    proper, beside = user_config_path("isisk-qa", appauthor=False) / NAME, _data() / NAME
    if proper == beside or not beside.exists():
        return proper
    if proper.exists():
        raise SettingsError(f"There are two files of settings, {proper} and {beside}; keep one of them.")
    return beside


class Settings(BaseSettings):
    """Every field is read from ``ISISK_QA_<FIELD>``; the key and the base URL also from OpenAI's own names.

    What the environment leaves open is read from a file, ``config``, by the names of the fields.
    """

    # An error that quotes what it was given would quote keys.
    model_config = SettingsConfigDict(
        env_prefix="ISISK_QA_", env_ignore_empty=True, populate_by_name=True, hide_input_in_errors=True
    )

    home: Path = Field(default_factory=_data)
    store: str | None = Field(default=None, description="A Chroma server's address, or another folder than home.")
    store_token: SecretStr | None = None
    store_auth: SecretStr | None = Field(default=None, description="user:password")
    store_tenant: str = "default_tenant"
    store_database: str = "default_database"
    store_patience_s: float = Field(default=10.0, gt=0, description="How long a server that is away is waited for.")

    answerer: AnswererName = "auto"

    model: str | None = None
    base_url: str | None = Field(default=None, validation_alias=AliasChoices("ISISK_QA_BASE_URL", "OPENAI_BASE_URL"))
    api_key: SecretStr | None = Field(default=None, validation_alias=AliasChoices("ISISK_QA_API_KEY", "OPENAI_API_KEY"))
    prompt: PromptName = Field(default="auto", description="auto: short for a local model, else full.")
    structured: bool = Field(default=True, description="Ask for JSON where the endpoint can hold a model to it.")
    deadline_s: float | None = Field(
        default=None,
        gt=0,
        description="Wall-clock bound on one answer, in seconds; None: 60, or 600 for a local model.",
    )
    max_tokens: int = Field(default=2048, ge=1, description="Bound on a reply.")
    price_input: float | None = Field(default=None, ge=0, description="What a million tokens of a prompt cost.")
    price_output: float | None = Field(default=None, ge=0, description="What a million tokens of a reply cost.")
    local_threads: int | None = Field(default=None, ge=1, description="Of a local model; None: one a core.")

    embedding_model: str | None = Field(default=None, description="None: the bundled MiniLM.")
    embedding_base_url: str | None = None
    embedding_api_key: SecretStr | None = None

    strict: bool = Field(default=False, description="Drop sentences that the articles do not support.")
    history: int = Field(default=500, ge=0, description="Answers kept for replay, in home; 0 keeps none.")
    passages: int = Field(default=8, ge=1, le=50, description="Chunks retrieved for a question.")
    tracing: bool = Field(default=False, description="Leave LangSmith's own environment variables in force.")

    theme: str | None = Field(default=None, description="Of the terminal UI; None: its own.")
    keys: Annotated[dict[str, str], NoDecode] = Field(default={}, description="Keys of the terminal UI, by binding.")

    _config: Path = PrivateAttr()

    def model_post_init(self, context: Any) -> None:
        self._config = _config_path(self.home if "home" in self.model_fields_set else None)

    @property
    def config(self) -> Path:
        """The file that these were read from, or would have been had it been there."""
        return self._config

    @classmethod
    def variable(cls, name: str) -> str | None:
        """The variable of the environment that has the say over a field; None when none has."""
        alias = cls.model_fields[name].validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [f"{cls.model_config['env_prefix']}{name}"]
        wanted = {str(choice).upper() for choice in choices}
        return next((each for each, value in os.environ.items() if value and each.upper() in wanted), None)

    def secrets(self) -> list[str]:
        """What must be shown nowhere."""
        return [value.get_secret_value() for _, value in self if isinstance(value, SecretStr) and value]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given, the environment, the file; the first that knows a field has the say."""
        named: dict[str, Any] = {**env_settings(), **init_settings()}
        home = named.get("home")
        # The file does not say where it is itself.
        found = read_config(_config_path(Path(home) if home else None), settings_cls.model_fields.keys() - {"home"})
        # By the first of the names that the environment may use, or the two would not be seen as one field.
        by_alias = {
            str(alias.choices[0])
            if isinstance(alias := settings_cls.model_fields[name].validation_alias, AliasChoices)
            else name: value
            for name, value in found.items()
        }
        return init_settings, env_settings, InitSettingsSource(settings_cls, by_alias)
