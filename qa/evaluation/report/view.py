"""A run as plain data for reports. Every text in it is sanitised: what a model wrote can do nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.folder import StoredRun
from qa.evaluation.rows import Row
from qa.evaluation.spans import hits
from qa.models import Answer, Citation, RetrievedChunk
from qa.render import described
from qa.terminal import sanitise

# Of the article around a quote whose passage was not retrieved.
_AROUND = 200

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a passage; ``cited`` and ``gold`` say what it belongs to."""

    text: str
    cited: bool = False
    gold: bool = False


@dataclass(frozen=True, slots=True)
class PassageView:
    """``rank`` from 1. Without the articles' texts there are no pieces."""

    rank: int
    article_id: str
    start: int
    end: int
    score: float
    relevant: bool
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class CitationView:
    """``problem`` None: it is valid. ``pieces``: the quote, marked, in its surroundings."""

    marker: int
    source: str
    problem: str | None
    on_evidence: bool
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class SentenceView:
    text: str
    markers: tuple[int, ...]
    support: str


@dataclass(frozen=True, slots=True)
class NuggetView:
    text: str
    importance: str
    found: bool
    cited: bool | None


@dataclass(frozen=True, slots=True)
class ConflictView:
    about: str
    positions: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One answer. ``result``: right, wrong, unscored or error; ``outcome`` in the words of scoring.outcome_of."""

    id: str
    repeat: int
    question: str
    category: str
    split: str
    cluster: str
    as_of: str | None
    result: str
    outcome: str
    reason: str | None
    error: str | None
    answer: str
    sentences: tuple[SentenceView, ...]
    conflicts: tuple[ConflictView, ...]
    citations: tuple[CitationView, ...]
    passages: tuple[PassageView, ...]
    nuggets: tuple[NuggetView, ...]
    forbidden: tuple[str, ...]
    retrieval: Mapping[str, float]
    usage: Mapping[str, float]
    wall_ms: float


def questions_of(run: StoredRun, split: str, texts: Texts) -> list[QuestionView]:
    """The answers to one split's questions, or to ``all``; ``texts`` are of articles, by id."""
    by_id = {question.id: question for question in run.questions}
    safe = {article_id: sanitise(text) for article_id, text in texts.items()}
    return [
        _view(question, row, safe)
        for row in run.rows
        for question in (by_id[row.question_id],)
        if split in ("all", question.split)
    ]


def result_of(row: Row) -> str:
    """``right`` or ``wrong``; ``unscored``: there is an answer, and no score; ``error``: there is none."""
    if row.scores is None:
        return "unscored" if row.answer else "error"
    return "right" if row.scores.right else "wrong"


def _view(question: EvalQuestion, row: Row, texts: Texts) -> QuestionView:
    answer, scores = row.answer, row.scores
    error = f"{row.error.get('type')}: {row.error.get('message')}" if row.error else None
    return QuestionView(
        id=sanitise(question.id),
        repeat=row.repeat,
        question=sanitise(question.question),
        category=question.category,
        split=question.split,
        cluster=sanitise(question.cluster_id),
        as_of=question.as_of,
        result=result_of(row),
        outcome=(scores.outcome or "") if scores else "",
        reason=str(answer.reason) if answer and answer.reason else None,
        error=sanitise(error) if error else None,
        answer=sanitise(answer.answer) if answer else "",
        sentences=tuple(_sentences(answer)) if answer else (),
        conflicts=tuple(_conflicts(answer)) if answer else (),
        citations=tuple(_citations(row, answer, texts)) if answer else (),
        passages=tuple(_passages(question, answer, texts)) if answer else (),
        nuggets=tuple(_nuggets(question, row)),
        forbidden=tuple(map(sanitise, scores.forbidden)) if scores else (),
        retrieval=scores.retrieval or {} if scores else {},
        usage=scores.usage if scores else {},
        wall_ms=row.timings_ms.get("wall", 0.0),
    )


def _sentences(answer: Answer) -> Iterator[SentenceView]:
    for each in answer.sentences:
        yield SentenceView(sanitise(each.text), each.citations, str(each.support))


def _conflicts(answer: Answer) -> Iterator[ConflictView]:
    for each in answer.conflicts:
        positions = tuple((sanitise(position.claim), position.citations) for position in each.positions)
        yield ConflictView(sanitise(each.about), positions)


def _citations(row: Row, answer: Answer, texts: Texts) -> Iterator[CitationView]:
    scores = {score.marker: score for score in row.scores.citations} if row.scores else {}
    for each in answer.citations:
        score = scores.get(each.marker)
        yield CitationView(
            each.marker,
            described(each),
            score.problem if score else None,
            bool(score and score.on_evidence),
            tuple(_surroundings(each, texts.get(each.article_id))),
        )


def _surroundings(citation: Citation, text: str | None) -> Iterator[Piece]:
    quote = sanitise(citation.quote)
    # Never marked in the article where the words are other ones.
    if text is None or text[citation.start : citation.end] != quote:
        yield Piece(quote, cited=True)
        return
    first, last = citation.start - _AROUND, citation.end + _AROUND
    before, after = text[max(0, first) : citation.start], text[citation.end : last]
    # No half words.
    yield Piece(before if first <= 0 else f"… {before.partition(' ')[2]}")
    yield Piece(quote, cited=True)
    yield Piece(after if last >= len(text) else f"{after.rpartition(' ')[0]} …")


def _passages(question: EvalQuestion, answer: Answer, texts: Texts) -> Iterator[PassageView]:
    for rank, chunk in enumerate(answer.retrieved, start=1):
        yield PassageView(
            rank,
            sanitise(chunk.article_id),
            chunk.start,
            chunk.end,
            chunk.score,
            hits(chunk, question.evidence),
            tuple(_pieces(chunk, question, answer.citations, texts.get(chunk.article_id))),
        )


def _pieces(
    chunk: RetrievedChunk, question: EvalQuestion, citations: Sequence[Citation], text: str | None
) -> Iterator[Piece]:
    """The passage, cut wherever a quote or a piece of gold evidence begins or ends."""
    if text is None:
        return
    cited = [(max(each.start, chunk.start), min(each.end, chunk.end)) for each in citations if hits(each, [chunk])]
    gold = [(max(e.start, chunk.start), min(e.end, chunk.end)) for e in question.evidence if hits(e, [chunk])]
    cuts = sorted({chunk.start, chunk.end, *(edge for span in (*cited, *gold) for edge in span)})
    for start, end in pairwise(cuts):
        yield Piece(text[start:end], _inside(start, end, cited), _inside(start, end, gold))


def _inside(start: int, end: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(first <= start and end <= last for first, last in spans)


def _nuggets(question: EvalQuestion, row: Row) -> Iterator[NuggetView]:
    scores = {score.id: score for score in row.scores.nuggets} if row.scores else {}
    for each in question.nuggets:
        score = scores.get(each.id)
        found = score is not None and score.matched is not None
        yield NuggetView(sanitise(each.text), each.importance, found, score.cited if score else None)
