"""eval run: the real evaluation of a fake Application."""

import json
from pathlib import Path

import pytest

from tests.fakes.cli_application import QUOTE, SPUTNIK
from tests.qa.conftest import Run


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    start = SPUTNIK.text.index(QUOTE)
    rows = [
        {
            "id": f"q{number}",
            "question": text,
            "category": "single_fact",
            "answerable": True,
            "split": split,
            "cluster_id": f"c{number}",
            "nuggets": [
                {
                    "id": "n1",
                    "text": "3,000",
                    "importance": "vital",
                    "aliases": ["3,000"],
                    "evidence_ids": ["e1"],
                }
            ],
            "evidence": [
                {
                    "id": "e1",
                    "article_id": SPUTNIK.id,
                    "start": start,
                    "end": start + len(QUOTE),
                    "quote": QUOTE,
                }
            ],
            "forbidden_claims": [],
            "conflict_positions": [],
            "as_of": None,
            "difficulty": "easy",
            "absence_search": [],
        }
        for number, (text, split) in enumerate([("How many?", "dev"), ("key", "test"), ("Fighters?", "dev")])
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_eval_run_asks_one_split_and_prints_the_figures(run: Run, questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("eval", "run", "--questions", str(questions), "--split", "dev", "--out", str(out))
    assert result.code == 0
    records = (out / "records.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["question_id"] for line in records] == ["q0", "q2"]
    assert "asking: 2 of 2 q2" in result.err
    assert "dev" in result.out.splitlines()[0]


def test_eval_run_fails_when_a_question_failed(run: Run, questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("eval", "run", "--questions", str(questions), "--limit", "2", "--out", str(out))
    assert result.code == 3
    assert result.err.splitlines()[-1] == f"isisk-qa: 1 of 2 questions failed; see the errors in {out}"


def test_eval_validate_counts_and_names_file_and_line(run: Run, questions: Path) -> None:
    rows = questions.read_text(encoding="utf-8").splitlines()
    questions.write_text("\n".join([rows[0], rows[1].replace("3,000 fighters", "4,000 fighters"), *rows[2:]]), "utf-8")
    result = run("eval", "validate", str(questions))
    assert result.code == 1
    assert ["all", "3"] in [line.split() for line in result.out.splitlines()]
    assert f"{questions}:2: q1: evidence e1: {SPUTNIK.id} does not read" in result.out
    # The fake's article is in no file.
    assert f"{questions}: article notes: file cannot be read" in result.out
    assert result.err.startswith("isisk-qa: ")
    assert result.err.endswith(f"problems in {questions}\n")
