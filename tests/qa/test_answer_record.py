"""docs/answer-record.md describes the record that is written: no key, reason or repair more, and none less."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from qa.app import Application
from qa.models import Answer, Citation, Conflict, Position, Question, Reason, RetrievedChunk, Sentence, Status, Support
from qa.repair import Repair
from qa.settings import Settings
from tests.fakes.openai_server import OpenAIServer, error

DOCUMENT = (Path(__file__).parents[2] / "docs" / "answer-record.md").read_text("utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in DOCUMENT.split("\n## ")}
ROW = re.compile(r"^\| `(\w+)` \| (.+) \|$", re.MULTILINE)
KEY = re.compile(r'"(\w+)":')


def rows(section: str) -> dict[str, str]:
    return dict(ROW.findall(SECTIONS[section]))


def names(kind: type[Any]) -> list[str]:
    return [each.name for each in fields(kind)]


def test_the_keys_are_described_in_their_order() -> None:
    assert list(rows("# The answer record")) == [*names(Answer), "id"]


@pytest.mark.parametrize(
    ("section", "keys"),
    [
        ("A sentence", names(Sentence)),
        ("A citation", names(Citation)),
        ("A conflict", [*names(Conflict), *names(Position) * 2]),
        ("A retrieved chunk", names(RetrievedChunk)),
    ],
)
def test_the_parts_are_described(section: str, keys: list[str]) -> None:
    assert KEY.findall(SECTIONS[section]) == keys


def test_each_value_of_a_few_is_described() -> None:
    assert list(rows("Reasons")) == list(Reason)
    assert set(rows("Repairs")) == set(Repair)
    assert {name for name in Support if f"`{name}`" in SECTIONS["A sentence"]} == set(Support)
    assert {name for name in Status if f'"{name}"' in rows("# The answer record")["status"]} == set(Status)


def test_all_that_an_endpoint_makes_be_noted_is_described(home: Path, openai_server: OpenAIServer) -> None:
    openai_server.script(error(500))
    settings = Settings(home=home, model="m", base_url=openai_server.url, price_input=1.0, price_output=1.0)
    with Application(settings) as application:
        record = application.chain().invoke(Question("How many fighters did ISIS-K have in 2017?")).to_record()
    assert {"retries", "cost", "total_tokens"} <= set(record["usage"])
    assert set(re.findall(r"`(\w+)`", rows("# The answer record")["usage"])) == set(record["usage"])
