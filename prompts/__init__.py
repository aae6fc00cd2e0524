"""Prompts are Markdown files beside this one: front matter, then a system part and a user part.

    +++
    variables = ["question"]
    +++
    # system
    ...
    # user
    ... {{question}} ...

The front matter is TOML. Only the first ``# system`` and ``# user`` lines of the file divide it; values
never do.
"""

import re
import tomllib
from collections.abc import Set
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple

_FILE = re.compile(r"\+\+\+\n(?P<meta>.*?)^\+\+\+\n\s*# system\n(?P<system>.*?)^# user\n(?P<user>.*)", re.M | re.S)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PLACEHOLDER = re.compile(r"\{\{([a-z][a-z0-9_]*)\}\}")


class PromptError(Exception):
    """A prompt file that is missing or not valid, or a value that is missing or not asked for."""


class Rendered(NamedTuple):
    """The two parts of a prompt, with the values in place."""

    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt file. ``sha256`` is of the file's bytes."""

    name: str
    variables: frozenset[str]
    system: str
    user: str
    sha256: str

    def render(self, **values: str) -> Rendered:
        """Put each value in its place, once: braces in a value stay as they are.

        Raises PromptError when a declared variable has no value or a value was not declared.
        """
        if missing := self.variables - values.keys():
            raise PromptError(f"The prompt {self.name} needs a value for {_listed(missing)}.")
        if extra := values.keys() - self.variables:
            raise PromptError(f"The prompt {self.name} has no place for {_listed(extra)}.")
        return Rendered(*(_PLACEHOLDER.sub(lambda m: values[m[1]], part) for part in (self.system, self.user)))


def load_prompt(name: str) -> Prompt:
    """The prompt in ``prompts/<name>.md``. Raises PromptError."""
    path = files(__name__) / f"{name}.md"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise PromptError(f"There is no prompt named {name!r}.")
    return parse_prompt(name, path.read_bytes())


def parse_prompt(name: str, data: bytes) -> Prompt:
    """Read a prompt file; it must declare exactly the variables that it uses. Raises PromptError."""
    try:
        found = _FILE.fullmatch(data.decode("utf-8").replace("\r\n", "\n"))
        meta = tomllib.loads(found["meta"]) if found else {}
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PromptError(f"The prompt {name} cannot be read: {error}.") from None
    if not found:
        raise PromptError(f"The prompt {name} needs front matter between +++ lines, then # system and # user.")
    declared = meta.get("variables")
    if meta.keys() != {"variables"} or not isinstance(declared, list) or not _are_names(declared):
        raise PromptError(f"The front matter of the prompt {name} must be variables = [...] with distinct names.")
    system, user = found["system"].strip(), found["user"].strip()
    used = {match[1] for match in _PLACEHOLDER.finditer(f"{system}\n{user}")}
    if any("{{" in rest or "}}" in rest for rest in (_PLACEHOLDER.sub("", system), _PLACEHOLDER.sub("", user))):
        raise PromptError(f"The prompt {name} has braces that are no placeholder: write {{{{name}}}}.")
    if different := used.symmetric_difference(declared):
        raise PromptError(f"The prompt {name} declares or uses, but not both, {_listed(different)}.")
    return Prompt(name, frozenset(used), system, user, sha256(data).hexdigest())


def _are_names(values: list[object]) -> bool:
    return all(isinstance(name, str) and _NAME.fullmatch(name) for name in values) and len(set(values)) == len(values)


def _listed(names: Set[str]) -> str:
    return ", ".join(sorted(names))
