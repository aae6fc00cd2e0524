"""Meanings that words and phrases share, from ``synonyms.toml``: what word vectors do not see as alike."""

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from vectorstore.analysis import Token, stem

_GAP = "_"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    same: tuple[tuple[str, ...], ...]
    events: tuple[tuple[str, ...], ...]
    deeds: tuple[tuple[str, ...], ...]


class Synonyms:
    """Finds the meanings in tokens of ``vectorstore.analysis.Analyser``; a meaning is named by its number.

    ``events`` are those of what befalls people, ``deeds`` those of what one does to another.
    """

    def __init__(self, data: _File) -> None:
        self._phrases: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        self.events = frozenset(range(len(data.events)))
        self.deeds = frozenset(range(len(data.events), len(data.events) + len(data.deeds)))
        for number, entries in enumerate((*data.events, *data.deeds, *data.same)):
            for entry in entries:
                exact = entry.startswith("=")
                words = entry.removeprefix("=").lower().split()
                read = tuple(word if exact or word == _GAP else stem(word) for word in words)
                self._phrases.setdefault(read[0], []).append((read, number))
        # A question meets the same sentences again and again.
        self.meanings = lru_cache(maxsize=20_000)(self._meanings)

    @classmethod
    def load(cls) -> "Synonyms":
        """Read ``qa/synonyms.toml``."""
        return cls(_File.model_validate(tomllib.loads(files("qa").joinpath("synonyms.toml").read_text("utf-8"))))

    def _meanings(self, tokens: tuple[Token, ...]) -> dict[str, frozenset[int]]:
        """The meanings of each term that has any; every word of a phrase has the phrase's."""
        forms = [{token.term, token.surface.lower()} for token in tokens]
        found: dict[str, set[int]] = {}
        for first, token in enumerate(tokens):
            for key in forms[first]:
                for phrase, number in self._phrases.get(key, ()):
                    last = _end(phrase, forms, first)
                    for other in tokens[first:last] if last is not None else ():
                        if other is token or not other.is_stopword:
                            found.setdefault(other.term, set()).add(number)
        return {term: frozenset(numbers) for term, numbers in found.items()}

    def marks(self, tokens: tuple[Token, ...]) -> list[str]:
        """The meanings in the text as marks, which stand among its terms."""
        return [mark(number) for number in sorted(frozenset().union(*self.meanings(tokens).values()))]


def mark(number: int) -> str:
    """A meaning as no term is written."""
    return f"~{number}"


def _end(phrase: Sequence[str], forms: Sequence[set[str]], first: int) -> int | None:
    """Where the phrase that begins at ``first`` ends, or None when it is not there."""
    place = first
    gap = False
    for word in phrase:
        if word == _GAP:
            gap = True
            continue
        if gap and place < len(forms) and word not in forms[place]:
            place += 1
        gap = False
        if place >= len(forms) or word not in forms[place]:
            return None
        place += 1
    return place
