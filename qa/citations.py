"""A draft's markers -> citations: each sentence aligned with the best supporting spans and verified. Pure.

Citations are built from stored passages only; nothing that a model wrote gets into one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from qa.context import NumberedSentence
from qa.models import Citation, Sentence, Support
from qa.reply import DraftSentence
from qa.verification import NOTHING_CITED, VERBATIM, Mismatch, Setting, Verdict, Verifier
from vectorstore.models import Article, Evidence, Passage, Vector
from vectorstore.plain import plain
from vectorstore.structure import split_sentences

# A search looks closely at this many sentences, those that share most words with the claim, and at their neighbours.
_CLOSE_LOOK = 5
_CLOSE_LOOK_AT_PAIRS = 3
# Two sentences are cited instead of one where they support more, or as much with a score that is higher by this.
_WORTH_A_SECOND = 0.1
_AGAINST = frozenset({Mismatch.NEGATION, Mismatch.OPPOSITE, Mismatch.ROLE})
_CLAUSE = re.compile(r"(?:;|,)?\s+(?:and|but|while|whereas)\s+|;\s+")
_SHORTEST_CLAUSE = 4
_RANK = {Support.SUPPORTED: 2, Support.PARTIAL: 1, Support.UNSUPPORTED: 0}


_Span = tuple[int, int, Vector | None]


class CitedSpan(NamedTuple):
    """``passage.article.text[start:end]``."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.article.text[self.start : self.end]

    def meets(self, passage: Passage, start: int, end: int) -> bool:
        """Whether it shares a character with this part of that passage's article."""
        return self.passage.article.id == passage.article.id and self.start < end and start < self.end


@dataclass(frozen=True, slots=True)
class Aligned:
    """A sentence of an answer, what it cites, and the verdict on it by all that it cites.

    ``replaced``: it named other passages than these, or none.
    """

    text: str
    spans: tuple[CitedSpan, ...]
    verdict: Verdict
    replaced: bool = False


class _Try(NamedTuple):
    spans: tuple[CitedSpan, ...]
    verdict: Verdict

    @property
    def rank(self) -> tuple[int, float, float]:
        return _RANK[self.verdict.support], self.verdict.score, self.verdict.likeness

    @property
    def is_full(self) -> bool:
        return self.verdict.support is Support.SUPPORTED

    @property
    def passage(self) -> Passage | None:
        return self.spans[0].passage if self.spans else None

    @property
    def contradicts(self) -> bool:
        return not _AGAINST.isdisjoint(self.verdict.mismatches)


_NOTHING = _Try((), NOTHING_CITED)


def align(
    draft: DraftSentence, passages: Sequence[Passage], verifier: Verifier, vector: Vector | None = None
) -> Aligned:
    """The best citations for a sentence; marker n is ``passages[n - 1]``.

    ``vector`` is the sentence's embedding, by the model that embedded the passages; without it only words are compared.

    - Of each passage that it names, the sentence or the two neighbours that support it best are cited.
    - Where one of these supports it in full, the others that do not are dropped. Where none does, but each of its
      clauses is supported in full, these are cited together.
    - Else another passage that supports it better takes their place; one that only supports it in part does not
      where what it cites says the contrary.
    - Else the sentence keeps what it cited, and the verdict says how little that is worth.
    - A sentence without a valid marker gets a citation only if a passage supports it in full; else it is unsupported.
    """
    cited = [passages[number - 1] for number in dict.fromkeys(draft.markers) if 1 <= number <= len(passages)]
    claim = _Claim(draft.text, vector, verifier)
    own = [claim.best([passage]) for passage in cited]
    chosen = _together(claim, own, cited)
    if not chosen.is_full:
        other = claim.best([passage for passage in passages if not any(passage is one for one in cited)])
        better = bool(cited) and other.rank[0] > chosen.rank[0] and not chosen.contradicts
        if other.is_full or better:
            return Aligned(draft.text, other.spans, other.verdict, replaced=True)
    return Aligned(draft.text, chosen.spans, chosen.verdict)


