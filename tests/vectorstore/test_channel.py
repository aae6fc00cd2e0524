import threading

import pytest

from vectorstore.channel import Channel, StoppedError


def test_what_waits_is_taken_together_up_to_a_size() -> None:
    channel = Channel[str](100)
    for item in ("a", "b", "c"):
        channel.put(item, 4)
    channel.put("large", 50)
    channel.close()
    assert [channel.take(10), channel.take(10), channel.take(10), channel.take(10)] == [
        ["a", "b"],
        ["c"],
        ["large"],
        [],
    ]


def test_an_error_comes_after_what_was_put() -> None:
    channel = Channel[int](10)
    channel.put(1, 1)
    channel.close(ZeroDivisionError())
    assert channel.take(10) == [1]
    with pytest.raises(ZeroDivisionError):
        channel.take(10)


def test_what_waits_is_bounded() -> None:
    channel = Channel[int](10)
    most = 0
    waiting = 0
    lock = threading.Lock()

    def put() -> None:
        nonlocal waiting, most
        for number in range(200):
            channel.put(number, 4)
            with lock:
                waiting += 1
                most = max(most, waiting)
        channel.close()

    thread = threading.Thread(target=put)
    thread.start()
    found: list[int] = []
    while taken := channel.take(4):
        with lock:
            waiting -= len(taken)
        found += taken
    thread.join()
    assert found == list(range(200))
    # Two fit; one more may be counted before it is known that another was taken.
    assert most <= 3


def test_a_larger_one_than_fits_goes_alone() -> None:
    channel = Channel[int](10)
    channel.put(1, 1_000)
    assert channel.take(10) == [1]


def test_who_waits_for_room_is_told_that_it_ended() -> None:
    channel = Channel[int](1)
    channel.put(1, 1)
    ended: list[bool] = []

    def put() -> None:
        try:
            channel.put(2, 1)
        except StoppedError:
            ended.append(True)

    thread = threading.Thread(target=put)
    thread.start()
    channel.stop()
    thread.join()
    assert ended == [True]
