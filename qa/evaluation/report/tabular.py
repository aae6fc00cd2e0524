"""A run as CSV, one row an answer."""

import csv
import io

from qa.evaluation.folder import StoredRun
from qa.evaluation.report.view import QuestionView, questions_of

COLUMNS = (
    "id", "repeat", "split", "category", "cluster", "result", "outcome", "reason", "vital_found", "vital",
    "citations", "citations_valid", "citations_on_evidence", "forbidden", "ndcg_at_10",
    "capped_recall_at_10", "wall_ms", "total_tokens", "cost", "error", "question", "answer",
)  # fmt: skip
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render_csv(run: StoredRun, split: str) -> str:
    """The answers of one split, or of ``all``. A cell that a spreadsheet would run begins with an apostrophe."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in questions_of(run.finished(), split, {}):
        writer.writerow([_inert(value) for value in _row(each)])
    return target.getvalue()


def _row(view: QuestionView) -> list[object]:
    vital = [nugget for nugget in view.nuggets if nugget.importance == "vital"]
    return [
        view.id, view.repeat, view.split, view.category, view.cluster, view.result, view.outcome, view.reason,
        sum(nugget.found for nugget in vital), len(vital),
        len(view.citations), sum(citation.problem is None for citation in view.citations),
        sum(citation.on_evidence for citation in view.citations), "; ".join(view.forbidden),
        view.retrieval.get("ndcg_at_10"), view.retrieval.get("capped_recall_at_10"), view.wall_ms,
        view.usage.get("total_tokens"), view.usage.get("cost"), view.error, view.question, view.answer,
    ]  # fmt: skip


def _inert(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
