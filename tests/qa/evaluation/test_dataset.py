import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qa.errors import UsageError
from qa.evaluation.dataset import (
    DatasetError,
    EvalQuestion,
    check_evidence,
    default_questions,
    load_questions,
)

Lines = list[dict[str, Any]]
Write = Callable[[Lines], Path]


def test_a_good_file_loads_in_order(lines: Lines, write_lines: Write) -> None:
    questions = load_questions(write_lines(lines))
    assert [question.id for question in questions] == ["q1", "q2", "q3", "q4"]
    assert questions[0].nuggets[0].aliases == ("3,000",)
    assert [evidence.id for evidence in questions[1].spans(["e2"])] == ["e2"]


def test_blank_lines_bom_and_line_separators_inside_strings(lines: Lines, tmp_path: Path) -> None:
    lines[0]["question"] = "How many\u2028fighters?\u0085"
    text = "\ufeff" + "\r\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    path = tmp_path / "set.jsonl"
    path.write_bytes(text.encode())
    assert load_questions(path)[0].question == "How many\u2028fighters?\u0085"


Change = Callable[[Lines], object]


@pytest.mark.parametrize(
    ("change", "where", "why"),
    [
        (lambda x: x[1].pop("category"), "line 2", "category"),
        (lambda x: x[1].update(category="gossip"), "line 2", "category"),
        (lambda x: x[1].update(split="train"), "line 2", "split"),
        (lambda x: x[2].update(answerable="no"), "line 3", "answerable"),
        (lambda x: x[2].update(extra=1), "line 3", "extra"),
        (lambda x: x[2].update(question=""), "line 3", "question"),
        (lambda x: x[3].update(as_of="2018-02-30"), "line 4", "as_of"),
        (lambda x: x[3].update(as_of="soon"), "line 4", "as_of"),
        (lambda x: x[3].update(id="q1"), "line 4", "id q1 stands already in line 1"),
        (
            lambda x: x[3].update(cluster_id="c1"),
            "line 4",
            "cluster c1 is in test here, but in dev in line 1",
        ),
        (lambda x: x[0].update(nuggets=[]), "line 1", "no vital nugget"),
        (lambda x: x[0]["nuggets"][0].update(aliases=[]), "line 1", "neither an alias nor a pattern"),
        (lambda x: x[0]["nuggets"][0].update(aliases=["…"]), "line 1", "no word or number"),
        (lambda x: x[0]["nuggets"][0].update(pattern="(a"), "line 1", "not a regular expression"),
        (lambda x: x[0]["nuggets"][0].update(evidence_ids=["e7"]), "line 1", "e7 is named but not given"),
        (lambda x: x[0]["nuggets"][1].update(id="n1"), "line 1", "nugget id n1 stands twice"),
        (lambda x: x[1]["conflict_positions"][0].update(evidence_ids=["e7"]), "line 2", "e7 is named"),
        (lambda x: x[1]["conflict_positions"][0].update(evidence_ids=[]), "line 2", "evidence_ids"),
        (lambda x: x[0]["evidence"].append(x[0]["evidence"][0]), "line 1", "evidence id e1 stands twice"),
        (lambda x: x[0]["evidence"][0].update(end=9999), "line 1", "do not span"),
        (lambda x: x[0]["evidence"][0].update(start=-1), "line 1", "start"),
        (lambda x: x[0].update(forbidden_claims=["re:["]), "line 1", "not a regular expression"),
        (lambda x: x[0].update(forbidden_claims=["?!"]), "line 1", "no word or number"),
    ],
)
def test_an_error_names_file_and_line(lines: Lines, write_lines: Write, change: Change, where: str, why: str) -> None:
    # The questions share some nuggets and spans; a change is to one line only.
    copy = [json.loads(json.dumps(line)) for line in lines]
    change(copy)
    with pytest.raises(DatasetError) as caught:
        load_questions(write_lines(copy))
    message = str(caught.value)
    assert "questions.jsonl" in message
    assert where in message
    assert why in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'{"id": "q1",}\n', "line 1"),
        (b"\n\nnot json\n", "line 3"),
        (b"[1, 2]", "line 1"),
        (b'{"id": "q1"}\n\xff\xfe', "line 2: not UTF-8"),
        (b"\n\n", "holds no questions"),
    ],
)
def test_a_file_that_is_no_question_set(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_bytes(data)
    with pytest.raises(DatasetError, match=why):
        load_questions(path)


def test_a_missing_file_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the questions"):
        load_questions(tmp_path / "none.jsonl")


def test_evidence_is_checked_against_the_articles(world: Any, questions: list[EvalQuestion]) -> None:
    texts = {article.id: article.text for article in world.articles}
    check_evidence(questions, texts)
    with pytest.raises(DatasetError, match="q1, evidence e1: article alpha does not read"):
        check_evidence(questions, {**texts, "alpha": " " + texts["alpha"]})
    with pytest.raises(DatasetError, match="q2, evidence e2: article beta is not in the store"):
        check_evidence(questions, {"alpha": texts["alpha"]})


def test_the_shipped_set_is_a_package_resource() -> None:
    assert default_questions().parts[-2:] == ("seeds", "questions.jsonl")
