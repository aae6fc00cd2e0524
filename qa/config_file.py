"""The settings file: TOML that only its owner can read, since it may hold keys."""

import os
import stat
import tomllib
from collections.abc import Container
from pathlib import Path
from typing import Any

from qa.errors import SettingsError

NAME = "config.toml"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_config(path: Path, known: Container[str]) -> dict[str, Any]:
    """The settings in a file, none when there is no file. Raises SettingsError, which quotes nothing from it."""
    try:
        with path.open("rb") as file:
            # Of the open file, so that it cannot be another one by now.
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & _OTHERS:
                raise SettingsError(
                    f"{path} is open to other users and may hold a key; close it with: chmod 600 {path}"
                )
            content = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from None
    found = _parsed(content)
    if found is None:
        raise SettingsError(f'{path} is not TOML; write lines such as: model = "gpt-4.1-mini"')
    if unknown := [name for name in found if name not in known]:
        raise SettingsError(f"{path} has a setting that there is not: {unknown[0][:40]!r}; correct it or take it out.")
    return found


def _parsed(content: bytes) -> dict[str, Any] | None:
    # Nothing is raised inside the handler: the parser's errors carry the text along.
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None
