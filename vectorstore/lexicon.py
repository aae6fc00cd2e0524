"""What the corpus knows of words: how rare they are, what is close to them in meaning, how they are spelt."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from vectorstore.analysis import Analyser, stem
from vectorstore.embedding import Embedder, common_words, is_common_word
from vectorstore.glossary import Entity
from vectorstore.models import Vector
from vectorstore.reading import CatalogReader

# Between these cosine similarities two words count as the same in part: "trip" and "visit" have 0.66, "soldiers" and
# "troops" 0.89, while unrelated words seldom pass 0.4.
_UNRELATED, _SAME = 0.42, 0.78
# Words whose vectors are kept, 1.5 kB each.
_MOST_KEPT = 20_000
# Shorter words have too many neighbours.
_SHORTEST = 5
# Ways in which one name is written in Latin letters: Qunduz, Mohajer, Farooqi, Uighur.
_SAME_SOUND = tuple(
    (re.compile(pattern), letter)
    for pattern, letter in (
        (r"['’ʼ`]", ""),
        (r"oo|ou", "u"),
        (r"ee|ie?(?=\w)", "i"),
        (r"a[ey]", "ai"),
        (r"ph", "f"),
        (r"[qc](?!h)", "k"),
        (r"w", "v"),
        (r"o", "u"),
        (r"[ey]", "i"),
        (r"(.)\1", r"\1"),
    )
)
# How many letters that may take, and which may begin it.
_OTHER_LETTERS = 3
_SAME_INITIALS = ("kqc", "vw", "uo", "iey", "fp")
# In how many times as many chunks the likelier of two corrections stands.
_FAR_MORE = 4


class Lexicon:
    """Reads the catalog; embeds only words that it does not hold."""

    def __init__(self, catalog: CatalogReader, embedder: Embedder, analyser: Analyser) -> None:
        self._catalog = catalog
        self._embedder = embedder
        self._analyser = analyser
        # By term, what the catalog holds; by word, what was embedded here. Were they one, likeness would depend on the
        # questions that came before.
        self._held: dict[str, Vector] = {}
        self._made: dict[str, Vector] = {}

    def rarity(self, terms: Sequence[str]) -> dict[str, float]:
        """Inverse document frequency as in BM25: log(1 + (N - n + 0.5) / (n + 0.5)), n of N chunks having the term."""
        total = self._catalog.lexical.count()
        return {
            term: math.log(1 + (total - count + 0.5) / (count + 0.5))
            for term, count in self._catalog.lexical.document_frequencies(terms).items()
        }

    def likeness(self, asked: Mapping[str, str], there: Mapping[str, str]) -> dict[str, dict[str, float]]:
        """How much each asked term means the same as each term that is there, in [0, 1]; zeros are left out.

        Both map terms to words, as ``Analyser.words`` gives them. A term is always itself.
        """
        return _alike(self._embedded(asked), self._embedded(there) if asked else {})

    def known_likeness(self, asked: Mapping[str, str], there: Iterable[str]) -> dict[str, dict[str, float]]:
        """The same for terms of the corpus; those without an embedding there are like nothing."""
        known = self._known(there) if asked else {}
        return _alike(self._embedded(asked) if known else {}, known)

    def _embedded(self, words: Mapping[str, str]) -> dict[str, Vector]:
        known = self._known(words)
        if len(self._made) > _MOST_KEPT:
            self._made = {}
        made, others = self._made, [word for term, word in words.items() if term not in known]
        fresh = [word for word in dict.fromkeys(others) if word not in made]
        made.update(zip(fresh, self._embedder.embed(fresh), strict=True))
        return {term: known[term] if term in known else made[word] for term, word in words.items()}

    def _known(self, terms: Iterable[str]) -> dict[str, Vector]:
        if len(self._held) > _MOST_KEPT:
            self._held = {}
        vectors, wanted = self._held, list(terms)
        if missing := [term for term in wanted if term not in vectors]:
            vectors.update(self._catalog.word_vectors(missing))
        return {term: vectors[term] for term in wanted if term in vectors}

    def repair(self, text: str) -> str:
        """The text with words corrected that are neither in the corpus nor English, but nearly one from the corpus.

        First come other spellings of a foreign name, Qunduz for Kunduz.
        A correction keeps the first letter, unless it is a long name of the glossary, and is one edit away (two for
        words of eight letters and more; a swap of neighbours is one edit). Of two that are equally near it is the one
        that stands in far more of the chunks; else the word stays as it is.
        """
        parts, position = [], 0
        for token in self._analyser.tokens(text):
            if token.is_entity or token.is_number or token.is_stopword or len(token.surface) < _SHORTEST:
                continue
            better = self._correction(token.surface)
            if better is not None:
                parts += [text[position : token.start], better]
                position = token.end
        return "".join([*parts, text[position:]])

    def _correction(self, word: str) -> str | None:
        lower = word.lower()
        root = stem(lower)
        if lower.endswith(("'s", "’s")) or is_common_word(lower):
            return None
        if self._catalog.lexical.document_frequencies([root])[root]:
            return None
        if alike := self._sounding_alike(lower):
            return self._likeliest(alike)
        if not re.fullmatch(r"[^\W\d_]+", lower):
            return None
        # What it could be: its spelling, with the distance and what its frequency is counted by.
        near: dict[str, tuple[int, str]] = {}
        names = self._names
        nearby = _nearest(lower, list(names))
        there = self._catalog.lexical.document_frequencies([f"@{names[name].id}" for name, _ in nearby])
        for name, distance in nearby:
            entity = names[name]
            # Another first letter is an edit that counts twice. Who is not in the articles is not meant.
            if distance + (name[0] != lower[0]) <= _most_edits(lower) and there[f"@{entity.id}"]:
                near[entity.name] = min((distance, f"@{entity.id}"), near.get(entity.name, (distance, "~")))
        spelt_like = {stem(name) for name in names}
        english = common_words(lower[0])
        words = dict(_nearest(lower, english))
        stems = {word: stem(word) for word in words}
        counts = self._catalog.lexical.document_frequencies(list(stems.values()))
        for word, distance in words.items():
            if counts[stems[word]] and stems[word] not in spelt_like:
                near[word] = (distance, stems[word])
        # The index holds stems, and is asked for those of no English word: names, mostly.
        others = [known for known in self._catalog.lexical.vocabulary(lower[0]) if known not in spelt_like]
        for known, distance in _nearest(lower, others):
            if known.isalpha() and all(stem(word) != known for word in english if word.startswith(known[:-1])):
                near.setdefault(known, (distance, known))
        # What is nearer to a word that no article has is that word.
        if words and near and min(distance for distance, _ in near.values()) > min(words.values()):
            return None
        return self._likeliest(near)

    def _sounding_alike(self, lower: str) -> dict[str, tuple[int, str]]:
        """Names in the articles that are written so with other letters."""
        entities = {f"@{entity.id}": entity.name for entity in self._sounds.get(_sound(lower), ())}
        there = self._catalog.lexical.document_frequencies(list(entities))
        if found := {name: (0, term) for term, name in entities.items() if there[term]}:
            return found
        initials = next((letters for letters in _SAME_INITIALS if lower[0] in letters), lower[0])
        known = [term for initial in initials for term in self._catalog.lexical.vocabulary(initial)]
        near = process.extract(lower, known, scorer=OSA.distance, score_cutoff=_OTHER_LETTERS, limit=None)
        sounds = {_sound(lower), _sound(stem(lower))}
        return {term: (0, term) for term, _, _ in near if _sound(term) in sounds and not is_common_word(term)}

    def _likeliest(self, near: Mapping[str, tuple[int, str]]) -> str | None:
        least = min((distance for distance, _ in near.values()), default=0)
        best = {spelling: term for spelling, (distance, term) in near.items() if distance == least}
        if len(best) > 1:
            counts = self._catalog.lexical.document_frequencies(list(best.values()))
            first, second, *_ = sorted(best, key=lambda spelling: -counts[best[spelling]])
            return first if counts[best[first]] >= _FAR_MORE * max(1, counts[best[second]]) else None
        return next(iter(best), None)

    @cached_property
    def _names(self) -> dict[str, Entity]:
        """By the lower-case spelling of their one-word names; a correction puts them in their canonical form."""
        return {
            name.lower(): entity
            for entity in self._analyser.glossary.entities
            for name in (entity.name, *entity.variants)
            if name.isalpha() and len(name) >= _SHORTEST
        }

    @cached_property
    def _sounds(self) -> dict[str, list[Entity]]:
        """By how their one-word names sound."""
        found: dict[str, list[Entity]] = {}
        for name, entity in self._names.items():
            found.setdefault(_sound(name), []).append(entity)
        return found


def _sound(word: str) -> str:
    """The word as it sounds, whoever wrote it in Latin letters."""
    for pattern, letter in _SAME_SOUND:
        word = pattern.sub(letter, word)
    return word


def _most_edits(word: str) -> int:
    return 2 if len(word) >= 8 else 1


def _nearest(form: str, known: Sequence[str]) -> list[tuple[str, int]]:
    found = process.extract(form, known, scorer=OSA.distance, score_cutoff=_most_edits(form), limit=None)
    return [(name, int(distance)) for name, distance, _ in found if len(name) >= _SHORTEST - 1]


def _alike(asked: Mapping[str, Vector], there: Mapping[str, Vector]) -> dict[str, dict[str, float]]:
    if not asked or not there:
        return {term: {} for term in asked}
    # Of a thousand rows np.array takes half of the time of np.stack.
    cosines = np.array(list(asked.values())) @ np.array(list(there.values())).T
    scaled = np.clip((cosines - _UNRELATED) / (_SAME - _UNRELATED), 0, 1)
    names = list(there)
    return {
        term: {names[n]: float(scaled[row, n]) for n in np.flatnonzero(scaled[row])} for row, term in enumerate(asked)
    }
