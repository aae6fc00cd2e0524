"""Which questions of a set are asked, and which of a run went wrong."""

from collections.abc import Collection, Sequence

from qa.evaluation.dataset import DatasetError, EvalQuestion
from qa.evaluation.folder import StoredRun


def choose(
    questions: Sequence[EvalQuestion],
    *,
    split: str = "all",
    ids: Collection[str] = (),
    categories: Collection[str] = (),
    among: Collection[str] | None = None,
    limit: int | None = None,
) -> list[EvalQuestion]:
    """Those that fit all of it, in their order, the first ``limit`` of them; ``among`` these ids only.

    Raises DatasetError for an id or a category that no question of the set has.
    """
    if unknown := set(ids) - {question.id for question in questions}:
        raise DatasetError(f"there is no question {min(unknown)} in the set")
    known = dict.fromkeys(question.category for question in questions)
    if unknown := set(categories) - known.keys():
        raise DatasetError(f"there is no category {min(unknown)} in the set; there are {', '.join(known)}")
    fitting = [
        question
        for question in questions
        if split in ("all", question.split)
        and (not ids or question.id in ids)
        and (among is None or question.id in among)
        and (not categories or question.category in categories)
    ]
    return fitting[:limit]


def failed_ids(run: StoredRun) -> set[str]:
    """The questions that went wrong at least once, or ended in an error."""
    return {row.question_id for row in run.rows if row.scores is None or not row.scores.right}
