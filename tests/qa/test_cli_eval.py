"""The commands of eval: the real evaluation of a fake Application."""

import json
import sys
from pathlib import Path

import pytest

from qa.chat import ChatModel
from qa.providers import ModelSettings, make_chat_model
from tests.fakes.cli_application import QUOTE, SPUTNIK, FakeApplication
from tests.fakes.openai_server import OpenAIServer, Step
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


def asked(out: Path) -> list[str]:
    return [json.loads(line)["question_id"] for line in (out / "records.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture
def evaluated(run: Run, questions: Path, tmp_path: Path) -> Path:
    """A run over the two questions that get an answer."""
    out = tmp_path / "runs" / "good"
    assert run("eval", "run", "--questions", str(questions), "--split", "dev", "--out", str(out)).code == 0
    return out


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--id", "q2", "--id", "q0"], ["q0", "q2"]),
        (["--category", "single_fact", "--limit", "1"], ["q0"]),
        (["--split", "dev", "--limit", "1", "--repeat", "2"], ["q0", "q0"]),
        (["--split", "dev", "--jobs", "4"], ["q0", "q2"]),
    ],
)
def test_which_questions_are_asked(
    run: Run, questions: Path, tmp_path: Path, options: list[str], expected: list[str]
) -> None:
    out = tmp_path / "out"
    result = run("eval", "run", "--questions", str(questions), "--out", str(out), *options)
    assert (result.code, asked(out)) == (0, expected)


def test_what_failed_is_asked_again(run: Run, questions: Path, tmp_path: Path) -> None:
    base = ["eval", "run", "--questions", str(questions), "--out"]
    run(*base, str(tmp_path / "first"))
    again = run(*base, str(tmp_path / "again"), "--failed-from", str(tmp_path / "first"))
    assert (again.code, asked(tmp_path / "again")) == (3, ["q1"])


def test_a_ceiling_ends_with_3_and_says_how_to_go_on(run: Run, questions: Path, tmp_path: Path) -> None:
    base = ["eval", "run", "--questions", str(questions), "--split", "dev", "--out", str(tmp_path / "out")]
    stopped = run(*base, "--max-seconds", "0")
    assert stopped.code == 3
    assert stopped.err.splitlines()[-1] == (
        f"isisk-qa: the ceiling of 0 s was reached after 0 of 2; go on with a higher one, and --resume --out "
        f"{tmp_path / 'out'}"
    )
    assert run(*base, "--resume").code == 0
    assert asked(tmp_path / "out") == ["q0", "q2"]


def test_another_run_in_the_folder_is_not_gone_on_with(run: Run, questions: Path, evaluated: Path) -> None:
    result = run("eval", "run", "--questions", str(questions), "--out", str(evaluated), "--resume")
    assert result.code == 3
    assert "questions.asked 2 -> 3; questions.asked_sha256 changed" in result.err
    assert asked(evaluated) == ["q0", "q2"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--retry-errors"], "--retry-errors goes with --resume"),
        (["--max-cost", "1"], "set ISISK_QA_PRICE_INPUT and ISISK_QA_PRICE_OUTPUT"),
        (["--id", "q9"], "there is no question q9 in the set"),
        (["--category", "nothing"], "there is no category nothing in the set; there are single_fact"),
        (["--jobs", "0"], "--jobs"),
    ],
)
def test_wrong_usage_of_a_run(run: Run, questions: Path, tmp_path: Path, options: list[str], says: str) -> None:
    result = run("eval", "run", "--questions", str(questions), "--out", str(tmp_path / "out"), *options)
    assert result.code == 2
    assert says in result.err
    assert not (tmp_path / "out").exists()


def test_where_nothing_went_wrong_there_is_nothing_to_ask(run: Run, questions: Path, evaluated: Path) -> None:
    again = ("eval", "run", "--questions", str(questions), "--failed-from", str(evaluated), "--out", str(evaluated))
    before = asked(evaluated)
    for options in ([], ["--category", "single_fact"]):
        result = run(*again, *options)
        assert result.code == 2
        assert f"nothing to ask: no such question went wrong in {evaluated}" in result.err
    assert asked(evaluated) == before


