"""Settings from the environment. No behaviour: only ``qa/app.py`` turns them into objects."""

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

AnswererName = Literal["auto", "extractive", "llm"]
PromptName = Literal["auto", "short", "full"]


class Settings(BaseSettings):
    """Every field is read from ``ISISK_QA_<FIELD>``; the key and the base URL also from OpenAI's own names."""

    model_config = SettingsConfigDict(env_prefix="ISISK_QA_", env_ignore_empty=True, populate_by_name=True)

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
    deadline_s: float = Field(default=60.0, gt=0, description="Wall-clock bound on one answer, in seconds.")

    embedding_model: str | None = Field(default=None, description="None: the bundled MiniLM.")
    embedding_base_url: str | None = None
    embedding_api_key: SecretStr | None = None

    history: int = Field(default=500, ge=0, description="Answers kept for replay, in home; 0 keeps none.")
    passages: int = Field(default=8, ge=1, le=50, description="Chunks retrieved for a question.")
    tracing: bool = Field(default=False, description="Leave LangSmith's own environment variables in force.")
