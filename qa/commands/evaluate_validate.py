"""``eval validate``: whether a question set is sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa.commands.common import EPILOG, columns, complain, prepare
from qa.terminal import sanitise

if TYPE_CHECKING:
    from qa.commands.common import ApplicationFactory

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(epilog=EPILOG)
@click.argument("file", type=_FILE, required=False)
@click.pass_obj
def validate(factory: ApplicationFactory, file: Path | None) -> None:
    """Check a question file against the articles in the store; without FILE, the shipped questions.

    Prints how many questions of each category there are, and each problem with its line.
    """
    from qa.evaluation.dataset import default_questions
    from qa.evaluation.validate import validate as check

    path = file or default_questions()
    with factory(None) as application:
        prepare(application)
        result = check(path, application.articles(), application.chunks(), minimums=file is None)
    click.echo(columns([[name, str(count)] for name, count in result.counts.items()]))
    for problem in result.problems:
        where = f"{path}:{problem.line}" if problem.line else str(path)
        click.echo(sanitise(f"{where}: {problem.message}"))
    if result.problems:
        count = len(result.problems)
        complain(f"{count} problem{'s' if count > 1 else ''} in {path}")
        raise click.exceptions.Exit(1)