def test_compare_prints_the_figures(run: Run, evaluated: Path) -> None:
    result = run("eval", "compare", str(evaluated), str(evaluated))
    assert result.code == 0
    assert "no difference found" in result.out
    record = json.loads(run("eval", "compare", str(evaluated), str(evaluated), "--json").out)
    assert {figure["difference"] for figure in record["figures"]} == {0}


def test_runs_that_cannot_be_compared_end_with_3(run: Run, questions: Path, evaluated: Path, tmp_path: Path) -> None:
    run("eval", "run", "--questions", str(questions), "--limit", "1", "--out", str(tmp_path / "one"))
    result = run("eval", "compare", str(evaluated), str(tmp_path / "one"))
    assert (result.code, result.out) == (3, "")
    assert result.err.endswith("questions.asked_sha256 changed\n")
    assert run("eval", "compare", str(evaluated), str(tmp_path)).code == 3
    assert run("eval", "compare", str(evaluated), str(tmp_path / "gone")).code == 2


def test_a_gate_passes_fails_and_refuses(run: Run, questions: Path, evaluated: Path, tmp_path: Path) -> None:
    rules = tmp_path / "gate.yaml"

    def gate(text: str, folder: Path = evaluated) -> tuple[int, str]:
        rules.write_text(text, "utf-8")
        result = run("eval", "gate", str(folder), "--rules", str(rules))
        return result.code, result.out + result.err

    assert gate("rules: [{figure: over_refusal, zero_tolerance: true}]")[0] == 0
    # The articles of this store are made up, so that what it cites is in no file.
    assert gate("rules: [{figure: citation_validity, min: 1}]") == (
        1,
        "FAIL  citation_validity (all): 0.000 (n 2), must be at least 1\n0 of 1 rules hold\n"
        f"isisk-qa: {evaluated} does not pass\n",
    )
    margin = "rules: [{figure: citation_validity, margin: 0}]"
    assert gate(margin)[0] == 2
    assert run("eval", "bless", str(evaluated)).err == (
        f"{evaluated} is the baseline now, in {evaluated.parent / 'baseline.json'}\n"
    )
    assert gate(margin)[0] == 0
    failed = evaluated.parent / "failed"
    run("eval", "run", "--questions", str(questions), "--out", str(failed))
    assert gate(margin, failed)[0] == 3
    assert gate("rules: 3")[0] == 2


def test_show_and_score(run: Run, evaluated: Path) -> None:
    assert "right  q0" in run("eval", "show", str(evaluated)).out
    shown = run("eval", "show", str(evaluated), "q0")
    assert "vital: 3,000" in shown.out
    # An article's text may hold anything.
    assert "\x1b" not in shown.out
    assert run("eval", "show", str(evaluated), "q9").code == 2
    before = (evaluated / "records.jsonl").read_bytes()
    scored = run("eval", "score", str(evaluated))
    assert (scored.code, scored.err) == (0, "2 answers scored anew, 0 without one\n")
    assert (evaluated / "records.jsonl").read_bytes() == before


def test_a_matrix_makes_a_run_for_each_combination(run: Run, home: Path, tmp_path: Path) -> None:
    matrix = tmp_path / "matrix.yaml"
    matrix.write_text("answerer: extractive\npassages: [1, 4]\n", "utf-8")
    out = tmp_path / "out"
    result = run("eval", "run", "--split", "dev", "--limit", "2", "--matrix", str(matrix), "--out", str(out))
    assert result.code == 0, result.err
    assert sorted(path.name for path in out.iterdir()) == [
        "answerer=extractive,passages=1",
        "answerer=extractive,passages=4",
    ]
    manifest = json.loads((out / "answerer=extractive,passages=1" / "manifest.json").read_text("utf-8"))
    assert manifest["config"]["passages"] == 1
    assert [line.split()[0] for line in result.out.splitlines()] == [
        "run",
        *sorted(path.name for path in out.iterdir()),
    ]


