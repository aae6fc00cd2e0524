"""The fixed question set, answered without a model, against the rules of gate.yaml; and how that run is made."""

from pathlib import Path

import pytest

from qa.app import Application
from qa.evaluation.dataset import default_questions, load_questions
from qa.evaluation.folder import StoredRun, load_run
from qa.evaluation.gate import Rule, judge, load_rules
from qa.evaluation.run import Options, run_evaluation
from tests.conftest import WholeRun
from tests.qa.evaluation.lasting import lasting

RULES = load_rules(Path(__file__).parent / "gate.yaml")
CPU_S = 60.0
SAMPLE = 40


@pytest.fixture(scope="session")
def stored(whole_run: WholeRun) -> StoredRun:
    return load_run(whole_run.out)


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.about)
def test_the_rule_holds(stored: StoredRun, rule: Rule) -> None:
    for judged in judge(stored, RULES.model_copy(update={"rules": (rule,)})):
        assert judged.passed, f"{judged.rule.about} is {judged.value:.3f} (n {judged.n}), must be {judged.wanted}"


def test_the_whole_set_takes_less_than_a_minute(whole_run: WholeRun) -> None:
    """After warm-up, with sockets blocked and no key: processor time, which other programs do not lengthen."""
    assert whole_run.cpu_s < CPU_S


def test_eight_at_once_answer_as_one_after_the_other(
    application: Application, whole_run: WholeRun, tmp_path: Path
) -> None:
    # Every so many, so that all kinds are among them.
    questions = load_questions(default_questions())
    chosen = questions[:: len(questions) // SAMPLE]
    run_evaluation(application, chosen, answerer="extractive", out=tmp_path / "run", options=Options(jobs=8))
    records = lasting(whole_run.out)["records.jsonl"]
    places = [questions.index(question) for question in chosen]
    assert lasting(tmp_path / "run")["records.jsonl"] == [records[place] for place in places]