def _together(claim: "_Claim", own: Sequence[_Try], cited: Sequence[Passage]) -> _Try:
    """What the passages that a sentence names support of it, all taken together."""
    full = [found for found in own if found.is_full]
    if full:
        return _Try(tuple(span for found in full for span in found.spans), max(full, key=lambda one: one.rank).verdict)
    best = max(own, key=lambda found: found.rank, default=_NOTHING)
    clauses = split_clauses(claim.text)
    if len(clauses) > 1 and not best.contradicts:
        parts = [_Claim(clause, None, claim.verifier).best(cited) for clause in clauses]
        if all(part.is_full for part in parts):
            spans = dict.fromkeys(span for part in parts for span in part.spans)
            return _Try(tuple(spans), min(parts, key=lambda part: part.rank).verdict)
    return best


def split_clauses(claim: str) -> list[str]:
    """The clauses of a sentence that could be said alone: at least four words each; else the sentence itself."""
    parts = [part for part in _CLAUSE.split(claim) if part.strip()]
    return parts if all(len(part.split()) >= _SHORTEST_CLAUSE for part in parts) else [claim]


@dataclass(frozen=True, slots=True)
class _Claim:
    """A sentence that looks for its evidence."""

    text: str
    vector: Vector | None
    verifier: Verifier

    def best(self, passages: Sequence[Passage]) -> _Try:
        """One sentence, or two neighbours, of one of the passages.

        What a passage contradicts where it is as like the claim as where it seems to support it, it does not support.
        """
        looked = self._most_alike(passages)
        singles = [self._try(passage, *spans[number : number + 1]) for passage, spans, number in looked]
        best = max(singles, key=lambda one: one.rank, default=_NOTHING)
        if not best.is_full:
            pairs = [
                self._try(passage, *spans[first : first + 2])
                for passage, spans, number in looked[:_CLOSE_LOOK_AT_PAIRS]
                for first in (number - 1, number)
                if 0 <= first < len(spans) - 1
            ]
            pair = max(pairs, key=lambda one: one.rank, default=_NOTHING)
            if pair.rank[0] > best.rank[0] or pair.verdict.score >= best.verdict.score + _WORTH_A_SECOND:
                best = pair
        against = [one for one in singles if one.contradicts and one.passage is best.passage]
        worst = max(against, key=lambda one: one.verdict.likeness, default=_NOTHING)
        return worst if worst.verdict.likeness >= best.verdict.likeness > 0 and best.verdict != VERBATIM else best

    def _most_alike(self, passages: Sequence[Passage]) -> list[tuple[Passage, Sequence[_Span], int]]:
        """The sentences that share most words with the claim, each as one of its passage's."""
        read = self.verifier.read
        claim = read(self.text)
        words = {claim.lemmas[index] for index in claim.keys}
        places = [
            (passage, spans, number)
            for passage in passages
            for spans in (_sentences(passage),)
            for number in range(len(spans))
        ]
        shared = [len(words & read(passage.article.text[slice(*spans[n][:2])]).terms) for passage, spans, n in places]
        order = sorted((n for n in range(len(places)) if shared[n]), key=lambda n: -shared[n])
        return [places[n] for n in order[:_CLOSE_LOOK]]

    def try_sentence(self, sentence: NumberedSentence) -> _Try:
        """The verdict by a sentence that was named."""
        vectors = {(start, end): vector for start, end, vector in _sentences(sentence.passage)}
        return self._try(sentence.passage, (sentence.start, sentence.end, vectors.get((sentence.start, sentence.end))))

    def _try(self, passage: Passage, *spans: _Span) -> _Try:
        """The verdict by neighbouring sentences of a passage."""
        article, chunk = passage.article, passage.chunk
        cited = CitedSpan(passage, spans[0][0], spans[-1][1])
        setting = Setting(
            publisher="\n".join(part for part in (article.publisher, article.origin) if part),
            titles="\n".join(part for part in (article.title, chunk.heading) if part),
            before=article.text[chunk.start : cited.start],
            around=chunk.text,
            published=article.published,
        )
        similarity = _similarity(self.vector, [vector for _, _, vector in spans])
        return _Try((cited,), self.verifier.verify(self.text, [cited.text], [setting], similarity))


