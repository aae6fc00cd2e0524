"""Reads a YAML file that a person wrote. The only module here that imports yaml."""

from pathlib import Path
from typing import Any

import yaml

from qa.errors import UsageError


class FileError(UsageError):
    """A file of rules or settings that cannot be read or is not valid."""


def load_yaml(path: Path) -> dict[str, Any]:
    """The mapping that the file is. Raises FileError."""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise FileError(f"{path} cannot be read: {' '.join(str(problem).split())}") from None
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        raise FileError(f"{path} is not a mapping of names to values; write one name and its value a line")
    return content
