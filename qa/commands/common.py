"""What several commands share: options, and what is said on stderr."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from qa.errors import SettingsError
from qa.terminal import sanitise
from qa.usage import EXIT_CODES, PROGRAM

if TYPE_CHECKING:
    from qa.app import Application
    from qa.settings import AnswererName
    from vectorstore.ingest import IngestReport

    ApplicationFactory = Callable[[str | None], Application]

STORE = f"{PROGRAM}.store"
STRICT = f"{PROGRAM}.strict"
SHIPPED = "the shipped articles"

EPILOG = f"\b\n{EXIT_CODES}"

answerer_option = click.option(
    "--answerer",
    type=click.Choice(["auto", "extractive", "llm"]),
    help="auto uses a model when one is configured; extractive quotes sentences, with no model.",
)
model_option = click.option("--model", metavar="NAME", help="The chat model, instead of ISISK_QA_MODEL.")


def _remember_store(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    # A context's meta is shared with those of the commands inside it.
    if value is not None:
        context.meta[STORE] = value


# Every command takes it, and none of them looks at it: it is for whoever makes the Application.
store_option = click.option(
    "--store",
    metavar="PLACE",
    expose_value=False,
    callback=_remember_store,
    help="A folder, or a Chroma server's address, instead of ISISK_QA_STORE.",
)


def _remember_strict(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        context.meta[STRICT] = True


strict_option = click.option(
    "--strict",
    is_flag=True,
    expose_value=False,
    callback=_remember_strict,
    help="Drop sentences that the articles do not support, with their citations (or ISISK_QA_STRICT=1).",
)


def make_application(model: str | None) -> Application:
    """The Application of the settings and of what the command line says of them."""
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


def note(text: str) -> None:
    """One line on stderr."""
    click.echo(" ".join(sanitise(text).split()), err=True)


def complain(text: str) -> None:
    """One line on stderr that names the program."""
    note(f"{PROGRAM}: {text}")


def announce(application: Application, answerer: AnswererName | None) -> None:
    """Say who answers."""
    if application.answerer(answerer) == "llm":
        if application.settings.model is None:
            return  # the chain says so, as an error
        note(f"answering with {application.settings.model}")
    elif (answerer or application.settings.answerer) == "auto":
        note("answering extractively: no model is configured (set ISISK_QA_MODEL)")
    else:
        note("answering extractively")
    if application.note is not None:
        note(f"searching {application.note}")


def prepare(application: Application, *, plain: bool = False, what: str = SHIPPED) -> None:
    """Read the shipped articles, or ``what``, when the store is empty; ``plain``: progress is lines, not a bar."""
    from qa.progress import ProgressReport

    with ProgressReport(f"reading {what}", plain=plain) as progress:
        report = application.prepare(progress.update)
    if report is not None:
        complain_of_failures(report)


def complain_of_failures(report: IngestReport) -> bool:
    """One line for each file that could not be read; whether there was any."""
    for failure in report.failures:
        known = failure.path in failure.message
        complain(failure.message if known else f"{failure.path}: {failure.message}")
    return bool(report.failures)


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows of one length as left-aligned columns, safe for a terminal."""
    safe = [[" ".join(sanitise(cell).split()) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*safe, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in safe)
    return "\n".join(line.rstrip() for line in lines)
