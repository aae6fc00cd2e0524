"""``replay``: makes a kept answer again, without a model, and says whether it is the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa.commands.common import EPILOG
from qa.commands.history import listed
from qa.terminal import sanitise

if TYPE_CHECKING:
    from qa.commands.common import ApplicationFactory


@click.command(epilog=EPILOG)
@click.argument("reference", metavar="[ID]", required=False)
@click.option(
    "--history",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The history of another place, such as an evaluation's folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Write the new answer record as one line of JSON.")
@click.pass_obj
def replay(factory: ApplicationFactory, reference: str | None, history: Path | None, as_json: bool) -> None:
    """Make the answer ID again from what was kept of it; without ID, list the last answers.

    Nothing is sent to a model: its reply of then is read, verified and cited anew. The exit code is 1 when the result
    is not the same.
    """
    with factory(None) as application:
        if history is not None:
            application.history_file = history
        if reference is None:
            entries = application.history.recent()
            if entries:
                click.echo(listed(entries))
            return
        result = application.replay(reference)
    if as_json:
        from qa.render import render_json

        click.echo(render_json(result.answer))
    else:
        click.echo(f"Then ({result.kept.asked_at[:19]}): {sanitise(str(result.kept.record['answer']))}")
        click.echo(f"Now: {sanitise(result.answer.answer)}")
    found = [f"different: {', '.join(result.differs)}" if result.differs else "", *_of_prompt(result.same_prompt)]
    if result.differs and result.other_store:
        found.append("how rare words are was read from today's store, which has changed since")
    click.echo("; ".join(filter(None, found)) or "identical", err=True)
    if not result.identical:
        raise click.exceptions.Exit(1)


def _of_prompt(same: bool | None) -> list[str]:
    return ["the prompt of today is another one"] if same is False else []
