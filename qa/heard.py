"""What of a question is said in a text, in its words or in similar ones."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from qa.polarity import Polarity
from qa.synonyms import Synonyms, mark
from vectorstore.analysis import Token
from vectorstore.glossary import Glossary

# How alike two forms of a name are at least, and how many letters they begin with alike.
_SAME_NAME = 0.8
_SAME_START = 3
# How alike two words of one meaning are.
_SYNONYM = 0.9
# And two that are alike or opposed: whoever asks about allies is answered by what is said of rivals. From 0.5 to 0.7
# makes no difference on SQuAD's dev part, nor on the first two writers' questions; 0.9 lets too much pass.
_SAME_MATTER = 0.6


@dataclass(frozen=True, slots=True)
class Heard:
    """The terms of a text, and how much each term that a question asks for is said there, in these or similar words.

    ``likeness`` leaves out zeros, which most are.
    """

    present: frozenset[str]
    likeness: Mapping[str, float]

    def says(self, term: str) -> float:
        return self.likeness.get(term, 0.0)


def either(*parts: Heard) -> Heard:
    """What is heard in any of them."""
    said: dict[str, float] = {}
    for part in parts:
        for term, likeness in part.likeness.items():
            said[term] = max(likeness, said.get(term, 0.0))
    return Heard(frozenset().union(*(part.present for part in parts)), said)


class Listener:
    """How much a question's terms are said by the terms of a text.

    ``alike`` gives the likeness of each to words of the texts, as ``Lexicon.likeness``.
    """

    def __init__(
        self,
        question: Sequence[Token],
        synonyms: Synonyms,
        polarity: Polarity,
        alike: Mapping[str, Mapping[str, float]],
        glossary: Glossary,
    ) -> None:
        self._marks = {term: frozenset(map(mark, found)) for term, found in synonyms.meanings(tuple(question)).items()}
        self._sides: dict[str, set[str]] = {}
        for group, terms in polarity.sides(question).items():
            for term in terms:
                self._sides.setdefault(term, set()).add(_side(group))
        self._alike = alike
        self._glossary = glossary

    def likeness(self, term: str, present: Set[str]) -> float:
        """How much the question's term is said where these are present, in [0, 1]."""
        if term in present:
            return 1.0
        if not self._marks.get(term, frozenset()).isdisjoint(present):
            return _SYNONYM
        either_side = 0.0 if self._sides.get(term, set()).isdisjoint(present) else _SAME_MATTER
        alike = self._alike.get(term, {})
        return max((either_side, *(alike[word] for word in alike.keys() & present)))

    def named(self, name: str, heard: Heard) -> bool:
        """Whether the question's name is said, or another form of it: German for Germany.

        Vectors alone take Germany for Italy, and Canada for a country. A word of known meaning is no name, whatever its
        capital: Premier for prime minister.
        """
        if name in heard.present or (name in self._marks and heard.says(name) >= _SAME_NAME):
            return True
        forms = (word for word, alike in self._alike.get(name, {}).items() if alike >= _SAME_NAME)
        return any(self._begins_alike(name, word) for word in forms if word in heard.present)

    def _begins_alike(self, name: str, word: str) -> bool:
        """Whether the two begin with the same letters; an entity, under any of its names."""
        entity = self._glossary.by_id.get(word[1:]) if word.startswith("@") else None
        written = [word] if entity is None else [each.lower() for each in (entity.name, *entity.variants)]
        return any(each.startswith(name[:_SAME_START]) for each in written)


def marks(tokens: tuple[Token, ...], synonyms: Synonyms, polarity: Polarity) -> list[str]:
    """The meanings in a text and the pairs of opposites of which it takes a side, as marks among its terms."""
    return [*synonyms.marks(tokens), *map(_side, polarity.sides(tokens))]


def _side(group: int) -> str:
    """A pair of opposites as no term is written."""
    return f"^{group}"


def standing_for(entity_id: str, glossary: Glossary) -> frozenset[str]:
    """The index terms that name the entity, a part of it, for a group what it is a branch of, for a place its groups.

    "Islamic Movement of Uzbekistan" names Uzbekistan, but "Pakistani Taliban" not the Taliban.
    """
    entity = glossary.by_id[entity_id]
    above = list(glossary.ancestors(entity)) if entity.kind == "group" else []
    parts = [other for other in glossary.entities if entity in glossary.ancestors(other)]
    place = re.compile(rf"\b{re.escape(entity.name)}\b") if entity.kind == "place" else None
    named_for = [other for other in glossary.entities if place is not None and place.search(other.name)]
    return frozenset(f"@{other.id}" for other in (entity, *above, *parts, *named_for))
