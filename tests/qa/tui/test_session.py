import threading
from pathlib import Path
from queue import Queue
from typing import TypeVar

from textual.message import Message

from qa.errors import ModelError
from qa.models import TextDelta
from qa.tui.session import Session
from tests.qa.tui import fakes
from vectorstore.errors import StoreBusyError

M = TypeVar("M", bound=Message)


class Panic(BaseException):
    """As PyO3 reports a Rust panic: not an Exception."""


class Desk:
    """A session and the messages that it posts, handled as the screen handles them."""

    def __init__(self, application: fakes.Application) -> None:
        self._posted: Queue[Message] = Queue()
        self.seen: list[Message] = []
        self.session = Session(lambda: application, self._posted.put)

    def take(self, kind: type[M]) -> M:
        """The next message of that kind; those before it are seen on the way."""
        while True:
            message = self._posted.get(timeout=30)
            self.seen.append(message)
            if isinstance(message, Session.Ended):
                self.session.ended(message.number)
            if isinstance(message, kind):
                return message

    def kinds(self) -> list[str]:
        return [type(message).__name__ for message in self.seen]


def test_the_store_is_prepared_once_and_questions_are_answered_in_order() -> None:
    application = fakes.Application()
    desk = Desk(application)
    desk.session.start()
    desk.session.ask(1, "first")
    desk.session.ask(2, "second")
    coverage = desk.take(Session.Ready).coverage
    assert (coverage.articles, coverage.earliest, coverage.latest) == (2, "2017-12", "2021-08")
    assert coverage.publishers == ("Sputnik",)
    assert [desk.take(Session.Answered).number, desk.take(Session.Answered).number] == [1, 2]
    assert application.fake.asked == ["first", "second"]
    assert desk.kinds().count("Ready") == 1


def test_an_answer_comes_with_its_articles() -> None:
    desk = Desk(fakes.Application())
    desk.session.ask(1, "q")
    answered = desk.take(Session.Answered)
    assert [exhibit.article.id for exhibit in answered.exhibits if exhibit.article] == ["sputnik-2017-12"] * 2


def test_a_question_may_lean_on_those_that_were_answered() -> None:
    application = fakes.Application({"bad": [ModelError("The endpoint is down; start it.")]})
    desk = Desk(application)
    for number, text in enumerate(["bad", "one", "two"]):
        desk.session.ask(number, text)
    answered = [desk.take(Session.Answered).answer.understood for _ in range(2)]
    assert application.fake.earlier == [(), (), (answered[0],)]


def test_known_errors_keep_their_words_and_the_next_question_is_asked() -> None:
    desk = Desk(fakes.Application({"bad": [TextDelta("x"), ModelError("The endpoint is down; start it.")]}))
    desk.session.ask(1, "bad")
    desk.session.ask(2, "good")
    failed = desk.take(Session.Failed)
    assert (failed.number, failed.problem) == (1, "The endpoint is down; start it.")
    assert desk.take(Session.Answered).number == 2


def test_unknown_errors_go_to_the_log(tmp_path: Path) -> None:
    script: dict[str, list[fakes.Step]] = {
        "odd": [ZeroDivisionError("by zero")],
        "panic": [Panic("rust")],
        "cut": [TextDelta("x")],
    }
    desk = Desk(fakes.Application(script, home=tmp_path))
    for number, question in enumerate(script):
        desk.session.ask(number, question)
    told = [desk.take(Session.Failed).problem for _ in script]
    where = f"the details are in {tmp_path / 'isisk-qa.log'}."
    assert told == [
        f"Something went wrong ({name}); {where}" for name in ("ZeroDivisionError", "Panic", "RuntimeError")
    ]
    text = (tmp_path / "isisk-qa.log").read_text(encoding="utf-8")
    assert all(words in text for words in ("by zero", "Panic: rust", "ended without its last event"))


def test_a_store_that_is_busy_is_tried_again_with_the_next_question() -> None:
    application = fakes.Application()
    application.prepare_steps = [StoreBusyError("Another process is writing; wait for it to end.")]
    desk = Desk(application)
    desk.session.start()
    assert desk.take(Session.Unready).problem == "Another process is writing; wait for it to end."
    desk.take(Session.Ended)
    desk.session.ask(1, "q")
    assert desk.take(Session.Ready).coverage.articles == 2
    assert desk.take(Session.Answered).number == 1


def test_a_cancelled_question_is_silent_and_does_not_hold_up_the_next() -> None:
    gate = threading.Event()
    desk = Desk(fakes.Application({"slow": [TextDelta("x"), gate, *fakes.steps(fakes.fighters())]}))
    try:
        desk.session.ask(1, "slow")
        desk.take(Session.Wrote)
        assert desk.session.cancel() == 1
        desk.session.ask(2, "quick")
        desk.take(Session.Answered)
    finally:
        gate.set()
    desk.take(Session.Ended)
    numbers = [message.number for message in desk.seen if isinstance(message, Session.Answered | Session.Ended)]
    assert numbers == [2, 2]
    assert desk.session.cancel() is None


def test_cancel_takes_back_the_last_question_that_waits() -> None:
    gate = threading.Event()
    application = fakes.Application()
    application.prepare_steps = [gate]
    desk = Desk(application)
    try:
        desk.session.start()
        desk.session.ask(1, "first")
        desk.session.ask(2, "second")
        assert desk.session.cancel() == 2
    finally:
        gate.set()
    assert desk.take(Session.Answered).number == 1
    assert application.fake.asked == ["first"]


def test_close_does_not_wait_for_a_model() -> None:
    gate = threading.Event()
    desk = Desk(fakes.Application({"slow": [TextDelta("x"), gate, TextDelta("y")]}))
    try:
        desk.session.ask(1, "slow")
        desk.take(Session.Wrote)
        desk.session.close()
        assert not gate.is_set()
    finally:
        gate.set()


def test_files_that_could_not_be_read_are_named() -> None:
    application = fakes.Application()
    application.failures = (fakes.Failure("a.txt", "It is not text."),)
    desk = Desk(application)
    desk.session.start()
    assert desk.take(Session.Ready).failures == ("a.txt: It is not text.",)


def test_a_question_before_the_start_prepares_the_store_itself() -> None:
    gate = threading.Event()
    application = fakes.Application({"slow": [gate, *fakes.steps(fakes.fighters())]})
    desk = Desk(application)
    try:
        desk.session.ask(1, "slow")
        desk.session.start()
        desk.session.ask(2, "quick")
        desk.take(Session.Started)
        assert application.fake.asked == ["slow"]
    finally:
        gate.set()
    assert [desk.take(Session.Answered).number for _ in range(2)] == [1, 2]
