"""What is right and wrong about one answer, as plain facts that the figures are counted from."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from qa.errors import QAError
from qa.evaluation.benchmarks import benchmark_scores
from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.matching import AnswerText, claims_made, first_match
from qa.evaluation.patterns import PatternError
from qa.evaluation.quotes import Library, QuoteScore, quote_scores
from qa.evaluation.retrieval import chunk_scores, span_scores
from qa.evaluation.sources import Sources
from qa.evaluation.spans import hits, shared_characters
from qa.evaluation.support import SentenceScore, SupportScorer
from qa.models import Answer, Citation, Status, Support
from vectorstore.dates import PartialDate
from vectorstore.models import Article, Chunk


class UnscoredError(QAError):
    """An answer that could not be held against its gold."""


Outcome = Literal["correct", "partial", "missing", "wrong"]


@dataclass(frozen=True, slots=True)
class NuggetScore:
    """``matched``: the alias or pattern that was found; ``cited``: None when the nugget has no evidence."""

    id: str
    importance: Literal["vital", "okay"]
    matched: str | None
    cited: bool | None


@dataclass(frozen=True, slots=True)
class CitationScore:
    """``problem``: why it is not valid. Characters are those of the cited span."""

    marker: int
    problem: str | None
    on_evidence: bool
    characters: int
    characters_on_evidence: int


@dataclass(frozen=True, slots=True)
class Scores:
    """One answer held against its gold. ``dangling``: markers that no citation stands behind.

    ``outcome``: the whole answer in a word (``outcome_of``); None where the question has no answer to compare with.
    ``supported``: whether the record calls its sentences so, one each; ``sentences``: the same found anew, of answers
    only. ``repaired``: whether a model's reply was; None without one. ``evidence_retrieved``: whether the passages
    hold evidence for every vital nugget; None without such evidence. ``too_late``: articles used that are not known
    to be published by the question's ``as_of``; None without one. ``conflicts``: how many the record reports.
    ``benchmark``: the published metric of another's set (benchmarks.py). ``usage`` is the record's.
    """

    abstained: bool
    reason: str | None
    outcome: Outcome | None
    nuggets: tuple[NuggetScore, ...]
    citations: tuple[CitationScore, ...]
    dangling: tuple[int, ...]
    quotes: tuple[QuoteScore, ...]
    forbidden: tuple[str, ...]
    positions_cited: tuple[bool, ...]
    conflicts: int
    retrieval: Mapping[str, float] | None
    evidence_retrieved: bool | None
    too_late: tuple[str, ...] | None
    sentences: tuple[SentenceScore, ...] = ()
    supported: tuple[bool, ...] = ()
    repaired: bool | None = None
    benchmark: Mapping[str, float] = field(default_factory=dict)
    usage: Mapping[str, float] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether there is nothing to complain of: all that is vital, or a refusal where that is right."""
        return self.outcome in ("correct", None)

    def to_record(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Scored:
    """A question with its scores, or without them when it ended in an error; ``wall_ms`` until it did.

    ``unscored``: there is an answer, but it could not be held against its gold.
    """

    question: EvalQuestion
    scores: Scores | None
    wall_ms: float
    unscored: bool = False


class Scorer:
    """Holds answers against gold. ``articles`` and ``chunks`` are all of the store's."""

    def __init__(self, articles: Sequence[Article], chunks: Sequence[Chunk], sources: Sources | None = None) -> None:
        self._library = Library([article.text for article in articles])
        self._published = {article.id: article.published for article in articles}
        self._chunks = chunks
        self._sources = sources or Sources()
        self._support = SupportScorer(articles, chunks)

    def score(self, question: EvalQuestion, answer: Answer) -> Scores:
        """Hold one answer against its question's gold.

        An abstention finds no nugget and cites no position, whatever else its text says. Raises UnscoredError for
        a gold pattern that takes too long.
        """
        abstained = answer.status == Status.ABSTAINED
        text = AnswerText.of(answer.answer)
        problems = [self._sources.problem(citation) for citation in answer.citations]
        valid = [citation for citation, problem in zip(answer.citations, problems, strict=True) if problem is None]
        usable = [] if abstained else valid
        try:
            nuggets = tuple(
                NuggetScore(
                    nugget.id,
                    nugget.importance,
                    None if abstained else first_match(text, nugget.aliases, nugget.pattern),
                    _cited(question, nugget.evidence_ids, usable) if nugget.evidence_ids else None,
                )
                for nugget in question.nuggets
            )
            forbidden = claims_made(text, question.forbidden_claims)
        except PatternError as problem:
            raise UnscoredError(f"question {question.id}: pattern {problem}") from None
        return Scores(
            abstained=abstained,
            reason=None if answer.reason is None else str(answer.reason),
            outcome=outcome_of(question, abstained, nuggets, forbidden),
            nuggets=nuggets,
            citations=tuple(
                CitationScore(
                    citation.marker,
                    problem,
                    on_evidence=problem is None and hits(citation, question.evidence),
                    characters=max(0, citation.end - citation.start),
                    characters_on_evidence=0 if problem else shared_characters(citation, question.evidence),
                )
                for citation, problem in zip(answer.citations, problems, strict=True)
            ),
            dangling=_dangling(answer),
            quotes=quote_scores(answer, valid, self._library),
            forbidden=forbidden,
            positions_cited=tuple(
                _cited(question, position.evidence_ids, usable) for position in question.conflict_positions
            ),
            conflicts=len(answer.conflicts),
            retrieval=self._retrieval(question, answer),
            evidence_retrieved=_evidence_retrieved(question, answer),
            too_late=self._too_late(question, answer),
            sentences=() if abstained else self._support.scores(answer, valid, question.evidence),
            supported=tuple(sentence.support is Support.SUPPORTED for sentence in answer.sentences),
            # A model is named also where it was not asked.
            repaired=bool(answer.repair) if "model" in answer.timings_ms else None,
            benchmark=benchmark_scores(question, answer),
            usage=dict(answer.usage),
        )

    def _retrieval(self, question: EvalQuestion, answer: Answer) -> Mapping[str, float] | None:
        ranked = [chunk.chunk_id for chunk in answer.retrieved]
        by_chunk = chunk_scores(ranked, question.evidence, self._chunks)
        by_span = span_scores(answer.retrieved, question.evidence, self._chunks)
        return None if by_chunk is None or by_span is None else {**by_chunk, **by_span}

    def _too_late(self, question: EvalQuestion, answer: Answer) -> tuple[str, ...] | None:
        if question.as_of is None:
            return None
        until = PartialDate(question.as_of).latest()
        used = {chunk.article_id for chunk in answer.retrieved} | {each.article_id for each in answer.citations}
        dates = {article_id: self._published.get(article_id) for article_id in used}
        return tuple(sorted(each for each, published in dates.items() if not published or published.latest() > until))


def outcome_of(
    question: EvalQuestion, abstained: bool, nuggets: Sequence[NuggetScore], forbidden: Sequence[str]
) -> Outcome | None:
    """The whole answer in a word, after what CRAG calls perfect, acceptable, missing and incorrect.

    A forbidden claim makes it wrong; so does an answer to what is not answerable, or one without a single vital
    nugget. With some of them it is partial, with all correct. An abstention is correct or missing. Source: X. Yang et
    al., "CRAG: Comprehensive RAG Benchmark", NeurIPS 2024; here a partial answer counts 0 instead of 0.5.
    """
    vital = [nugget.matched is not None for nugget in nuggets if nugget.importance == "vital"]
    if forbidden:
        return "wrong"
    if not question.answerable:
        return "correct" if abstained else "wrong"
    if not vital:
        return None
    if abstained:
        return "missing"
    return "correct" if all(vital) else "partial" if any(vital) else "wrong"


def _evidence_retrieved(question: EvalQuestion, answer: Answer) -> bool | None:
    vital = [nugget for nugget in question.nuggets if nugget.importance == "vital" and nugget.evidence_ids]
    if not vital:
        return None
    return all(any(hits(span, answer.retrieved) for span in question.spans(nugget.evidence_ids)) for nugget in vital)


def _cited(question: EvalQuestion, evidence_ids: Sequence[str], citations: Sequence[Citation]) -> bool:
    return any(hits(evidence, citations) for evidence in question.spans(evidence_ids))


def _dangling(answer: Answer) -> tuple[int, ...]:
    used = {marker for sentence in answer.sentences for marker in sentence.citations}
    for conflict in answer.conflicts:
        used.update(marker for position in conflict.positions for marker in position.citations)
    return tuple(sorted(used - {citation.marker for citation in answer.citations}))
