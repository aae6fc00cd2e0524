import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qa.app import Application
from qa.evaluation.dataset import DatasetError, default_questions
from qa.evaluation.validate import FEWEST, MINIMUM, Validation, validate

Lines = list[dict[str, Any]]
Write = Callable[[Lines], Path]


def found(result: Validation) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in result.problems]


def test_the_shipped_set_is_sound_and_large_enough(application: Application) -> None:
    result = validate(default_questions(), application.articles(), application.chunks(), minimums=True)
    assert result.problems == ()
    assert result.counts["all"] >= FEWEST == 300
    assert result.counts["not answerable"] >= 60
    assert all(result.counts[category] >= least for category, least in MINIMUM.items())


def test_a_sound_file_has_no_problems(world: Any, lines: Lines, write_lines: Write) -> None:
    result = validate(write_lines(lines), world.articles, world.chunks, minimums=False)
    assert result.problems == ()
    assert (result.counts["single_fact"], result.counts["all"], result.counts["not answerable"]) == (1, 4, 2)


Change = Callable[[Lines], object]


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (lambda x: x[1].pop("category"), 2, "category: Field required"),
        (lambda x: x[0]["evidence"][0].update(start=1, end=38), 1, "q1: evidence e1: alpha does not read 'The group"),
        (lambda x: x[0]["evidence"][0].update(article_id="gamma"), 1, "q1: evidence e1: article gamma is not in the"),
        (lambda x: x[0].update(as_of="2017-06-30"), 1, "evidence e1: alpha is not known to be published by 2017-06-30"),
        (lambda x: x[0]["nuggets"][0].update(aliases=["300"]), 1, "q1: nugget n1: no alias of it stands in evidence"),
        # "5" is not in "2017", nor "12" in "12.5%".
        (lambda x: x[0]["nuggets"][0].update(aliases=["17"]), 1, "q1: nugget n1: no alias of it stands in evidence"),
        (lambda x: x[0]["nuggets"][0].update(evidence_ids=[]), 1, "q1: nugget n1 has no evidence"),
        (lambda x: x[2].update(absence_search=[]), 3, "q3: it is not answerable, but absence_search does not say"),
        (lambda x: x[2].update(absence_search=["12.5%"]), 3, "q3: absence_search: '12.5%' stands in alpha"),
        (lambda x: x[3].update(id="q1"), 4, "id q1 stands already in line 1"),
        (lambda x: x[3].update(question="how many  Fighters were there?"), 4, "q4: the same is asked in line 1"),
        (lambda x: x[3].update(cluster_id="c1"), 4, "cluster c1 is in test here, but in dev in line 1"),
        (lambda x: x[3].update(question="How many figthers were there"), 4, "q4 is nearly q1 of the other split, in l"),
    ],
)
def test_a_problem_is_told_with_its_line(
    world: Any, lines: Lines, write_lines: Write, change: Change, line: int, message: str
) -> None:
    copy = json.loads(json.dumps(lines))
    change(copy)
    result = validate(write_lines(copy), world.articles, world.chunks, minimums=False)
    assert any(number == line and message in text for number, text in found(result)), found(result)


def test_every_problem_is_told(world: Any, lines: Lines, write_lines: Write) -> None:
    copy = json.loads(json.dumps(lines))
    copy[2]["absence_search"] = ["Kunar", "Taliban"]
    copy[0].pop("split")
    path = write_lines(copy)
    path.write_text("{\n" + path.read_text("utf-8"), "utf-8")
    result = validate(path, world.articles, world.chunks, minimums=False)
    assert [number for number, _ in found(result)] == [1, 2, 4, 4]


def test_words_that_only_furniture_says_are_absent(world: Any, lines: Lines, write_lines: Write) -> None:
    lines[2]["absence_search"] = ["subscribe now"]
    assert validate(write_lines(lines), world.articles, world.chunks, minimums=False).problems == ()


def test_another_year_is_another_question(world: Any, lines: Lines, write_lines: Write) -> None:
    lines[3]["question"] = "How many fighters were there in 2023?"
    assert validate(write_lines(lines), world.articles, world.chunks, minimums=False).problems == ()


def test_a_changed_file_and_a_set_that_is_too_small(world: Any, lines: Lines, write_lines: Write) -> None:
    Path(world.articles[1].path).write_text("Other words.", "utf-8")
    result = validate(write_lines(lines), world.articles, world.chunks, minimums=True)
    assert (0, "article beta: file is not the cited version") in found(result)
    assert (0, "all: 4 questions, 300 are wanted") in found(result)
    assert (0, "injection: 0 questions, 15 are wanted") in found(result)


def test_a_file_that_cannot_be_read(world: Any, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot read the questions"):
        validate(tmp_path / "none.jsonl", world.articles, world.chunks, minimums=False)
