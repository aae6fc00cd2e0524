"""Two writers at once: one works, the other says who holds the store and leaves."""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from threading import Event

from tests.reliability import corpus
from tests.reliability.inspection import look
from tests.reliability.place import Place
from tests.reliability.soak import length, record
from tests.reliability.warm import PATIENCE_S, ROOT, program_environment


@dataclass(frozen=True)
class Loser:
    code: int
    err: str
    cpu_s: float
    seconds: float


def start(place: Place) -> "subprocess.Popen[str]":
    environment = program_environment(**place.endpoint.env, ISISK_QA_HOME=str(place.home))
    return subprocess.Popen(
        [sys.executable, "-m", "qa.cli", "ingest", str(place.articles)],
        env=environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def first_to_leave(pair: "list[subprocess.Popen[str]]", began: float) -> Loser:
    """Waits for one of them, and takes it off the list."""
    while True:
        for process in pair:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                seconds = time.monotonic() - began
                pair.remove(process)
                process.returncode = os.waitstatus_to_exitcode(status)
                _, err = process.communicate()
                return Loser(process.returncode, err, usage.ru_utime + usage.ru_stime, seconds)
        assert time.monotonic() < began + PATIENCE_S
        time.sleep(0.002)


def test_the_loser_leaves_at_once_and_names_the_winner(place: Place) -> None:
    rounds = length(2, 20)
    losers: list[Loser] = []
    place.write(*range(3))
    for number in range(rounds):
        place.write(number, number + 1)
        release = Event()
        calls = place.endpoint.calls
        # The winner gets no vector before the loser has left, so that no pair misses each other.
        place.endpoint.before = lambda texts, release=release: (  # type: ignore[misc]
            None if not corpus.markers(texts) else release.wait(PATIENCE_S) and None
        )
        began = time.monotonic()
        pair = [start(place), start(place)]
        try:
            loser = first_to_leave(pair, began)
            release.set()
            (winner,) = pair
            _, err = winner.communicate(timeout=PATIENCE_S)
        finally:
            release.set()
            for process in pair:
                process.kill()
                process.communicate()
        assert winner.returncode == 0, err
        assert loser.code == 1, loser.err
        last = loser.err.splitlines()[-1]
        assert last.startswith("isisk-qa: ")
        assert re.search(rf"\b{winner.pid}\b", last)
        assert re.search(r"\d{4}-\d\d-\d\d.\d\d:\d\d:\d\d", last)
        assert "Traceback" not in loser.err
        # Processor time, which other work on this machine does not lengthen; a soak tells the time on the wall too.
        assert loser.cpu_s < 2
        assert place.endpoint.calls > calls
        losers.append(loser)
        place.assert_indexed(look(place.home))
    place.endpoint.before = lambda texts: None
    place.assert_complete()
    slowest = max(loser.seconds for loser in losers)
    record(
        "pairs of simultaneous ingests",
        pairs=rounds,
        losers_refused=len(losers),
        vectors_missing=0,
        slowest_loser_s=round(slowest, 2),
        most_cpu_s=round(max(loser.cpu_s for loser in losers), 2),
    )
