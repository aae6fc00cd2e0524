"""What a text states, in parts that can be compared: words, names, numbers, dates and negations."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa.polarity import Hit, Polarity
from qa.verification.lemmas import lemma
from qa.verification.quantities import MONTHS, Date, Quantity, dates, quantities
from vectorstore.analysis import STOPWORDS, Analyser, Token, stem
from vectorstore.glossary import Entity
from vectorstore.structure import split_sentences

_AFTER_OPENING = re.compile(r"[:;]\s*$|[\"“‘«(\[]\s*$")
# Besides the stopwords of the index.
_SMALL = frozenset("himself herself itself themselves myself yourself ourselves oneself".split())
_NO_NAMES = STOPWORDS | {"i", "mr", "mrs", "ms", "dr", "one", "many", "several", "according"}
_IN_NAME = frozenset([" ", "-", ". ", "\u00a0"])
_LOWER_CASE = re.compile(r"\b[^\W\d_A-Z]\w+")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as ``tokens[first:last]``: an entity of the glossary, or capitalised words that follow each other.

    ``sure`` is False for one capitalised word that opens a sentence: it may be an ordinary word.
    """

    terms: tuple[str, ...]
    entity: Entity | None
    first: int
    last: int
    sure: bool


# Compared by identity: a Reader reads a text once, and what is found out about a statement is kept beside it.
@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A text, read; numbers below are indices of ``tokens``.

    ``content`` are the tokens that are neither small words, numbers nor names; ``keys`` these with the last words of
    the names and numbers, in order. ``terms`` holds the terms of all tokens, whatever their case, and the entities that
    a name implies; ``parts`` the words in the entities' names; ``sentence`` the number of each token's sentence.
    """

    text: str
    tokens: tuple[Token, ...]
    lemmas: tuple[str, ...]
    sentence: tuple[int, ...]
    content: tuple[int, ...]
    keys: tuple[int, ...]
    terms: frozenset[str]
    parts: frozenset[str]
    names: tuple[Name, ...]
    quantities: tuple[Quantity, ...]
    dates: tuple[Date, ...]
    negations: tuple[tuple[int, int], ...]
    hits: tuple[Hit, ...]

    @property
    def years(self) -> frozenset[int]:
        return frozenset(int(quantity.value) for quantity in self.quantities if quantity.is_year)

    def written(self, first: int, last: int) -> str:
        """The text of ``tokens[first:last]``."""
        return self.text[self.tokens[first].start : self.tokens[last - 1].end]

    def sides(self, group: int) -> set[int]:
        """The sides of a group of qa/opposites.toml that the text takes."""
        return {hit.side for hit in self.hits if hit.group == group}


class Reader:
    """Reads texts; the same text is read once."""

    def __init__(self, analyser: Analyser, polarity: Polarity) -> None:
        self._analyser = analyser
        self._polarity = polarity
        self.read = lru_cache(maxsize=4096)(self._read)
        self._implied_by = lru_cache(maxsize=4096)(self._implied_by_name)

    def _read(self, text: str) -> Statement:
        tokens = tuple(self._analyser.tokens(text))
        lemmas = tuple(lemma(token) for token in tokens)
        sentence = tuple(_sentence_numbers(text, tokens))
        names = tuple(self._names(text, tokens, sentence))
        numbers = quantities(text, tokens)
        ranges = [(part.first, part.last) for part in names] + [(part.first, part.last) for part in numbers]
        taken = {index for first, last in ranges for index in range(first, last)}
        content = tuple(index for index, token in enumerate(tokens) if index not in taken and _is_content(token))
        return Statement(
            text=text,
            tokens=tokens,
            lemmas=lemmas,
            sentence=sentence,
            content=content,
            keys=tuple(sorted({*content, *(last - 1 for _, last in ranges)})),
            terms=frozenset({*lemmas, *(token.term for token in tokens), *self._implied(tokens)}),
            parts=frozenset(_words_in_names(tokens)),
            names=names,
            quantities=numbers,
            dates=dates(text),
            negations=tuple(self._polarity.negations(tokens)),
            hits=tuple(self._polarity.hits(tokens)),
        )

    def _implied(self, tokens: Sequence[Token]) -> Iterator[str]:
        for token in tokens:
            if token.is_entity:
                yield from self._implied_by(token.term[1:], token.surface)

    def _implied_by_name(self, entity_id: str, surface: str) -> tuple[str, ...]:
        """What a name also names: what the entity is a part of, and the places in its name.

        "ISIS-K" implies "ISIS", not the other way round; "Kabul government" implies Kabul, but "Pakistani Taliban" does
        not imply the Taliban.
        """
        glossary = self._analyser.glossary
        parents = [f"@{parent.id}" for parent in glossary.ancestors(glossary.by_id[entity_id])]
        mentions = [mention for part in re.findall(r"[\w.]+", surface) for mention in glossary.mentions(part)]
        return (*parents, *(f"@{mention.entity.id}" for mention in mentions if mention.entity.kind == "place"))

    def _names(self, text: str, tokens: Sequence[Token], sentence: Sequence[int]) -> Iterator[Name]:
        words = [token for token in tokens if not (token.is_number or token.is_entity or token.is_stopword)]
        # A heading in title case says nothing about what is a name.
        shouted = len(words) > 3 and all(token.is_capitalised for token in words)
        run: list[int] = []
        for index, token in enumerate(tokens):
            is_name = not shouted and not token.is_entity and _is_name(token)
            if run and not (is_name and _goes_on(text, tokens, sentence, index)):
                yield _run(text, tokens, sentence, run)
                run = []
            if is_name:
                run.append(index)
            elif token.is_entity:
                entity = self._analyser.glossary.by_id[token.term[1:]]
                yield Name((token.term,), entity, index, index + 1, sure=True)
        if run:
            yield _run(text, tokens, sentence, run)


def _words_in_names(tokens: Sequence[Token]) -> Iterator[str]:
    """ "Afghan National Defense Security Forces" are also security forces."""
    for token in tokens:
        if token.is_entity:
            yield from (stem(word.lower()) for word in re.findall(r"\w+", token.surface))


def _is_content(token: Token) -> bool:
    word = token.surface.lower()
    return not (token.is_stopword or token.is_number or word in MONTHS or word in _SMALL)


def _is_name(token: Token) -> bool:
    word = token.surface.lower()
    return token.is_capitalised and not token.is_number and word not in _NO_NAMES and word not in MONTHS


def _goes_on(text: str, tokens: Sequence[Token], sentence: Sequence[int], index: int) -> bool:
    """Whether a token may belong to a name with the one before it: "van Braam", "John W. Nicholson"."""
    between = text[tokens[index - 1].end : tokens[index].start]
    return between in _IN_NAME and sentence[index] == sentence[index - 1]


def _run(text: str, tokens: Sequence[Token], sentence: Sequence[int], run: Sequence[int]) -> Name:
    first = run[0]
    opens = (
        first == 0
        or sentence[first] != sentence[first - 1]
        or _AFTER_OPENING.search(text[: tokens[first].start]) is not None
    )
    terms = tuple(tokens[index].term for index in run)
    return Name(terms, None, first, run[-1] + 1, sure=not opens or len(run) > 1)


def _sentence_numbers(text: str, tokens: Sequence[Token]) -> Iterator[int]:
    ends = [end for _, end in split_sentences(text)]
    for token in tokens:
        yield bisect_left(ends, token.end)


def lower_case_words(text: str) -> frozenset[str]:
    """Stems of the words that the text writes with a small letter: these are no names."""
    return frozenset(stem(word.lower()) for word in _LOWER_CASE.findall(text))
