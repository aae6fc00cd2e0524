from pathlib import Path

import pytest
from pydantic import SecretStr

from qa.evaluation.matrix import load_matrix, render_matrix
from qa.evaluation.yaml_file import FileError
from qa.settings import Settings


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "matrix.yaml"
    path.write_text(text, "utf-8")
    return path


def test_every_combination_in_order(tmp_path: Path) -> None:
    path = written(tmp_path, "model: [a/b, 'local:/models/c.gguf']\nprompt: [short, full]\npassages: 4\n")
    cells = load_matrix(path, Settings(home=tmp_path, api_key=SecretStr("secret")), "llm")
    assert [cell.label for cell in cells] == [
        "model=a-b,prompt=short,passages=4",
        "model=a-b,prompt=full,passages=4",
        "model=c.gguf,prompt=short,passages=4",
        "model=c.gguf,prompt=full,passages=4",
    ]
    assert {cell.answerer for cell in cells} == {"llm"}
    last = cells[-1].settings
    assert (last.model, last.prompt, last.passages) == ("local:/models/c.gguf", "full", 4)
    # The rest stays as it was given.
    assert last.home == tmp_path
    assert last.api_key is not None
    assert last.api_key.get_secret_value() == "secret"


def test_an_extractive_answer_is_made_once_whatever_the_model(tmp_path: Path) -> None:
    path = written(tmp_path, "answerer: [extractive, llm]\nmodel: [a, b]\npassages: [4, 8]\n")
    assert [cell.label for cell in load_matrix(path, Settings(home=tmp_path))] == [
        "answerer=extractive,passages=4",
        "answerer=extractive,passages=8",
        "answerer=llm,model=a,passages=4",
        "answerer=llm,model=a,passages=8",
        "answerer=llm,model=b,passages=4",
        "answerer=llm,model=b,passages=8",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("colour: [red]", "colour is no setting"),
        ("home: [a, b]", "home is no setting"),
        ("api_key: [a]", "api_key is no setting"),
        ("passages: []", "passages has no value"),
        ("passages: [0]", "passages=0: passages: Input should be greater than or equal to 1"),
        ("prompt: [long]", "prompt=long: prompt"),
        ("", "not a mapping"),
        ("a: [", "cannot be read"),
    ],
)
def test_files_that_are_not_valid(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(FileError) as caught:
        load_matrix(written(tmp_path, text), Settings(home=tmp_path))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_table_has_a_line_for_each_split() -> None:
    figure = {"value": 0.5, "n": 7}
    names = ("vital_nuggets_found", "citation_precision", "abstention_f1", "over_refusal")
    figures = {**dict.fromkeys(names, figure), "ndcg_at_10": {"value": None, "n": 0}}
    splits = {"splits": {"dev": {"figures": figures}, "test": {"figures": figures}, "all": {}}}
    lines = render_matrix([("passages=4", splits)]).splitlines()
    assert [line.split()[:3] for line in lines[1:]] == [["passages=4", "dev", "0.500"], ["passages=4", "test", "0.500"]]
    assert lines[1].endswith("-")
