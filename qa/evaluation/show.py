"""A run, or one question of it, as plain text."""

from collections.abc import Iterator, Mapping
from typing import Any

from qa.evaluation.dataset import DatasetError, EvalQuestion
from qa.evaluation.folder import StoredRun
from qa.evaluation.report import FIGURE_TITLES, render_summary
from qa.evaluation.rows import Row
from qa.render import render_text

_SHOWN_OF_MANIFEST = ("version", "commit", "dirty", "answerer", "model", "seed", "repeat")


def render_run(run: StoredRun, *, split: str = "dev", failed: bool = False) -> str:
    """What was run, its figures, and a line for each answer of a split; ``failed``: for those that are not right."""
    told = ", ".join(f"{name} {value}" for name in _SHOWN_OF_MANIFEST if (value := run.manifest.get(name)) is not None)
    parts = [f"{run.path}: {told}"]
    if run.summary is None:
        parts.append(f"did not finish: {len(run.rows)} answers so far; go on with --resume")
    else:
        summary = run.finished().summary or {}
        parts.append(render_summary(summary))
        if "repeats" in summary:
            parts.append(render_repeats(summary["repeats"]))
    by_id = {question.id: question for question in run.questions}
    asked = [(by_id[row.question_id], row) for row in run.rows]
    lines = [
        f"{_outcome(row):<5}  {question.id}{_time(row, run)}  {question.question}"
        for question, row in asked
        if split in ("all", question.split) and not (failed and _outcome(row) == "right")
    ]
    return "\n\n".join([*parts, *(["\n".join(lines)] if lines else [])])


def _outcome(row: Row) -> str:
    return "error" if row.scores is None else "right" if row.scores.right else "wrong"


def _time(row: Row, run: StoredRun) -> str:
    return f"#{row.repeat}" if run.manifest.get("repeat", 1) > 1 else ""


def render_question(run: StoredRun, question_id: str, width: int | None = None) -> str:
    """The question with its gold, and each answer with its scores and what they were counted from."""
    question = next((each for each in run.questions if each.id == question_id), None)
    if question is None:
        raise DatasetError(f"{run.path} has no question {question_id}; isisk-qa eval show RUN lists them")
    parts = ["\n".join(_gold(question))]
    for row in run.rows:
        if row.question_id == question_id:
            parts += _answered(row, width)
    return "\n\n".join(parts)


def _gold(question: EvalQuestion) -> Iterator[str]:
    kind = "answerable" if question.answerable else "not answerable"
    yield f"{question.id} ({question.category}, {question.split}, {kind}): {question.question}"
    if question.as_of:
        yield f"as of {question.as_of}"
    for nugget in question.nuggets:
        yield f"{nugget.importance}: {nugget.text}"
    for claim in question.forbidden_claims:
        yield f"forbidden: {claim}"
    for position in question.conflict_positions:
        yield f"position: {position.text}"
    for evidence in question.evidence:
        yield f"evidence {evidence.id}, {evidence.article_id} {evidence.start}-{evidence.end}: {evidence.quote}"


def _answered(row: Row, width: int | None) -> Iterator[str]:
    time = f", time {row.repeat}" if row.repeat > 1 else ""
    again = f", {row.retries} calls made again" if row.retries else ""
    yield f"{_outcome(row)}{time}, {row.timings_ms['wall']:.0f} ms{again}"
    if row.answer is None or row.scores is None:
        error = row.error or {}
        yield f"{error.get('type')}: {error.get('message')}"
        return
    yield render_text(row.answer, width)
    yield "\n".join(
        f"{name}: {_plain(value)}" for name, value in row.scores.to_record().items() if value not in (None, ())
    )


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
    if isinstance(value, tuple | list):
        return "; ".join(_plain(each) for each in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def render_repeats(repeats: Mapping[str, Any]) -> str:
    """How far the figures lie apart over the times that each question was asked."""
    lines = [f"asked {repeats['asked']} times: mean, and least to most (where they differ)"]
    for split, figures in repeats["splits"].items():
        for name, spread in figures.items():
            if spread["low"] != spread["high"] and split != "all":
                title = FIGURE_TITLES.get(name, name)
                lines.append(f"{split}  {title}: {spread['mean']:.3f}, {spread['low']:.3f} to {spread['high']:.3f}")
    return "\n".join(lines) if len(lines) > 1 else f"asked {repeats['asked']} times, each time with the same figures"
