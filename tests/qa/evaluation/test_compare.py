"""Two stored runs held against each other."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qa.errors import DeadlineError
from qa.evaluation.compare import Compared, Comparison, compare_runs
from qa.evaluation.compare_text import render_comparison
from qa.evaluation.dataset import EvalQuestion
from qa.evaluation.folder import StoredRun, load_run
from qa.evaluation.rows import InvalidRunError
from qa.evaluation.run import Options, run_evaluation
from qa.models import Reason

COPIES = 30
Make = Callable[..., StoredRun]


@pytest.fixture
def many(questions: list[EvalQuestion]) -> list[EvalQuestion]:
    """Each of the four questions many times over, in clusters of its own."""
    return [
        question.model_copy(
            update={
                "id": f"{question.id}-{n}",
                "cluster_id": f"{question.cluster_id}-{n}",
                "question": f"{n} {question.question}",
            }
        )
        for n in range(COPIES)
        for question in questions
    ]


@pytest.fixture
def make(
    tmp_path: Path, make_application: Any, many: list[EvalQuestion], questions: list[EvalQuestion], oracle: Any
) -> Make:
    """A run of them all; ``changed`` gives other replies, by id of one of the four and number of the copy."""

    def run(
        name: str, changed: dict[tuple[str, int], Any] | None = None, asked: int | None = None, repeat: int = 1
    ) -> StoredRun:
        replies = {
            f"{n} {question.question}": (changed or {}).get((question.id, n), oracle[question.question])
            for n in range(COPIES)
            for question in questions
        }
        run_evaluation(make_application(replies), many[:asked], out=tmp_path / name, options=Options(repeat=repeat))
        return load_run(tmp_path / name)

    return run


def figure(comparison: Comparison, name: str) -> Compared:
    (found,) = [each for each in comparison.figures if each.figure == name]
    return found


@pytest.fixture
def refusal(world: Any) -> Any:
    return world.answer("The articles do not say.", reason=Reason.INSUFFICIENT)


def test_a_run_against_itself_is_zero_everywhere(make: Make) -> None:
    run = make("a")
    found = compare_runs(run, run)
    assert len(found.figures) > 10
    for each in found.figures:
        assert (each.found.difference, each.found.low, each.found.high, each.found.p) == (0, 0, 0, 1)
        assert (each.wins, each.losses, each.found.ties) == (0, 0, each.found.n)
        assert each.verdict in ("no difference found", "not decided on")
    assert (found.changed, found.changed_setup, found.unpaired) == ((), (), 0)


def test_a_planted_loss_of_ten_points_is_found(make: Make, refusal: Any) -> None:
    a = make("a")
    b = make("b", {("q1", n): refusal for n in range(12)})
    found = compare_runs(a, b)
    refused = figure(found, "over_refusal")
    # 12 of the 60 answerable ones, which are 10% of all.
    assert (refused.found.n, refused.losses, refused.wins, refused.found.test) == (60, 12, 0, "McNemar")
    assert refused.found.difference == pytest.approx(0.2)
    assert refused.verdict == "worse"
    assert figure(found, "vital_nuggets_found").verdict == "worse"
    assert figure(found, "truthfulness").verdict == "worse"
    assert figure(found, "truthfulness").found.difference == pytest.approx(-0.1)
    assert figure(found, "abstention_recall").verdict == "no difference found"
    back = compare_runs(b, a)
    assert figure(back, "over_refusal").verdict == "better"
    assert figure(back, "over_refusal").wins == 12
    assert [each.question.id for each in found.changed] == [f"q1-{n}" for n in range(12)]
    assert {(each.right_a, each.right_b) for each in found.changed} == {(True, False)}


def test_a_planted_tie_is_no_win(make: Make, refusal: Any) -> None:
    a = make("a", {("q1", n): refusal for n in range(6)})
    b = make("b", {("q1", n): refusal for n in range(6, 11)})
    found = compare_runs(a, b)
    assert (figure(found, "over_refusal").wins, figure(found, "over_refusal").losses) == (6, 5)
    assert {each.verdict for each in found.figures} == {"no difference found", "not decided on"}


def test_variants_that_fail_together_are_one_loss(
    tmp_path: Path, make_application: Any, many: list[EvalQuestion], oracle: Any, refusal: Any, questions: Any
) -> None:
    together = [each.model_copy(update={"cluster_id": "one"}) if each.id.startswith("q1") else each for each in many]
    replies = {each.question: oracle[each.question.split(" ", 1)[1]] for each in together}
    worse = {**replies, **{each.question: refusal for each in together if each.id.startswith("q1")}}
    for name, given in (("a", replies), ("b", worse)):
        run_evaluation(make_application(given), together, out=tmp_path / name)
    refused = figure(compare_runs(load_run(tmp_path / "a"), load_run(tmp_path / "b")), "over_refusal")
    assert (refused.losses, refused.found.p, refused.verdict) == (COPIES, 1.0, "no difference found")


def test_only_gated_figures_are_decided_on_and_corrected(make: Make, refusal: Any) -> None:
    a, b = make("a"), make("b", {("q1", n): refusal for n in range(7)})
    alone = figure(compare_runs(a, b, gated={"over_refusal"}), "over_refusal")
    among = figure(compare_runs(a, b, gated={"over_refusal", "citation_validity", "abstention_recall"}), "over_refusal")
    assert alone.corrected == alone.found.p == pytest.approx(2 / 2**7)
    assert among.corrected == pytest.approx(3 * 2 / 2**7)
    assert figure(compare_runs(a, b, gated=()), "over_refusal").verdict == "not decided on"


def test_runs_over_other_questions_or_articles_are_refused(make: Make, tmp_path: Path, world: Any) -> None:
    a, fewer = make("a"), make("fewer", asked=8)
    with pytest.raises(InvalidRunError, match=r"cannot be compared: questions\.asked_sha256 changed$"):
        compare_runs(a, fewer)
    world.articles[0] = replace(world.articles[0], sha256="0" * 64)
    with pytest.raises(InvalidRunError, match=r"articles\.alpha changed$"):
        compare_runs(a, make("b"))
    (tmp_path / "a" / "summary.json").unlink()
    with pytest.raises(InvalidRunError, match="did not finish"):
        compare_runs(load_run(tmp_path / "a"), a)


def test_what_differs_between_the_systems_is_told(make: Make, tmp_path: Path) -> None:
    a = make("a")
    path = make("b").path / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**manifest, "model": "other", "code_sha256": "0"}), "utf-8")
    found = compare_runs(a, load_run(path.parent))
    assert found.changed_setup == ("code_sha256 changed", "model None -> other")


def test_errors_are_left_out_and_counted(make: Make) -> None:
    found = compare_runs(make("a"), make("b", {("q1", 3): DeadlineError("Too long.")}))
    assert found.unpaired == 1
    assert figure(found, "over_refusal").found.n == 59
    (changed,) = found.changed
    assert (changed.b, changed.right_b) == ("DeadlineError: Too long.", None)


def test_repetitions_are_averaged_first(make: Make, refusal: Any) -> None:
    found = compare_runs(make("a"), make("b", {("q1", 0): refusal}, repeat=3))
    assert figure(found, "over_refusal").found.n == 60
    assert figure(found, "over_refusal").found.difference == pytest.approx(1 / 60)


def test_the_text_shows_changed_answers_side_by_side_but_not_those_of_the_test_split(make: Make, refusal: Any) -> None:
    a = make("a")
    b = make("b", {("q1", 0): refusal, ("q2", 0): refusal})
    text = render_comparison(compare_runs(a, b), width=80)
    assert "2 answers changed: 0 became right, 2 became wrong; 1 follow." in text
    assert "A, right:" + " " * 29 + " | B, wrong:" in text
    assert "group had three thousand fighters  | (insufficient) The articles do not\nin 2017. [1]" in text
    assert "Do the sources agree" not in text
    assert "Do the sources agree" in render_comparison(compare_runs(a, b, split="test"), width=80)
    assert all(len(line) <= 80 for line in text.split("follow.")[1].splitlines())


def test_the_record_is_plain_json(make: Make) -> None:
    record = compare_runs(make("a"), make("b")).to_record()
    assert json.loads(json.dumps(record)) == record
    assert record["questions"] == 4 * COPIES
