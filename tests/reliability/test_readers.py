"""Eight readers while an ingest is under way: no error, no mixture of states, nothing old for longer than 2 s."""

import json
import random
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.reliability import corpus
from tests.reliability.inspection import Contents, look
from tests.reliability.place import Place
from tests.reliability.soak import length, record
from tests.reliability.warm import PATIENCE_S, Child

READERS, OLD, NEW = 8, 12, 40
STALE_S = 2.0
QUESTIONS = (
    *(f"How many people of {corpus.marker(number)} reached the northern village?" for number in range(4)),
    "Who searched the quiet clinic on Tuesday?",
    "How many people crossed the old bridge on Monday?",
)


def follow(place: Place, writer: Child, until: float) -> tuple[dict[int, Path], dict[int, float]]:
    """A copy of each generation that shows, and when it did, while the writer runs and until a moment."""
    copies: dict[int, Path] = {}
    seen: dict[int, float] = {}
    with closing(sqlite3.connect(place.home / "catalog.sqlite3", timeout=10)) as connection:
        while time.monotonic() < until or writer.running:
            now = time.monotonic()
            generation = int(connection.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0])
            if generation not in seen:
                seen[generation] = now
                home = place.folder / "generations" / str(time.monotonic_ns())
                home.mkdir(parents=True)
                with closing(sqlite3.connect(home / "catalog.sqlite3")) as copy:
                    connection.backup(copy)
                copies[look(home).generation] = home
            time.sleep(0.01)
    return copies, seen


def assert_from(contents: Contents, answer: dict[str, Any]) -> None:
    """Every passage and every citation is what that state of the catalog has there."""
    for found in answer["retrieved"]:
        assert (found["start"], found["end"]) == contents.chunks[found["chunk_id"]][2:4]
    for cited in answer["citations"]:
        assert contents.texts[Path(cited["path"]).name][cited["start"] : cited["end"]] == cited["quote"]


def exact(place: Place, home: Path) -> dict[str, dict[str, Any]]:
    """What a reader of that state answers when it has no index at all, so that its search is exact."""
    ended = place.warm.start("answer", str(place.folder / "questions"), 0, 0, env=environment(place, home)).wait()
    assert ended.code == 0, ended.err
    return {line["question"]: line["record"] for line in map(json.loads, ended.out.splitlines())}


def environment(place: Place, home: Path) -> dict[str, str]:
    return {**place.endpoint.env, "ISISK_QA_HOME": str(home)}


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    def found(answer: dict[str, Any]) -> set[str]:
        return {item["chunk_id"] for item in answer["retrieved"]}

    scores = [sorted(item["score"] for item in answer["retrieved"]) for answer in (one, other)]
    return (
        found(one) == found(other)
        and scores[0] == pytest.approx(scores[1], abs=1e-4)
        and (one["answer"], one["citations"]) == (other["answer"], other["citations"])
    )


def staleness(seen: dict[int, float], told: Sequence[dict[str, Any]]) -> float:
    """How long after a generation showed a question was still begun on an older one; the longest of them."""
    longest = 0.0
    for line in told:
        newer = [at for generation, at in seen.items() if generation > line["record"]["index_generation"]]
        longest = max(longest, line["began"] - min(newer, default=line["began"]))
    return longest


def test_readers_during_an_ingest(place: Place) -> None:
    seconds = length(5, 60)
    place.write(*range(OLD))
    place.ingest()
    (place.folder / "questions").write_text("\n".join(QUESTIONS), "utf-8")
    # Articles 4 to 11 change and 40 are new; the readers' own questions name others.
    changed = [*range(4, OLD), *range(OLD, OLD + NEW)]
    random.Random(12).shuffle(changed)
    place.write(*changed)
    coming = {corpus.marker(number, place.revisions[number]) for number in changed}
    pause_s = seconds / len(changed) / 2
    place.endpoint.before = lambda texts: time.sleep(pause_s) if corpus.markers(texts) & coming else None
    until = time.monotonic() + seconds
    env = environment(place, place.home)
    readers = [
        place.warm.start("answer", str(place.folder / "questions"), until + 1, 0.05, env=env) for _ in range(READERS)
    ]
    writer = place.start_ingest()
    copies, seen = follow(place, writer, until)
    assert writer.wait().code == 0
    ended = [reader.wait() for reader in readers]
    assert [reader.code for reader in ended] == [0] * READERS, ended
    told = [json.loads(line) for reader in ended for line in reader.out.splitlines()]
    assert [line for line in told if "error" in line] == []
    contents = {generation: look(home) for generation, home in copies.items()}
    known = [line for line in told if line["record"]["index_generation"] in contents]
    for line in known:
        assert_from(contents[line["record"]["index_generation"]], line["record"])
    answered = sorted({line["record"]["index_generation"] for line in known})
    chosen = random.Random(13).sample(answered, min(len(answered), length(4, 30)))
    compared = 0
    for generation in chosen:
        expected = exact(place, copies[generation])
        for line in known:
            if line["record"]["index_generation"] == generation:
                assert same(line["record"], expected[line["question"]]), (line, expected[line["question"]])
                compared += 1
    stale_s = staleness(seen, told)
    assert stale_s < STALE_S
    assert len(answered) > 3
    assert len(known) > len(told) // 2
    record(
        f"{READERS} readers during an ingest",
        seconds=seconds,
        answers=len(told),
        errors=0,
        generations=len(answered),
        answers_checked_against_their_generation=len(known),
        answers_equal_to_exact_search=compared,
        stale_s=round(stale_s, 2),
    )
    assert seconds < PATIENCE_S
