"""Two processes that make the catalog at the same moment."""

import time

from tests.reliability.inspection import look
from tests.reliability.place import Place
from tests.reliability.soak import length, record


def test_no_generation_is_lost(place: Place) -> None:
    pairs = length(20, 200)
    for number in range(pairs):
        home = place.folder / f"home{number}"
        at = time.monotonic() + 0.02
        children = [place.warm.start("open_and_count", str(home), at) for _ in range(2)]
        for child in children:
            ended = child.wait()
            assert ended.code == 0, ended.err
        assert look(home).generation == 2
    record("pairs of processes that create the catalog", pairs=pairs, errors=0, generations_lost=0)
