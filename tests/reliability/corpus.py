"""Small articles in which every sentence names its article and revision, so that a text tells where it is from."""

import random
import re
from collections.abc import Iterable
from pathlib import Path

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


def article(number: int, revision: int = 0, paragraphs: int = 8) -> str:
    """Paragraphs of three sentences; two to three of them make a chunk. The same text each time."""
    chance = random.Random(f"{number} {revision}")
    name = marker(number, revision)

    def sentence() -> str:
        words = [chance.choice(_ADJECTIVES), chance.choice(_NOUNS), chance.choice(_ADJECTIVES), chance.choice(_NOUNS)]
        return (
            f"The {words[0]} {words[1]} of {name} {chance.choice(_VERBS)} the {words[2]} {words[3]} on "
            f"{chance.choice(_DAYS)}, {chance.randint(10, 990)} people said."
        )

    return "\n\n".join(" ".join(sentence() for _ in range(3)) for _ in range(paragraphs)) + "\n"


def write(folder: Path, number: int, revision: int = 0, paragraphs: int = 8) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"report{number:04d}.txt"
    path.write_text(article(number, revision, paragraphs), "utf-8")
    return path
