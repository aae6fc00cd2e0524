import json
from pathlib import Path
from typing import Any

import pytest

from qa.evaluation.dataset import default_questions, load_questions
from qa.evaluation.manifest import asked_sha256
from tests.benchmarks.results import BEGIN, END, README, SHOWN, between_marks, kept, results, results_table
from tests.conftest import WholeRun


def test_the_readme_has_the_table_of_the_kept_runs() -> None:
    parts = between_marks(README.read_text("utf-8"))
    if parts is None:
        pytest.skip(f"README.md has no place for the table yet: {BEGIN}")
    assert parts[1] == results_table(results()), "make results"


def test_the_kept_runs_are_of_the_shipped_questions() -> None:
    wanted = asked_sha256(load_questions(default_questions()))
    found = {result["name"]: result["questions"]["asked_sha256"] for result in results()}
    assert found
    assert found == dict.fromkeys(found, wanted), "make results"


def test_value_interval_and_n_of_each_run(whole_run: WholeRun, tmp_path: Path) -> None:
    made = kept(whole_run.out, "a name")
    (tmp_path / "run.json").write_text(json.dumps(made), "utf-8")
    # Through JSON and back nothing is lost.
    lines = results_table(results(tmp_path)).splitlines()
    assert lines[0] == "|  | a name, dev | a name, test |"
    figure = made["splits"]["dev"]["figures"]["vital_nuggets_found"]
    shown = f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f}, n={figure['n']})"
    assert any(line.startswith(f"| vital nuggets found | {shown} | ") for line in lines)
    assert len(lines) == 3 + len(SHOWN)
    assert "record" not in json.dumps(made)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"a\n{BEGIN}\nold\n{END}\nb", ("a\n", "old", "\nb")),
        (f"a\n{BEGIN}\nold", None),
        (f"{END}\n{BEGIN}\n", None),
        ("none", None),
    ],
)
def test_the_place_in_the_readme(text: str, expected: Any) -> None:
    assert between_marks(text) == expected
