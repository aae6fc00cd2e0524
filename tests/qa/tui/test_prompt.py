"""The prompt: its lines, the questions before, what is pasted, and the keys that mean something else there."""

import threading
from dataclasses import replace
from pathlib import Path

from textual.events import Paste
from textual.widgets import Static

from qa.models import TextDelta
from qa.trace import Trace
from qa.tui.app import IsiskQAApp
from qa.tui.widgets.exchange import State
from qa.tui.widgets.prompt import LONGEST, Prompt
from tests.qa.tui import fakes

SIZE = (120, 40)


async def test_a_question_of_two_lines_and_those_before_it() -> None:
    application = fakes.Application()
    app = IsiskQAApp(application)
    async with app.run_test(size=SIZE) as pilot:
        prompt = app.main.prompt
        await pilot.press(*"one", "ctrl+j", *"two", "enter", *"second", "enter", *"typed")
        await fakes.until(pilot, lambda: len(application.fake.asked) == 2)
        assert application.fake.asked == ["one\ntwo", "second"]
        seen = []
        for key in ("up", "up", "up", "up", "down", "down", "down"):
            await pilot.press(key)
            seen.append(prompt.text)
        # The cursor is at the end of two lines when they come, so one "up" goes to the first of them.
        assert seen == ["second", "one\ntwo", "one\ntwo", "one\ntwo", "one\ntwo", "second", "typed"]


def kept(application: fakes.Application, *questions: str) -> None:
    """As an earlier session leaves them."""
    for question in questions:
        answer = replace(fakes.fighters(), question=question)
        application.history.keep(answer, Trace(passages=(), embedded={}, exchange=None))


async def test_up_goes_on_to_the_questions_of_earlier_days(tmp_path: Path) -> None:
    application = fakes.Application(home=tmp_path)
    gate = threading.Event()
    application.prepare_steps = [gate]
    kept(application, "old", "older\x1b[31m", "old", "both")
    app = IsiskQAApp(application)
    async with app.run_test(size=SIZE) as pilot:
        prompt = app.main.prompt
        # Before the store is ready nothing is read.
        await pilot.press(*"both", "enter", *"typed", "up")
        assert prompt.text == "both"
        gate.set()
        await fakes.until(pilot, lambda: len(prompt._asked) == 3)
        assert prompt.text == "both"
        seen = []
        for key in ("up", "up", "up", "down", "down", "down"):
            await pilot.press(key)
            seen.append(prompt.text)
        assert seen == ["old", "older\ufffd[31m", "older\ufffd[31m", "old", "both", "typed"]


async def test_a_history_that_cannot_be_read_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "history.sqlite3").write_bytes(b"no database" * 1_000)
    app = IsiskQAApp(fakes.Application(home=tmp_path))
    async with app.run_test(size=SIZE) as pilot:
        await fakes.until(pilot, lambda: bool(app.main.query(".notice")))
        (notice,) = app.main.query(".notice").results(Static)
        assert "The history was damaged" in str(notice.visual)
        await fakes.ask(pilot, "x")
        await fakes.until(pilot, lambda: len(app.main.evidence.cards) == 2)


async def test_ctrl_d_quits_only_where_nothing_is_typed() -> None:
    app = IsiskQAApp(fakes.Application())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*"ab", "home", "ctrl+d")
        assert app.main.prompt.text == "b"
        await pilot.press("ctrl+d")
        assert (app.main.prompt.text, app._exit) == ("", False)
        await pilot.press("ctrl+d")
        assert app._exit


async def test_ctrl_c_copies_then_stops_then_clears_then_quits() -> None:
    gate = threading.Event()
    app = IsiskQAApp(fakes.Application({"slow": [TextDelta("Half"), gate, *fakes.steps(fakes.fighters())]}))
    async with app.run_test(size=SIZE) as pilot:
        await fakes.ask(pilot, "slow")
        await fakes.until(pilot, lambda: [e.state for e in app.main.conversation.exchanges] == [State.RUNNING])
        await pilot.press(*"typed", "shift+home", "ctrl+c")
        assert app.clipboard == "typed"
        assert [exchange.state for exchange in app.main.conversation.exchanges] == [State.RUNNING]
        await pilot.press("end", "ctrl+c")
        assert [exchange.state for exchange in app.main.conversation.exchanges] == [State.STOPPED]
        assert app.main.prompt.text == "typed"
        await pilot.press("ctrl+c")
        assert (app.main.prompt.text, app._exit) == ("", False)
        await pilot.press("ctrl+c")
        assert [app._exit] == [False]
        await pilot.press("ctrl+c")
        assert [app._exit] == [True]
        gate.set()


async def test_slash_and_question_mark_are_keys_only_in_an_empty_prompt() -> None:
    app = IsiskQAApp(fakes.Application())
    async with app.run_test(size=SIZE) as pilot:
        await fakes.until(pilot, lambda: app.main.backend is not None)
        await pilot.press("question_mark")
        assert type(app.screen).__name__ == "HelpScreen"
        await pilot.press("escape", "a", "question_mark", "slash")
        assert app.main.prompt.text == "a?/"


async def test_a_paste_past_the_limit_is_cut() -> None:
    app = IsiskQAApp(fakes.Application())
    async with app.run_test(size=SIZE) as pilot:
        app.main.prompt.post_message(Paste("x" * (LONGEST + 5)))
        await fakes.until(pilot, lambda: bool(app.main.prompt.text))
        await pilot.press("y")
        assert app.main.prompt.text == "x" * LONGEST


async def test_end_follows_again() -> None:
    gate = threading.Event()
    slow = [TextDelta("word\n" * 60), gate, *fakes.steps(fakes.fighters())]
    app = IsiskQAApp(fakes.Application({"slow": slow}))
    async with app.run_test(size=(80, 24)) as pilot:
        await fakes.ask(pilot, "slow")
        pane = app.main.conversation
        await fakes.until(pilot, lambda: pane.max_scroll_y > 30 and pane.scroll_y == pane.max_scroll_y)
        await pilot.press("pageup", "pageup")
        assert pane.scroll_y < pane.max_scroll_y
        # In the prompt, at the end of what is typed.
        await pilot.press("end")
        await fakes.until(pilot, lambda: pane.scroll_y == pane.max_scroll_y)
        gate.set()


async def test_a_paste_is_made_safe() -> None:
    async with IsiskQAApp(fakes.Application()).run_test(size=SIZE) as pilot:
        prompt = pilot.app.screen.query_one(Prompt)
        prompt.post_message(Paste("How many\r\nfighters\x1b[31m\u202e?"))
        await fakes.until(pilot, lambda: bool(prompt.text))
        assert prompt.text == "How many\nfighters\ufffd[31m\ufffd?"
