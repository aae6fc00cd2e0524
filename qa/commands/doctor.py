"""``doctor``: whether this installation can work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qa import __version__
from qa.commands.common import EPILOG, columns, note
from qa.errors import QAError
from qa.usage import PROGRAM
from vectorstore.errors import VectorStoreError

if TYPE_CHECKING:
    from qa.commands.common import ApplicationFactory


@click.command(epilog=EPILOG)
@click.option("--deep", is_flag=True, help="Look at every row, offset and vector of the store too.")
@click.option("--repair", is_flag=True, help="First mend what can be made again from the stored articles.")
@click.pass_obj
def doctor(factory: ApplicationFactory, deep: bool, repair: bool) -> None:
    """Check packages, model files, store and endpoint."""
    from qa.doctor import Check, installed

    if repair:
        with factory(None) as application:
            done = application.repair()
        for sentence in done or ["Nothing had to be mended."]:
            note(sentence)
    checks = [Check(PROGRAM, True, __version__), *installed()]
    try:
        with factory(None) as application:
            checks += application.doctor(deep or repair)
    except (QAError, VectorStoreError) as error:
        checks.append(Check("application", False, str(error)))
    click.echo(columns([["ok" if check.ok else "FAILED", check.name, check.detail] for check in checks]))
    if not all(check.ok for check in checks):
        raise click.exceptions.Exit(1)
