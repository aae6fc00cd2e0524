"""catalog.toml: what a person knows of the files beside it. It overrides what is extracted."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from vectorstore.dates import PartialDate
from vectorstore.errors import ManifestError, first_problem
from vectorstore.formats.fields import ID, stated_date, web_address

MANIFEST = "catalog.toml"


class ManifestEntry(BaseModel):
    """What a catalog.toml says of one file, or of one record: ``file = "news.jsonl#id"``. The rest is as read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=ID)
    file: str
    sha256: str | None = None
    title: str | None = None
    title_basis: str = ""
    publisher: str | None = None
    publisher_basis: str = ""
    published: str | None = None
    published_basis: str = "stated"
    language: str | None = None
    origin: str | None = None
    author: str | None = None
    url: str | None = None

    @field_validator("published")
    @classmethod
    def _is_date(cls, value: str | None) -> str | None:
        if value is not None:
            PartialDate(value)
            if stated_date(value) is None:
                raise ValueError(f"{value} is before 1500 or in the future")
        return value

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and web_address(value) is None:
            raise ValueError("not an http or https address")
        return value


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    article: tuple[ManifestEntry, ...] = ()


Manifest = Mapping[Path, ManifestEntry]


def load_manifest(path: Path) -> Manifest:
    """The entries of a catalog.toml by the resolved path of their files. Raises ManifestError."""
    try:
        with path.open("rb") as file:
            entries = _Manifest.model_validate(tomllib.load(file)).article
    except ValidationError as error:
        raise ManifestError(f"{path} is not valid: {first_problem(error)}.") from error
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path} cannot be read: {error}.") from error
    for name, count in Counter([entry.id for entry in entries] + [entry.file for entry in entries]).items():
        if count > 1:
            raise ManifestError(f"{path} names {name} twice.")
    return {(path.parent / entry.file).resolve(): entry for entry in entries}


def find_manifest(path: Path) -> Manifest:
    """The nearest catalog.toml: in the folder of the file, or one above it; empty when there is none."""
    folder = path if path.is_dir() else path.parent
    for candidate in (folder / MANIFEST, folder.parent / MANIFEST):
        if candidate.is_file():
            status = candidate.stat()
            return _cached_manifest(candidate, status.st_mtime_ns, status.st_size)
    return {}


# Asked for with every file of a folder, and as long as the folder.
@lru_cache(maxsize=16)
def _cached_manifest(path: Path, changed_ns: int, size: int) -> Manifest:
    return load_manifest(path)
