"""Ctrl-C and SIGTERM in the middle of an ingest."""

import random
import signal
import subprocess
import time
from threading import Event

import pytest

from tests.reliability import corpus
from tests.reliability.inspection import look_at_copy
from tests.reliability.place import Place, no_defect
from tests.reliability.soak import length, record
from tests.reliability.test_pairs import start
from tests.reliability.warm import PATIENCE_S


def test_interrupts_at_random_moments(place: Place) -> None:
    rounds = length(5, 100)
    chance = random.Random(11)
    place.write(*range(8))
    place.ingest()
    place.write(*range(8))
    undisturbed = place.ingest()
    landed = 0
    for number in range(rounds):
        place.write(*range(8))
        what = signal.SIGTERM if number % 4 == 3 else signal.SIGINT
        child = place.start_ingest()
        time.sleep(chance.uniform(0.01, undisturbed.seconds))
        landed += child.kill(what)
        ended = child.wait()
        assert ended.code in (0, 130 if what == signal.SIGINT else -signal.SIGTERM, 128 + signal.SIGTERM), ended.err
        # Python itself tells of an interrupt that reached it inside a destructor.
        assert no_defect(ended) or "Exception ignored in: <function SyncHttpxClientWrapper.__del__" in ended.err, (
            ended.err
        )
        look_at_copy(place.home, place.folder / "scratch")
        place.ask()
    place.assert_complete()
    assert landed >= rounds // 2
    record("SIGINT and SIGTERM at random moments", signals=landed, rounds=rounds, tracebacks=0, unanswered=0)


@pytest.mark.parametrize(("what", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_fresh_interpreter_leaves_without_a_traceback(what: signal.Signals, code: int, place: Place) -> None:
    arrived, release = Event(), Event()

    def hold(texts: object) -> None:
        arrived.set()
        release.wait(PATIENCE_S)

    place.write(*range(4))
    place.endpoint.before = lambda texts: hold(texts) if corpus.markers(texts) else None
    with start(place) as process:
        try:
            assert arrived.wait(PATIENCE_S)
            process.send_signal(what)
            _, err = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        finally:
            release.set()
    assert process.returncode == code
    assert "Traceback" not in err
    place.endpoint.before = lambda texts: None
    place.assert_complete()
