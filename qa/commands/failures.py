"""What broke a command off -> a sentence on stderr and an exit code."""

from __future__ import annotations

import click

from qa.commands.common import complain
from qa.errors import QAError, UsageError
from qa.usage import FAILURE, INTERRUPTED, WRONG_USAGE
from vectorstore.errors import UnknownArticleError, VectorStoreError


def exit_code(error: Exception) -> int:
    """The exit code for what was raised, of which a person is told; a defect goes to the log as well."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.ClickException):
        complain(_sentence(error))
        return error.exit_code
    if isinstance(error, QAError | VectorStoreError):
        complain(str(error))
        return WRONG_USAGE if isinstance(error, UsageError | UnknownArticleError) else FAILURE
    if _was_interrupted(error):
        return INTERRUPTED
    complain(_logged(error))
    return FAILURE


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
