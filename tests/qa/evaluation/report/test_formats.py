import csv
import io
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from qa.evaluation.compare import compare_runs
from qa.evaluation.folder import StoredRun
from qa.evaluation.report.junit import render_junit
from qa.evaluation.report.markdown import render_markdown
from qa.evaluation.report.tabular import COLUMNS, render_csv
from qa.evaluation.rows import InvalidRunError
from tests.qa.evaluation.report.conftest import MakeRun

UNSAFE = [chr(code) for code in (*range(9), *range(11, 32), 127, 0xD800, 0xFFFE, 0xFFFF)]


@pytest.mark.parametrize("render", [render_junit, render_csv, render_markdown])
def test_nothing_that_a_terminal_acts_on(hostile: StoredRun, render: Any) -> None:
    text = render(hostile, "all")
    allowed = "\ufffe\uffff" if render is not render_junit else ""
    assert [character for character in UNSAFE if character in text and character not in allowed] == []


def test_junit(hostile: StoredRun) -> None:
    root = ElementTree.fromstring(render_junit(hostile, "all"))
    assert {suite.get("name"): suite.get("tests") for suite in root} == {
        "single_fact": "1", "conflict": "1", "unanswerable": "1", "false_premise": "1",
    }  # fmt: skip
    cases = {str(case.get("name"))[:2]: case for case in root.iter("testcase")}
    said = cases["q1"].findtext("system-out") or ""
    # As text, whole, and what XML cannot hold replaced.
    assert said.startswith('=HYPERLINK("http://evil.invalid") <script>document.title=')
    assert "\ufffd[31mred\ufffd\ufffd ]]> &amp; {{ 7 * 7 }}" in said
    failure, error = cases["q1"].find("failure"), cases["q2"].find("error")
    assert failure is not None
    assert failure.get("message") == "not said: 3,000"
    assert error is not None
    assert str(error.get("message")).startswith("DeadlineError: =HYPERLINK")
    assert [len(list(cases[name])) for name in ("q3", "q4")] == [1, 1]
    assert (root[0].get("failures"), root[1].get("errors")) == ("1", "1")


def test_junit_of_one_split(hostile: StoredRun) -> None:
    root = ElementTree.fromstring(render_junit(hostile, "dev"))
    assert [suite.get("name") for suite in root] == ["single_fact", "unanswerable"]


def test_csv(hostile: StoredRun) -> None:
    rows = list(csv.DictReader(io.StringIO(render_csv(hostile, "all"))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["id"] for row in rows] == ["q1", "q2", "q3", "q4"]
    assert [row["result"] for row in rows] == ["wrong", "error", "right", "right"]
    assert rows[0]["answer"].startswith("'=HYPERLINK(")
    assert (rows[0]["vital_found"], rows[0]["vital"], rows[0]["citations_valid"]) == ("0", "1", "0")
    assert rows[1]["error"].startswith("DeadlineError: =HYPERLINK")
    assert rows[3]["reason"] == "false_premise"


def test_markdown_is_inert_and_has_value_interval_and_n(hostile: StoredRun) -> None:
    text = render_markdown(hostile, "all")
    lines = text.splitlines()
    assert "| vital nuggets found | 0.000 (0.000 to 0.793, n=1) | – |" in lines
    assert "| errored | 0 | 1 |" in lines
    answer = next(line for line in lines if line.startswith("| q1 "))
    assert "<" not in answer.replace("\\<", "")
    assert "[a](" not in answer.replace("\\[", "")
    # Five cells: no bar of the answer divides one.
    assert answer.replace("\\|", "").count("|") == 6
    assert len([line for line in lines if line[:3] == "| q" and line[3].isdigit()]) == 4


def test_markdown_lists_one_split_and_what_differs(make_run: MakeRun, oracle: dict[str, Any]) -> None:
    first = next(iter(oracle))
    before, now = make_run(oracle, "before"), make_run({**oracle, first: oracle[list(oracle)[2]]}, "now")
    text = render_markdown(now, "dev", compare_runs(before, now, split="dev"))
    assert "## Against before" in text
    row = next(line for line in text.splitlines() if line.startswith("| vital nuggets found | 1.000 | 0.000 |"))
    assert "-1.000" in row
    assert "| q1 | " in text
    assert "| q2 | " not in text


def test_a_run_that_did_not_finish_has_no_report(make_run: MakeRun, oracle: dict[str, Any]) -> None:
    run = make_run(oracle)
    (run.path / "summary.json").unlink()
    unfinished = StoredRun(run.path, run.manifest, run.questions, run.rows, None)
    with pytest.raises(InvalidRunError, match="did not finish"):
        render_csv(unfinished, "all")
