"""Words that turn a statement round: opposites such as deny and confirm, and negation."""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from vectorstore.analysis import Token, stem

# How many words after a negation it reaches, when no punctuation comes between.
_REACH = 4
_CLAUSE = frozenset("until till unless because when while if although though after before since".split())
_SUPPOSING = frozenset(("may", "might", "could", "would"))
_SUPPOSED_WITHIN = 6
_AGAINST = frozenset(map(stem, "oppose prevent stop halt thwart counter combat resist block curb contain".split()))


class _Negation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    words: tuple[str, ...]
    verbs: tuple[str, ...]
    not_negations: tuple[str, ...]


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid")

    one: tuple[str, ...]
    other: tuple[str, ...] = ()
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
    """A word of a group in a text: ``tokens[first:last]``. ``side`` is 0 or 1, ``turned`` round when it is negated."""

    group: int
    side: int
    turned: bool
    first: int
    last: int
    words: str


class Polarity:
    """Finds opposites and negations in tokens of ``vectorstore.analysis.Analyser``."""

    def __init__(self, data: _File) -> None:
        self._contextual = tuple(group.contextual for group in data.group)
        self._one_sided = tuple(not group.other for group in data.group)
        sides = (
            (entry, number, side)
            for number, group in enumerate(data.group)
            for side, entries in enumerate((group.one, group.other))
            for entry in entries
        )
        self._sides = _by_first_word((Phrase.read(entry), number, side) for entry, number, side in sides)
        negation = data.negation
        self._negators = _by_first_word((Phrase.read(entry), 0, 0) for entry in (*negation.words, *negation.verbs))
        self._exceptions = _by_first_word((Phrase.read(f"={entry}"), 0, 0) for entry in negation.not_negations)

    @classmethod
    def load(cls) -> "Polarity":
        """Read ``qa/opposites.toml``."""
        return cls(_File.model_validate(tomllib.loads(files("qa").joinpath("opposites.toml").read_text("utf-8"))))

    def negated(self, tokens: Sequence[Token]) -> bool:
        """Whether the text says that something is not so: "did not", "no", "never", "denied", "failed to"."""
        return bool(self.negations(tokens))

    def negations(self, tokens: Sequence[Token]) -> list[tuple[int, int]]:
        """Where the text negates, as ranges of tokens, in order."""
        words = [_plain(token) for token in tokens]
        excepted = {
            index
            for phrase, _, _, first in _matches(self._exceptions, tokens, words)
            for index in range(first, first + len(phrase.words))
        }
        found: dict[int, int] = {index: index + 1 for index, word in enumerate(words) if word.endswith("n't")}
        for phrase, _, _, first in _matches(self._negators, tokens, words):
            if first not in excepted:
                found[first] = max(found.get(first, 0), first + len(phrase.words))
        return sorted(found.items())

    def negates(self, tokens: Sequence[Token], index: int) -> bool:
        """Whether a negation reaches the token at ``index``; two of them undo each other."""
        return _reached(tokens, self.negations(tokens), index)

    def hits(self, tokens: Sequence[Token]) -> list[Hit]:
        """The words of ``tokens`` that stand on a side of a group, in order."""
        negations = self.negations(tokens)
        words = [_plain(token) for token in tokens]
        found = []
        for phrase, group, side, first in _matches(self._sides, tokens, words):
            last = first + len(phrase.words)
            turned = _reached(tokens, negations, first)
            written = " ".join(words[first:last])
            found.append(Hit(group, side ^ turned, turned, first, last, f"not {written}" if turned else written))
        return found

    def opposites(self, tokens: Sequence[Token]) -> list[Hit]:
        """The hits of groups with two sides that cannot both be true; not those of what someone works against."""
        return [
            hit
            for hit in self.hits(tokens)
            if not self._one_sided[hit.group] and not self._contextual[hit.group] and not averted(tokens, hit.first)
        ]

    def sides(self, tokens: Sequence[Token]) -> dict[int, frozenset[str]]:
        """The groups of which the text takes one side, among those of ``opposites``, and the terms that do."""
        found: dict[int, list[Hit]] = {}
        for hit in self.opposites(tokens):
            found.setdefault(hit.group, []).append(hit)
        return {
            group: frozenset(token.term for hit in hits for token in tokens[hit.first : hit.last])
            for group, hits in found.items()
            if len({hit.side for hit in hits}) == 1
        }

    def opposed(
        self, question: Sequence[Token], evidence: Sequence[Token], *, contextual: bool = False
    ) -> tuple[str, str] | None:
        """A word of the question and the one of the evidence that says the opposite, or None.

        A text that holds both sides of a group takes neither. A negated word counts for the other side: "did not
        succeed" agrees with "failed", and is opposed to "succeeded". What someone works against is not said to be so.
        ``contextual`` adds the groups marked so.
        """
        said = [
            hit for hit in self.hits(evidence) if not averted(evidence, hit.first) and not supposed(evidence, hit.first)
        ]
        return self.opposed_hits(self.hits(question), said, contextual=contextual)

    def opposed_hits(
        self, question: Sequence[Hit], evidence: Sequence[Hit], *, contextual: bool = False
    ) -> tuple[str, str] | None:
        """``opposed`` for texts whose hits are known."""
        for group in dict.fromkeys(hit.group for hit in question):
            if self._one_sided[group] or (self._contextual[group] and not contextual):
                continue
            asked = [hit for hit in question if hit.group == group]
            said = [hit for hit in evidence if hit.group == group]
            sides, sides_there = {hit.side for hit in asked}, {hit.side for hit in said}
            if len(sides) == len(sides_there) == 1 and sides != sides_there:
                return asked[0].words, said[0].words
        return None


