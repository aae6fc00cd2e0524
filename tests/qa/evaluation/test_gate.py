import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qa.errors import DeadlineError
from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.folder import StoredRun, load_run
from qa.evaluation.gate import bless, judge, load_baseline, load_rules, render_judged
from qa.evaluation.rows import InvalidRunError
from qa.evaluation.run import run_evaluation
from qa.evaluation.yaml_file import FileError
from qa.models import Reason

Make = Callable[..., StoredRun]


@pytest.fixture
def make(tmp_path: Path, make_application: Any, questions: list[EvalQuestion], oracle: Any) -> Make:
    def run(name: str, asked: int = 4, **changed: Any) -> StoredRun:
        replies = {**oracle, **{each.question: changed[each.id] for each in questions if each.id in changed}}
        run_evaluation(make_application(replies), questions[:asked], out=tmp_path / name)
        return load_run(tmp_path / name)

    return run


@pytest.fixture
def rules(tmp_path: Path) -> Callable[[str], Any]:
    def write(text: str) -> Any:
        path = tmp_path / "gate.yaml"
        path.write_text(text, "utf-8")
        return load_rules(path)

    return write


@pytest.fixture
def refusal(world: Any) -> Any:
    return world.answer("The articles do not say.", reason=Reason.INSUFFICIENT)


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        # Of the answerable q1 and q2 the bad run refuses q1.
        ("{figure: over_refusal, max: 0.5}", True, True),
        ("{figure: over_refusal, max: 0.49}", True, False),
        ("{figure: over_refusal, zero_tolerance: true}", True, False),
        ("{figure: vital_nuggets_found, min: 0.7}", True, False),
        ("{figure: vital_nuggets_found, zero_tolerance: true}", True, False),
        ("{figure: vital_nuggets_found, split: test, min: 1}", True, True),
        ("{figure: vital_nuggets_found, split: dev, min: 0.1}", True, False),
        ("{figure: over_refusal, category: conflict, zero_tolerance: true}", True, True),
        ("{figure: over_refusal, category: single_fact, max: 0.9}", True, False),
        ("{figure: over_refusal, margin: 0.5}", True, True),
        ("{figure: over_refusal, margin: 0.4}", True, False),
        ("{figure: vital_nuggets_found, margin: 0.4}", True, True),
        ("{figure: vital_nuggets_found, margin: 0.3}", True, False),
    ],
)
def test_each_kind_of_rule(
    make: Make, rules: Any, refusal: Any, tmp_path: Path, rule: str, good: bool, bad: bool
) -> None:
    wanted = rules(f"rules:\n  - {rule}\n")
    run = make("good")
    bless(run, tmp_path / "baseline.json")
    baseline = load_baseline(tmp_path / "baseline.json")
    assert [each.passed for each in judge(run, wanted, baseline)] == [good]
    assert [each.passed for each in judge(make("bad", q1=refusal), wanted, baseline)] == [bad]


def test_a_better_run_keeps_its_margin(make: Make, rules: Any, refusal: Any, tmp_path: Path) -> None:
    bless(make("bad", q1=refusal), tmp_path / "baseline.json")
    wanted = rules("rules: [{figure: over_refusal, margin: 0}, {figure: vital_nuggets_found, margin: 0}]")
    judged = judge(make("good"), wanted, load_baseline(tmp_path / "baseline.json"))
    assert [each.passed for each in judged] == [True, True]


def test_what_is_printed(make: Make, rules: Any, refusal: Any) -> None:
    wanted = rules("rules: [{figure: citation_validity, min: 1}, {figure: over_refusal, split: dev, max: 0.1}]")
    assert render_judged(judge(make("bad", q1=refusal), wanted)).splitlines() == [
        "FAIL  over_refusal (dev): 1.000 (n 1), must be at most 0.1",
        "pass  citation_validity (all): 1.000 (n 3), must be at least 1",
        "1 of 2 rules hold",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules: []", "rules: "),
        ("- a", "not a mapping"),
        ("rules: [", "cannot be read"),
        ("rules: [{figure: nothing, min: 1}]", "rules.0: there is no figure nothing"),
        ("rules: [{figure: over_refusal}]", "neither min, max, margin nor zero_tolerance"),
        ("rules: [{figure: over_refusal, maximum: 1}]", "rules.0.maximum"),
        ("rules: [{figure: over_refusal, margin: -1}]", "rules.0.margin"),
        ("rules: [{figure: over_refusal, max: .nan}]", "rules.0.max"),
    ],
)
def test_rules_that_are_not_valid(rules: Any, text: str, says: str) -> None:
    with pytest.raises(FileError) as caught:
        rules(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_run_that_proves_nothing(make: Make, rules: Any, tmp_path: Path) -> None:
    wanted = rules("rules: [{figure: citation_validity, min: 1}]")
    failed = make("failed", q1=DeadlineError("Too long."))
    with pytest.raises(InvalidRunError, match="1 questions failed"):
        judge(failed, wanted)
    with pytest.raises(InvalidRunError, match="1 questions failed"):
        bless(failed, tmp_path / "baseline.json")
    assert judge(failed, rules("max_errored: 1\nrules: [{figure: citation_validity, min: 1}]"))[0].passed
    with pytest.raises(InvalidRunError, match=r"the run has no case for over_refusal \(all, temporal\)"):
        judge(make("good"), rules("rules: [{figure: over_refusal, category: temporal, max: 1}]"))
    (tmp_path / "good" / "summary.json").unlink()
    with pytest.raises(InvalidRunError, match="did not finish"):
        judge(load_run(tmp_path / "good"), wanted)


def test_a_baseline_of_other_questions_is_refused(make: Make, rules: Any, tmp_path: Path) -> None:
    wanted = rules("baseline: baseline.json\nrules: [{figure: over_refusal, margin: 0}]")
    assert wanted.baseline == tmp_path / "baseline.json"
    with pytest.raises(FileError, match=r"there is no baseline in .*eval bless"):
        load_baseline(wanted.baseline)
    with pytest.raises(FileError, match="has a margin, but there is no baseline"):
        judge(make("good"), wanted)
    bless(make("fewer", asked=3), wanted.baseline)
    with pytest.raises(InvalidRunError, match=r"of something else \(questions\.asked_sha256 changed\)"):
        judge(make("good"), wanted, load_baseline(wanted.baseline))


def test_a_baseline_holds_no_answers(make: Make, tmp_path: Path) -> None:
    bless(make("good"), tmp_path / "baseline.json")
    content = json.loads((tmp_path / "baseline.json").read_text("utf-8"))
    assert set(content) == {"manifest", "splits", "categories"}
