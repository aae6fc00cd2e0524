"""``ask``: one question, or one a line from standard input."""

from __future__ import annotations

import codecs
import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from qa.commands.common import EPILOG, announce, answerer_option, complain, model_option, prepare, strict_option
from qa.errors import QAError, QuestionError
from qa.terminal import sanitise
from vectorstore.dates import PartialDate
from vectorstore.errors import VectorStoreError

if TYPE_CHECKING:
    from qa.app import Application
    from qa.chain import AnswerChain
    from qa.commands.common import ApplicationFactory
    from qa.models import Answer
    from qa.settings import AnswererName

MAX_WIDTH = 100


def _date(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        return PartialDate(value).iso
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date: write YYYY, YYYY-MM or YYYY-MM-DD") from None


@click.command(epilog=EPILOG)
@click.argument("question", required=False)
@click.option("--json", "as_json", is_flag=True, help="Write the answer record as one line of JSON.")
@answerer_option
@model_option
@strict_option
@click.option("--as-of", metavar="DATE", callback=_date, help="Use no article published after this date.")
@click.option("--follow", is_flag=True, help="With -: a line may lean on those before it (“And in 2018?”).")
@click.pass_obj
def ask(
    factory: ApplicationFactory,
    question: str | None,
    as_json: bool,
    answerer: AnswererName | None,
    model: str | None,
    as_of: str | None,
    follow: bool,
) -> None:
    """Answer QUESTION, or with - each line of standard input."""
    if follow and question != "-":
        raise click.UsageError("--follow is for questions from standard input: give - in place of the question")
    if question is None:
        raise click.UsageError("give a question in quotes, or - to read one a line from standard input")
    with factory(model) as application:
        announce(application, answerer)
        prepare(application)
        chain = application.chain(answerer)
        if question == "-":
            ask_each(application, chain, as_of, as_json, follow)
        else:
            click.echo(_rendered(application, _answered(chain, question, as_of), as_json))


def ask_each(application: Application, chain: AnswerChain, as_of: str | None, as_json: bool, follow: bool) -> None:
    """Answer each line of standard input; with ``follow`` a line may lean on those before it."""
    from qa.models import Conversation

    failed, conversation = False, Conversation()
    gap = ""
    for number, line in _lines():
        try:
            text = line.decode("utf-8", "surrogateescape").strip()
            answer = _answered(chain, text, as_of, conversation.questions)
        except (QAError, VectorStoreError) as error:
            complain(f"line {number}: {error}")
            failed = True
            continue
        if follow:
            conversation = conversation.and_then(answer.understood)
        if not as_json:
            click.echo(f"{gap}Question: {sanitise(answer.question)}\n")
            gap = "\n"
        click.echo(_rendered(application, answer, as_json))
    if failed:
        raise click.exceptions.Exit(1)


def _lines() -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(sys.stdin.buffer, start=1):
        content = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if content.strip():
            yield number, content


def _answered(chain: AnswerChain, question: str, as_of: str | None, earlier: tuple[str, ...] = ()) -> Answer:
    from qa.models import Question

    # Bytes that are not UTF-8 arrive as lone surrogates, on the command line as on standard input.
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise QuestionError("the question is not UTF-8 text: write it, or save its file, as UTF-8")
    return chain.invoke(Question(question, as_of, earlier))


def _rendered(application: Application, answer: Answer, as_json: bool) -> str:
    from qa.render import render_json, render_text

    if as_json:
        return render_json(answer)
    on_terminal = sys.stdout.isatty()
    states = application.source_states(citation.article_id for citation in answer.citations)
    return render_text(answer, min(shutil.get_terminal_size().columns, MAX_WIDTH) if on_terminal else None, states)
