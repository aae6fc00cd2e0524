"""Answers by selecting sentences, with no model: deterministic, and word for word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qa.calibration import ANSWERABLE_FROM, OBJECTION_COST, SELECTION
from qa.evidence import Candidate
from qa.models import Reason
from qa.question import QuestionAnalysis
from qa.refusals import Coverage


@dataclass(frozen=True, slots=True)
class Selection:
    """The sentences that answer, best first; or why there are none.

    With FALSE_PREMISE the sentences are what contradicts the question.
    """

    sentences: tuple[Candidate, ...]
    reason: Reason | None = None


Contradicts = Callable[[QuestionAnalysis, Candidate], bool]


def select(
    question: QuestionAnalysis, candidates: Sequence[Candidate], coverage: Coverage, contradicts: Contradicts
) -> Selection:
    """One to three sentences, or none."""
    if question.out_of_scope:
        return Selection((), Reason.OUT_OF_SCOPE)
    if not candidates:
        return Selection((), _missing(question, coverage, Reason.NO_MATCH))
    ranked = sorted(candidates, key=lambda item: (-worth(item), item.passage.article.id, item.evidence.start))
    best = ranked[0]
    if worth(best) < ANSWERABLE_FROM:
        nothing_close = best.relevance < ANSWERABLE_FROM
        return Selection((), _missing(question, coverage, Reason.NO_MATCH if nothing_close else Reason.INSUFFICIENT))
    if contradicts(question, best):
        return Selection((best,), Reason.FALSE_PREMISE)
    return Selection(tuple(_with_companions(best, ranked, question)))


def worth(candidate: Candidate) -> float:
    """The relevance, less the cost of what speaks against the sentence; a logit."""
    return candidate.relevance - sum(OBJECTION_COST[objection.value] for objection in candidate.objections)


def _missing(question: QuestionAnalysis, coverage: Coverage, otherwise: Reason) -> Reason:
    return Reason.OUT_OF_RANGE if coverage.lacks(question.years) else otherwise


def _with_companions(best: Candidate, ranked: Sequence[Candidate], question: QuestionAnalysis) -> list[Candidate]:
    """The best sentence with up to two that are nearly as good, go on from it, come from another
    source, or say what it leaves open."""
    chosen = [best]
    rest = list(ranked[1 : SELECTION.pool])
    while rest and len(chosen) < SELECTION.most:
        covered = frozenset().union(*(item.covered for item in chosen))
        sources = {item.passage.article.source for item in chosen}

        def value(item: Candidate, covered: frozenset[str] = covered, sources: set[str] = sources) -> float:
            neighbour = SELECTION.neighbour * any(_are_neighbours(item, other) for other in chosen)
            other_source = SELECTION.other_source * (item.passage.article.source not in sources)
            fresh = SELECTION.coverage * len(item.covered - covered) / max(1, len(question.terms))
            return worth(item) + neighbour + other_source + fresh

        candidate = max(rest, key=value)
        if value(candidate) < worth(best) - SELECTION.margin:
            break
        chosen.append(candidate)
        rest.remove(candidate)
    return chosen


def _are_neighbours(one: Candidate, other: Candidate) -> bool:
    """In one chunk, with nothing but white space between them."""
    if one.passage.chunk.id != other.passage.chunk.id:
        return False
    first, second = sorted((one.evidence, other.evidence), key=lambda evidence: evidence.start)
    text = one.passage.chunk.text
    start = one.passage.chunk.start
    return not text[first.end - start : second.start - start].strip()
