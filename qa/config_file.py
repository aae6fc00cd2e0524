"""The settings file: TOML that only its owner can read, since it may hold keys."""

import os
import stat
import tomllib
from collections.abc import Container, Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

from qa.errors import SettingsError

NAME = "config.toml"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_config(path: Path, known: Container[str]) -> dict[str, Any]:
    """The settings in a file, none when there is no file. Raises SettingsError, which quotes nothing from it."""
    content = _content(path)
    if content is None:
        return {}
    found = _parsed(content)
    if found is None:
        raise SettingsError(f'{path} is not TOML; write lines such as: model = "gpt-4.1-mini"')
    if unknown := [name for name in found if name not in known]:
        raise SettingsError(f"{path} has a setting that there is not: {unknown[0][:40]!r}; correct it or take it out.")
    return found


def write_config(path: Path, changes: Mapping[str, str | bool | None]) -> None:
    """Set each setting to its value, or take it out where that is None; the rest of the file stays as it is.

    The new file takes the old one's place at one stroke. Raises SettingsError, which quotes nothing from it.
    """
    # 0.1 s to import; only a change needs it.
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    content = _content(path) or b""
    # Raised outside of the handler, as in _parsed.
    document = None
    with suppress(TOMLKitError, UnicodeDecodeError):
        document = tomlkit.parse(content.decode("utf-8"))
    if document is None:
        raise SettingsError(f"{path} is not TOML, so nothing was changed in it; correct it first.")
    for name, value in changes.items():
        if value is not None:
            document[name] = value
        elif name in document:
            del document[name]
    try:
        # Where it is a link to a file elsewhere, that file is changed.
        _replace(path.resolve(), tomlkit.dumps(document).encode("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}.") from None


def _content(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            # Of the open file, so that it cannot be another one by now.
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & _OTHERS:
                raise SettingsError(
                    f"{path} is open to other users and may hold a key; close it with: chmod 600 {path}"
                )
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from None


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{token_hex(4)}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _parsed(content: bytes) -> dict[str, Any] | None:
    # Nothing is raised inside the handler: the parser's errors carry the text along.
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None
