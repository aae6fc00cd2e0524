"""``history``: past answers, listed, searched and deleted."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from qa.commands.common import EPILOG, columns, note
from qa.terminal import escape_json

if TYPE_CHECKING:
    from qa.commands.common import ApplicationFactory
    from qa.history import Entry

LINES = 20


@click.command(epilog=EPILOG)
@click.argument("text", required=False, default="")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object a line.")
@click.option("--limit", type=click.IntRange(min=1), default=LINES, show_default=True, help="The most that are listed.")
@click.option("--clear", is_flag=True, help="Delete all of them instead, after asking.")
@click.option("--yes", is_flag=True, help="With --clear: do not ask.")
@click.pass_obj
def history(factory: ApplicationFactory, text: str, as_json: bool, limit: int, clear: bool, yes: bool) -> None:
    """List the past answers that have every word of TEXT, or words that begin with it; without TEXT the last ones."""
    if clear and text:
        raise click.UsageError("--clear deletes all answers, so it takes no TEXT")
    with factory(None) as application:
        if not clear:
            entries = application.history.recent(limit, text)
            for path in application.history.set_aside()[-1:]:
                note(f"a history that was damaged is kept in {path}")
            if as_json:
                for entry in entries:
                    click.echo(escape_json(json.dumps(asdict(entry), ensure_ascii=False)))
            elif entries:
                click.echo(listed(entries))
            return
        if not yes and not sys.stdin.isatty():
            raise click.UsageError("there is nobody to ask here: give --yes as well")
        if yes or click.confirm("Delete all past answers?", err=True):
            click.echo(f"deleted {application.history.clear()}")


def listed(entries: Sequence[Entry]) -> str:
    """A line each: id, time in UTC, question."""
    return columns([(entry.id, entry.asked_at[:19], entry.question) for entry in entries])
