"""``eval compare``, ``bless`` and ``gate``: decisions over runs."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa.commands.common import complain, note
from qa.commands.evaluate_common import EPILOG, FILE, GATE_FAILED, RUN, needs_valid_runs, split_option
from qa.terminal import escape_json, sanitise

if TYPE_CHECKING:
    from qa.evaluation.compare import Split

_BASELINE = "baseline.json"
_WIDTH = 160


@click.command(epilog=EPILOG)
@click.argument("a", type=RUN)
@click.argument("b", type=RUN)
@split_option
@click.option("--rules", type=FILE, help="Decide on the figures of these rules, instead of the usual ones.")
@click.option("--answers", type=click.IntRange(min=0), default=10, show_default=True, help="Changed answers to show.")
@click.option("--seed", type=int, default=0, help="Of resampling.")
@click.option("--json", "as_json", is_flag=True, help="Write the figures as JSON.")
@needs_valid_runs
def compare(a: Path, b: Path, split: Split, rules: Path | None, answers: int, seed: int, as_json: bool) -> None:
    """Hold run B against run A, question by question."""
    from qa.evaluation.compare import GATED, compare_runs
    from qa.evaluation.compare_text import render_comparison
    from qa.evaluation.folder import load_run
    from qa.evaluation.gate import load_rules

    gated = {rule.figure for rule in load_rules(rules).rules} if rules else GATED
    found = compare_runs(load_run(a), load_run(b), split=split, gated=gated, seed=seed)
    if as_json:
        import json

        click.echo(escape_json(json.dumps(found.to_record(), ensure_ascii=False, indent=2)))
        return
    width = min(shutil.get_terminal_size().columns, _WIDTH) if sys.stdout.isatty() else _WIDTH
    click.echo(sanitise(render_comparison(found, answers=answers, width=width)))


@click.command(epilog=EPILOG)
@click.argument("run", type=RUN)
@click.option(
    "--baseline", type=click.Path(dir_okay=False, path_type=Path), help="The file, instead of one beside RUN."
)
@needs_valid_runs
def bless(run: Path, baseline: Path | None) -> None:
    """Make RUN's figures the baseline that later runs are held against."""
    from qa.evaluation.folder import load_run
    from qa.evaluation.gate import bless as make_baseline

    target = baseline or run.parent / _BASELINE
    make_baseline(load_run(run), target)
    note(f"{run} is the baseline now, in {target}")


@click.command(epilog=EPILOG)
@click.argument("run", type=RUN)
@click.option("--rules", type=FILE, required=True, help="A YAML file of thresholds and margins.")
@click.option(
    "--baseline", type=FILE, help="What margins are held against, instead of the rules' own or one beside RUN."
)
@needs_valid_runs
def gate(run: Path, rules: Path, baseline: Path | None) -> None:
    """Say whether RUN keeps to the rules; exit with 1 when it does not."""
    from qa.evaluation.folder import load_run
    from qa.evaluation.gate import judge, load_baseline, load_rules, render_judged

    wanted = load_rules(rules)
    beside = run.parent / _BASELINE
    place = baseline or wanted.baseline or (beside if beside.exists() else None)
    needed = any(rule.margin is not None for rule in wanted.rules)
    judged = judge(load_run(run), wanted, load_baseline(place) if place and needed else None)
    click.echo(sanitise(render_judged(judged)))
    if not all(each.passed for each in judged):
        complain(f"{run} does not pass")
        raise click.exceptions.Exit(GATE_FAILED)
