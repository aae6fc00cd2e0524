"""Articles of any number for benchmarks, made from the paragraphs of shared/data.

SQuAD 2.0 paragraphs and RAMDocs documents; BIPIA's texts are instructions of a line, nothing like an article.
"""

import json
import random
import re
from functools import cache

from tests.benchmarks.squad import SHARED
from vectorstore.structure import split_sentences

_LEAST_WORDS = 40
_MOST_PARAGRAPHS = 5
_WORD = re.compile(r"\b[a-z]{4,}\b")


@cache
def paragraphs() -> tuple[str, ...]:
    """About 1,100 of 40 words and more, each on one line. Raises FileNotFoundError where shared/data is absent."""
    squad = [json.loads(line)["text"] for line in (SHARED / "squad2" / "passages.jsonl").open(encoding="utf-8")]
    records = [json.loads(line) for line in (SHARED / "ramdocs" / "dev.jsonl").open(encoding="utf-8")]
    documents = [document["text"] for record in records for document in record["documents"]]
    flat = dict.fromkeys(" ".join(text.split()) for text in [*squad, *documents])
    return tuple(text for text in flat if len(text.split()) >= _LEAST_WORDS)


def sentences() -> list[str]:
    return [text[start:end] for text in paragraphs() for start, end in split_sentences(text)]


def articles(count: int) -> list[str]:
    """A title and one to five paragraphs each, always the same ones.

    From the second use of a paragraph on, one word of each sentence is another one: no sentence comes twice, so no
    vector of a sentence can be used again.
    """
    chance = random.Random(0)
    words = sorted({word for text in paragraphs() for word in _WORD.findall(text)})
    order: list[str] = []
    fresh = True
    made = []
    for number in range(count):
        chosen = []
        for _ in range(chance.randint(1, _MOST_PARAGRAPHS)):
            if not order:
                fresh = number == 0
                order = chance.sample(paragraphs(), len(paragraphs()))
            text = order.pop()
            chosen.append(text if fresh else _altered(text, words, chance))
        made.append("\n\n".join([" ".join(chance.sample(words, 6)).capitalize(), *chosen]) + "\n")
    return made


def _altered(text: str, words: list[str], chance: random.Random) -> str:
    parts = []
    end = 0
    for first, last in split_sentences(text):
        parts.append(text[end:first])
        found = list(_WORD.finditer(text, first, last))
        if found:
            match = chance.choice(found)
            parts += [text[first : match.start()], chance.choice(words), text[match.end() : last]]
        else:
            parts.append(text[first:last])
        end = last
    return "".join([*parts, text[end:]])
