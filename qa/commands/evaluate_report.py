"""``eval report``: a run as a file for people, spreadsheets and CI."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa.commands.common import note
from qa.commands.evaluate_common import EPILOG, RUN, application_over, dataset_option, needs_valid_runs, open_set
from qa.errors import UsageError

if TYPE_CHECKING:
    from qa.commands.common import ApplicationFactory
    from qa.evaluation.compare import Comparison, Split
    from qa.evaluation.folder import StoredRun
    from qa.evaluation.sets.reading import QuestionSet

# Of the extra "report".
_EXTRA = ("jinja2", "matplotlib", "junitparser")
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(epilog=EPILOG)
@click.argument("run", type=RUN)
@click.option("--against", type=RUN, metavar="RUN", help="Show what differs from this earlier run (HTML, Markdown).")
@click.option("--format", "form", type=click.Choice(["html", "md", "csv", "junit"]), default="html", show_default=True)
@click.option(
    "--split",
    type=click.Choice(["dev", "test", "all"]),
    default="dev",
    show_default=True,
    help="Whose answers are listed one by one; figures are of all.",
)
@dataset_option
@click.option("--out", type=_NEW_FILE, help="The file to write, instead of stdout.")
@click.pass_obj
@needs_valid_runs
def report(
    factory: ApplicationFactory,
    run: Path,
    against: Path | None,
    form: str,
    split: Split,
    dataset: str | None,
    out: Path | None,
) -> None:
    """Write what RUN shows: one HTML file that opens offline, Markdown, CSV, or JUnit XML."""
    from qa.evaluation.compare import compare_runs
    from qa.evaluation.folder import load_run

    stored = load_run(run).finished()
    comparison = compare_runs(load_run(against), stored, split=split) if against else None
    try:
        text = _rendered(factory, stored, split, form, comparison, open_set(dataset))
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        raise UsageError(f"this format needs {error.name}: pip install 'isisk-qa[report]'") from None
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise UsageError(f"cannot write {out}: {problem.strerror}") from None
    note(f"written to {out}")


def _rendered(
    factory: ApplicationFactory,
    run: StoredRun,
    split: Split,
    form: str,
    comparison: Comparison | None,
    dataset: QuestionSet | None,
) -> str:
    if form == "html":
        from qa.evaluation.report.html import render_html

        return render_html(run, split, _texts(factory, run, dataset), comparison)
    if form == "md":
        from qa.evaluation.report.markdown import render_markdown

        return render_markdown(run, split, comparison)
    if form == "csv":
        from qa.evaluation.report.tabular import render_csv

        return render_csv(run, split)
    from qa.evaluation.report.junit import render_junit

    return render_junit(run, split)


def _texts(factory: ApplicationFactory, run: StoredRun, dataset: QuestionSet | None) -> dict[str, str]:
    """The articles of the run that the store still has as they were; of others only quotes are shown."""
    with application_over(factory, dataset) as application:
        articles = application.articles()
    used = run.manifest.get("articles", {})
    texts = {article.id: article.text for article in articles if used.get(article.id) == article.sha256}
    if used.keys() - texts.keys():
        note("the store does not have all articles of the run as they were: their passages are left out")
    return texts
