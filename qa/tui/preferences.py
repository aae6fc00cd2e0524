"""What the settings say of the screen itself: its theme and its keys."""

from collections.abc import Container
from functools import cache
from importlib import import_module
from pkgutil import walk_packages

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import Keys, key_to_character

import qa.tui
from qa.errors import SettingsError
from qa.settings import Settings

_MODIFIERS = frozenset({"ctrl", "alt", "shift", "super", "hyper", "meta"})
_NAMED = frozenset(key.value for key in Keys if key.value.isalnum())
# What terminals and tmux take for another key, or keep for themselves.
_LOST = {"ctrl+h": "backspace", "ctrl+i": "tab", "ctrl+m": "enter", "ctrl+b": "tmux's prefix"}


def theme(settings: Settings, known: Container[str]) -> str | None:
    """The theme that is set, None for the program's own. Raises SettingsError when there is none of that name."""
    if settings.theme is not None and settings.theme not in known:
        raise SettingsError(
            f"There is no theme {settings.theme[:40]!r}; F2 lists them, or take it out of the settings."
        )
    return settings.theme


def keymap(settings: Settings) -> dict[str, str]:
    """For ``App.set_keymap``: keys, with a comma between several, by the id of what they do.

    Raises SettingsError, which names the first id that there is not and the first key that is none.
    """
    if not settings.keys:
        return {}
    known = _ids()
    for name, keys in settings.keys.items():
        if name not in known:
            raise SettingsError(f"keys has {name[:40]!r}, which is nothing that can be done; there is {_some(known)}.")
        for key in keys.split(","):
            if (problem := _wrong(key.strip())) is not None:
                raise SettingsError(f"The key {key.strip()[:40]!r} for {name} {problem}.")
    return dict(settings.keys)


@cache
def _ids() -> frozenset[str]:
    """The ids of all bindings of ours. Every module of the screen is imported for it: only where keys are set."""
    found = set()
    for module in walk_packages(qa.tui.__path__, "qa.tui."):
        for thing in vars(import_module(module.name)).values():
            if isinstance(thing, type) and issubclass(thing, DOMNode) and thing.__module__ == module.name:
                bindings = vars(thing).get("BINDINGS", ())
                found |= {each.id for each in bindings if isinstance(each, Binding) and each.id}
    return frozenset(found)


def _some(known: frozenset[str]) -> str:
    names = sorted(known)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _wrong(key: str) -> str | None:
    """Why it is no key that can be used; None when it is one."""
    if key in _LOST:
        return f"does not arrive: terminals take it for {_LOST[key]}"
    *modifiers, last = key.split("+") if key != "+" else [key]
    is_character = key_to_character(last) is not None or (len(last) == 1 and last.isprintable() and last != " ")
    if _MODIFIERS.issuperset(modifiers) and (last in _NAMED or is_character):
        return None
    return "is none: write such as ctrl+s, f4, alt+up, question_mark or a single letter"
