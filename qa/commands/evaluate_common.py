"""What the commands under ``eval`` share: their exit codes, and how a run is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import click

from qa.commands.common import complain

if TYPE_CHECKING:
    from qa.app import Application
    from qa.commands.common import ApplicationFactory
    from qa.evaluation.sets.reading import QuestionSet

# Beside 0 and 2, which mean what they mean everywhere.
GATE_FAILED, INVALID_RUN = 1, 3

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
RUN = click.Path(exists=True, file_okay=False, path_type=Path)

EPILOG = """\b
Exit codes:
  0    done; of gate: passed
  1    a failure; of gate: not passed
  2    wrong usage
  3    a run that did not finish, in which questions failed, or that does not fit
  130  interrupted"""

OF_A_SET = "the documents of the set"

# Of commands that read a run: whose articles it was about.
dataset_option = click.option(
    "--dataset", metavar="KIND:DIR", help="Over the documents of this set, for a run that was made with it."
)
split_option = click.option("--split", type=click.Choice(["dev", "test", "all"]), default="all", show_default=True)

P = ParamSpec("P")


def needs_valid_runs(command: Callable[P, None]) -> Callable[P, None]:
    """A run that cannot be used is one sentence, and an exit code of its own."""

    @wraps(command)
    def guarded(*arguments: P.args, **named: P.kwargs) -> None:
        # Reading a run loads pydantic, which --help does not wait for.
        from qa.evaluation.rows import InvalidRunError

        try:
            command(*arguments, **named)
        except InvalidRunError as error:
            complain(str(error))
            raise click.exceptions.Exit(INVALID_RUN) from None

    return guarded


def open_set(spec: str | None) -> QuestionSet | None:
    """Read ``KIND:DIR``, where it is given. Raises DatasetError."""
    if spec is None:
        return None
    from qa.evaluation.sets.stores import open_dataset

    return open_dataset(spec)


@contextmanager
def application_over(
    factory: ApplicationFactory, dataset: QuestionSet | None, model: str | None = None
) -> Iterator[Application]:
    """The program over its own store, or over the documents of another set."""
    with ExitStack() as stack:
        application = stack.enter_context(factory(model))
        if dataset is not None:
            from qa.evaluation.sets.stores import dataset_application

            application = stack.enter_context(dataset_application(dataset, application.settings))
        yield application
