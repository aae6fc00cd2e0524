"""Scores the answers of a run anew, with no answer made again: after the gold, or a metric, has changed."""

from collections.abc import Sequence
from typing import Any

from qa.evaluation.dataset import EvalQuestion, check_evidence
from qa.evaluation.folder import RunWriter, StoredRun
from qa.evaluation.manifest import SCHEMA, asked_sha256, chunks_entry
from qa.evaluation.rows import InvalidRunError
from qa.evaluation.run import RunResult, Target, run_summary, scored_row
from qa.evaluation.scoring import Scorer


def rescore(run: StoredRun, application: Target, questions: Sequence[EvalQuestion] | None = None) -> RunResult:
    """Write the scores, figures and gold of a run anew; its answers stay as they are.

    ``questions`` None: the gold as it was. Raises InvalidRunError when the run did not finish, when a question is gone
    or asks for something else, or when the store does not hold the articles and chunks that the run was about, and
    DatasetError when the gold is not about them.
    """
    run.asked()
    articles, chunks = application.articles(), application.chunks()
    _check_store(run, {article.id: article.sha256 for article in articles}, chunks_entry(chunks))
    gold = {question.id: question for question in questions or run.questions}
    current = []
    for asked in run.questions:
        now = gold.get(asked.id)
        if now is None or (now.question, now.as_of) != (asked.question, asked.as_of):
            raise InvalidRunError(f"question {asked.id} is not what was asked in {run.path}; ask it: eval run")
        current.append(now)
    check_evidence(current, {article.id: article.text for article in articles})
    by_id, scorer = {question.id: question for question in current}, Scorer(articles, chunks)
    rows = [scored_row(row, by_id[row.question_id], scorer) for row in run.rows]
    asked_entry = {"file_sha256": None, "asked": len(current), "asked_sha256": asked_sha256(current)}
    summary = run_summary(rows, current)
    with RunWriter(run.path) as writer:
        writer.begin({**run.manifest, "schema": SCHEMA, "questions": asked_entry}, current, rows)
        writer.finish(rows, summary)
    errored = sum(row.scores is None for row in rows)
    return RunResult(run.path, summary, len(rows), errored, len(rows))


def _check_store(run: StoredRun, articles: dict[str, str], chunks: dict[str, Any]) -> None:
    for what, here in (("articles", articles), ("chunks", chunks)):
        if run.manifest.get(what) != here:
            raise InvalidRunError(
                f"the store has other {what} than {run.path} was about; name that store (--store, --dataset)"
            )
