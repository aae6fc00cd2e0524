"""Answers by selecting sentences, with no model: deterministic, and word for word."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from qa.attribution import naming_sentence
from qa.calibration import SELECTION, SelectionRule
from qa.candidate import Candidate, Objection, turn_after
from qa.models import Reason
from qa.premise import Against
from qa.question import Kind, QuestionAnalysis
from qa.refusals import Coverage

_WHO = (Kind.ACTOR, Kind.NAME)
# A sentence that turns round and goes on about the same: "But their efforts failed".
_OF_THE_SAME = re.compile(r"(?:\S+ ){1,7}?(?:he|she|it|they|this|these|his|her|its|their)\b", re.IGNORECASE)
# The share of a question's terms from which a sentence touches on it.
_TOUCHED = 0.5
# And that from which it can be about the same: one who gains knowledge, and cedes a fort, contradicts nothing. Set
# after a look at SQuAD 2.0's dev part and at the first two writers' questions of tests/benchmarks/asked.jsonl.
_AKIN = 0.3
# The confidence, a logit, from which an answer is not refused for what another sentence says. Set: of what is
# contradicted, the best sentence is far below it on the dev split.
_SURELY = 2.5


@dataclass(frozen=True, slots=True)
class Selection:
    """The sentences that answer, best first; or why there are none.

    With FALSE_PREMISE the sentences are what contradicts the question. ``confidence`` is that of an answer.
    """

    sentences: tuple[Candidate, ...]
    reason: Reason | None = None
    confidence: float = 0.0


class Contradicts(Protocol):
    """As ``EvidenceScorer.contradicts``."""

    def __call__(self, question: QuestionAnalysis, candidate: Candidate, how: Against) -> bool: ...


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
        return Selection((), _missing(question, coverage, Reason.NO_MATCH), confidence=-math.inf)
    ranked = sorted(candidates, key=lambda item: (-worth(item, rule), item.passage.article.id, item.evidence.start))
    ranked = _reporting_first(ranked, rule)
    best = ranked[0]
    sure = confidence(ranked, rule)
    # Who did something is not answered by what names nobody.
    nobody = question.kind in _WHO and Objection.KIND in best.objections
    confident = sure >= rule.answerable_from and not nobody
    close = best.recall >= _TOUCHED and Objection.NAME not in best.objections
    if (confident or close) and contradicts(question, best, Against.PREMISE):
        return _contradicted(best, ranked)
    akin = (item for item in ranked if item.recall >= _AKIN and sure < _SURELY)
    flat = next((item for item in akin if contradicts(question, item, Against.FLATLY)), None)
    if flat is not None:
        return _contradicted(flat, ranked)
    if not confident:
        reason = _missing(question, coverage, Reason.INSUFFICIENT if close else Reason.NO_MATCH)
        return Selection((), reason, confidence=sure)
    if contradicts(question, best, Against.OTHERWISE):
        return Selection((), Reason.INSUFFICIENT, confidence=sure)
    # Whom they have killed is not answered by who killed them.
    companions = _with_companions(ranked, rule, lambda item: not contradicts(question, item, Against.PREMISE))
    chosen = _with_turn(companions, ranked, rule)
    if question.kind is Kind.ACTOR:
        naming = naming_sentence(best.passage, best.evidence)
        chosen = _behind_first(chosen, [item for item in ranked if item.evidence is naming], rule)
    return Selection(tuple(chosen), confidence=sure)


def of_either(sides: Sequence[Selection], rule: SelectionRule = SELECTION) -> Selection | None:
    """What answers a question that names two answers, from what is selected for each alone; None where nothing is.

    The best for each, the surer one first, and then more of the surer one's.
    """
    answered = sorted((each for each in sides if each.reason is None), key=lambda each: -each.confidence)
    if not answered:
        return None
    said = [*(each.sentences[0] for each in answered), *answered[0].sentences]
    # By its words: each side has scored the same sentences anew.
    once = {(item.passage.article.id, item.evidence.start): item for item in reversed(said)}
    return replace(answered[0], sentences=tuple(sorted(once.values(), key=said.index)[: rule.most]))


def _reporting_first(ranked: Sequence[Candidate], rule: SelectionRule) -> list[Candidate]:
    """No caption first that lacks what is asked for, where a sentence is nearly as good that holds it."""
    if not ranked[0].passage.chunk.caption or Objection.KIND not in ranked[0].objections:
        return list(ranked)
    least = worth(ranked[0], rule) - rule.margin
    fits = (item for item in ranked if Objection.KIND not in item.objections and worth(item, rule) >= least)
    first = next(fits, ranked[0])
    return [first, *(item for item in ranked if item is not first)]


def _with_turn(chosen: Sequence[Candidate], ranked: Sequence[Candidate], rule: SelectionRule) -> list[Candidate]:
    """What turns the best sentence round, behind it: who reads of an attempt must read that it failed."""
    turn = turn_after(chosen[0])
    found = [item for item in ranked if item.evidence is turn and _OF_THE_SAME.match(item.evidence.line)]
    return _behind_first(chosen, found, rule)


def _behind_first(chosen: Sequence[Candidate], others: Sequence[Candidate], rule: SelectionRule) -> list[Candidate]:
    return [chosen[0], *others, *(item for item in chosen[1:] if item not in others)][: rule.most]


def _contradicted(best: Candidate, ranked: Sequence[Candidate]) -> Selection:
    turn = turn_after(best)
    said = tuple(item for item in ranked if item is best or item.evidence is turn)
    return Selection(tuple(sorted(said, key=lambda item: item.evidence.start)), Reason.FALSE_PREMISE)


def worth(candidate: Candidate, rule: SelectionRule = SELECTION) -> float:
    """The relevance, less the cost of what speaks against the sentence and of being a caption; a logit.

    A small model's word counts beside it.
    """
    return _merit(candidate, rule) + rule.judged * (candidate.judged or 0.0)


def _merit(candidate: Candidate, rule: SelectionRule) -> float:
    objections = sum(rule.costs[objection.value] for objection in candidate.objections)
    return candidate.relevance - objections - rule.caption * candidate.passage.chunk.caption


def confidence(ranked: Sequence[Candidate], rule: SelectionRule = SELECTION) -> float:
    """That the first of these answers, as a logit; ``ranked`` by worth and not empty."""
    best, values = ranked[0], [_merit(item, rule) for item in ranked]
    objections = {objection.value: float(objection in best.objections) for objection in Objection}
    sure = rule.answers.logit({**best.features, **objections, "stands_out": values[0] - sum(values) / len(values)})
    return sure if best.judged is None else rule.judged_answers.logit({"confidence": sure, "judged": best.judged})


def near_best(candidates: Sequence[Candidate], rule: SelectionRule = SELECTION) -> list[Candidate]:
    """Those nearly as good as the best one, in their order."""
    least = max(map(worth, candidates), default=0.0) - rule.margin
    return [item for item in candidates if worth(item, rule) >= least]


def _missing(question: QuestionAnalysis, coverage: Coverage, otherwise: Reason) -> Reason:
    return Reason.OUT_OF_RANGE if coverage.lacks(question.years) else otherwise


def _with_companions(
    ranked: Sequence[Candidate], rule: SelectionRule, fits: Callable[[Candidate], bool]
) -> list[Candidate]:
    """The best sentence with up to two that are nearly as good; one from another source may be a little worse."""
    best = ranked[0]
    chosen = [best]
    rest = [item for item in ranked[1 : rule.pool] if item.judged is None or item.judged >= rule.judged_companion]
    while rest and len(chosen) < rule.most:
        sources = {item.passage.article.source for item in chosen}

        def value(item: Candidate, sources: set[str] = sources) -> float:
            return worth(item, rule) + rule.other_source * (item.passage.article.source not in sources)

        candidate = max(rest, key=value)
        if value(candidate) < worth(best, rule) - rule.margin:
            break
        rest.remove(candidate)
        if fits(candidate):
            chosen.append(candidate)
    return chosen
