"""Words that turn a statement round: opposites such as deny and confirm, and negation."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from vectorstore.analysis import Token, stem

# How many words after a negation it reaches, when no punctuation comes between.
_REACH = 4


class _Negation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    words: tuple[str, ...]
    verbs: tuple[str, ...]
    not_negations: tuple[str, ...]


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid")

    one: tuple[str, ...]
    other: tuple[str, ...]
    contextual: bool = False


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    negation: _Negation
    group: tuple[_Group, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other; each is compared by its stem, or as written when ``exact``."""

    words: tuple[str, ...]
    exact: bool

    @classmethod
    def read(cls, entry: str) -> "Phrase":
        exact = entry.startswith("=")
        words = entry.removeprefix("=").lower().split()
        # The words after the first of an exact phrase are small words, which have one form anyway.
        return cls(tuple(words) if exact else tuple(stem(word) for word in words), exact)


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of a group in a text: ``tokens[first:last]``. ``side`` is 0 or 1, turned round when it is negated."""

    group: int
    side: int
    first: int
    last: int
    words: str


class Polarity:
    """Finds opposites and negations in tokens of ``vectorstore.analysis.Analyser``."""

    def __init__(self, data: _File) -> None:
        self._contextual = tuple(group.contextual for group in data.group)
        self._sides: dict[str, list[tuple[Phrase, int, int]]] = {}
        for number, group in enumerate(data.group):
            for side, entries in enumerate((group.one, group.other)):
                for phrase in map(Phrase.read, entries):
                    self._sides.setdefault(phrase.words[0], []).append((phrase, number, side))
        negation = data.negation
        self._negators = tuple(Phrase.read(entry) for entry in (*negation.words, *negation.verbs))
        self._exceptions = tuple(Phrase.read(f"={entry}") for entry in negation.not_negations)

    @classmethod
    def load(cls) -> "Polarity":
        """Read ``qa/opposites.toml``."""
        return cls(_File.model_validate(tomllib.loads(files("qa").joinpath("opposites.toml").read_text("utf-8"))))

    def negated(self, tokens: Sequence[Token]) -> bool:
        """Whether the text says that something is not so: "did not", "no", "never", "denied", "failed to"."""
        return bool(self.negations(tokens))

    def negations(self, tokens: Sequence[Token]) -> list[tuple[int, int]]:
        """Where the text negates, as ranges of tokens, in order."""
        excepted: set[int] = set()
        for index in range(len(tokens)):
            for phrase in self._exceptions:
                if _matches(phrase, tokens, index):
                    excepted.update(range(index, index + len(phrase.words)))
        found = []
        for index, token in enumerate(tokens):
            if index in excepted:
                continue
            if _plain(token).endswith("n't"):
                found.append((index, index + 1))
                continue
            lengths = [len(phrase.words) for phrase in self._negators if _matches(phrase, tokens, index)]
            if lengths:
                found.append((index, index + max(lengths)))
        return found

    def negates(self, tokens: Sequence[Token], index: int) -> bool:
        """Whether a negation reaches the token at ``index``; two of them undo each other."""
        return _reached(tokens, self.negations(tokens), index)

    def hits(self, tokens: Sequence[Token]) -> Iterator[Hit]:
        """The words of ``tokens`` that stand on a side of a group."""
        negations = self.negations(tokens)
        for index, token in enumerate(tokens):
            entries = {*self._sides.get(token.term, ()), *self._sides.get(_plain(token), ())}
            for phrase, group, side in sorted(entries, key=lambda entry: entry[1:]):
                if _matches(phrase, tokens, index):
                    last = index + len(phrase.words)
                    turned = _reached(tokens, negations, index)
                    words = " ".join(_plain(token) for token in tokens[index:last])
                    yield Hit(group, side ^ turned, index, last, f"not {words}" if turned else words)

    def opposed(
        self, question: Sequence[Token], evidence: Sequence[Token], *, contextual: bool = False
    ) -> tuple[str, str] | None:
        """A word of the question and the one of the evidence that says the opposite, or None.

        A text that holds both sides of a group takes neither. A negated word counts for the other side: "did not
        succeed" agrees with "failed", and is opposed to "succeeded". ``contextual`` adds the groups marked so.
        """
        asked, said = self._taken(question), self._taken(evidence)
        for group, hits in asked.items():
            if self._contextual[group] and not contextual:
                continue
            other = said.get(group, [])
            sides, sides_there = {hit.side for hit in hits}, {hit.side for hit in other}
            if len(sides) == len(sides_there) == 1 and sides != sides_there:
                return hits[0].words, other[0].words
        return None

    def _taken(self, tokens: Sequence[Token]) -> dict[int, list[Hit]]:
        found: dict[int, list[Hit]] = {}
        for hit in self.hits(tokens):
            found.setdefault(hit.group, []).append(hit)
        return found


def _plain(token: Token) -> str:
    return token.surface.lower().replace("’", "'").replace("ʼ", "'").replace("‘", "'")


def _matches(phrase: Phrase, tokens: Sequence[Token], index: int) -> bool:
    if index + len(phrase.words) > len(tokens):
        return False
    return all(
        word == (_plain(token) if phrase.exact else token.term)
        for word, token in zip(phrase.words, tokens[index : index + len(phrase.words)], strict=True)
    )


def _reached(tokens: Sequence[Token], negations: Sequence[tuple[int, int]], index: int) -> bool:
    count = 0
    for _, last in negations:
        # A wider gap than one blank is punctuation: a new clause, which the negation does not reach.
        if last <= index < last + _REACH and all(
            after.start - before.end <= 1
            for before, after in zip(tokens[last - 1 : index], tokens[last : index + 1], strict=True)
        ):
            count += 1
    return count % 2 == 1
