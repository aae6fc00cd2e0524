"""The history's file: searched, deleted from, brought up to date, killed, damaged."""

import json
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qa.errors import DamagedHistoryError, HistoryError, UnknownAnswerError
from qa.history import FILE, History
from qa.models import Answer, Reason
from qa.trace import Trace
from tests.qa.tui import fakes
from vectorstore.models import Chunk, Evidence, Passage


def answered(question: str, text: str = "", reason: Reason | None = None) -> Answer:
    return replace(fakes.answer(text, reason=reason), question=question)


def passage() -> Passage:
    article = fakes.shipped()[0]
    sentence = Evidence(10, 60, article.text[10:60], np.ones(3, np.float32))
    return Passage(Chunk("c1", article.id, 0, 0, 400, article.text[:400]), article, 0.5, sentences=(sentence,))


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / FILE)


def questions(history: History, text: str = "", limit: int = 20) -> list[str]:
    return [entry.question for entry in history.recent(limit, text)]


def test_what_is_searched(history: History) -> None:
    history.keep(answered("Who leads it?", "Shahāb al-Muhājir has led it since 2020."), Trace(()))
    history.keep(answered("How many fighters?", "About 3,000 [1]."), Trace(()))
    history.keep(answered("Where are the fighters?", "They do not say.", reason=Reason.NO_MATCH), Trace(()))
    assert questions(history) == ["Where are the fighters?", "How many fighters?", "Who leads it?"]
    for text, found in {
        "fighters": ["Where are the fighters?", "How many fighters?"],
        "FIGHT 3000": [],
        "fight 3": ["How many fighters?"],
        "muhajir": ["Who leads it?"],
        "al-Muhājir": ["Who leads it?"],
        '"* OR NEAR(': [],
        "'; DROP": [],
        " ?! ": ["Where are the fighters?", "How many fighters?", "Who leads it?"],
    }.items():
        assert questions(history, text) == found, text
    assert questions(history, "fighters", limit=1) == ["Where are the fighters?"]


def test_the_list_has_the_answer_and_its_outcome(history: History) -> None:
    history.keep(fakes.fighters(), Trace(()))
    history.keep(fakes.answer("They do not say.", reason=Reason.NO_MATCH), Trace(()))
    abstained, given = history.recent()
    assert (abstained.status, abstained.answer) == ("abstained", "They do not say.")
    assert (given.status, given.answer) == ("answered", fakes.fighters().answer)


def test_how_often_articles_are_cited(history: History) -> None:
    assert history.cited() == {}
    history.keep(fakes.fighters(), Trace(()))
    history.keep(replace(fakes.fighters(), question="again"), Trace(()))
    history.keep(answered("nothing"), Trace(()))
    assert history.cited() == {"sputnik-2017-12": 2}


def test_what_is_deleted_is_gone_from_the_file(history: History, tmp_path: Path) -> None:
    secret = answered("Where is Zarqandahar?", "In Qunduzabad.")
    trace = Trace((passage(),), {"a sentence of zarqandahar": np.ones(3, np.float32)})
    history.keep(answered("Kept?", "Kept."), Trace(()))
    history.keep(secret, trace)

    def bytes_of_all() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert b"Zarqandahar" in bytes_of_all()
    assert history.delete(secret.id)
    assert not history.delete(secret.id)
    for word in (b"arqandahar", b"unduzabad", fakes.shipped()[0].text[20:60].encode()):
        assert word not in bytes_of_all()
    assert questions(history) == ["Kept?"]
    assert questions(history, "where") == []
    with pytest.raises(UnknownAnswerError, match="isisk-qa history lists"):
        history.find(secret.id)
    assert history.clear() == 1
    assert b"Kept" not in bytes_of_all()
    assert questions(history) == []


def test_passages_that_another_answer_was_made_from_stay(history: History) -> None:
    first, second = answered("first"), answered("second")
    for answer in (first, second):
        history.keep(answer, Trace((passage(),)))
    history.delete(first.id)
    (found,) = history.find(second.id).trace.passages
    assert found.chunk == passage().chunk
    assert np.array_equal(found.sentences[0].vector, np.ones(3))


OLD = """
CREATE TABLE answers (
    id TEXT PRIMARY KEY, asked_at TEXT NOT NULL, question TEXT NOT NULL, record TEXT NOT NULL, exchange TEXT
);
CREATE TABLE passages (key TEXT PRIMARY KEY, body TEXT NOT NULL, vectors BLOB NOT NULL);
CREATE TABLE answer_passages (
    answer TEXT NOT NULL REFERENCES answers ON DELETE CASCADE, position INTEGER NOT NULL,
    passage TEXT NOT NULL REFERENCES passages, found TEXT NOT NULL, PRIMARY KEY (answer, position)
);
CREATE TABLE vectors (
    answer TEXT NOT NULL REFERENCES answers ON DELETE CASCADE, text TEXT NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (answer, text)
);
"""


def test_a_file_from_before_it_was_searched_loses_nothing(history: History, tmp_path: Path) -> None:
    answer = fakes.fighters()
    with closing(sqlite3.connect(tmp_path / FILE)) as database, database:
        database.executescript(OLD)
        row = (answer.id, "2026-01-02T03:04:05+00:00", answer.question, json.dumps(answer.to_record()), None)
        database.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?)", row)
        database.execute("INSERT INTO vectors VALUES (?, ?, ?)", (answer.id, "x", np.ones(2, np.float32).tobytes()))
    (entry,) = history.recent(text="spread throughout")
    assert (entry.id, entry.asked_at) == (answer.id, "2026-01-02T03:04:05+00:00")
    kept = history.find(answer.id)
    assert kept.record == json.loads(json.dumps(answer.to_record()))
    assert np.array_equal(kept.trace.embedded["x"], np.ones(2))
    # A program from before, which knows nothing of the words, keeps them up all the same.
    with closing(sqlite3.connect(tmp_path / FILE)) as database, database:
        database.execute("DELETE FROM answers")
        row = ("a1", "2026-01-02T03:04:05+00:00", "Old?", json.dumps(answered("Old?", "New.").to_record()), None)
        database.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?)", row)
    assert questions(history, "spread throughout") == []
    assert questions(history, "new") == ["Old?"]


