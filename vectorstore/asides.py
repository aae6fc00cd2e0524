"""Paragraphs that stand in an article and are none of its reporting: orders to a model, and what strays from it.

A chunk may span one, so that it moves no border, but nothing of it is embedded, indexed or quoted: an answer is the
same whether it is there or not.
"""

import re
from collections import Counter
from collections.abc import Sequence

from vectorstore.analysis import STOPWORDS, stem
from vectorstore.instructions import addresses_a_model, enclosed, opens_a_turn
from vectorstore.models import Chunk, Region, RegionKind
from vectorstore.structure import split_sentences

# No longer paragraph strays: what it says is reporting on something.
_LONGEST_STRAY = 25
# In fewer words around it there is nothing to stray from.
_LEAST_AROUND = 100
_WORD = re.compile(r"[^\W\d_]+")

_MARK = re.compile(r"\[\d{1,3}\]")
# Reporting does not begin with a verb in this form.
_REQUEST = re.compile(
    r"\W*(?:please )?(?:add|answer|break|build|calculate|check|choose|click|compare|compose|convert|create|define|"
    r"describe|develop|discover|donate|download|draft|enter|explain|explore|find|fix|follow|generate|get|give|help|imagine|"
    r"improve|include|insert|join|learn|list|make|name|outline|print|propose|prove|provide|put|read|recommend|remove|replace|"
    r"respond|rewrite|see|send|share|show|sign|solve|speak|subscribe|substitute|suggest|summari[sz]e|support|take|tell|"
    r"translate|try|use|visit|watch|write)\b",
    re.IGNORECASE,
)


def orders(paragraphs: Sequence[str]) -> set[int]:
    """Which paragraphs give orders to a language model, at once or in half of their sentences.

    So do those between the marks of a prompt, and the one behind a mark that stands alone on its line, such as
    "### Response:".
    """
    found = {number for first, last in enclosed(paragraphs) for number in range(first, last + 1)}
    for number, text in enumerate(paragraphs):
        sentences = [text[start:end] for start, end in split_sentences(text)]
        addressing = [addresses_a_model(sentence) for sentence in sentences]
        if addressing and (addressing[0] or len(sentences) <= 2 * sum(addressing)):
            found.add(number)
        if opens_a_turn(text):
            found |= {number, number + 1} & set(range(len(paragraphs)))
    # A line of signs belongs to what it frames.
    return found | {
        number for number, text in enumerate(paragraphs) if not _WORD.search(text) and {number - 1, number + 1} & found
    }


def strays(paragraphs: Sequence[str], title: str = "") -> set[int]:
    """Which paragraphs stray: what is short and asks for something that the article does not speak of.

    Such a question or request has no more than half of its words in common with the rest. So does a short paragraph
    with several markers like "[1]" when no other has any. Nothing else that states something is taken for an aside:
    one sentence of a report may share no word with another.
    """
    stems = [_content(text) for text in paragraphs]
    there = Counter(word for words in stems for word in words)
    there.update(_content(title))
    around = sum(len(text.split()) for text in paragraphs)
    marks = [len(_MARK.findall(text)) for text in paragraphs]
    found = set()
    for number, (text, words) in enumerate(zip(paragraphs, stems, strict=True)):
        length = len(text.split())
        if not words or length > _LONGEST_STRAY or around - length < _LEAST_AROUND:
            continue
        forged = sum(marks) == marks[number] > 1
        if forged or (_asks(text) and 2 * sum(there[word] > 1 for word in words) <= len(words)):
            found.add(number)
    return found


def _asks(text: str) -> bool:
    return text.rstrip("\"'”’)").endswith("?") or bool(_REQUEST.match(text))


def _content(text: str) -> set[str]:
    words = (word.lower() for word in _WORD.findall(text))
    return {stem(word) for word in words if word not in STOPWORDS and len(word) > 1}


def told(chunk: Chunk, regions: Sequence[Region]) -> str:
    """The chunk's text with blanks in the place of asides, and of the ends of their lines; offsets stay."""
    text = chunk.text
    for region in regions:
        start, end = region.start - chunk.start, region.end - chunk.start
        if region.kind is RegionKind.ASIDE and start >= 0 and end <= len(text):
            following = re.compile(r"\s*").match(text, end)
            end = following.end() if following else end
            text = text[:start] + " " * (end - start) + text[end:]
    return text
