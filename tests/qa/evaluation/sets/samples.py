"""Small sets in the forms that other people publish, written for these tests."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

TEXT = "The Normans gave their name to Normandy, a region in France."
WHERE = {"id": "s1", "question": "In what country is Normandy? ", "is_impossible": False}
NONE = {"id": "s2", "question": "Who ruled Sweden?", "is_impossible": True, "answers": []}


def lines(path: Path, records: Iterable[Any]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")


def spans(key: str) -> list[dict[str, Any]]:
    return [{"text": text, key: TEXT.index(text)} for text in ("France", "in France", "France")]


def squad2(folder: Path) -> Path:
    asked = [{**WHERE, "answers": spans("answer_start")}, NONE]
    data = [{"title": "Normans", "paragraphs": [{"context": TEXT, "qas": asked}]}]
    (folder / "dev-v2.0.json").write_text(json.dumps({"version": "v2.0", "data": data}), "utf-8")
    return folder


def squad2_in_lines(folder: Path) -> Path:
    lines(folder / "passages.jsonl", [{"id": "Normans#0", "title": "Normans", "text": TEXT}])
    asked = [{**WHERE, "answers": spans("start")}, NONE]
    lines(folder / "questions.jsonl", [{**record, "passage_id": "Normans#0"} for record in asked])
    return folder


def ramdocs(folder: Path) -> Path:
    right = {"text": "The record was produced by Joe Boyd in London.", "type": "correct", "answer": "Joe Boyd"}
    other = {"text": "The later record was produced by Rick Rubin.", "type": "correct", "answer": "Rick Rubin"}
    wrong = {"text": "The record was produced by Brian Eno.", "type": "misinfo", "answer": "Brian Eno"}
    lines(
        folder / "dev.jsonl",
        [
            {
                "question": "Who produced the record?",
                "documents": [right, other, wrong],
                "gold_answers": ["Joe Boyd", "Rick Rubin"],
                "wrong_answers": ["Brian Eno"],
            },
            {
                "question": "Who produced the first record?",
                "documents": [right, right],
                "gold_answers": ["Joe Boyd"],
                "wrong_answers": ["Joe Boyd"],
            },
        ],
    )
    return folder


def beir(folder: Path) -> Path:
    lines(
        folder / "corpus.jsonl",
        [
            {"_id": "d1", "title": "Cats", "text": "Cats purr."},
            {"_id": "d2", "title": "Cats again", "text": "Cats purr."},
            {"_id": "d 3", "title": "", "text": "Dogs bark."},
            {"_id": "d4", "title": "Birds", "text": ""},
        ],
    )
    lines(folder / "queries.jsonl", [{"_id": f"q{n}", "text": f"What do cats do, {n}?"} for n in (1, 2, 3)])
    (folder / "qrels").mkdir()
    judged = [("q1", "d1", 1), ("q1", "d2", 2), ("q1", "d 3", 1), ("q1", "gone", 1), ("q2", "d1", 0)]
    table = "".join(f"{query}\t{document}\t{grade}\n" for query, document, grade in judged)
    (folder / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{table}", "utf-8")
    return folder
