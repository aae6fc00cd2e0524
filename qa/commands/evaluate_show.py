"""``eval show`` and ``eval score``: what a run holds, and its scores anew."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa.commands.common import SHIPPED, note, prepare
from qa.commands.evaluate_common import (
    EPILOG,
    FILE,
    OF_A_SET,
    RUN,
    application_over,
    dataset_option,
    needs_valid_runs,
    open_set,
)
from qa.terminal import sanitise

if TYPE_CHECKING:
    from qa.commands.common import ApplicationFactory


@click.command(epilog=EPILOG)
@click.argument("run", type=RUN)
@click.argument("question", metavar="[ID]", required=False)
@click.option("--split", type=click.Choice(["dev", "test", "all"]), default="dev", show_default=True)
@click.option("--failed", is_flag=True, help="List only the answers that are not right.")
@needs_valid_runs
def show(run: Path, question: str | None, split: str, failed: bool) -> None:
    """Show RUN's figures and answers, or all of what came of one question."""
    from qa.evaluation.folder import load_run
    from qa.evaluation.show import render_question, render_run

    stored = load_run(run)
    if question is None:
        text = render_run(stored, split=split, failed=failed)
    else:
        text = render_question(stored, question, shutil.get_terminal_size().columns if sys.stdout.isatty() else None)
    click.echo(sanitise(text))


@click.command(epilog=EPILOG)
@click.argument("run", type=RUN)
@click.option("--questions", "source", type=FILE, help="Gold to score by, instead of the run's own.")
@dataset_option
@click.pass_obj
@needs_valid_runs
def score(factory: ApplicationFactory, run: Path, source: Path | None, dataset: str | None) -> None:
    """Score RUN's answers anew, by the metrics of today; no question is asked."""
    from qa.evaluation.dataset import load_questions
    from qa.evaluation.folder import load_run
    from qa.evaluation.report import render_summary
    from qa.evaluation.rescoring import rescore

    stored = load_run(run)
    with application_over(factory, open_set(dataset)) as application:
        prepare(application, what=OF_A_SET if dataset else SHIPPED)
        result = rescore(stored, application, load_questions(source) if source else None)
    note(f"{result.questions} answers scored anew, {result.errored} without one")
    click.echo(sanitise(render_summary(result.summary)))
