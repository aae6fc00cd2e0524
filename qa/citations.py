"""A draft's markers -> citations: each sentence aligned with the best supporting spans and verified. Pure.

Citations are built from stored passages only; nothing that a model wrote gets into one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from qa.context import plain
from qa.llm import DraftSentence
from qa.models import Citation, Sentence, Support
from qa.verification import NOTHING_CITED, VERBATIM, Mismatch, Verdict, Verifier
from qa.verification.names import Setting
from vectorstore.models import Article, Evidence, Passage
from vectorstore.structure import split_sentences

# A search looks closely at this many sentences, those that share most words with the claim, and at their neighbours.
_CLOSE_LOOK = 5
# Two sentences are cited instead of one where they support more, or as much with a score that is higher by this.
_WORTH_A_SECOND = 0.1
_AGAINST = frozenset({Mismatch.NEGATION, Mismatch.OPPOSITE, Mismatch.ROLE})
_CLAUSE = re.compile(r"(?:;|,)?\s+(?:and|but|while|whereas)\s+|;\s+")
_SHORTEST_CLAUSE = 4
_RANK = {Support.SUPPORTED: 2, Support.PARTIAL: 1, Support.UNSUPPORTED: 0}


class CitedSpan(NamedTuple):
    """``passage.article.text[start:end]``."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Aligned:
    """A sentence of an answer, what it cites, and the verdict on it by all that it cites."""

    text: str
    spans: tuple[CitedSpan, ...]
    verdict: Verdict


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
    def contradicts(self) -> bool:
        return not _AGAINST.isdisjoint(self.verdict.mismatches)


_NOTHING = _Try((), NOTHING_CITED)


def align(draft: DraftSentence, passages: Sequence[Passage], verifier: Verifier) -> Aligned:
    """The best citations for a sentence; marker n is ``passages[n - 1]``.

    - Of each passage that it names, the sentence or the two neighbours that support it best are cited.
    - Where one of these supports it in full, the others that do not are dropped. Where none does, but each of its clauses
      is supported in full, these are cited together.
    - Else another passage that supports it in full takes their place.
    - Else the sentence keeps what it cited, and the verdict says how little that is worth.
    - A sentence without a valid marker gets a citation only if a passage supports it in full; else it is unsupported.
    """
    cited = [passages[number - 1] for number in dict.fromkeys(draft.markers) if 1 <= number <= len(passages)]
    own = [_best(draft.text, [passage], verifier) for passage in cited]
    chosen = _together(draft.text, own, cited, verifier)
    if not chosen.is_full:
        replacement = _best(draft.text, [passage for passage in passages if passage not in cited], verifier)
        if replacement.is_full:
            chosen = replacement
    return Aligned(draft.text, chosen.spans, chosen.verdict)


def _together(claim: str, own: Sequence[_Try], cited: Sequence[Passage], verifier: Verifier) -> _Try:
    full = [found for found in own if found.is_full]
    if full:
        return _Try(tuple(span for found in full for span in found.spans), max(full, key=lambda one: one.rank).verdict)
    best = max(own, key=lambda found: found.rank, default=_NOTHING)
    clauses = split_clauses(claim)
    if len(clauses) > 1 and not best.contradicts:
        found = [_best(clause, cited, verifier) for clause in clauses]
        if all(one.is_full for one in found):
            spans = dict.fromkeys(span for one in found for span in one.spans)
            return _Try(tuple(spans), min(found, key=lambda one: one.rank).verdict)
    return best


def split_clauses(claim: str) -> list[str]:
    """The clauses of a sentence that could be said alone: at least four words each; else the sentence itself."""
    parts = [part for part in _CLAUSE.split(claim) if part.strip()]
    return parts if all(len(part.split()) >= _SHORTEST_CLAUSE for part in parts) else [claim]


def _best(claim: str, passages: Sequence[Passage], verifier: Verifier) -> _Try:
    """One sentence, or two neighbours, of one of the passages.

    What a passage supports only somewhere else than where it is most alike, and there contradicts, it does not support.
    """
    stated = verifier.read(claim)
    words = {stated.lemmas[index] for index in stated.keys}
    places: list[tuple[int, Passage, Sequence[tuple[int, int]], int]] = []
    for passage in passages:
        spans = _sentences(passage)
        for number, (start, end) in enumerate(spans):
            shared = len(words & verifier.read(passage.article.text[start:end]).terms)
            places.append((shared, passage, spans, number))
    looked = sorted((place for place in places if place[0]), key=lambda place: -place[0])[:_CLOSE_LOOK]
    singles = [_verified(claim, CitedSpan(passage, *spans[number]), verifier) for _, passage, spans, number in looked]
    best = max(singles, key=lambda one: one.rank, default=_NOTHING)
    if not best.is_full:
        pairs = [
            _verified(claim, CitedSpan(passage, spans[first][0], spans[first + 1][1]), verifier)
            for _, passage, spans, number in looked
            for first in (number - 1, number)
            if 0 <= first < len(spans) - 1
        ]
        pair = max(pairs, key=lambda one: one.rank, default=_NOTHING)
        if pair.rank[0] > best.rank[0] or pair.rank[1] >= best.rank[1] + _WORTH_A_SECOND:
            best = pair
    against = max((one for one in singles if one.contradicts), key=lambda one: one.verdict.likeness, default=None)
    if (
        against is not None
        and best.spans
        and against.spans[0].passage is best.spans[0].passage
        and against.verdict.likeness > best.verdict.likeness
    ):
        return against
    return best


def _sentences(passage: Passage) -> list[tuple[int, int]]:
    if passage.sentences:
        return [(evidence.start, evidence.end) for evidence in passage.sentences]
    start = passage.chunk.start
    return [(start + first, start + last) for first, last in split_sentences(passage.chunk.text)]


def _verified(claim: str, span: CitedSpan, verifier: Verifier) -> _Try:
    article, chunk = span.passage.article, span.passage.chunk
    setting = Setting(
        publisher="\n".join(part for part in (article.publisher, article.origin) if part),
        titles="\n".join(part for part in (article.title, chunk.heading) if part),
        before=article.text[chunk.start : span.start],
        around=chunk.text,
        published=article.published,
    )
    return _Try((span,), verifier.verify(claim, [span.text], [setting]))


def verbatim(passage: Passage, evidence: Evidence) -> Aligned:
    """A sentence of a passage as a sentence of an answer: word for word, less what no terminal and no reader should see.

    Bracketed numbers become round ones, so that they are not taken for markers.
    """
    text = " ".join(plain(evidence.text).split())
    return Aligned(text, (CitedSpan(passage, evidence.start, evidence.end),), VERBATIM)


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
        sentences.append(Sentence(item.text, citations, item.verdict.support, item.verdict.score))
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
