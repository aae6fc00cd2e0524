"""Questions that are asked once more, conversations that begin anew, and answers of another day."""

import threading
from pathlib import Path

import pytest
from textual.widgets import Static

from qa.errors import ModelError
from qa.models import TextDelta
from qa.tui.app import IsiskQAApp
from qa.tui.widgets.exchange import State
from tests.qa.tui import fakes

SIZE = (120, 40)


@pytest.mark.parametrize("way", ["r", "enter", "click"])
async def test_a_question_that_failed_is_asked_again(way: str) -> None:
    application = fakes.Application({"x": [ModelError("The endpoint is down; start it.")]})
    app = IsiskQAApp(application)
    async with app.run_test(size=SIZE) as pilot:
        await fakes.ask(pilot, "x")
        await fakes.until(pilot, lambda: [e.state for e in app.main.conversation.exchanges] == [State.FAILED])
        application.fake.script["x"] = fakes.steps(fakes.fighters())
        if way == "click":
            await pilot.click("Retry")
        else:
            app.main.query_one("Retry").focus()
            await pilot.press(way)
        (exchange,) = app.main.conversation.exchanges
        await fakes.until(pilot, lambda: exchange.state is State.ANSWERED)
        assert not app.main.query("Retry")
        assert application.fake.asked == ["x", "x"]


async def test_asking_again_stays_at_the_end_however_many_could_be_asked_again() -> None:
    long = fakes.answer("\n".join(f"line {n}" for n in range(60)), (), fakes.fighters().citations)
    script: dict[str, list[fakes.Step]] = {
        "bad": [ModelError("It is down.")],
        "long": fakes.steps(long),
        "slow": [TextDelta("Half"), threading.Event()],
    }
    app = IsiskQAApp(fakes.Application(script))
    async with app.run_test(size=SIZE) as pilot:
        conversation = app.main.conversation
        for question in script:
            await fakes.ask(pilot, question)
        await fakes.until(pilot, lambda: [e.written for e in conversation.exchanges[2:]] == ["Half"])
        slow = conversation.exchanges[2]
        await pilot.press("escape")
        await fakes.until(pilot, lambda: slow.state is State.STOPPED and len(slow.query("Retry")) == 1)
        slow.query_one("Retry").focus()
        await fakes.until(pilot, lambda: app.focused is slow.query_one("Retry"))
        await pilot.press("r")
        await fakes.until(pilot, lambda: slow.written == "Half")
        await fakes.until(pilot, lambda: app.focused is app.main.prompt)
        await pilot.pause(0.3)
        assert conversation.scroll_y == conversation.max_scroll_y > 30
        await pilot.press("escape")


async def test_a_new_conversation_leans_on_nothing_and_hears_nothing_of_the_old() -> None:
    gate = threading.Event()
    application = fakes.Application({"slow": [TextDelta("Half"), gate, *fakes.steps(fakes.fighters())]})
    app = IsiskQAApp(application)
    async with app.run_test(size=SIZE) as pilot:
        for question in ("first", "slow", "queued"):
            await fakes.ask(pilot, question)
        await fakes.until(pilot, lambda: application.fake.asked == ["first", "slow"])
        await pilot.press("ctrl+n")
        await fakes.until(pilot, lambda: bool(app.main.query("Welcome")))
        gate.set()
        assert app.main.conversation.exchanges == []
        await fakes.ask(pilot, "after")
        await fakes.until(pilot, lambda: [e.state for e in app.main.conversation.exchanges] == [State.ANSWERED])
        assert application.fake.asked == ["first", "slow", "after"]
        assert application.fake.earlier[-1] == ()


async def test_a_past_answer_comes_back_with_its_passages(tmp_path: Path) -> None:
    from qa.trace import Trace

    application = fakes.Application(home=tmp_path)
    application.history.keep(fakes.fighters(), Trace(passages=(), embedded={}, exchange=None))
    app = IsiskQAApp(application)
    async with app.run_test(size=SIZE) as pilot:
        await fakes.until(
            pilot,
            lambda: app.main.backend is not None and "2 articles" in str(app.main.query_one("#status", Static).visual),
        )
        await pilot.press("slash")
        await fakes.until(
            pilot, lambda: type(app.screen).__name__ == "HistoryScreen" and bool(app.screen.query("Listing"))
        )
        await fakes.until(pilot, lambda: app.screen.query_one("Listing").option_count > 0)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await fakes.until(pilot, lambda: len(app.main.evidence.cards) == 2)
        (exchange,) = app.main.conversation.exchanges
        assert exchange.state is State.ANSWERED
        assert "from the history" in str(exchange.query_one(".quiet", Static).visual)
