"""What issue 2 must show, over the whole shipped question set, answered once without a model."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from qa.app import Application
from qa.evaluation.dataset import default_questions, load_questions
from qa.evaluation.folder import RECORDS, SUMMARY
from qa.models import Question, Status
from qa.settings import Settings
from tests.conftest import WholeRun
from tests.fakes.openai_server import OpenAIServer, error

ROOT = Path(__file__).parents[1]
ARTICLES = ROOT / "seeds" / "articles"
EXAMPLE = "How many fighters did ISIS-K have at the beginning of 2017?"

# What in each file is no reporting, from reading it: each entry is a span from its first words to its last.
FURNITURE = {
    "000_18e8cb0073947491.txt": [
        ("19:32 GMT18 June 2021", "Get short URL"),
        ("Terrorism on the Ascent: Daesh Aims", "Based on US Interests'"),
        ("militant group, offensive, Afghanistan War", "Khorasan Province, Afghanistan"),
        ("Community standards", "Discussion"),
    ],
    "001_7dbdd4ca7a1c1f29.txt": [("3 min read", "3 min read"), ("Agencies contributed", "to this report.")],
    "002_b7f1bd472f71024f.txt": [
        ("2,500 $", "1,440 $"),
        ("Support SouthFront", "Support SouthFront"),
        ("Click to see full-size", "Click to see full-size"),
        ("Notify of", "View all comments"),
        ("They deserve each other.", "Yemen, Afghanistan and Iraq."),
        ("comment image", "Assad must stay"),
        ("Yea the US is just an extension", "comment.x"),
    ],
    "003_2ff84ac5b0d24845.txt": [("Leave a comment", "Required fields are marked *")],
    "004_eb874b3569e05b4f.txt": [
        ("Source | Al Jazeera", "Source | Al Jazeera"),
        ("Source | SouthFront", "on MintPress News."),
    ],
}


def read(name: str) -> str:
    """A shipped file as it is, with its own line ends."""
    with (ARTICLES / name).open(encoding="utf-8", newline="") as file:
        return file.read()


def furniture(name: str) -> list[tuple[int, int]]:
    text, spans = read(name).replace("\u00a0", " "), []
    for first, last in FURNITURE[name]:
        starts = [match.start() for match in re.finditer(re.escape(first), text)]
        assert starts, first
        for start in starts:
            end = text.index(last, start) + len(last)
            spans.append((start, end))
    return spans


@dataclass(frozen=True)
class Evaluated:
    # Kept out of messages: nobody should see the answers to single questions of the test split.
    records: Mapping[str, dict[str, Any]] = field(repr=False)
    errored: int


@pytest.fixture(scope="session")
def evaluated(whole_run: WholeRun) -> Evaluated:
    lines = (whole_run.out / RECORDS).read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line]
    summary = json.loads((whole_run.out / SUMMARY).read_text(encoding="utf-8"))
    return Evaluated({row["question_id"]: row["record"] for row in rows}, summary["splits"]["all"]["errored"])


def file_of(application: Application, article_id: str) -> str:
    return Path(application.article(article_id).path).name


# 1


def test_the_example_answers_3000_from_sputnik_of_december_2017(application: Application) -> None:
    answer = application.chain().invoke(Question(EXAMPLE))
    assert answer.status is Status.ANSWERED
    first = answer.sentences[0]
    assert "3,000" in first.text
    citation = next(each for each in answer.citations if each.marker == first.citations[0])
    assert (citation.publisher, citation.published) == ("Sputnik", "2017-12")
    assert "3,000 at the beginning of 2017" in citation.quote.replace("\u00a0", " ")


def test_the_example_on_the_command_line(home: Path) -> None:
    done = command(home, "ask", EXAMPLE)
    assert done.returncode == 0, done.stderr
    assert "3,000" in done.stdout
    assert "Sputnik, December 2017" in done.stdout
    assert "Sputnik, June 2021" not in done.stdout
    assert done.stderr.splitlines() == ["answering extractively: no model is configured (set ISISK_QA_MODEL)"]


# 2


def test_every_question_has_a_record(evaluated: Evaluated) -> None:
    assert evaluated.errored == 0
    assert len(evaluated.records) == len(load_questions(default_questions())) >= 150


def test_every_citation_is_a_verbatim_slice_of_its_file(application: Application, evaluated: Evaluated) -> None:
    seen = 0
    for question_id, record in evaluated.records.items():
        for citation in record["citations"]:
            name = file_of(application, citation["article_id"])
            assert read(name)[citation["start"] : citation["end"]] == citation["quote"] != "", question_id
            assert hashlib.sha256((ARTICLES / name).read_bytes()).hexdigest() == citation["sha256"], question_id
            seen += 1
    assert seen > 100


def test_markers_and_citations_agree(evaluated: Evaluated) -> None:
    for question_id, record in evaluated.records.items():
        numbers = [citation["marker"] for citation in record["citations"]]
        assert numbers == list(range(1, len(numbers) + 1)), question_id
        used = [number for sentence in record["sentences"] for number in sentence["citations"]]
        assert set(used) == set(numbers), question_id
        assert set(map(int, re.findall(r"\[(\d+)\]", record["answer"]))) == set(numbers), question_id
        positions = [position for conflict in record["conflicts"] for position in conflict["positions"]]
        assert {number for position in positions for number in position["citations"]} <= set(numbers), question_id


def test_every_sentence_of_an_answer_is_word_for_word(evaluated: Evaluated) -> None:
    for question_id, record in evaluated.records.items():
        quotes = {citation["marker"]: " ".join(citation["quote"].split()) for citation in record["citations"]}
        assert 0 <= len(record["sentences"]) <= 3
        assert (record["status"] == "answered") <= bool(record["sentences"]), question_id
        for sentence in record["sentences"]:
            assert [quotes[number] for number in sentence["citations"]] == [sentence["text"]], question_id
            assert sentence["support"] == "supported"


def test_an_abstention_says_why(evaluated: Evaluated) -> None:
    for question_id, record in evaluated.records.items():
        assert (record["reason"] is None) == (record["status"] == "answered"), question_id
        assert (record["status"] == "answered") or record["reason"] == "false_premise" or not record["citations"]
        assert record["answer"].strip(), question_id


# 3


def test_the_furniture_of_every_file_is_known() -> None:
    assert sorted(FURNITURE) == sorted(path.name for path in ARTICLES.iterdir())
    for name in FURNITURE:
        assert all(0 <= start < end <= len(read(name)) for start, end in furniture(name))


@pytest.mark.parametrize("name", sorted(FURNITURE))
def test_no_stored_chunk_overlaps_furniture(application: Application, name: str) -> None:
    chunks = [chunk for chunk in application.chunks() if file_of(application, chunk.article_id) == name]
    assert chunks
    for chunk in chunks:
        assert read(name)[chunk.start : chunk.end] == chunk.text
        for start, end in furniture(name):
            assert chunk.end <= start or end <= chunk.start, read(name)[start:end]


def test_nothing_retrieved_or_cited_overlaps_furniture(application: Application, evaluated: Evaluated) -> None:
    spans = {article.id: furniture(Path(article.path).name) for article in application.articles()}
    used = 0
    for question_id, record in evaluated.records.items():
        for span in [*record["retrieved"], *record["citations"]]:
            used += 1
            for start, end in spans[span["article_id"]]:
                assert span["end"] <= start or end <= span["start"], question_id
    assert used > 1_000


@pytest.mark.parametrize(
    "question",
    [
        "What do readers say about Assad?",
        "Which donation amounts does SouthFront ask for?",
        "Which other headlines does Sputnik link to about Karzai?",
        "Who thinks that they deserve each other?",
        "What happened on 18 June 2021?",
        "Which fields of the comment form are required?",
    ],
)
def test_what_only_the_furniture_says_is_not_known(application: Application, question: str) -> None:
    answer = application.chain().invoke(Question(question))
    quotes = " ".join(citation.quote for citation in answer.citations)
    for words in ("Assad", "$", "Karzai", "deserve", "June 2021", "Required"):
        assert words not in quotes


# Names


@pytest.mark.parametrize("name", ["ISIS-K", "ISKP", "IS-K", "ISIL-K", "Daesh-K", "Islamic State Khorasan Province"])
@pytest.mark.parametrize(
    ("question", "article", "words"),
    [
        ("When was {} founded?", "explainer-2021-08", "founded in January 2015"),
        ("How many fighters did {} have at the beginning of 2017?", "sputnik-2017-12", "3,000"),
        ("Which provinces did {} overrun when it emerged in 2015?", "new-arab-2017-12-12", "Nangarhar and Kunar"),
    ],
)
def test_every_name_of_the_group_finds_the_same(
    application: Application, name: str, question: str, article: str, words: str
) -> None:
    answer = application.chain().invoke(Question(question.format(name)))
    assert article in {chunk.article_id for chunk in answer.retrieved}
    cited = [(citation.article_id, citation.quote) for citation in answer.citations]
    assert any(where == article and words in quote.replace("\u00a0", " ") for where, quote in cited), cited


# 6: bad input, through the real program


def command(home: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "qa.cli", *arguments],
        cwd=ROOT,
        env=environment(home, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def environment(home: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "ISISK_QA_HOME": str(home), "PYTHONPATH": str(ROOT), **more}


def one_sentence(done: "subprocess.CompletedProcess[str]") -> str:
    """The only line on stderr that is not about who answers; nothing is on stdout."""
    assert done.stdout == ""
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("answering ")]
    assert line.startswith("isisk-qa: ")
    assert "Traceback" not in line
    return line


def still_answers(home: Path) -> None:
    with Application(Settings(home=home, answerer="extractive")) as application:
        assert "3,000" in application.chain().invoke(Question(EXAMPLE)).answer


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["ask", ""], 2, "empty"),
        (["ask", "x" * 20_000], 2, "20,000"),
        (["ask", EXAMPLE, "--as-of", "soon"], 2, "date"),
        (["ask", EXAMPLE, "--answerer", "llm"], 2, "ISISK_QA_MODEL"),
        (["show", "no-such-article"], 2, "no-such-article"),
        (["ingest", "no-such-file.txt"], 2, "no-such-file.txt"),
    ],
)
def test_wrong_usage(home: Path, arguments: list[str], code: int, says: str) -> None:
    done = command(home, *arguments)
    assert done.returncode == code, done.stderr
    assert says in one_sentence(done)


def test_a_binary_file_is_refused_and_the_store_still_answers(home: Path, tmp_path: Path) -> None:
    binary = tmp_path / "picture.txt"
    binary.write_bytes(bytes(range(256)) * 40)
    done = command(home, "ingest", str(binary))
    assert done.returncode in (1, 2)
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("isisk-qa: ")]
    assert "picture.txt" in line
    assert "Traceback" not in done.stderr
    still_answers(home)


KEY = "sk-a-key-that-nobody-may-see"


def test_a_wrong_key(home: Path, openai_server: OpenAIServer) -> None:
    openai_server.script(*[error(401, f"Incorrect API key provided: {KEY}")] * 4)
    model = {"ISISK_QA_MODEL": "m", "ISISK_QA_BASE_URL": openai_server.url, "ISISK_QA_API_KEY": KEY}
    done = command(home, "ask", EXAMPLE, **model)
    assert done.returncode == 1
    assert "key" in one_sentence(done)
    assert KEY not in done.stderr
    still_answers(home)


def test_an_endpoint_that_is_down(home: Path) -> None:
    model = {"ISISK_QA_MODEL": "m", "ISISK_QA_BASE_URL": "http://127.0.0.1:9/v1", "ISISK_QA_API_KEY": KEY}
    done = command(home, "ask", EXAMPLE, **model)
    assert done.returncode == 1
    assert "127.0.0.1:9" in one_sentence(done)
    assert KEY not in done.stderr
    still_answers(home)
