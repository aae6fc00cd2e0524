"""``isisk-qa`` itself: its options, and the commands that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qa import __version__
from qa.commands import ui
from qa.commands.articles import articles, ingest, remove, show
from qa.commands.ask import ask
from qa.commands.common import EPILOG, make_application, store_option
from qa.commands.doctor import doctor
from qa.commands.evaluate import evaluate
from qa.commands.history import history
from qa.commands.local_model import local_model
from qa.commands.plain import converse
from qa.commands.replay import replay
from qa.commands.serve import serve
from qa.usage import PROGRAM

if TYPE_CHECKING:
    from qa.app import Application
    from qa.commands.common import ApplicationFactory


@click.group(
    invoke_without_command=True,
    no_args_is_help=False,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")
@click.option("--plain", is_flag=True, help="A conversation in plain lines instead of the terminal UI.")
@store_option
@click.pass_context
def cli(context: click.Context, plain: bool) -> None:
    """Cited answers about ISIS-K from a set of news articles.

    Without a command it opens the terminal UI, or, where there is no full terminal, a conversation in plain lines.
    """
    if context.invoked_subcommand is not None:
        return
    factory: ApplicationFactory = context.obj
    if plain or not ui.has_full_terminal():
        converse(factory)
        return

    def in_a_thread(model: str | None) -> Application:
        # Which context is the current one, and so which store was named, each thread knows for itself.
        with context.scope(cleanup=False):
            return factory(model)

    ui.show(in_a_thread)


for command in (ask, ingest, remove, articles, show, evaluate, history, replay, doctor, local_model, serve):
    cli.add_command(command)
    for taking in command.commands.values() if isinstance(command, click.Group) else [command]:
        store_option(taking)


def run(arguments: list[str], factory: ApplicationFactory | None) -> None:
    """Run a command. Raises what it was broken off by."""
    with cli.make_context(PROGRAM, arguments, obj=factory or make_application) as context:
        cli.invoke(context)