def test_no_secret_and_no_address_is_written_down(
    run: Run, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("API_KEY", "STORE_TOKEN", "STORE_AUTH", "EMBEDDING_API_KEY"):
        monkeypatch.setenv(f"ISISK_QA_{name}", "sk-hidden")
    for name in ("BASE_URL", "EMBEDDING_BASE_URL"):
        monkeypatch.setenv(f"ISISK_QA_{name}", "http://user:sk-hidden@127.0.0.1:9/v1")
    monkeypatch.setenv("ISISK_QA_MODEL", "local:/somewhere/of/mine/model.gguf")
    out = tmp_path / "out"
    run("eval", "run", "--questions", str(questions), "--limit", "1", "--answerer", "llm", "--out", str(out))
    text = (out / "manifest.json").read_text("utf-8")
    assert '"model": "local:model.gguf"' in text
    for hidden in ("sk-hidden", "127.0.0.1", "/somewhere", str(tmp_path)):
        assert hidden not in text


def test_eval_report_writes_each_format(run: Run, questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("eval", "run", "--questions", str(questions), "--split", "dev", "--out", str(out)).code == 0
    csv = run("eval", "report", str(out), "--format", "csv")
    assert csv.code == 0
    assert [line.split(",")[0] for line in csv.out.splitlines()] == ["id", "q0", "q2"]
    page = tmp_path / "report.html"
    written = run("eval", "report", str(out), "--against", str(out), "--out", str(page))
    assert (written.code, written.out) == (0, "")
    assert page.read_text("utf-8").lstrip().startswith("<!doctype html>")
    assert "Against out" in page.read_text("utf-8")
    assert run("eval", "report", str(out), "--format", "junit").out.startswith("<?xml")
    assert run("eval", "report", str(out), "--format", "md").out.startswith("# out")


def test_eval_report_of_no_run_is_an_invalid_run(run: Run, tmp_path: Path) -> None:
    result = run("eval", "report", str(tmp_path))
    assert result.code == 3
    assert "holds no run" in result.err


def test_a_package_that_is_not_installed_is_named(
    run: Run, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    run("eval", "run", "--questions", str(questions), "--split", "dev", "--out", str(out))
    monkeypatch.setitem(sys.modules, "junitparser", None)
    result = run("eval", "report", str(out), "--format", "junit")
    assert result.code == 2
    assert "pip install 'isisk-qa[report]'" in result.err


def test_eval_judge_asks_the_model_and_tells_the_agreement(
    run: Run, questions: Path, tmp_path: Path, openai_server: OpenAIServer
) -> None:
    out, labels = tmp_path / "out", tmp_path / "labels.jsonl"
    run("eval", "run", "--questions", str(questions), "--split", "dev", "--out", str(out))
    labels.write_text('{"question_id": "q0", "label": "right"}\n{"question_id": "q2", "label": "right"}\n', "utf-8")
    openai_server.script(Step(text="RIGHT"), Step(text="WRONG"))
    application = JudgingApplication(openai_server.url)
    result = run("eval", "judge", str(out), "--labels", str(labels), application=application)
    assert result.code == 0, result.err
    rows = {line.split("  ")[0]: line.split() for line in result.out.splitlines()}
    assert rows["answers called right"][-1] == "2"
    assert rows["agree: the judge and people"][-5:] == ["0.095", "to", "0.905", "0.000", "2"]
    openai_server.script(Step(text="RIGHT"), Step(text="perhaps"))
    unsure = run("eval", "judge", str(out), application=JudgingApplication(openai_server.url))
    assert unsure.code == 3
    assert "1 of 2 answers have no verdict" in unsure.err


class JudgingApplication(FakeApplication):
    def __init__(self, url: str) -> None:
        super().__init__("m")
        self._url = url

    def model(self) -> ChatModel:
        return make_chat_model(ModelSettings(model="m", base_url=self._url))
