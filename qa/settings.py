"""Settings from the environment and a file. No behaviour: only ``qa/app.py`` turns them into objects."""

from pathlib import Path
from typing import Any, Literal

from platformdirs import user_data_path
from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from qa.config_file import NAME, read_config

AnswererName = Literal["auto", "extractive", "llm"]
PromptName = Literal["auto", "short", "full"]


class Settings(BaseSettings):
    """Every field is read from ``ISISK_QA_<FIELD>``; the key and the base URL also from OpenAI's own names.

    What the environment leaves open is read from ``config.toml`` in the home folder, by the names of the fields.
    """

    # An error that quotes what it was given would quote keys.
    model_config = SettingsConfigDict(
        env_prefix="ISISK_QA_", env_ignore_empty=True, populate_by_name=True, hide_input_in_errors=True
    )

    home: Path = Field(default_factory=lambda: user_data_path("isisk-qa", appauthor=False))
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
        home = Path(named.get("home") or user_data_path("isisk-qa", appauthor=False))
        # The file does not say where it is itself.
        found = read_config(home / NAME, settings_cls.model_fields.keys() - {"home"})
        # By the first of the names that the environment may use, or the two would not be seen as one field.
        by_alias = {
            str(alias.choices[0])
            if isinstance(alias := settings_cls.model_fields[name].validation_alias, AliasChoices)
            else name: value
            for name, value in found.items()
        }
        return init_settings, env_settings, InitSettingsSource(settings_cls, by_alias)
