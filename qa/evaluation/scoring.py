"""What is right and wrong about one answer, as plain facts that the figures are counted from."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from qa.evaluation.dataset import DatasetError, EvalQuestion
from qa.evaluation.matching import AnswerText, claims_made, first_match
from qa.evaluation.patterns import PatternError
from qa.evaluation.retrieval import relevant_ids, retrieval_scores
from qa.evaluation.sources import Sources
from qa.evaluation.spans import hits, shared_characters
from qa.models import Answer, Citation, Status, Support
from vectorstore.models import Chunk


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

    ``supported``: whether its sentences are, one each. ``repaired``: whether a model's reply was; None without one.
    """

    abstained: bool
    nuggets: tuple[NuggetScore, ...]
    citations: tuple[CitationScore, ...]
    dangling: tuple[int, ...]
    forbidden: tuple[str, ...]
    positions_cited: tuple[bool, ...]
    retrieval: Mapping[str, float] | None
    supported: tuple[bool, ...] = ()
    repaired: bool | None = None

    def to_record(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Scored:
    """A question with its scores, or without them when it ended in an error; ``wall_ms`` until it did."""

    question: EvalQuestion
    scores: Scores | None
    wall_ms: float


def score(question: EvalQuestion, answer: Answer, sources: Sources, chunks: Sequence[Chunk]) -> Scores:
    """Hold one answer against its question's gold.

    An abstention finds no nugget and cites no position, whatever else its text says. ``chunks`` are all of
    the store's. Raises DatasetError for a gold pattern that takes too long.
    """
    abstained = answer.status == Status.ABSTAINED
    text = AnswerText.of(answer.answer)
    problems = [sources.problem(citation) for citation in answer.citations]
    usable: list[Citation] = []
    if not abstained:
        usable = [citation for citation, problem in zip(answer.citations, problems, strict=True) if problem is None]
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
        raise DatasetError(f"question {question.id}: pattern {problem}") from None
    return Scores(
        abstained=abstained,
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
        forbidden=forbidden,
        positions_cited=tuple(
            _cited(question, position.evidence_ids, usable) for position in question.conflict_positions
        ),
        retrieval=retrieval_scores(
            [chunk.chunk_id for chunk in answer.retrieved], relevant_ids(question.evidence, chunks)
        ),
        supported=tuple(sentence.support is Support.SUPPORTED for sentence in answer.sentences),
        # A model is named also where it was not asked.
        repaired=bool(answer.repair) if "model" in answer.timings_ms else None,
    )


def _cited(question: EvalQuestion, evidence_ids: Sequence[str], citations: Sequence[Citation]) -> bool:
    return any(hits(evidence, citations) for evidence in question.spans(evidence_ids))


def _dangling(answer: Answer) -> tuple[int, ...]:
    used = {marker for sentence in answer.sentences for marker in sentence.citations}
    for conflict in answer.conflicts:
        used.update(marker for position in conflict.positions for marker in position.citations)
    return tuple(sorted(used - {citation.marker for citation in answer.citations}))
