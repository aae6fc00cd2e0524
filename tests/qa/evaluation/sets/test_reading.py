import json
from pathlib import Path
from typing import Any

import pytest

from qa.evaluation.dataset import DatasetError
from qa.evaluation.sets.reading import article_id, readable
from qa.evaluation.sets.stores import open_dataset
from tests.qa.evaluation.sets.samples import beir, lines, ramdocs, squad2, squad2_in_lines


@pytest.mark.parametrize("write", [squad2, squad2_in_lines])
def test_squad2(tmp_path: Path, write: Any) -> None:
    (part,) = open_dataset(f"squad2:{write(tmp_path)}").parts
    assert [(document.id, document.title) for document in part.documents] == [(article_id("Normans#0"), "Normans")]
    where, none = part.questions
    assert (where.answerable, where.category, where.benchmark) == (True, "single_fact", "squad2")
    assert where.nuggets[0].aliases == ("France", "in France")
    assert [part.documents[0].text[e.start : e.end] for e in where.evidence] == ["France", "in France"]
    assert where.nuggets[0].evidence_ids == ("e1", "e2")
    assert (none.answerable, none.category, none.nuggets) == (False, "unanswerable", ())
    assert where.split == none.split
    assert where.cluster_id == none.cluster_id == "Normans#0"


def test_a_question_of_ramdocs_has_the_number_of_its_id(tmp_path: Path) -> None:
    record = json.loads((ramdocs(tmp_path) / "dev.jsonl").read_text("utf-8").splitlines()[0])
    lines(tmp_path / "dev.jsonl", [{**record, "id": "ramdocs-67"}, {**record, "id": "ramdocs-94"}])
    asked = open_dataset(f"ramdocs:{tmp_path}").questions
    assert [(question.id, question.split) for question in asked] == [("r0067", "test"), ("r0094", "dev")]


def test_ramdocs(tmp_path: Path) -> None:
    first, second = open_dataset(f"ramdocs:{ramdocs(tmp_path)}").parts
    (question,) = first.questions
    assert [nugget.aliases for nugget in question.nuggets] == [("Joe Boyd",), ("Rick Rubin",)]
    assert question.forbidden_claims == ("Brian Eno",)
    assert [(e.article_id, e.quote) for e in question.evidence] == [
        ("r0000-document-1", "Joe Boyd"),
        ("r0000-document-2", "Rick Rubin"),
    ]
    # A right answer that is also called wrong is right, and two copies of one text are one document.
    assert (question.split, second.questions[0].split) == ("dev", "test")
    assert second.questions[0].forbidden_claims == ()
    assert len(second.documents) == 1
    assert {document.publisher for document in first.documents} == {"Publisher 1", "Publisher 2", "Publisher 3"}


def test_beir(tmp_path: Path) -> None:
    (part,) = open_dataset(f"beir:{beir(tmp_path)}").parts
    # d2 has the text of d1, and d4 is a title alone.
    assert [document.text for document in part.documents] == ["Cats purr.", "Dogs bark.", "Birds"]
    # A query that nobody judged, or only with 0, is not asked.
    (question,) = part.questions
    assert (question.id, dict(question.grades)) == ("q1", {"d1": 2, article_id("d 3"): 1})
    assert (question.benchmark, question.nuggets, question.evidence) == ("beir", (), ())


@pytest.mark.parametrize(
    ("name", "same"), [("MED-10", True), ("Normans#0", False), ("d 3", False), ("é", False), ("../x", False)]
)
def test_ids_of_articles(name: str, same: bool) -> None:
    found = article_id(name)
    assert (found == name) is same
    assert found[0].isalnum()
    assert article_id(name + "#") != found


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("squad2", "is no question set: write squad2:DIR"),
        ("trivia:.", "is no question set"),
        ("squad2:/no/such/folder", "/no/such/folder is no folder"),
    ],
)
def test_a_spec_that_names_none(spec: str, why: str) -> None:
    with pytest.raises(DatasetError, match=why):
        open_dataset(spec)


@pytest.mark.parametrize(
    ("kind", "name", "content", "why"),
    [
        ("squad2", "other.txt", "", "holds no SQuAD 2.0 questions"),
        ("squad2", "dev.json", '{"data": [{"title": "x"}]}', "is not SQuAD 2.0"),
        ("squad2", "dev.json", "{", "is not SQuAD 2.0"),
        ("ramdocs", "other.txt", "", "holds no RAMDocs file"),
        ("ramdocs", "dev.jsonl", '{"question": "?"}', "line 1: no question of RAMDocs"),
        ("ramdocs", "dev.jsonl", "\nnot json", "line 2: not JSON"),
        ("beir", "corpus.jsonl", '{"_id": 1, "text": "x"}', "line 1: no document of BEIR"),
        ("beir", "other.txt", "", "cannot read"),
    ],
)
def test_a_folder_that_holds_something_else(tmp_path: Path, kind: str, name: str, content: str, why: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(DatasetError, match=why):
        open_dataset(f"{kind}:{tmp_path}")


def test_qrels_that_are_no_table(tmp_path: Path) -> None:
    folder = beir(tmp_path)
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1 d1 1\n", "utf-8")
    with pytest.raises(DatasetError, match="line 2: not query, document and grade"):
        open_dataset(f"beir:{folder}")
    (folder / "qrels" / "test.tsv").write_text(json.dumps({}) + "\n", "utf-8")
    with pytest.raises(DatasetError, match="holds no judged query"):
        open_dataset(f"beir:{folder}")


def test_what_no_text_file_may_hold_keeps_its_place() -> None:
    assert readable("a\0b\ud800c") == "a b?c"
