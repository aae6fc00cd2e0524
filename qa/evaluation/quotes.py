"""Whether what an answer puts in quotation marks, or gives as a quote, was written that way."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from qa.evaluation.tokens import plain
from qa.models import Answer, Citation

Fidelity = Literal["exact", "elsewhere", "fabricated"]

# Shorter ones are names, or words held at arm's length.
_FEWEST_WORDS = 3
_QUOTED = re.compile(r'"([^"]+)"')


@dataclass(frozen=True, slots=True)
class QuoteScore:
    """``exact``: word for word in what is cited; ``elsewhere``: only in other places of the articles."""

    text: str
    fidelity: Fidelity


class Library:
    """The words of all articles, read once, when the first quote is not where it is said to be."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    @cached_property
    def _everything(self) -> list[str]:
        return [_words(text) for text in self._texts]

    def has(self, words: str) -> bool:
        return any(_within(words, text) for text in self._everything)


def quote_scores(answer: Answer, valid: Sequence[Citation], library: Library) -> tuple[QuoteScore, ...]:
    """The quotes of the citations, then those of three words or more in the answer's text.

    Kinds of quotation marks, hyphens and spaces do not matter, nor does case or
    what ends a quote.
    """
    cited = [_words(citation.quote) for citation in valid]
    scores = [
        QuoteScore(citation.quote, "exact" if citation in valid else _elsewhere(_words(citation.quote), library))
        for citation in answer.citations
    ]
    for quote in _quoted(answer):
        words = _words(quote)
        exact = any(_within(words, text) for text in cited)
        scores.append(QuoteScore(quote, "exact" if exact else _elsewhere(words, library)))
    return tuple(scores)


def _quoted(answer: Answer) -> Iterator[str]:
    """In each sentence by itself: a mark that is never closed must not reach into the next."""
    for sentence in answer.sentences:
        for match in _QUOTED.finditer(plain(sentence.text)):
            if len(match[1].split()) >= _FEWEST_WORDS:
                yield match[1]


def _elsewhere(words: str, library: Library) -> Fidelity:
    return "elsewhere" if library.has(words) else "fabricated"


def _words(text: str) -> str:
    return " ".join(plain(text).replace('"', "'").casefold().split()).strip(" .,;:!?'")


def _within(words: str, text: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text)) if words else False
