"""``eval run``: asks the questions and scores the answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qa.commands.common import SHIPPED, announce, answerer_option, complain, model_option, note, prepare, strict_option
from qa.commands.evaluate_common import (
    EPILOG,
    FILE,
    FOLDER,
    INVALID_RUN,
    OF_A_SET,
    RUN,
    application_over,
    needs_valid_runs,
    open_set,
    split_option,
)
from qa.terminal import sanitise

if TYPE_CHECKING:
    from qa.app import Application
    from qa.commands.common import ApplicationFactory
    from qa.evaluation.dataset import EvalQuestion
    from qa.evaluation.run import Options, RunResult
    from qa.settings import AnswererName


@click.command(epilog=EPILOG)
@click.option("--questions", "source", type=FILE, help="A JSON Lines file, instead of the shipped questions.")
@click.option("--dataset", metavar="KIND:DIR", help="Ask another set: squad2:DIR, ramdocs:DIR or beir:DIR.")
@split_option
@click.option("--id", "ids", metavar="ID", multiple=True, help="Ask only this question; may be given again.")
@click.option("--category", "categories", metavar="NAME", multiple=True, help="Ask only this kind; may be given again.")
@click.option("--failed-from", type=RUN, metavar="RUN", help="Ask only what went wrong in an earlier run.")
@click.option("--limit", type=click.IntRange(min=1), help="Ask only the first so many.")
@click.option("--repeat", type=click.IntRange(min=1), default=1, help="Ask each question so often.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, help="Ask so many at once.")
@click.option("--seed", type=int, default=0, help="Of what is drawn: the mark in a prompt.")
@answerer_option
@model_option
@strict_option
@click.option("--resume", is_flag=True, help="Go on with the run in the folder, if there is one.")
@click.option("--retry-errors", is_flag=True, help="With --resume: ask what ended in an error again.")
@click.option("--max-seconds", type=click.FloatRange(min=0), help="Stop after so long; --resume goes on.")
@click.option("--max-tokens", type=click.IntRange(min=0), help="Stop when the run has used so many.")
@click.option("--max-cost", type=click.FloatRange(min=0), help="Stop when it has cost so much; needs prices.")
@click.option("--matrix", type=FILE, help="A YAML file of settings with several values: a run for each combination.")
@click.option("--out", type=FOLDER, required=True, help="The folder for the results.")
@click.pass_obj
@needs_valid_runs
def run(
    factory: ApplicationFactory,
    source: Path | None,
    dataset: str | None,
    split: str,
    ids: tuple[str, ...],
    categories: tuple[str, ...],
    failed_from: Path | None,
    limit: int | None,
    repeat: int,
    jobs: int,
    seed: int,
    answerer: AnswererName | None,
    model: str | None,
    resume: bool,
    retry_errors: bool,
    max_seconds: float | None,
    max_tokens: int | None,
    max_cost: float | None,
    matrix: Path | None,
    out: Path,
) -> None:
    """Ask every question; write the records, figures and a manifest; print the figures."""
    from qa.evaluation.budget import Ceilings
    from qa.evaluation.dataset import default_questions, load_questions
    from qa.evaluation.folder import load_run
    from qa.evaluation.run import Options
    from qa.evaluation.selection import choose, failed_ids

    if retry_errors and not resume:
        raise click.UsageError("--retry-errors goes with --resume")
    if dataset is not None and (source is not None or matrix is not None):
        raise click.UsageError("--dataset goes neither with --questions nor with --matrix")
    other = open_set(dataset)
    path = None if other else source or default_questions()
    loaded = other.questions if other else load_questions(source or default_questions())
    failed = failed_ids(load_run(failed_from)) if failed_from else None
    questions = choose(loaded, split=split, ids=ids, categories=categories, among=failed, limit=limit)
    if failed_from is not None and not questions:
        raise click.UsageError(f"nothing to ask: no such question went wrong in {failed_from}")
    options = Options(jobs, seed, repeat, resume, retry_errors, Ceilings(max_seconds, max_tokens, max_cost))
    with application_over(factory, other, model) as application:
        _check_prices(application, max_cost)
        if matrix is None:
            results = [_run(application, answerer, questions, path, out, options)]
        else:
            results = _run_matrix(application, answerer, matrix, questions, path, out, options)
    for result in results:
        if result.refused:
            complain(
                f"{result.refused} Nothing more was asked after {result.questions} of {result.total}; "
                f"mend that and go on with --resume --out {result.out}"
            )
        if result.stopped:
            complain(
                f"{result.stopped} was reached after {result.questions} of {result.total}; "
                f"go on with a higher one, and --resume --out {result.out}"
            )
        if result.errored:
            complain(f"{result.errored} of {result.questions} questions failed; see the errors in {result.out}")
    if any(result.refused or result.stopped or result.errored for result in results):
        raise click.exceptions.Exit(INVALID_RUN)


def _check_prices(application: Application, max_cost: float | None) -> None:
    settings = application.settings
    if max_cost is not None and None in (settings.price_input, settings.price_output):
        raise click.UsageError("--max-cost needs the prices: set ISISK_QA_PRICE_INPUT and ISISK_QA_PRICE_OUTPUT")


def _run(
    application: Application,
    answerer: AnswererName | None,
    questions: list[EvalQuestion],
    source: Path | None,
    out: Path,
    options: Options,
) -> RunResult:
    from qa.evaluation.report import render_summary

    result = _ask(application, answerer, questions, source, out, options)
    if result.questions:
        click.echo(sanitise(render_summary(result.summary)))
    if "repeats" in result.summary:
        from qa.evaluation.show import render_repeats

        click.echo("\n" + sanitise(render_repeats(result.summary["repeats"])))
    return result


def _ask(application: Application, answerer: AnswererName | None, *given: Any) -> RunResult:
    from qa.evaluation.run import run_evaluation
    from qa.progress import ProgressReport

    questions, source, out, options = given
    # Beside the results, not among a person's own answers; `isisk-qa replay --history` reads it.
    application.history_file = out / "history.sqlite3"
    announce(application, answerer)
    # Only another set's questions come from no file.
    prepare(application, what=SHIPPED if source else OF_A_SET)
    with ProgressReport("asking") as progress:
        return run_evaluation(
            application,
            questions,
            answerer=answerer,
            out=out,
            on_progress=progress.update,
            source=source,
            options=options,
        )


def _run_matrix(application: Application, answerer: AnswererName | None, matrix: Path, *given: Any) -> list[RunResult]:
    from qa.app import Application
    from qa.evaluation.matrix import load_matrix, render_matrix

    questions, source, out, options = given
    results = []
    for cell in load_matrix(matrix, application.settings, answerer):
        note(f"matrix: {cell.label}")
        with Application(cell.settings) as each:
            results.append(_ask(each, cell.answerer, questions, source, out / cell.label, options))
    click.echo(sanitise(render_matrix([(result.out.name, result.summary) for result in results])))
    return results
