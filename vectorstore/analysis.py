"""Text as the search sees it: normalised copies, tokens with their stems, numbers and names.

One analyser serves the index, the question and the verification of an answer, so that they agree on what a word is.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from types import MappingProxyType
from typing import cast

import snowballstemmer

from vectorstore.glossary import Glossary, Mention

# Counted in the catalog: a store made with other rules is indexed again.
ANALYSIS_VERSION = 2

_FOLD = str.maketrans(
    {
        "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ",
        "‘": "'", "’": "'", "ʼ": "'", "“": '"', "”": '"', "«": '"', "»": '"',
        "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-", "…": "...",
    }
)  # fmt: skip
# A number, or a word with its inner apostrophes and full stops ("U.S.", "o'clock"); hyphens part words.
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['.][^\W\d_]+)*")

STOPWORDS = frozenset(
    "a an the and or but nor if then than so as of at by for with about against between into through during before "
    "after above below to from up down in out on off over under again further once here there when where why how all "
    "any both each few more most other some such no not only own same too very can will just should now is am are was "
    "were be been being have has had having do does did doing would could may might must shall i me my we our you your "
    "he him his she her it its they them their what which who whom whose this that these those s t re ve ll d m also "
    "however while because until although though since per via upon among amongst within without yet still even".split()
)
# Stems that only ask: "many" in "how many", "tell" in "tell me".
ASKING = frozenset(
    "mani much tell know said say accord articl report mention name give describ pleas info inform".split()
)

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_NUMBER_WORDS = {word: value for value, word in enumerate(_UNITS)} | {
    word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}


# A stemmer holds the word that it works on, so that two threads at once would mix theirs.
_stemming = Lock()


def normalise(text: str) -> str:
    """A copy for embedding and comparing: white space collapsed, quotation marks and dashes made plain."""
    return " ".join(text.translate(_FOLD).split())


@lru_cache(maxsize=1)
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The Snowball (Porter 2) stem of a lower-case word, without accents: few keyboards have those of a name."""
    if not word.isascii():
        word = "".join(part for part in unicodedata.normalize("NFD", word) if not unicodedata.combining(part))
    with _stemming:
        return cast(str, _stemmer().stemWord(word))


@dataclass(frozen=True, slots=True)
class Token:
    """``surface`` is the word as written; ``term`` what it is indexed as: a stem, a number or ``@entity-id``."""

    start: int
    end: int
    surface: str
    term: str

    @property
    def is_entity(self) -> bool:
        return self.term.startswith("@")

    @property
    def is_number(self) -> bool:
        return self.term[0].isdigit()

    @property
    def is_stopword(self) -> bool:
        return self.surface.lower() in STOPWORDS

    @property
    def is_capitalised(self) -> bool:
        return self.surface[0].isupper()


class Analyser:
    """Turns text into tokens; names that the glossary knows become one token each."""

    def __init__(self, glossary: Glossary) -> None:
        self.glossary = glossary
        # A question meets the same sentences again and again; finding names in one takes a millisecond.
        self.tokens = lru_cache(maxsize=20_000)(self._tokens)
        # And the same chunks, whose words take 10 kB each.
        self.words = lru_cache(maxsize=2_000)(self._words)

    def _tokens(self, text: str) -> tuple[Token, ...]:
        """All tokens of ``text`` in order, with offsets into it."""
        folded = text.translate(_SAME_LENGTH)
        tokens: list[Token] = []
        position = 0
        for mention in self.glossary.mentions(text):
            tokens += _words(folded, position, mention.start)
            tokens.append(_entity_token(text, mention))
            position = mention.end
        return (*tokens, *_words(folded, position, len(folded)))

    def terms(self, text: str, *, parts: bool = False) -> list[str]:
        """The index terms of ``text``: no stopwords; a name gives its entity and what that is a part of.

        With ``parts``, as for what is searched in, the name of a person or an organisation gives its words too, so that
        "Defense Department" finds "Department of Defense".
        """
        terms: list[str] = []
        for token in self.tokens(text):
            if token.is_entity:
                entity = self.glossary.by_id[token.term[1:]]
                terms.append(token.term)
                terms += [f"@{ancestor.id}" for ancestor in self.glossary.ancestors(entity)]
                if parts and entity.kind in ("person", "organisation"):
                    words = _words(token.surface, 0, len(token.surface))
                    terms += [word.term for word in words if not word.is_stopword]
            elif not token.is_stopword:
                terms.append(token.term)
        return terms

    def _words(self, text: str) -> Mapping[str, str]:
        """What each content word of ``text`` is embedded as, by its term: the word itself, or the entity's name."""
        found = {
            token.term: self.glossary.by_id[token.term[1:]].name if token.is_entity else token.surface.lower()
            for token in self.tokens(text)
            if not token.is_stopword and not token.is_number
        }
        return MappingProxyType(found)

    def canonical(self, text: str) -> str:
        """``normalise(text)`` with every known name in its one canonical form: what is embedded."""
        parts = []
        position = 0
        for mention in self.glossary.mentions(text):
            parts += [text[position : mention.start], mention.entity.name]
            position = mention.end
        return normalise("".join([*parts, text[position:]]))


# Folding that keeps every offset: only one-for-one replacements.
_SAME_LENGTH = {key: value for key, value in _FOLD.items() if len(value) == 1}


def _entity_token(text: str, mention: Mention) -> Token:
    return Token(mention.start, mention.end, text[mention.start : mention.end], f"@{mention.entity.id}")


def _words(text: str, start: int, end: int) -> list[Token]:
    tokens = []
    for match in _TOKEN.finditer(text, start, end):
        surface = match.group()
        first, last = match.span()
        if surface[0].isdigit():
            term = surface.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", surface) else surface
        else:
            if surface[-2:].lower() in ("'s", "s'") and "'" in surface[-2:]:
                surface, last = surface[: surface.rindex("'")], first + surface.rindex("'")
            word = surface.lower().replace(".", "")
            term = str(_NUMBER_WORDS[word]) if word in _NUMBER_WORDS else stem(word)
        tokens.append(Token(first, last, text[first:last], term))
    return tokens


def numbers(tokens: Sequence[Token]) -> list[float]:
    """The numbers in a text, digits and words alike: ``3,000`` and ``three thousand`` are both 3000.0."""
    found: list[float] = []
    total = 0.0
    group: float | None = None

    def close() -> None:
        nonlocal total, group
        if group is not None:
            found.append(total + group)
        total, group = 0.0, None

    for token in tokens:
        word = token.surface.lower()
        value = _value(token.term) if token.is_number else None
        if word in _SCALES:
            if group is None:
                continue  # "hundreds of", "a thousand times": no number that could be compared
            if word == "hundred":
                group *= 100
            else:
                total, group = total + group * _SCALES[word], 0.0
        elif value is None:
            if not (word == "and" and group is not None and group % 100 == 0):
                close()
        elif group is not None and word in _NUMBER_WORDS and (group % 100 == 0 or (group % 10 == 0 and value < 10)):
            group += value
        else:
            close()
            group = value
    close()
    return found


def _value(term: str) -> float | None:
    """None for "1.2.3" or "1,2", which are no single number."""
    return float(term) if re.fullmatch(r"\d+(?:\.\d+)?", term) else None
