"""A set asked, looked at, scored anew and reported by the commands, over real stores of its documents."""

from pathlib import Path
from typing import Any

import pytest

from tests.qa.conftest import Run
from tests.qa.evaluation.sets.samples import ramdocs, squad2


@pytest.mark.parametrize(
    ("kind", "write", "figure"), [("squad2", squad2, "SQuAD 2.0 F1"), ("ramdocs", ramdocs, "RAMDocs")]
)
def test_a_run_over_a_set_is_worked_with_like_any_other(
    run: Run, tmp_path: Path, kind: str, write: Any, figure: str
) -> None:
    folder, out = tmp_path / "set", tmp_path / "run"
    folder.mkdir()
    over = ("--dataset", f"{kind}:{write(folder)}")
    asked = run("eval", "run", *over, "--out", str(out))
    assert (asked.code, figure in asked.out) == (0, True)
    assert "reading the documents of the set: " in asked.err
    # Nothing is left to ask.
    before = (out / "records.jsonl").read_bytes()
    assert run("eval", "run", *over, "--resume", "--out", str(out)).code == 0
    assert (out / "records.jsonl").read_bytes() == before
    assert figure in run("eval", "show", str(out)).out
    assert run("eval", "compare", str(out), str(out)).code == 0
    # The program's own store is about something else.
    elsewhere = run("eval", "score", str(out))
    assert elsewhere.code == 3
    assert "name that store (--store, --dataset)" in elsewhere.err
    scored = run("eval", "score", str(out), *over)
    assert (scored.code, figure in scored.out) == (0, True)
    assert (out / "records.jsonl").read_bytes() == before
    # With the passages, for which the documents are needed.
    reported = run("eval", "report", str(out), *over, "--split", "all")
    assert ("<mark class=" in reported.out.partition(" passage")[2], reported.err) == (True, "")


def test_a_set_that_is_none(run: Run, tmp_path: Path) -> None:
    for spec, message in (
        ("squad3:here", "'squad3:here' is no question set: write squad2:DIR, ramdocs:DIR, beir:DIR"),
        (f"squad2:{tmp_path / 'gone'}", f"{tmp_path / 'gone'} is no folder"),
        (f"beir:{tmp_path}", f"cannot read the questions in {tmp_path / 'corpus.jsonl'}: No such file or directory"),
    ):
        result = run("eval", "run", "--dataset", spec, "--out", str(tmp_path / "out"))
        assert (result.code, result.err) == (2, f"isisk-qa: {message}\n")
