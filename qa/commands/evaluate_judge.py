"""``eval judge``: a model's opinion of a run's answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qa.commands.common import columns, model_option, note
from qa.commands.evaluate_common import EPILOG, FILE, INVALID_RUN, RUN, needs_valid_runs
from qa.errors import UsageError

if TYPE_CHECKING:
    from qa.commands.common import ApplicationFactory

_WORDS = {
    "with_scores": "the judge and the scores",
    "with_people": "the judge and people",
    "scores_with_people": "the scores and people",
}


@click.command(epilog=EPILOG)
@click.argument("run", type=RUN)
@model_option
@click.option("--labels", type=FILE, help='What people said: JSON Lines of {"question_id", "label": "right"|"wrong"}.')
@click.option("--split", type=click.Choice(["dev", "test", "all"]), default="dev", show_default=True)
@click.pass_obj
@needs_valid_runs
def judge(factory: ApplicationFactory, run: Path, model: str | None, labels: Path | None, split: str) -> None:
    """Ask a model which of RUN's answers are right, and print how far it agrees with the scores and with people.

    Its verdicts are written into RUN, and change none of its figures.
    """
    import json

    from qa.evaluation.folder import load_run
    from qa.evaluation.judge import AGREEMENT, judgement, load_labels
    from qa.evaluation.judge import judge as ask
    from qa.evaluation.run import Progress
    from qa.progress import ProgressReport

    stored = load_run(run)
    known = load_labels(labels) if labels else None
    with factory(model) as application:
        chat = application.model()
        note(f"judging with {chat.name}")
        try:
            with ProgressReport("judging") as progress:
                judged = ask(stored, chat, split, lambda done, total: progress.update(Progress(done, total, "")))
            found = judgement(stored, judged, known)
            (run / AGREEMENT).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8", newline="\n")
        except OSError as problem:
            raise UsageError(f"cannot write the verdicts to {run}: {problem.strerror}") from None
    click.echo(columns(_table(found)))
    if found["unjudged"]:
        note(f"{found['unjudged']} of {found['answers']} answers have no verdict, and are in no figure")
        raise click.exceptions.Exit(INVALID_RUN)


def _table(found: dict[str, Any]) -> list[list[str]]:
    right = found["called_right"]
    rows = [
        ["", "share", "95% interval", "kappa", "n"],
        ["answers called right", *_share(right["value"], right["low"], right["high"]), "-", str(right["n"])],
    ]
    for name, words in _WORDS.items():
        if (each := found[name]) is not None:
            kappa = "-" if each["kappa"] is None else f"{each['kappa']:.3f}"
            rows.append([f"agree: {words}", *_share(each["same"], each["low"], each["high"]), kappa, str(each["n"])])
    return rows


def _share(value: float | None, low: float | None, high: float | None) -> list[str]:
    return ["-", "-"] if value is None else [f"{value:.3f}", f"{low:.3f} to {high:.3f}"]
