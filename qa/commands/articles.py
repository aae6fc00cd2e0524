"""``ingest``, ``remove``, ``articles`` and ``show``: what is in the store."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qa.commands.common import EPILOG, columns, complain_of_failures, note, prepare
from qa.terminal import escape_json, sanitise

if TYPE_CHECKING:
    from qa.commands.common import ApplicationFactory
    from vectorstore.ingest import IngestReport
    from vectorstore.models import Article

_PATH = click.Path(exists=True, path_type=Path)


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=_PATH)
@click.option("--prune", is_flag=True, help="Remove articles whose files are no longer in the folders that are named.")
@click.option("--json", "as_json", is_flag=True, help="Write the report as one line of JSON.")
@click.pass_obj
def ingest(factory: ApplicationFactory, paths: tuple[Path, ...], prune: bool, as_json: bool) -> None:
    """Add articles, each a file or a folder of files, to the store.

    What did not change since it was added is left alone. It may be interrupted, and goes on when it is run again.
    When some files cannot be read, the others are added, and it exits with 1.
    """
    from qa.progress import ProgressReport

    with factory(None) as application, ProgressReport("reading articles") as progress:
        report = application.ingest(paths, progress.update, prune=prune)
    click.echo(escape_json(json.dumps(asdict(report), ensure_ascii=False)) if as_json else _spoken(report))
    if complain_of_failures(report):
        raise click.exceptions.Exit(1)


def _spoken(report: IngestReport) -> str:
    removed = f", {report.removed} removed" if report.removed else ""
    copies = f"; {report.copies} of them copies of others" if report.copies else ""
    return (
        f"{report.added} added, {report.replaced} replaced, {report.unchanged} unchanged{removed}, "
        f"{len(report.failures)} failed{copies}; {report.chunks} chunks in {report.seconds:.1f} s"
    )


@click.command(epilog=EPILOG)
@click.argument("references", nargs=-1, required=True, metavar="ARTICLE...")
@click.pass_obj
def remove(factory: ApplicationFactory, references: tuple[str, ...]) -> None:
    """Remove articles from the store, without asking; their files stay.

    ARTICLE is its id, the start of its id, or its file's name. When one is not there, none is removed. An article
    whose file is still on the disk comes back when its folder is ingested again.
    """
    with factory(None) as application:
        prepare(application)
        removed = application.remove(references)
    for article in removed:
        click.echo(f"removed {sanitise(article.id)}")


@click.command(epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object a line.")
@click.pass_obj
def articles(factory: ApplicationFactory, as_json: bool) -> None:
    """List what is in the store, oldest first."""
    with factory(None) as application:
        prepare(application)
        stored = application.articles()
    if as_json:
        for article in stored:
            click.echo(escape_json(json.dumps(_record(article), ensure_ascii=False)))
    elif stored:
        click.echo(columns([_row(article) for article in stored]))


def _record(article: Article) -> dict[str, Any]:
    record = {each.name: getattr(article, each.name) for each in fields(article) if each.name != "text"}
    published = article.published.iso if article.published else None
    return {**record, "published": published, "characters": len(article.text)}


def _row(article: Article) -> list[str]:
    date = article.published.spoken() if article.published else "date unknown"
    inferred = article.published is not None and article.published_basis.startswith("inferred")
    publisher = article.publisher or "publisher unknown"
    source = f" (copy of {article.copied_from})" if article.copied_from else ""
    return [article.id, date + " (inferred)" * inferred, publisher + source, article.title]


@click.command(epilog=EPILOG)
@click.argument("article")
@click.option("--start", type=click.IntRange(min=0), default=0, help="The first character, counted from 0.")
@click.option("--end", type=click.IntRange(min=0), help="The character after the last one.")
@click.pass_obj
def show(factory: ApplicationFactory, article: str, start: int, end: int | None) -> None:
    """Print an article's text, or the characters of it that a citation names.

    ARTICLE is its id, the start of its id, or its file's name.
    """
    from qa.render import FILE_NOTES

    with factory(None) as application:
        prepare(application)
        found = application.article(article)
        state = application.source_states([found.id]).get(found.id)
    length = len(found.text)
    last = length if end is None else end
    if not start <= last <= length:
        raise click.UsageError(f"{start} to {last} is not a span of {found.id}: it has {length} characters")
    if state in FILE_NOTES:
        note(f"{found.path}: {FILE_NOTES[state]}; this is the text that was read")
    text = sanitise(found.text)[start:last]
    # Nothing is added in a pipe; on a terminal the prompt gets a line of its own.
    click.echo(text, nl=sys.stdout.isatty() and not text.endswith("\n"))
