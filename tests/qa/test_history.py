"""Past answers in a real file, made again from what was kept of them."""

import json
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import SecretStr

from qa.app import Application
from qa.errors import UnknownAnswerError
from qa.history import FILE, History
from qa.models import Question
from qa.settings import Settings
from qa.trace import Trace
from tests.fakes.openai_server import OpenAIServer
from tests.qa.conftest import Run
from vectorstore.embedding import Matrix, RecentTexts

FIGHTERS = Question("How many fighters did ISIS-K have at the beginning of 2017?")
KEY = "sk-very-secret-1234"


@pytest.fixture
def alone(home: Path) -> Iterator[Application]:
    with Application(Settings(home=home)) as opened:
        yield opened


@pytest.fixture
def asking(home: Path, openai_server: OpenAIServer) -> Iterator[Application]:
    settings = Settings(
        home=home, model="fake-model", base_url=openai_server.url, api_key=SecretStr(KEY), deadline_s=20
    )
    with Application(settings) as opened:
        yield opened


def test_an_answer_without_a_model_is_made_again(alone: Application) -> None:
    answer = alone.chain().invoke(FIGHTERS)
    again = alone.replay(answer.id)
    assert again.identical
    assert (again.same_prompt, again.answer.answer) == (None, answer.answer)
    # Making it again is no new answer.
    assert [entry.id for entry in alone.history.recent()] == [answer.id]


def test_an_answer_is_made_again_from_the_vectors_of_then(alone: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = alone.chain().invoke(FIGHTERS)

    def other(embedder: RecentTexts, texts: Sequence[str]) -> Matrix:
        assert not texts, "embedded anew"
        return np.zeros((0, embedder.identity.dimension), np.float32)

    monkeypatch.setattr(RecentTexts, "embed", other)
    monkeypatch.setattr(RecentTexts, "embed_questions", other)
    assert alone.replay(answer.id).identical


@pytest.mark.parametrize(
    "reply",
    [
        "ISIS-K had a high of 3,000 fighters at the beginning of 2017 [1].",
        "Penguins opened 12 bakeries in Lisbon [2]. ISIS-K had 75,000 fighters [1].",
        '{"evidence": [2], "answered": true, "claims": [{"text": "It had 3,000 fighters.", "sentences": [99]}]}',
        "[1]",
        "NOT IN THE ARTICLES",
    ],
)
def test_a_models_answer_is_made_again_without_a_call(
    asking: Application, openai_server: OpenAIServer, reply: str
) -> None:
    openai_server.answer = reply
    answer = asking.chain().invoke(FIGHTERS)
    again = asking.replay(answer.id[:6])
    assert (again.differs, again.same_prompt) == ((), True)
    assert len(openai_server.requests) == 1


def test_what_would_be_different_today_is_named(asking: Application) -> None:
    answer = asking.chain().invoke(FIGHTERS)
    file = asking.settings.home / FILE
    with sqlite3.connect(file) as database:
        record = json.loads(database.execute("SELECT record FROM answers").fetchone()[0])
        exchange = json.loads(database.execute("SELECT exchange FROM answers").fetchone()[0])
        exchange["messages"][0][1] = "An older prompt."
        changed = (json.dumps({**record, "answer": "Otherwise."}), json.dumps(exchange))
        database.execute("UPDATE answers SET record = ?, exchange = ?", changed)
    database.close()
    again = asking.replay(answer.id)
    assert (again.differs, again.same_prompt, again.identical) == (("answer",), False, False)


def test_it_is_made_again_when_the_articles_are_gone(alone: Application) -> None:
    answer = alone.chain().invoke(FIGHTERS)
    alone.remove([citation.article_id for citation in answer.citations][:1])
    again = alone.replay(answer.id)
    assert again.answer.citations == answer.citations
    assert again.answer.index_generation == answer.index_generation


def test_only_its_owner_can_read_it_and_it_holds_no_key(asking: Application) -> None:
    asking.chain().invoke(FIGHTERS)
    files = [path for path in asking.settings.home.iterdir() if path.name.startswith(FILE)]
    assert files
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert KEY.encode() not in path.read_bytes()


def test_the_oldest_go_first_and_their_passages_with_them(home: Path) -> None:
    with Application(Settings(home=home, history=2)) as application:
        chain = application.chain()
        asked = [chain.invoke(Question(text)).id for text in ("Who is IS-K?", FIGHTERS.text, "When was IS-K founded?")]
        assert [entry.id for entry in application.history.recent()] == asked[:0:-1]
        with pytest.raises(UnknownAnswerError, match="No kept answer"):
            application.replay(asked[0])
        with sqlite3.connect(home / FILE) as database:
            orphans = "SELECT count(*) FROM passages WHERE key NOT IN (SELECT passage FROM answer_passages)"
            assert database.execute(orphans).fetchone() == (0,)
        database.close()


def test_nothing_is_kept_where_nothing_should_be(home: Path) -> None:
    with Application(Settings(home=home, history=0)) as application:
        application.chain().invoke(FIGHTERS)
    assert not (home / FILE).exists()


def test_a_damaged_history_is_moved_aside_and_costs_no_answer(alone: Application) -> None:
    file = alone.settings.home / FILE
    file.write_bytes(b"no database" * 100)
    answer = alone.chain().invoke(FIGHTERS)
    assert "3,000" in answer.answer
    assert [entry.id for entry in alone.history.recent()] == [answer.id]
    (aside,) = alone.history.set_aside()
    assert aside.read_bytes() == b"no database" * 100
    assert f"the old file is {aside}" in (alone.settings.home / "isisk-qa.log").read_text("utf-8")


def test_the_same_answer_has_the_same_id(alone: Application) -> None:
    chain = alone.chain()
    first, second = chain.invoke(FIGHTERS), chain.invoke(FIGHTERS)
    assert first.timings_ms != second.timings_ms
    assert first.id == second.id
    assert first.to_record()["id"] == first.id
    assert chain.invoke(Question("When was IS-K founded?")).id != first.id


def test_the_command_lists_and_replays(alone: Application, run: Run) -> None:
    answer = alone.chain().invoke(FIGHTERS)
    history = str(alone.settings.home / FILE)
    listed = run("replay", "--history", history, application=alone)  # type: ignore[arg-type]
    assert (listed.code, listed.out.split()[0]) == (0, answer.id)
    assert FIGHTERS.text in listed.out
    again = run("replay", answer.id, application=alone)  # type: ignore[arg-type]
    assert (again.code, again.err) == (0, "identical\n")
    assert again.out.count(answer.answer) == 2
    unknown = run("replay", "nope", application=alone)  # type: ignore[arg-type]
    assert (unknown.code, unknown.out) == (2, "")
    assert "nope" in unknown.err


def test_questions_come_once_each_the_latest_last(home: Path, alone: Application) -> None:
    history = alone.history
    chain = alone.chain()
    answer = chain.invoke(FIGHTERS)
    for text in ("one", "two", "one", "three"):
        history.keep(replace(answer, question=text), Trace(passages=(), embedded={}, exchange=None))
    assert history.questions(10) == [FIGHTERS.text, "two", "one", "three"]
    assert history.questions(2) == ["one", "three"]


def test_looking_for_questions_begins_no_history(tmp_path: Path) -> None:
    assert History(tmp_path / "none" / FILE).questions(10) == []
    assert list(tmp_path.iterdir()) == []
