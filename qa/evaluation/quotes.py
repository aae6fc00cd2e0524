"""Whether what an answer puts in quotation marks, or gives as a quote, was written that way."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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


def quote_scores(answer: Answer, valid: Sequence[Citation], texts: Mapping[str, str]) -> tuple[QuoteScore, ...]:
    """The quotes of the citations, then those of three words or more in the answer's text.

    ``texts`` are those of all articles. Kinds of quotation marks, hyphens and spaces do not matter, nor does case or
    what ends a quote.
    """
    cited = [_words(citation.quote) for citation in valid]
    everything = [_words(text) for text in texts.values()]
    scores = [
        QuoteScore(citation.quote, "exact" if citation in valid else _elsewhere(_words(citation.quote), everything))
        for citation in answer.citations
    ]
    for quote in _quoted(answer):
        words = _words(quote)
        exact = any(_within(words, text) for text in cited)
        scores.append(QuoteScore(quote, "exact" if exact else _elsewhere(words, everything)))
    return tuple(scores)


def _quoted(answer: Answer) -> Iterator[str]:
    """In each sentence by itself: a mark that is never closed must not reach into the next."""
    for sentence in answer.sentences:
        for match in _QUOTED.finditer(plain(sentence.text)):
            if len(match[1].split()) >= _FEWEST_WORDS:
                yield match[1]


def _elsewhere(words: str, texts: Sequence[str]) -> Fidelity:
    return "elsewhere" if any(_within(words, text) for text in texts) else "fabricated"


def _words(text: str) -> str:
    return " ".join(plain(text).replace('"', "'").casefold().split()).strip(" .,;:!?'")


def _within(words: str, text: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text)) if words else False
