import json
import re

import pytest

from qa.evaluation.dataset import default_questions, load_questions
from qa.models import Status
from tests.benchmarks.asked import figures
from tests.benchmarks.asked import questions as asked_questions
from tests.benchmarks.newsrooms import FOLDER, LOOKED_AT, NOT_LOOKED_AT, TRAINED_ON, answers, questions

NAMES = (*LOOKED_AT, *NOT_LOOKED_AT)


@pytest.mark.parametrize("name", NAMES)
def test_every_gold_sentence_stands_in_an_article(name: str) -> None:
    asked = questions(name)
    texts = [path.read_text("utf-8") for path in (FOLDER / name / "articles").glob("*.txt")]
    assert (len(asked), len(texts)) == (120, 8)
    assert [gold for each in asked for gold in each.gold if not any(gold in text for text in texts)] == []
    assert [each.question for each in asked if each.answerable and not each.gold] == []
    positions = [(each, gold) for each in asked for position in each.positions for gold in position]
    assert positions
    assert [gold for each, gold in positions if gold not in each.gold] == []


def test_every_newsroom_is_named() -> None:
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} == {*NAMES, *TRAINED_ON}
    assert {path.parent.name for path in FOLDER.glob("*/training.jsonl")} == set(TRAINED_ON)


def test_nothing_is_learned_from_a_newsroom_that_is_not_looked_at() -> None:
    assert set(TRAINED_ON).isdisjoint(NOT_LOOKED_AT)


def test_nothing_is_learned_that_is_asked_elsewhere() -> None:
    judged = [each.question for name in NOT_LOOKED_AT for each in questions(name)]
    judged += [each.question for each in asked_questions()]
    judged += [each.question for each in load_questions(default_questions())]
    learned = {
        _words(json.loads(line)["question"])
        for name in TRAINED_ON
        for line in (FOLDER / name / "training.jsonl").read_text("utf-8").splitlines()
    }
    assert learned.isdisjoint(map(_words, judged))


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text.lower()))


@pytest.mark.parametrize("name", TRAINED_ON)
def test_a_training_question_has_sentences_of_its_newsroom(name: str) -> None:
    records = [json.loads(line) for line in (FOLDER / name / "training.jsonl").read_text("utf-8").splitlines()]
    texts = [path.read_text("utf-8") for path in (FOLDER / name / "articles").glob("*.txt")]
    assert len({record["question"] for record in records}) > 250
    assert [gold for each in records for gold in each["gold"] if not any(gold in text for text in texts)] == []


def test_a_newsroom_is_asked_over_its_own_articles_alone() -> None:
    asked = [each for each in questions("attacks") if each.kind in ("conflict", "out_of_scope")]
    given = answers("attacks", asked)
    ids = {citation.article_id for answer in given for citation in answer.citations}
    assert ids
    assert ids <= {path.stem.replace("_", "-") for path in (FOLDER / "attacks" / "articles").glob("*.txt")}
    assert {answer.status for each, answer in zip(asked, given, strict=True) if each.kind == "out_of_scope"} == {
        Status.ABSTAINED
    }
    differing = figures(asked, given)["all positions of a conflict quoted"]
    assert differing.n == sum(bool(each.positions) for each in asked)
