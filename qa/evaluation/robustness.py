"""Whether the same question in other words gets the same answer: paired over the variants of a cluster."""

from collections.abc import Iterator, Sequence

from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.figures import Figure, Tally, ratio
from qa.evaluation.scoring import Scored, Scores


def variant_difference(scored: Sequence[Scored]) -> Figure:
    """Mean share of vital nuggets found on a variant less that on the first of its kind; 0 is best, in [-1, 1]."""
    return ratio(
        (Tally(cluster, _found(variant) - _found(first), 1, 1) for cluster, first, variant in _pairs(scored)),
        lowest=-1.0,
    )


def variants_agree(scored: Sequence[Scored]) -> Figure:
    """Share of the variants with the outcome (scoring.outcome_of) of the first of their kind."""
    return ratio(Tally(cluster, variant.outcome == first.outcome, 1, 1) for cluster, first, variant in _pairs(scored))


def _pairs(scored: Sequence[Scored]) -> Iterator[tuple[str, Scores, Scores]]:
    """Each variant with the first question, in the set's order, that asks for the same."""
    first: dict[object, Scores] = {}
    for each in scored:
        question = each.question
        if each.scores is None or not question.answerable or question.category == "injection" or question.benchmark:
            continue
        key = _asked_for(question)
        if key in first:
            yield question.cluster_id, first[key], each.scores
        else:
            first[key] = each.scores


def _asked_for(question: EvalQuestion) -> object:
    vital = frozenset(nugget.text for nugget in question.nuggets if nugget.importance == "vital")
    return question.cluster_id, question.as_of, vital


def _found(scores: Scores) -> float:
    vital = [nugget.matched is not None for nugget in scores.nuggets if nugget.importance == "vital"]
    return sum(vital) / len(vital) if vital else 0.0
