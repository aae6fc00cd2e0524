"""What the commands under ``eval`` share: their exit codes, and how a run is named."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click

from qa.commands.common import complain

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
