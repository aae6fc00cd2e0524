"""A store of any size, made in minutes: real sentences in new combinations, with invented names between them.

The sentences are of the SQuAD 2.0 paragraphs in shared/data and of the shipped articles, so that names of the group
stand in most chunks. The invented names are drawn from a Zipf distribution: a large store has many rare words. A
sentence's vector is real; a chunk's is the mean of its sentences' with some noise, words have random ones.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from tests.benchmarks.squad import SHARED
from vectorstore.analysis import ANALYSIS_VERSION, Analyser, stem
from vectorstore.catalog import Catalog, PreparedArticle
from vectorstore.dates import PartialDate
from vectorstore.dense import VectorIndex
from vectorstore.embedding import Embedder
from vectorstore.glossary import Glossary
from vectorstore.models import Article, Chunk, Evidence, Vector
from vectorstore.structure import split_sentences

SEEDS = Path(str(files("seeds")))
_CHUNKS_AN_ARTICLE = 10
_ARTICLES_A_TRANSACTION = 200
_SHARE_OF_SEEDS = 0.3
_NOISE = 0.3
_NAMES = 50_000
_SYLLABLES = "ka bul zar du mir wa li sha ne to re gu han ba qi ro ve tan os ul ef im pra chi".split()


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    terms: tuple[str, ...]
    vector: Vector


def analyser() -> Analyser:
    return Analyser(Glossary.load(SEEDS / "glossary.toml"))


def make_store(home: Path, chunks: int, embedder: Embedder, sentences: int | None = None, seed: int = 1) -> None:
    """Make a store of so many chunks, its index included. ``sentences`` bounds how many of each kind are embedded."""
    maker = _Maker(analyser(), embedder, sentences, seed)
    with closing(Catalog(home / "catalog.sqlite3", ANALYSIS_VERSION)) as catalog:
        articles = [
            (number, min(_CHUNKS_AN_ARTICLE, chunks - number * _CHUNKS_AN_ARTICLE))
            for number in range(-(-chunks // _CHUNKS_AN_ARTICLE))
        ]
        for start in range(0, len(articles), _ARTICLES_A_TRANSACTION):
            with catalog.writing():
                for number, size in articles[start : start + _ARTICLES_A_TRANSACTION]:
                    prepared = maker.article(number, size)
                    catalog.replace(prepared, prepared.article.path, embedder.identity)
        with closing(VectorIndex(home / "index", catalog)) as index:
            index.follow()


class _Maker:
    def __init__(self, reader: Analyser, embedder: Embedder, bound: int | None, seed: int) -> None:
        self._rng = random.Random(seed)
        self._noise = np.random.default_rng(seed)
        self._reader = reader
        self._words: dict[str, Vector] = {}
        self._dimension = embedder.identity.dimension
        squad = self._sentences(_squad_texts(), embedder, bound)
        seeds = self._sentences(_seed_texts(), embedder, bound)
        self._pool = [*squad, *seeds]
        self._weights = [(1 - _SHARE_OF_SEEDS) / len(squad)] * len(squad) + [_SHARE_OF_SEEDS / len(seeds)] * len(seeds)
        self._names = list(dict.fromkeys(self._name() for _ in range(_NAMES)))
        self._rarities = np.cumsum(1 / np.arange(1, len(self._names) + 1)).tolist()
        # Every invented sentence gets the vector of one of them.
        self._invented_vector = embedder.embed([self._invented()[0]])[0]

    def _name(self) -> str:
        return "".join(self._rng.choices(_SYLLABLES, k=self._rng.randint(2, 4))).capitalize()

    def _sentences(self, texts: Iterator[str], embedder: Embedder, bound: int | None) -> list[_Sentence]:
        found = [text[start:end] for text in texts for start, end in split_sentences(text)]
        unique = [text for text in dict.fromkeys(found) if len(text) > 20][:bound]
        vectors = embedder.embed([self._reader.canonical(text) for text in unique])
        for text in unique:
            self._words.update((term, self._random_vector()) for term in self._reader.words(text))
        return [
            _Sentence(text, tuple(self._reader.terms(text, parts=True)), vector)
            for text, vector in zip(unique, vectors, strict=True)
        ]

    def _random_vector(self) -> Vector:
        drawn = self._noise.standard_normal(self._dimension).astype(np.float32)
        return np.asarray(drawn / np.linalg.norm(drawn), np.float32)

    def _invented(self) -> tuple[str, tuple[str, ...]]:
        first, second = self._rng.choices(self._names, cum_weights=self._rarities, k=2)
        return f"A witness named {first} of {second}.", tuple(
            stem(word) for word in ("witness", "named", first.lower(), second.lower())
        )

    def article(self, number: int, size: int) -> PreparedArticle:
        """Its chunks stand one after another, with an empty line between."""
        article_id, chunks, sentences, terms = f"synthetic-{number:06d}", [], [], []
        text, vectors = "", np.zeros((size, self._dimension), np.float32)
        for ordinal in range(size):
            begin = len(text)
            drawn = self._rng.choices(self._pool, self._weights, k=self._rng.randint(2, 6))
            drawn.append(_Sentence(*self._invented(), self._invented_vector))
            evidence = []
            for sentence in drawn:
                start = len(text)
                text += sentence.text + " "
                evidence.append(Evidence(start, start + len(sentence.text), sentence.text, sentence.vector))
            chunk_id = f"{article_id}#{ordinal:03d}"
            chunks.append(Chunk(chunk_id, article_id, ordinal, begin, len(text) - 1, text[begin : len(text) - 1]))
            text += "\n\n"
            sentences.append(evidence)
            terms.append(" ".join(term for sentence in drawn for term in sentence.terms))
            mean = np.mean([sentence.vector for sentence in drawn], axis=0)
            vectors[ordinal] = mean / np.linalg.norm(mean) + _NOISE * self._random_vector()
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        day = f"{self._rng.randint(2014, 2024)}-{self._rng.randint(1, 12):02d}-{self._rng.randint(1, 28):02d}"
        article = Article(
            id=article_id,
            title=f"Report {number}",
            text=text,
            sha256=f"{number:064x}",
            path=f"synthetic/{article_id}.txt",
            publisher=self._rng.choice(["The Courier", "The Herald", "The Observer"]),
            published=PartialDate(day) if self._rng.random() < 0.9 else None,
        )
        words, self._words = self._words, {}
        return PreparedArticle(article, (), chunks, vectors, sentences, terms, words)


def _squad_texts() -> Iterator[str]:
    for record in _records(SHARED / "squad2" / "passages.jsonl"):
        yield record["text"]


def _records(path: Path) -> Iterator[Mapping[str, str]]:
    return map(json.loads, path.read_text("utf-8").splitlines())


def _seed_texts() -> Iterator[str]:
    for path in sorted((SEEDS / "articles").glob("*.txt")):
        yield path.read_text("utf-8")


def questions(count: int, seed: int = 1) -> Sequence[str]:
    """Half about the SQuAD paragraphs, half of the dev split of the shipped question set, in random order."""
    rng = random.Random(seed)
    squad = [record["question"] for record in _records(SHARED / "squad2" / "questions.jsonl")]
    shipped = [record["question"] for record in _records(SEEDS / "questions.jsonl") if record["split"] == "dev"]
    half = min(count // 2, len(shipped))
    chosen = rng.sample(shipped, half) + rng.sample(squad, count - half)
    rng.shuffle(chosen)
    return chosen
