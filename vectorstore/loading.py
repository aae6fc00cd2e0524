"""A file on disk becomes an Article: decoding, and what its catalog.toml knows of it."""

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from vectorstore.dates import PartialDate
from vectorstore.errors import LoadError, ManifestError, first_problem
from vectorstore.models import Article
from vectorstore.structure import split_lines, split_paragraphs

MANIFEST = "catalog.toml"
SUFFIXES = (".txt",)
MAX_BYTES = 10_000_000


class ManifestEntry(BaseModel):
    """What a catalog.toml says of one file. What it leaves out stays unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    file: str
    sha256: str | None = None
    title: str | None = None
    title_basis: str = ""
    publisher: str | None = None
    publisher_basis: str = ""
    published: str | None = None
    published_basis: str = "stated"
    language: str = "en"
    origin: str | None = None

    @field_validator("published")
    @classmethod
    def _is_date(cls, value: str | None) -> str | None:
        if value is not None:
            PartialDate(value)
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


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files that are named, and those in the named folders, sorted and once each. Raises LoadError."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.suffix.lower() in SUFFIXES and file.is_file() and not file.is_symlink():
                    found[file.resolve()] = None
        elif path.exists():
            found[path.resolve()] = None
        else:
            raise LoadError(f"There is no file or folder {path}.")
    if not found:
        raise LoadError("There is nothing to read: no .txt file in what was named.")
    return list(found)


def load_article(path: Path, manifest: Manifest) -> Article:
    """Read one file. Raises LoadError when it cannot be read as an article."""
    if path.suffix.lower() not in SUFFIXES:
        raise LoadError(f"{path} is not a .txt file.")
    if not path.is_file():
        raise LoadError(f"{path} is not a regular file.")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise LoadError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB.")
        data = path.read_bytes()
    except OSError as error:
        raise LoadError(f"{path} cannot be read: {error.strerror}.") from error
    text = decode(data, path)
    sha256 = hashlib.sha256(data).hexdigest()
    entry = manifest.get(path)
    if entry is None:
        return Article(id=_slug(path, sha256), title=_first_line(text), text=text, sha256=sha256, path=str(path))
    if entry.sha256 is not None and entry.sha256 != sha256:
        raise LoadError(f"{path} is not the file that {MANIFEST} describes: its sha256 differs.")
    return Article(
        id=entry.id,
        title=entry.title or _first_line(text),
        text=text,
        sha256=sha256,
        path=str(path),
        publisher=entry.publisher,
        published=PartialDate(entry.published) if entry.published else None,
        published_basis=entry.published_basis if entry.published else "unknown",
        language=entry.language,
        origin=entry.origin,
    )


def decode(data: bytes, path: Path) -> str:
    """UTF-8, with or without a byte order mark; no character is changed. Raises LoadError."""
    if b"\0" in data:
        raise LoadError(f"{path} is not a text file.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LoadError(f"{path} is not UTF-8 text (byte {error.start}).") from error
    if not split_lines(text):
        raise LoadError(f"{path} is empty.")
    return text


def _first_line(text: str) -> str:
    start, end = split_paragraphs(text)[0]
    line = text[start:end]
    return line if len(line) <= 160 else f"{line[:159].rsplit(' ', 1)[0]}…"


def _slug(path: Path, sha256: str) -> str:
    """The file's name, and enough of its hash that two files of one name do not collide."""
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:40] or "article"
    return f"{name}-{sha256[:8]}"
