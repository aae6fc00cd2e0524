"""Asks every question, scores the answers, and writes the folder of a run (folder.py)."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from qa.errors import ModelError
from qa.evaluation.asking import Chain, Outcome, Task, ask_each
from qa.evaluation.budget import Budget, Ceilings
from qa.evaluation.dataset import DatasetError, EvalQuestion, check_evidence
from qa.evaluation.folder import RunWriter
from qa.evaluation.manifest import changes, make_manifest
from qa.evaluation.rows import InvalidRunError, Key, Row
from qa.evaluation.scoring import Scored, Scorer, UnscoredError
from qa.evaluation.summary import summarise
from qa.settings import AnswererName, Settings
from vectorstore.models import Article, Chunk

# What is in front of an endpoint may refuse one question for its words, as it does a wrong key.
_REFUSALS = 3
_MODEL = "model"


class Target(Protocol):
    """The part of qa/app.py's Application that an evaluation uses."""

    @property
    def settings(self) -> Settings: ...
    def answerer(self, name: AnswererName | None = None, /) -> str: ...
    def chain(self, answerer: AnswererName | None = None, /) -> Chain: ...
    def articles(self) -> list[Article]: ...
    def chunks(self) -> list[Chunk]: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` answers; ``label``: the id of the last one, whether it errored, and the run so far."""

    done: int
    total: int
    label: str


@dataclass(frozen=True, slots=True)
class RunResult:
    """``summary`` is what summary.json holds; ``out`` the folder. Both counts are of answers, ``total`` of all to come.

    ``stopped`` names the ceiling that ended the run before all were asked, ``refused`` is the model's error that did:
    then there is no summary.json yet.
    """

    out: Path
    summary: dict[str, Any]
    questions: int
    errored: int
    total: int
    stopped: str | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How a run is made. ``repeat``: how often each question is asked; ``jobs``: how many at once.

    ``seed`` decides the mark of each prompt. ``resume``: go on with the run in the folder, if there is one;
    ``retry_errors``: and ask what ended in an error again.
    """

    jobs: int = 1
    seed: int = 0
    repeat: int = 1
    resume: bool = False
    retry_errors: bool = False
    ceilings: Ceilings = field(default_factory=Ceilings)


def run_evaluation(
    application: Target,
    questions: Sequence[EvalQuestion],
    *,
    answerer: AnswererName | None = None,
    out: Path,
    on_progress: Callable[[Progress], None] | None = None,
    source: Path | None = None,
    options: Options | None = None,
) -> RunResult:
    """Ask every question and score its answer against its gold.

    A failed call to the model, or a question that the chain refuses to read, is recorded as errored and takes part in
    no figure; nor does an answer that cannot be held against its gold, which is unscored. Any other error ends the run;
    the records written until then stay, and can be gone on with. So does an error that lasts (``ModelError``), such as
    a refused key: the first, or once the model has replied the third without a reply between. No record is made of it.
    Results of an earlier run in ``out`` are replaced
    unless this one resumes it. ``source`` is the file that the questions came from, for the manifest.

    Raises DatasetError when there is no question or the gold is not about the articles in the store, InvalidRunError
    when what is to be resumed is a run of something else, OutputError when ``out`` cannot be written, and what the
    chain raises.
    """
    options = options or Options()
    if not questions:
        raise DatasetError("there is no question to ask")
    articles, chunks = application.articles(), application.chunks()
    check_evidence(questions, {article.id: article.text for article in articles})
    chain = application.chain(answerer)
    manifest = make_manifest(
        application,
        questions,
        articles,
        chunks,
        answerer=answerer,
        source=source,
        seed=options.seed,
        repeat=options.repeat,
        jobs=options.jobs,
    )
    tasks = [Task(question, repeat, options.seed) for question in questions for repeat in range(1, options.repeat + 1)]
    with RunWriter(out) as writer:
        rows = _kept(writer, manifest, options) if options.resume else {}
        writer.begin(manifest, questions, list(rows.values()))
        run = _Run(Scorer(articles, chunks), rows, len(tasks), Budget(options.ceilings))

        def write(settled: list[Row]) -> None:
            for row in settled:
                writer.append(row)
                if on_progress is not None:
                    on_progress(run.progress(row))

        left = [task for task in tasks if (task.question.id, task.repeat) not in rows]
        # Closed at once when this ends early: what is on its way is given up then, and not when the program ends.
        with closing(ask_each(chain, left, jobs=options.jobs, may_go_on=lambda: run.budget.spent() is None)) as asked:
            for outcome in asked:
                write(run.take(outcome))
                if run.refused is not None:
                    break
            else:
                write(run.settle())
        ordered = [rows[key] for task in tasks if (key := (task.question.id, task.repeat)) in rows]
        summary = run_summary(ordered, questions)
        complete = len(ordered) == len(tasks)
        if complete:
            writer.finish(ordered, summary)
    errored = sum(row.scores is None for row in ordered)
    stopped = None if complete or run.refused else run.budget.spent()
    return RunResult(out, summary, len(ordered), errored, len(tasks), stopped, run.refused)


def _kept(writer: RunWriter, manifest: dict[str, Any], options: Options) -> dict[Key, Row]:
    earlier = writer.earlier()
    if earlier is None:
        return {}
    before, rows = earlier
    if changed := changes(before, manifest, resuming=True):
        raise InvalidRunError(
            f"this is not the run that was begun ({'; '.join(changed)}); undo that, or begin anew without --resume"
        )
    return {row.key: row for row in rows if row.answer is not None or not options.retry_errors}


def scored_row(row: Row, question: EvalQuestion, scorer: Scorer) -> Row:
    """The row with its answer's scores, or with why it has none: an answer that was dear is not thrown away."""
    if row.answer is None:
        return row
    try:
        return replace(row, scores=scorer.score(question, row.answer), error=None)
    except UnscoredError as problem:
        return replace(row, scores=None, error=described(problem))


def described(error: Exception) -> dict[str, str]:
    """An error as a record has it."""
    return {"type": type(error).__name__, "message": str(error)}


def run_summary(rows: Sequence[Row], questions: Sequence[EvalQuestion]) -> dict[str, Any]:
    """The figures of the first time that each question was asked; and, where it was asked again, how they vary.

    ``"repeats": {"asked": k, "splits": {split: {figure: {"mean", "low", "high"}}}}``, low and high being the least and
    the most of the k. The intervals beside the figures are about questions, not about repetitions.
    """
    by_id = {question.id: question for question in questions}
    again: dict[int, list[Scored]] = {}
    for row in rows:
        again.setdefault(row.repeat, []).append(row.scored(by_id[row.question_id]))
    each = [summarise(scored) for _, scored in sorted(again.items())]
    summary = each[0] if each else summarise([])
    if len(each) > 1:
        summary["repeats"] = {
            "asked": len(each),
            "splits": {split: _spread(each, split) for split in summary["splits"]},
        }
    return summary


def _spread(summaries: Sequence[dict[str, Any]], split: str) -> dict[str, Any]:
    found: dict[str, list[float]] = {}
    for summary in summaries:
        # A run that a ceiling ended may not have come to a split again.
        for name, figure in summary["splits"].get(split, {"figures": {}})["figures"].items():
            if figure["value"] is not None:
                found.setdefault(name, []).append(figure["value"])
    return {
        name: {"mean": round(sum(values) / len(values), 6), "low": min(values), "high": max(values)}
        for name, values in found.items()
    }


class _Run:
    """The rows so far, and what can be said of them while it goes on."""

    def __init__(
        self,
        scorer: Scorer,
        rows: dict[Key, Row],
        total: int,
        budget: Budget,
    ) -> None:
        self.budget = budget
        self._rows = rows
        self._scorer = scorer
        self._total = total
        self._began, self._before = time.monotonic(), len(rows)
        self._right = self._judged = 0
        self._heard = False
        self._held: list[Row] = []
        self.refused: str | None = None
        for row in rows.values():
            self._count(row)

    def take(self, outcome: Outcome) -> list[Row]:
        """The rows that can be written now. An error that lasts makes none as long as it may be the end of the run."""
        row = self._row(outcome)
        if isinstance(outcome.error, ModelError) and outcome.error.lasting:
            self._held.append(row)
            if len(self._held) == _REFUSALS or not self._heard:
                self.refused = str(outcome.error)
            return []
        if _MODEL in row.timings_ms:
            return self.settle([row])
        return self._noted([row])

    def settle(self, more: Sequence[Row] = ()) -> list[Row]:
        """What was held back is rows like any other."""
        held, self._held = self._held, []
        return self._noted([*held, *more])

    def _noted(self, settled: list[Row]) -> list[Row]:
        for row in settled:
            self._rows[row.key] = row
            self._count(row)
        return settled

    def _row(self, outcome: Outcome) -> Row:
        question = outcome.task.question
        answer, timings, retries = outcome.answer, {"wall": outcome.wall_ms}, 0
        if answer is not None:
            timings |= answer.timings_ms
            # How often the endpoint failed says nothing of the answer.
            usage = dict(answer.usage)
            retries = int(usage.pop("retries", 0))
            answer = replace(answer, usage=usage)
        else:
            retries = getattr(outcome.error, "retries", 0)
        row = Row(
            question.id,
            outcome.task.repeat,
            answer,
            None,
            described(outcome.error) if outcome.error else None,
            timings,
            retries,
        )
        return scored_row(row, question, self._scorer)

    def _count(self, row: Row) -> None:
        # Not every answer needs the model.
        self._heard |= _MODEL in row.timings_ms
        if row.answer is not None:
            self.budget.use(row.answer.usage)
        if row.scores is not None:
            self._judged += 1
            self._right += row.scores.right

    def progress(self, row: Row) -> Progress:
        """The label: id, whether it errored, share of right answers, answers a second, time left, tokens and cost."""
        parts = [row.question_id if row.error is None else f"{row.question_id} (error)"]
        if self._judged:
            parts.append(f"right {self._right / self._judged:.2f}")
        seconds, asked = time.monotonic() - self._began, len(self._rows) - self._before
        if asked and seconds > 0:
            rate = asked / seconds
            parts.append(f"{rate:.2g}/s")
            parts.append(f"{_minutes((self._total - len(self._rows)) / rate)} left")
        if self.budget.tokens:
            parts.append(f"{self.budget.tokens:,.0f} tokens")
        if self.budget.cost:
            parts.append(f"cost {self.budget.cost:.4g}")
        return Progress(len(self._rows), self._total, " · ".join(parts))


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