def averted(tokens: Sequence[Token], index: int) -> bool:
    """Whether someone works against the word there: "opposing the expansion" does not say that there is one."""
    return any(token.term in _AGAINST for token in tokens[max(0, index - _REACH) : index])


def supposed(tokens: Sequence[Token], index: int) -> bool:
    """Whether the word there is only supposed: "such a step may allow them to reduce it" does not say that they do."""
    return any(_plain(token) in _SUPPOSING for token in tokens[max(0, index - _SUPPOSED_WITHIN) : index])


def _plain(token: Token) -> str:
    return token.surface.lower().replace("’", "'").replace("ʼ", "'").replace("‘", "'")


_Index = dict[str, list[tuple[Phrase, int, int]]]


def _by_first_word(entries: Iterable[tuple[Phrase, int, int]]) -> _Index:
    index: _Index = {}
    for entry in entries:
        index.setdefault(entry[0].words[0], []).append(entry)
    return index


def _matches(index: _Index, tokens: Sequence[Token], words: Sequence[str]) -> Iterator[tuple[Phrase, int, int, int]]:
    """The phrases in a text with what belongs to them and where they begin; ``words`` are the tokens as written."""
    for first, token in enumerate(tokens):
        for key in dict.fromkeys((token.term, words[first])):
            for phrase, group, side in index.get(key, ()):
                last = first + len(phrase.words)
                found = words[first:last] if phrase.exact else [other.term for other in tokens[first:last]]
                if list(phrase.words) == found:
                    yield phrase, group, side, first


def _reached(tokens: Sequence[Token], negations: Sequence[tuple[int, int]], index: int) -> bool:
    count = 0
    for _, last in negations:
        # A wider gap than one blank is punctuation: a new clause, which the negation does not reach.
        if last <= index < last + _REACH and all(
            after.start - before.end <= 1 and after.surface.lower() not in _CLAUSE
            for before, after in zip(tokens[last - 1 : index], tokens[last : index + 1], strict=True)
        ):
            count += 1
    return count % 2 == 1
