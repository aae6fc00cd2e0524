"""What a text states, in parts that can be compared with those of another text: words, names, numbers, dates, negation."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa.polarity import Hit, Polarity
from qa.verification.quantities import Date, Quantity, dates, quantities
from vectorstore.analysis import STOPWORDS, Analyser, Token, stem
from vectorstore.glossary import Entity
from vectorstore.structure import split_sentences

# Forms that the stemmer does not bring together.
_IRREGULAR = {
    form: stem(forms.split()[0])
    for forms in (
        "say said",
        "begin began begun beginning",
        "become became",
        "break broke broken",
        "bring brought",
        "build built",
        "buy bought",
        "catch caught",
        "choose chose chosen choice",
        "come came",
        "drive drove driven",
        "fall fell fallen",
        "feel felt",
        "fight fought",
        "find found",
        "flee fled",
        "get got gotten",
        "give gave given",
        "go went gone",
        "grow grew grown growth",
        "hold held",
        "keep kept",
        "know knew known",
        "lead led",
        "leave left",
        "lose lost loss losses",
        "make made",
        "mean meant",
        "meet met",
        "pay paid",
        "rise rose risen",
        "see saw seen",
        "seek sought",
        "sell sold sale sales",
        "send sent",
        "shrink shrank shrunk",
        "speak spoke spoken",
        "spend spent",
        "strike struck",
        "take took taken",
        "teach taught",
        "tell told",
        "think thought",
        "throw threw thrown",
        "understand understood",
        "win won",
        "withdraw withdrew withdrawn",
        "write wrote written",
        "die died dying death deaths dead",
        "destroy destroyed destruction",
        "responsible responsibility",
        "defence defense",
        "defend defended defender",
        "analyse analyze analysis",
        "speech speeches",
        "strong stronger strength",
        "long length",
        "child children",
        "man men",
        "woman women",
        "person people",
    )
    for form in forms.split()
}
_AFTER_OPENING = re.compile(r"[:;]\s*$|[\"“‘«(\[]\s*$")
# Besides the stopwords of the index.
_SMALL = frozenset("himself herself itself themselves myself yourself ourselves oneself".split())
_CALENDAR = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sep sept oct nov dec".split()
)
_NO_NAMES = STOPWORDS | {"i", "mr", "mrs", "ms", "dr", "one", "many", "several", "according"}
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


@dataclass(frozen=True, slots=True)
class Statement:
    """A text, read. ``content`` are the indices of the tokens that are neither small words, numbers nor names.

    ``terms`` holds the terms of all tokens, whatever their case, and the entities that a name implies; ``sentence`` the
    number of the sentence that each token stands in.
    """

    text: str
    tokens: tuple[Token, ...]
    lemmas: tuple[str, ...]
    sentence: tuple[int, ...]
    content: tuple[int, ...]
    terms: frozenset[str]
    names: tuple[Name, ...]
    quantities: tuple[Quantity, ...]
    dates: tuple[Date, ...]
    negations: tuple[tuple[int, int], ...]
    hits: tuple[Hit, ...]

    @property
    def content_lemmas(self) -> list[str]:
        return [self.lemmas[index] for index in self.content]

    @property
    def years(self) -> frozenset[int]:
        return frozenset(int(quantity.value) for quantity in self.quantities if quantity.is_year)

    @property
    def keys(self) -> tuple[int, ...]:
        """Where its names, numbers and content words stand, in order; of a name or a number the last word."""
        items = [part.last - 1 for part in (*self.names, *self.quantities)]
        return tuple(sorted({*self.content, *items}))


class Reader:
    """Reads texts; the same text is read once."""

    def __init__(self, analyser: Analyser, polarity: Polarity) -> None:
        self._analyser = analyser
        self._polarity = polarity
        self.read = lru_cache(maxsize=4096)(self._read)
        self._implied_by = lru_cache(maxsize=4096)(self._implied_by_name)

    def _read(self, text: str) -> Statement:
        tokens = tuple(self._analyser.tokens(text))
        sentence = tuple(_sentence_numbers(text, tokens))
        names = tuple(self._names(text, tokens, sentence))
        numbers = quantities(text, tokens)
        taken = {index for part in (*names, *numbers) for index in range(part.first, part.last)}
        lemmas = tuple(lemma(token) for token in tokens)
        return Statement(
            text=text,
            tokens=tokens,
            lemmas=lemmas,
            sentence=sentence,
            content=tuple(
                index
                for index, token in enumerate(tokens)
                if index not in taken
                and not token.is_stopword
                and not token.is_number
                and token.surface.lower() not in _CALENDAR | _SMALL
            ),
            terms=frozenset({*lemmas, *(token.term for token in tokens), *self._implied(tokens)}),
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
        words = [token for token in tokens if not token.is_number and not token.is_entity]
        # A heading in title case says nothing about what is a name.
        shouted = len(words) > 4 and not any(not token.is_capitalised and not token.is_stopword for token in words)
        run: list[int] = []
        for index, token in enumerate(tokens):
            is_name = not shouted and not token.is_entity and _is_name(token)
            if run and not (is_name and text[tokens[index - 1].end : token.start] in (" ", "-", ". ", "\u00a0")):
                yield _run(text, tokens, sentence, run)
                run = []
            if is_name:
                run.append(index)
            elif token.is_entity:
                entity = self._analyser.glossary.by_id[token.term[1:]]
                yield Name((token.term,), entity, index, index + 1, sure=True)
        if run:
            yield _run(text, tokens, sentence, run)


def lemma(token: Token) -> str:
    """The term of a token, with irregular forms brought together."""
    return _IRREGULAR.get(token.surface.lower(), token.term)


def _is_name(token: Token) -> bool:
    word = token.surface.lower()
    return token.is_capitalised and not token.is_number and word not in _NO_NAMES and word not in _CALENDAR


def _run(text: str, tokens: Sequence[Token], sentence: Sequence[int], run: Sequence[int]) -> Name:
    first = run[0]
    opens = (
        first == 0 or sentence[first] != sentence[first - 1] or bool(_AFTER_OPENING.search(text[: tokens[first].start]))
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
