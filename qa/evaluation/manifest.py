"""What the figures of a run depend on: the program, the questions, the articles, the prompts, the settings."""

import hashlib
import platform
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Protocol

from pydantic import SecretStr

from qa import __version__, calibration
from qa.evaluation.dataset import EvalQuestion
from qa.settings import AnswererName, Settings
from vectorstore.models import Article, Chunk

SCHEMA = 2
VOLATILE = "volatile"
# Whose other version may answer otherwise.
_PACKAGES = ("chromadb", "langchain-core", "langchain-openai", "numpy", "onnxruntime", "openai", "scipy", "tokenizers")
_SOURCES = ("qa", "vectorstore", "prompts", "seeds")
_READ = (".py", ".md", ".toml", ".csv", ".txt", ".json")
# Where things are, and what nobody may see; an address may hold a password.
_LEFT_OUT = frozenset(
    {"home", "store", "store_tenant", "store_database", "store_patience_s", "base_url", "embedding_base_url"}
    | {"history", "tracing"}
)
# Without a model they make no difference.
SETTINGS_OF_A_MODEL = frozenset(
    {"model", "prompt", "structured", "max_tokens", "price_input", "price_output", "local_threads", "deadline_s"}
)
# Two runs with these in common may be compared.
COMPARED = ("questions.asked_sha256", "articles")
# A commit that changes no code, or none yet of what was changed, does not matter: code_sha256 does.
_NOT_RESUMED = (VOLATILE, "commit", "dirty")


class Described(Protocol):
    """The part of an Application that a manifest tells of."""

    @property
    def settings(self) -> Settings: ...
    def answerer(self, name: AnswererName | None = None, /) -> str: ...


def make_manifest(
    application: Described,
    questions: Sequence[EvalQuestion],
    articles: Sequence[Article],
    chunks: Sequence[Chunk],
    *,
    answerer: AnswererName | None,
    source: Path | None,
    seed: int,
    repeat: int,
    jobs: int,
) -> dict[str, Any]:
    """Plain JSON types. All that differs between two runs of one thing is under "volatile"."""
    used = application.answerer(answerer)
    commit, dirty = _checkout()
    model = application.settings.model if used == "llm" else None
    return {
        "schema": SCHEMA,
        "version": __version__,
        "commit": commit,
        "dirty": dirty,
        "code_sha256": sha256_of(_code()),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
        "answerer": used,
        "model": _named(model),
        "seed": seed,
        "repeat": repeat,
        "config": config(application.settings, used),
        "prompts": {each.name: _file_sha256(each) for each in _below(files("prompts"), (".md",))},
        "calibration_sha256": sha256_of(
            f"{name} = {value!r}" for name, value in sorted(vars(calibration).items()) if name.isupper()
        ),
        "questions": {
            "file_sha256": hashlib.sha256(source.read_bytes()).hexdigest() if source else None,
            "asked": len(questions),
            "asked_sha256": asked_sha256(questions),
        },
        "articles": {article.id: article.sha256 for article in sorted(articles, key=lambda a: a.id)},
        "chunks": chunks_entry(chunks),
        VOLATILE: {
            "jobs": jobs,
            "begun": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": platform.machine(),
        },
    }


def config(settings: Settings, answerer: str) -> dict[str, Any]:
    """The settings, but for secrets, addresses and folders; without a model's own where there is none."""
    left_out = _LEFT_OUT | {"model", "answerer"} | (SETTINGS_OF_A_MODEL if answerer == "extractive" else frozenset())
    secret = {name for name, field in type(settings).model_fields.items() if "SecretStr" in str(field.annotation)}
    shown = {name: value for name, value in settings if name not in left_out | secret}
    assert not any(isinstance(value, SecretStr) for value in shown.values()), "a secret would be written down"
    return dict(sorted(shown.items()))


def asked_sha256(questions: Sequence[EvalQuestion]) -> str:
    return sha256_of(question.model_dump_json() for question in questions)


def chunks_entry(chunks: Sequence[Chunk]) -> dict[str, Any]:
    """How many there are, and a hash of where each begins and ends."""
    spans = sorted(f"{chunk.article_id} {chunk.start} {chunk.end} {chunk.id}" for chunk in chunks)
    return {"stored": len(chunks), "spans_sha256": sha256_of(spans)}


def sha256_of(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()


def changes(old: Mapping[str, Any], new: Mapping[str, Any], *, resuming: bool = False) -> list[str]:
    """What differs between two manifests, an entry each: its name, and both values where they can be read."""
    leave = _NOT_RESUMED if resuming else (VOLATILE,)
    before, after = (dict(_flat({k: v for k, v in each.items() if k not in leave})) for each in (old, new))
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [_told(name, before.get(name), after.get(name)) for name in names]


def incomparable(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Those of the changes that two runs must not have to be compared."""
    return [each for each in changes(old, new) if each.split(" ")[0].startswith(COMPARED)]


def _flat(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _told(name: str, before: object, after: object) -> str:
    # Two hashes tell nobody anything.
    if "sha256" in name or name.startswith(("articles", "prompts")):
        what = "is new" if before is None else "is gone" if after is None else "changed"
        return f"{name} {what}"
    return f"{name} {before} -> {after}"


def _named(model: str | None) -> str | None:
    """A local model by the name of its file, as in the answer record: where it lies is nobody's business."""
    return f"local:{Path(model).name}" if model and model.startswith("local:") else model


def _code() -> Iterator[str]:
    for package in _SOURCES:
        for each in _below(files(package), _READ):
            # Articles and questions have hashes of their own.
            if package != "seeds" or each.name.endswith(".toml"):
                yield f"{package} {each.name} {_file_sha256(each)}"


def _below(folder: Traversable, endings: tuple[str, ...]) -> Iterator[Traversable]:
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if each.is_dir():
            yield from _below(each, endings)
        elif each.name.endswith(endings):
            yield each


def _file_sha256(file: Traversable) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _checkout() -> tuple[str | None, bool | None]:
    """The commit that this program is run from, and whether files differ from it; None twice where it was installed."""
    root = Path(str(files("qa"))).parent
    if not (root / ".git").exists():
        return None, None

    def git(*arguments: str) -> str | None:
        try:
            done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        return done.stdout.strip()

    status = git("status", "--porcelain")
    return git("rev-parse", "HEAD"), None if status is None else bool(status)
