"""Answers by selecting sentences, with no model: deterministic, and word for word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qa.calibration import SELECTION, SelectionRule
from qa.evidence import Candidate, turn_after
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
    question: QuestionAnalysis,
    candidates: Sequence[Candidate],
    coverage: Coverage,
    contradicts: Contradicts,
    rule: SelectionRule = SELECTION,
) -> Selection:
    """One to three sentences, or none."""
    if question.out_of_scope:
        return Selection((), Reason.OUT_OF_SCOPE)
    if question.page or not candidates:
        return Selection((), _missing(question, coverage, Reason.NO_MATCH))
    ranked = sorted(candidates, key=lambda item: (-worth(item, rule), item.passage.article.id, item.evidence.start))
    best = ranked[0]
    if worth(best, rule) < rule.answerable_from:
        close = best.relevance >= rule.answerable_from
        return Selection((), _missing(question, coverage, Reason.INSUFFICIENT if close else Reason.NO_MATCH))
    if contradicts(question, best):
        turn = turn_after(best)
        said = tuple(item for item in ranked if item is best or item.evidence is turn)
        return Selection(tuple(sorted(said, key=lambda item: item.evidence.start)), Reason.FALSE_PREMISE)
    return Selection(tuple(_with_companions(best, ranked, question, rule)))


def worth(candidate: Candidate, rule: SelectionRule = SELECTION) -> float:
    """The relevance, less the cost of what speaks against the sentence and of being a caption; a logit."""
    objections = sum(rule.costs[objection.value] for objection in candidate.objections)
    return candidate.relevance - objections - rule.caption * candidate.passage.chunk.caption


def is_answer(candidate: Candidate, rule: SelectionRule = SELECTION) -> bool:
    """Whether a sentence may answer by itself."""
    return worth(candidate, rule) >= rule.answerable_from


def _missing(question: QuestionAnalysis, coverage: Coverage, otherwise: Reason) -> Reason:
    return Reason.OUT_OF_RANGE if coverage.lacks(question.years) else otherwise


def _with_companions(
    best: Candidate, ranked: Sequence[Candidate], question: QuestionAnalysis, rule: SelectionRule
) -> list[Candidate]:
    """The best sentence with up to two that are nearly as good, go on from it, come from another
    source, or say what it leaves open."""
    chosen = [best]
    rest = list(ranked[1 : rule.pool])
    while rest and len(chosen) < rule.most:
        covered = frozenset().union(*(item.covered for item in chosen))
        sources = {item.passage.article.source for item in chosen}

        def value(item: Candidate, covered: frozenset[str] = covered, sources: set[str] = sources) -> float:
            neighbour = rule.neighbour * any(_are_neighbours(item, other) for other in chosen)
            other_source = rule.other_source * (item.passage.article.source not in sources)
            fresh = rule.coverage * len(item.covered - covered) / max(1, len(question.terms))
            return worth(item, rule) + neighbour + other_source + fresh

        candidate = max(rest, key=value)
        if value(candidate) < worth(best, rule) - rule.margin:
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
