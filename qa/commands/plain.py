"""The conversation as plain lines: for a pipe, a screen reader, or a terminal that can do no more."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import click

from qa.commands.ask import ask_each
from qa.commands.common import announce, note, prepare

if TYPE_CHECKING:
    from qa.commands.common import ApplicationFactory


def converse(factory: ApplicationFactory) -> None:
    """Answer each line of standard input, where a line may lean on those before it; no escape sequence is written."""
    if sys.stdin.isatty():
        note("One question a line; Ctrl+D ends.")
    elif isinstance(sys.stdin.buffer, io.BufferedReader) and not sys.stdin.buffer.peek(1):
        raise click.UsageError("no question came: write one a line to standard input, or use: isisk-qa ask QUESTION")
    with factory(None) as application:
        announce(application, None)
        prepare(application, plain=True)
        ask_each(application, application.chain(), None, as_json=False, follow=True)