def test_a_file_of_a_newer_version_is_left_alone(history: History, tmp_path: Path) -> None:
    history.keep(answered("q"), Trace(()))
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.execute("PRAGMA user_version = 99")
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(HistoryError, match="newer version") as caught:
        history.recent()
    assert not isinstance(caught.value, DamagedHistoryError)
    assert (tmp_path / FILE).read_bytes() == before
    assert history.set_aside() == []


@pytest.mark.parametrize("spoilt", ["whole", "middle"])
def test_a_damaged_file_is_moved_aside_once(history: History, tmp_path: Path, spoilt: str) -> None:
    for number in range(20):
        history.keep(answered(f"question {number}", "x" * 5_000), Trace((passage(),)))
    history.close()
    file = tmp_path / FILE
    content = bytearray(file.read_bytes())
    content[0 if spoilt == "whole" else 4096 :] = b"\x5a" * (len(content) - (0 if spoilt == "whole" else 4096))
    file.write_bytes(content)
    with pytest.raises(DamagedHistoryError, match="a new one is begun") as caught:
        history.recent()
    (aside,) = history.set_aside()
    assert str(aside) in str(caught.value)
    assert aside.read_bytes() == bytes(content)
    assert history.recent() == []
    history.keep(answered("next"), Trace(()))
    assert questions(history) == ["next"]
    assert history.set_aside() == [aside]


def test_what_is_held_open_follows_a_file_that_was_moved(history: History, tmp_path: Path) -> None:
    history.keep(answered("old"), Trace(()))
    for path in list(tmp_path.iterdir()):
        path.rename(path.with_name(f"moved-{path.name}"))
    another = History(tmp_path / FILE)
    another.keep(answered("new"), Trace(()))
    # The connection to the old file is closed here; the log of the new one is not its to remove.
    history.keep(answered("next"), Trace(()))
    another.keep(answered("last"), Trace(()))
    assert questions(history) == ["last", "next", "new"]
    assert questions(History(tmp_path / f"moved-{FILE}")) == ["old"]


READER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
print(*(row[0] for row in database.execute("SELECT question FROM answers ORDER BY asked_at")))
database.close()
"""


def test_another_process_does_not_take_the_log_from_what_is_held_open(history: History, tmp_path: Path) -> None:
    for number in range(3):
        history.keep(answered(f"q{number}"), Trace(()))
        # Were the file opened and closed here by other means than SQLite, the lock on it would be gone.
        assert len(history.recent()) == number + 1
        read = subprocess.run(
            [sys.executable, "-c", READER, str(tmp_path / FILE)], capture_output=True, text=True, check=True
        )
        assert read.stdout.split() == [f"q{each}" for each in range(number + 1)]
        assert (tmp_path / f"{FILE}-wal").stat().st_size > 0


def test_threads_and_other_connections_keep_side_by_side(history: History, tmp_path: Path) -> None:
    others = [history, history, History(tmp_path / FILE)]
    with ThreadPoolExecutor(len(others)) as pool:
        asked = {
            pool.submit(each.keep, answered(f"{number} {count}"), Trace((passage(),)))
            for count in range(10)
            for number, each in enumerate(others)
        }
        # Reading opens and closes the file beside the connections that stay.
        while any(not done.done() for done in asked):
            history.recent()
        for done in asked:
            done.result()
    assert len(history.recent(100)) == 30
    history.close()
    others[-1].close()
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert len(history.recent(100)) == 30


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError, match="cannot be used") as caught:
        History(tmp_path / "file" / FILE).recent()
    assert "\n" not in str(caught.value)


WRITER = """
import sys
from pathlib import Path
from tests.qa.test_history_file import answered, passage
from qa.history import History
from qa.trace import Trace
# A slow reader lets them write more than are kept otherwise.
history = History(Path(sys.argv[1]), limit=1_000_000)
for number in range(1_000_000):
    answer = answered(f"question {number} of process {sys.argv[2]}", "word " * 2_000)
    history.keep(answer, Trace((passage(),)))
    print(answer.id, flush=True)
"""


def test_what_was_kept_survives_kill_9(history: History, tmp_path: Path) -> None:
    told: list[str] = []
    for killed in range(30 if os.environ.get("SOAK") else 2):
        # Two at a time, so that they also wait for each other.
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(tmp_path / FILE), f"{killed}{name}"],
                stdout=subprocess.PIPE,
                text=True,
            )
            for name in "ab"
        ]
        for writer in writers:
            assert writer.stdout is not None
            told += [writer.stdout.readline().strip() for _ in range(3 + 4 * (killed % 3))]
        for writer in writers:
            writer.kill()
            told += writer.communicate()[0].split()
    ids = [entry.id for entry in history.recent(limit=100_000)]
    assert len(told) == len(set(told)) >= 20
    assert set(told) <= set(ids)
    assert {entry.id for entry in history.recent(limit=100_000, text="question of process")} == set(ids)
    assert len(history.find(told[-1]).trace.passages) == 1
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        database.execute("INSERT INTO words(words) VALUES ('integrity-check')")
    assert history.set_aside() == []