def _similarity(vector: Vector | None, others: Sequence[Vector | None]) -> float | None:
    """The cosine of a unit vector and the sum of others, which stands for that of their texts together."""
    known = [other for other in others if other is not None and vector is not None and other.shape == vector.shape]
    if vector is None or len(known) != len(others):
        return None
    total = np.sum(known, axis=0)
    return float(vector @ total / max(1e-9, float(np.linalg.norm(total))))


def _sentences(passage: Passage) -> list[_Span]:
    if passage.sentences:
        return [(evidence.start, evidence.end, evidence.vector) for evidence in passage.sentences]
    start = passage.chunk.start
    return [(start + first, start + last, None) for first, last in split_sentences(passage.chunk.text)]


def narrowed(
    aligned: Aligned, named: Sequence[NumberedSentence], verifier: Verifier, vector: Vector | None = None
) -> Aligned:
    """A sentence that is supported in full, citing the very sentences that it named where these do support it so.

    It stays as it is where they do not.
    """
    if aligned.verdict.support is not Support.SUPPORTED or not named:
        return aligned
    claim = _Claim(aligned.text, vector, verifier)
    tries = [claim.try_sentence(one) for one in named]
    full = [one for one in tries if one.is_full]
    if full:
        spans = tuple(dict.fromkeys(span for one in full for span in one.spans))
        return replace(aligned, spans=spans, verdict=max(full, key=lambda one: one.rank).verdict)
    return aligned


def verbatim(passage: Passage, evidence: Evidence) -> Aligned:
    """A sentence of a passage as a sentence of an answer: word for word, less what should not be seen.

    Bracketed numbers become round ones, so that they are not taken for markers.
    """
    text = " ".join(plain(evidence.text).split())
    return Aligned(text, (CitedSpan(passage, evidence.start, evidence.end),), VERBATIM)


def supported(aligned: Iterable[Aligned]) -> tuple[Aligned, ...]:
    """Without the sentences that their citations do not support at all; no citation of theirs is left behind."""
    return tuple(item for item in aligned if item.verdict.support is not Support.UNSUPPORTED)


def as_read(quoted: Sequence[Aligned]) -> list[Aligned]:
    """Quotations in the order in which they are read: article by article as they come, each from its beginning on."""
    articles = list(dict.fromkeys(item.spans[0].passage.article.id for item in quoted))
    return sorted(quoted, key=lambda item: (articles.index(item.spans[0].passage.article.id), item.spans[0].start))


def build(aligned: Iterable[Aligned]) -> tuple[str, tuple[Sentence, ...], tuple[Citation, ...]]:
    """The answer's text with its markers, its sentences, and one citation a distinct span, numbered by first use."""
    markers: dict[tuple[str, int, int], Citation] = {}
    sentences: list[Sentence] = []
    parts: list[str] = []
    for item in aligned:
        numbers: list[int] = []
        for span in item.spans:
            key = (span.passage.article.id, span.start, span.end)
            if key not in markers:
                markers[key] = _citation(len(markers) + 1, span)
            numbers.append(markers[key].marker)
        citations = tuple(dict.fromkeys(numbers))
        sentences.append(Sentence(item.text, citations, item.verdict.support, item.verdict.score, item.replaced))
        parts.append(" ".join([item.text, "".join(f"[{number}]" for number in citations)]).rstrip())
    return " ".join(parts), tuple(sentences), tuple(markers.values())


def _citation(marker: int, span: CitedSpan) -> Citation:
    article: Article = span.passage.article
    quote = article.text[span.start : span.end]
    assert quote, "a citation is a slice of its article"
    return Citation(
        marker=marker,
        article_id=article.id,
        title=article.title,
        publisher=article.publisher,
        published=article.published.iso if article.published else None,
        published_basis=article.published_basis,
        path=article.path,
        sha256=article.sha256,
        start=span.start,
        end=span.end,
        quote=quote,
    )
