"""Small articles in which every sentence names its article and revision, so that a text tells where it is from."""

import random
import re
from collections.abc import Iterable, Iterator
from functools import cache

_NOUNS = (
    "village valley road bridge market school clinic border district checkpoint convoy river mountain governor council "
    "police soldier teacher doctor farmer driver family court prison airport station house garden letter radio"
).split()
_VERBS = "reached left closed opened searched guarded crossed described questioned repaired counted watched".split()
_ADJECTIVES = "northern eastern old narrow crowded quiet damaged distant large small new burned empty busy".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MARKER = re.compile(r"Karzan\d{4}v\d{3}", re.IGNORECASE)


def marker(number: int, revision: int = 0) -> str:
    """The name that stands in every sentence of an article's revision and nowhere else."""
    return f"Karzan{number:04d}v{revision:03d}"


def markers(texts: Iterable[str]) -> set[str]:
    """The markers in some texts, as ``marker`` writes them."""
    return {found.capitalize() for text in texts for found in _MARKER.findall(text)}


@cache
def article(number: int, revision: int = 0, paragraphs: int = 8) -> str:
    """Paragraphs of three sentences; a few of them make a chunk. The same text each time."""
    sentence = _sentences(number, revision)
    return "\n\n".join(" ".join(next(sentence) for _ in range(3)) for _ in range(paragraphs)) + "\n"


def bulletin(number: int, revision: int, items: int) -> str:
    """So many sentences with a heading each, which is the cheapest way to many chunks."""
    sentence = _sentences(number, revision)
    name = marker(number, revision)
    return "\n\n".join(f"Report {item} of {name}\n\n{next(sentence)}" for item in range(items)) + "\n"


def _sentences(number: int, revision: int) -> Iterator[str]:
    chance = random.Random(f"{number} {revision}")
    name = marker(number, revision)
    while True:
        words = [chance.choice(_ADJECTIVES), chance.choice(_NOUNS), chance.choice(_ADJECTIVES), chance.choice(_NOUNS)]
        yield (
            f"The {words[0]} {words[1]} of {name} {chance.choice(_VERBS)} the {words[2]} {words[3]} on "
            f"{chance.choice(_DAYS)}, {chance.randint(10, 990)} people said."
        )
