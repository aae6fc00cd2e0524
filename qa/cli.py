"""The command line: arguments and exit codes, nothing else. stdout carries data, stderr everything else.

Here and in qa/commands most imports happen inside the functions: qa.app, qa.models and what they load
(chromadb, langchain, pydantic, numpy, rich) take 0.1 to 5 seconds, and ``--help``, ``--version`` and wrong
usage need none of it.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from qa import __version__
from qa.commands.articles import articles, ingest, remove, show
from qa.commands.ask import ask
from qa.commands.common import EPILOG, PROGRAM, STORE, STRICT, complain, store_option
from qa.commands.doctor import doctor
from qa.commands.evaluate import evaluate
from qa.commands.history import history
from qa.commands.local_model import local_model
from qa.commands.plain import converse
from qa.commands.replay import replay
from qa.commands.serve import serve
from qa.errors import QAError, SettingsError, UsageError
from vectorstore.errors import UnknownArticleError, VectorStoreError

if TYPE_CHECKING:
    from qa.app import Application
    from qa.commands.common import ApplicationFactory

FAILURE, WRONG_USAGE, INTERRUPTED = 1, 2, 130


def main(arguments: list[str] | None = None, application: ApplicationFactory | None = None) -> int:
    """Run one command and return its exit code; what a person or an endpoint did wrong is one sentence.

    ``application`` makes the Application from the name of the model given on the command line (None: the
    settings' own); it is where a test puts its own. ``arguments`` default to those of the process.
    """
    _speak_utf8()
    # What numpy multiplies for a question takes 0.2 ms in one thread, and 4 to 8 in two where other programs use the
    # processors, since each waits for the other. Read when numpy is loaded; what is set already stands.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        given = sys.argv[1:] if arguments is None else list(arguments)
        with cli.make_context(PROGRAM, given, obj=application or _application) as context:
            cli.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone. What is still buffered must go nowhere, or Python complains at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except click.ClickException as error:
        complain(_sentence(error))
        return error.exit_code
    except (QAError, VectorStoreError) as error:
        complain(str(error))
        return WRONG_USAGE if isinstance(error, UsageError | UnknownArticleError) else FAILURE
    except Exception as error:  # noqa: BLE001 - the one place where a defect becomes a sentence and a log entry
        if _was_interrupted(error):
            return INTERRUPTED
        complain(_logged(error))
        return FAILURE
    return 0


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
    full = sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    # Textual's own variable: a driver that needs no terminal, as for a browser.
    if plain or not (full or "TEXTUAL_DRIVER" in os.environ):
        converse(factory)
        return
    from contextlib import ExitStack

    from qa.tui.app import run

    with ExitStack() as opened:
        # Made in a thread: what that imports takes longer than the first frame.
        run(lambda: opened.enter_context(factory(None)))


for command in (ask, ingest, remove, articles, show, evaluate, history, replay, doctor, local_model, serve):
    cli.add_command(command)
    for taking in command.commands.values() if isinstance(command, click.Group) else [command]:
        store_option(taking)


def _application(model: str | None) -> Application:
    from pydantic import ValidationError

    from qa.app import Application
    from qa.settings import Settings

    try:
        context = click.get_current_context(silent=True)
        meta = context.meta if context else {}
        given: dict[str, Any] = {"model": model, "store": meta.get(STORE), "strict": meta.get(STRICT)}
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        field = str(first["loc"][0])
        name = f"ISISK_QA_{field.upper()}" if field in Settings.model_fields else field
        raise SettingsError(f"{name} is not valid: {first['msg']}") from None
    return Application(settings)


def _speak_utf8() -> None:
    for stream, errors in ((sys.stdin, "strict"), (sys.stdout, "strict"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def _sentence(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f" (see '{context.command_path} --help')" if context else ""
    return error.format_message().rstrip(".") + hint


def _was_interrupted(error: BaseException) -> bool:
    # While a class is being made, Python 3.11 wraps an interrupt in a RuntimeError; imports make many classes.
    cause = error.__cause__ or error.__context__
    return isinstance(error, KeyboardInterrupt) or (cause is not None and _was_interrupted(cause))


def _logged(error: Exception) -> str:
    from qa.log import record
    from qa.settings import Settings

    settings = Settings()
    path = record(settings.home, error, settings.secrets())
    where = f"the details are in {path}" if path else "and the details could not be written to a log"
    return f"something went wrong that should not have ({type(error).__name__}); {where}"


if __name__ == "__main__":
    sys.exit(main())
