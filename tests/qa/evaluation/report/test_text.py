from collections.abc import Callable
from pathlib import Path
from typing import Any

from qa.errors import DeadlineError
from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.metrics import METRICS, SMALLER_IS_BETTER
from qa.evaluation.report import FIGURE_TITLES, render_summary
from qa.evaluation.run import run_evaluation

MakeApplication = Callable[[dict[str, Any]], Any]


def line_of(text: str, title: str) -> str:
    """The cells of a row, with one space between them."""
    row = next(line for line in text.splitlines() if line.startswith(title))
    return " ".join(row.removeprefix(title).split())


def test_every_figure_has_a_title() -> None:
    assert set(FIGURE_TITLES) == set(METRICS)
    assert {name for name, title in FIGURE_TITLES.items() if "smaller is better" in title} == SMALLER_IS_BETTER


def test_value_interval_and_n_for_dev_and_test(
    tmp_path: Path, make_application: MakeApplication, questions: list[EvalQuestion], oracle: dict[str, Any]
) -> None:
    result = run_evaluation(make_application(oracle), questions, out=tmp_path / "run")
    text = render_summary(result.summary)
    assert text.splitlines()[0].split() == ["dev", "test"]
    assert line_of(text, "vital nuggets found") == "1.000 0.207 to 1.000 1 1.000 0.207 to 1.000 2"
    assert line_of(text, "abstention F1") == "1.000 0.207 to 1.000 1 1.000 0.207 to 1.000 1"
    assert line_of(text, "citations valid") == "1.000 0.207 to 1.000 1 1.000 0.342 to 1.000 3"
    assert line_of(text, "latency p95, ms").split()[1:3] == ["-", "2"]
    assert line_of(text, "unanswerable") == "1 - - 1.000 (1) -"
    assert "dev, by category" in text
    assert "error" not in text
    first_table = text.split("\n\n")[0].splitlines()
    # Aligned: the last column, right-justified, ends every row of the table.
    assert len({len(line) for line in first_table[2:]}) == 1


def test_one_split_and_errors(
    tmp_path: Path, make_application: MakeApplication, questions: list[EvalQuestion], oracle: dict[str, Any]
) -> None:
    replies = {**oracle, questions[0].question: DeadlineError("too long")}
    dev = [question for question in questions if question.split == "dev"]
    result = run_evaluation(make_application(replies), dev, out=tmp_path / "run")
    text = render_summary(result.summary)
    assert "test" not in text
    # There is no other question in dev that could have them.
    assert "vital nuggets found" not in text
    assert text.endswith("dev: 1 of 2 questions ended in an error and are in no figure")
