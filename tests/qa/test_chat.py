from threading import Event

import pytest

from qa.chat import Call, Reply
from qa.errors import BadReplyError, DeadlineError


def call_of(work_deadline_s: float = 10.0, *, text: str = "", then: BaseException | None = None) -> Call:
    def work(call: Call) -> Reply:
        for piece in text:
            call.emit(piece)
        if then:
            raise then
        return Reply(text, "stop")

    return Call(work, deadline_s=work_deadline_s, where="here")


def test_pieces_then_the_reply() -> None:
    with call_of(text="abc") as call:
        assert list(call) == ["a", "b", "c"]
        assert call.reply == Reply("abc", "stop")
        assert list(call) == []


@pytest.mark.parametrize("error", [BadReplyError("no"), ZeroDivisionError("a bug")])
def test_an_error_reaches_whoever_waits(error: BaseException) -> None:
    call = call_of(text="ab", then=error)
    assert [next(call), next(call)] == ["a", "b"]
    with pytest.raises(type(error)):
        next(call)
    with pytest.raises(RuntimeError, match="only after"):
        _ = call.reply


def test_a_reply_that_was_in_time_is_given_to_a_slow_reader() -> None:
    call = call_of(0.05, text="abc")
    Event().wait(0.1)
    assert list(call) == ["a", "b", "c"]


def test_a_reply_without_end_is_cut_at_the_deadline() -> None:
    def work(call: Call) -> Reply:
        while True:
            call.emit("x")
            call.pause(0.001)

    with pytest.raises(DeadlineError, match=r"here .* 0\.1 s"):
        list(Call(work, deadline_s=0.1, where="here"))


def test_work_that_hangs_is_left_behind_and_its_connection_cut() -> None:
    cut = Event()

    def work(call: Call) -> Reply:
        call.abort_with(cut.set)
        cut.wait()
        raise OSError("cut")

    with pytest.raises(DeadlineError):
        list(Call(work, deadline_s=0.1, where="here"))
    assert cut.is_set()


def test_closing_wakes_a_pause_and_ends_the_stream() -> None:
    woken = Event()

    def work(call: Call) -> Reply:
        call.emit("a")
        try:
            call.pause(3600)
        finally:
            woken.set()
        return Reply("a", "stop")

    call = Call(work, deadline_s=7200, where="here")
    assert next(call) == "a"
    call.close()
    assert woken.wait(10)
    assert list(call) == []


def test_a_connection_made_after_closing_is_cut_at_once() -> None:
    closed, cut = Event(), Event()

    def work(call: Call) -> Reply:
        closed.wait()
        call.abort_with(cut.set)
        return Reply("", "stop")

    call = Call(work, deadline_s=10, where="here")
    call.close()
    closed.set()
    assert cut.wait(10)
