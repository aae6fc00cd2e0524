"""An article becomes a draft: all that the store keeps of it but the vectors that must still be made."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vectorstore.analysis import ANALYSIS_VERSION, Analyser
from vectorstore.asides import told
from vectorstore.catalog import PreparedArticle
from vectorstore.chunking import chunk_article
from vectorstore.cleaning import find_regions
from vectorstore.copies import Fingerprint, fingerprint
from vectorstore.models import Article, Chunk, Evidence, Region, Vector
from vectorstore.structure import split_sentences

# To be raised when loading, cleaning or chunking gives something else for the same file: every file is read again then.
PREPARATION_VERSION = 3


@dataclass(frozen=True, slots=True)
class Sentence:
    """``article.text[start:end]``, and what of it is embedded."""

    start: int
    end: int
    embedded: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One item a chunk in ``embedded``, ``sentences`` and ``terms``; ``words`` maps terms to what is embedded."""

    article: Article
    regions: Sequence[Region]
    chunks: Sequence[Chunk]
    embedded: Sequence[str]
    sentences: Sequence[Sequence[Sentence]]
    terms: Sequence[str]
    words: Mapping[str, str]
    fingerprint: Fingerprint
    analysis: str

    def texts(self) -> list[str]:
        """All that needs a vector."""
        parts = (sentence.embedded for sentences in self.sentences for sentence in sentences)
        return [*self.embedded, *parts, *self.words.values()]

    def completed(self, vectors: Mapping[str, Vector], dimension: int) -> PreparedArticle:
        """With the vectors of ``texts()``."""
        text = self.article.text
        return PreparedArticle(
            article=self.article,
            regions=self.regions,
            chunks=self.chunks,
            vectors=np.array([vectors[each] for each in self.embedded], np.float32).reshape(-1, dimension),
            sentences=[
                [Evidence(part.start, part.end, text[part.start : part.end], vectors[part.embedded]) for part in parts]
                for parts in self.sentences
            ],
            terms=self.terms,
            words={term: vectors[each] for term, each in self.words.items()},
            digest=self.fingerprint.digest,
            signature=self.fingerprint.signature,
            analysis=self.analysis,
        )


class Preparer:
    """Cleans, chunks and analyses."""

    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser

    @cached_property
    def analysis(self) -> str:
        """A digest of all rules that, with an article, decide what is derived from it."""
        entities = "".join(entity.model_dump_json() for entity in self._analyser.glossary.entities)
        rules = f"{PREPARATION_VERSION} {ANALYSIS_VERSION} {entities}"
        return hashlib.sha256(rules.encode()).hexdigest()[:16]

    def draft(self, article: Article) -> Draft:
        regions = find_regions(article.text, article.title)
        chunks = chunk_article(article, regions)
        texts = [told(chunk, regions) for chunk in chunks]
        contexts = [context_of(article, chunk) for chunk in chunks]
        return Draft(
            article=article,
            regions=regions,
            chunks=chunks,
            embedded=[self.embedded(context, text) for context, text in zip(contexts, texts, strict=True)],
            sentences=[self.sentences(chunk.start, text) for chunk, text in zip(chunks, texts, strict=True)],
            terms=[
                " ".join(self._analyser.terms(f"{context}\n{text}", parts=True))
                for context, text in zip(contexts, texts, strict=True)
            ],
            words=self.words([*dict.fromkeys(contexts), *texts]),
            fingerprint=fingerprint(article.text, regions),
            analysis=self.analysis,
        )

    def embedded(self, context: str, text: str) -> str:
        """What a chunk's vector is made of: what it tells, in its context."""
        return self._analyser.canonical(f"{context}. {text}" if context else text)

    def sentence(self, text: str) -> str:
        """What a sentence's vector is made of."""
        return self._analyser.canonical(text)

    def sentences(self, offset: int, text: str) -> list[Sentence]:
        return [
            Sentence(offset + start, offset + end, self.sentence(text[start:end]))
            for start, end in split_sentences(text)
        ]

    def words(self, texts: Sequence[str]) -> dict[str, str]:
        """Content words by their terms."""
        return {term: word for text in texts for term, word in self._analyser.words(text).items()}


def context_of(article: Article, chunk: Chunk) -> str:
    """What a chunk is read in: its article's title and the section's heading; never part of the slice."""
    parts = dict.fromkeys(part for part in (article.title, chunk.heading) if part)
    return ". ".join(part.rstrip(". ") for part in parts)
