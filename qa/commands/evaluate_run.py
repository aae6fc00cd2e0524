"""``eval run``: asks the questions and scores the answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa.commands.common import EPILOG, announce, answerer_option, complain, model_option, prepare, strict_option
from qa.terminal import sanitise

if TYPE_CHECKING:
    from qa.commands.common import ApplicationFactory
    from qa.settings import AnswererName

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(epilog=EPILOG)
@click.option("--questions", "source", type=_FILE, help="A JSON Lines file, instead of the shipped questions.")
@click.option("--split", type=click.Choice(["dev", "test", "all"]), default="all", show_default=True)
@click.option("--limit", type=click.IntRange(min=1), help="Ask only the first so many.")
@answerer_option
@model_option
@strict_option
@click.option("--out", type=_FOLDER, required=True, help="The folder for the results.")
@click.pass_obj
def run(
    factory: ApplicationFactory,
    source: Path | None,
    split: str,
    limit: int | None,
    answerer: AnswererName | None,
    model: str | None,
    out: Path,
) -> None:
    """Ask every question; write the records, figures and a manifest; print the figures."""
    from qa.evaluation.dataset import default_questions, load_questions
    from qa.evaluation.report import render_summary
    from qa.evaluation.run import run_evaluation
    from qa.progress import ProgressReport

    path = source or default_questions()
    questions = [question for question in load_questions(path) if split in ("all", question.split)][:limit]
    with factory(model) as application:
        # Beside the results, not among a person's own answers; `isisk-qa replay --history` reads it.
        application.history_file = out / "history.sqlite3"
        announce(application, answerer)
        prepare(application)
        with ProgressReport("asking") as progress:
            result = run_evaluation(
                application, questions, answerer=answerer, out=out, on_progress=progress.update, source=path
            )
    click.echo(sanitise(render_summary(result.summary)))
    if result.errored:
        complain(f"{result.errored} of {result.questions} questions failed; see the errors in {result.out}")
        raise click.exceptions.Exit(1)
