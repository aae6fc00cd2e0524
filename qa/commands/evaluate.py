"""``eval``: scores over a fixed set of questions. Its commands are in the files beside this one."""

import click

from qa.commands.evaluate_common import EPILOG
from qa.commands.evaluate_compare import bless, compare, gate
from qa.commands.evaluate_judge import judge
from qa.commands.evaluate_report import report
from qa.commands.evaluate_run import run
from qa.commands.evaluate_show import score, show
from qa.commands.evaluate_validate import validate


@click.group("eval", no_args_is_help=False, epilog=EPILOG)
def evaluate() -> None:
    """Score the answers to a fixed set of questions."""


for command in (run, show, score, compare, bless, gate, validate, report, judge):
    evaluate.add_command(command)
