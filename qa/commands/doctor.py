"""``doctor``: whether this installation can work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qa import __version__
from qa.commands.common import EPILOG, PROGRAM, columns
from qa.errors import QAError
from vectorstore.errors import VectorStoreError

if TYPE_CHECKING:
    from qa.commands.common import ApplicationFactory


@click.command(epilog=EPILOG)
@click.pass_obj
def doctor(factory: ApplicationFactory) -> None:
    """Check packages, model files, store and endpoint."""
    from qa.doctor import Check, installed

    checks = [Check(PROGRAM, True, __version__), *installed()]
    try:
        with factory(None) as application:
            checks += application.doctor()
    except (QAError, VectorStoreError) as error:
        checks.append(Check("application", False, str(error)))
    click.echo(columns([["ok" if check.ok else "FAILED", check.name, check.detail] for check in checks]))
    if not all(check.ok for check in checks):
        raise click.exceptions.Exit(1)
