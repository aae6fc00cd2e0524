"""Past answers on the screen, by keyboard alone."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from qa.history import FILE
from qa.models import Reason
from qa.terminal import sanitise
from qa.trace import Trace
from qa.tui.app import IsiskQAApp
from qa.tui.screens.history import NOTHING_FOUND, NOTHING_KEPT, NOTHING_YET, HistoryScreen
from qa.tui.widgets.listing import Listing
from tests.qa.tui import fakes
from tests.qa.tui.seen import said, titles
from tests.qa.tui.test_hostile import PAYLOADS

SIZES = pytest.mark.parametrize("size", [(200, 60), (60, 20)])


@pytest.fixture
def backend(tmp_path: Path) -> fakes.Application:
    """Three answers, the first of them the oldest."""
    backend = fakes.Application(home=tmp_path)
    history = backend.history
    refused = fakes.answer("The articles do not say.", reason=Reason.NO_MATCH, question="Who paid for it?")
    for answer in (refused, fakes.fighters(), fakes.answer("In Nangarhar [1].", question="Where are its fighters?")):
        history.keep(answer, Trace(()))
    history.close()
    return backend


class Opened:
    """The app with the screen open, and what the screen was dismissed with."""

    def __init__(self, backend: fakes.Application) -> None:
        self.app = IsiskQAApp(backend)
        self.screen = HistoryScreen(backend)
        self.results: list[str | None] = []

    @property
    def on_top(self) -> bool:
        """Not under a question either."""
        return self.app.screen is self.screen

    async def begin(self, pilot: Pilot[None]) -> None:
        self.app.push_screen(self.screen, self.results.append)
        await fakes.until(pilot, lambda: self.on_top and self.head().startswith("History ·"))

    def head(self) -> str:
        return said(self.screen, "#history-head")

    def note(self) -> str:
        return said(self.screen, "#history-note")

    def titles(self) -> list[str]:
        return titles(self.screen)


@SIZES
async def test_search_as_one_types_and_open(backend: fakes.Application, size: tuple[int, int]) -> None:
    opened = Opened(backend)
    async with opened.app.run_test(size=size) as pilot:
        await opened.begin(pilot)
        assert opened.head() == "History · 3 answers"
        assert opened.titles() == ["Where are its fighters?", fakes.QUESTION, "Who paid for it?"]
        await pilot.press(*"nangar")
        await fakes.until(pilot, lambda: opened.titles() == ["Where are its fighters?"])
        await pilot.press(*"x")
        await fakes.until(pilot, lambda: opened.note() == NOTHING_FOUND)
        await pilot.press("enter", *["backspace"] * 7, *"fighters")
        await fakes.until(pilot, lambda: len(opened.titles()) == 2)
        assert opened.results == []
        # Down to the list, down to the second.
        await pilot.press("down", "down", "enter")
        await fakes.until(pilot, lambda: opened.results == [fakes.fighters().id])


async def test_enter_in_the_search_opens_what_is_highlighted(backend: fakes.Application) -> None:
    opened = Opened(backend)
    async with opened.app.run_test() as pilot:
        await opened.begin(pilot)
        await pilot.press(*"paid")
        await fakes.until(pilot, lambda: opened.titles() == ["Who paid for it?"])
        await pilot.press("enter")
        await fakes.until(pilot, lambda: len(opened.results) == 1)
        assert backend.history.find(opened.results[0] or "").record["question"] == "Who paid for it?"


async def test_esc_leaves(backend: fakes.Application) -> None:
    opened = Opened(backend)
    async with opened.app.run_test() as pilot:
        await opened.begin(pilot)
        await pilot.press("down", "slash", "escape")
        await fakes.until(pilot, lambda: opened.results == [None])


async def test_one_is_deleted_after_a_question(backend: fakes.Application) -> None:
    opened = Opened(backend)
    async with opened.app.run_test(size=(60, 20)) as pilot:
        await opened.begin(pilot)
        await pilot.press("down", "down", "x")
        await fakes.until(pilot, lambda: not opened.on_top)
        await pilot.press("n")
        await fakes.until(pilot, lambda: opened.on_top)
        assert len(backend.history.recent()) == 3
        await pilot.press("x")
        await fakes.until(pilot, lambda: not opened.on_top)
        await pilot.press("enter", "y")
        await fakes.until(pilot, lambda: opened.titles() == ["Where are its fighters?", "Who paid for it?"])
        assert len(backend.history.recent()) == 2
        # The next one is highlighted, so that several are deleted in a row.
        assert opened.screen.query_one(Listing).highlighted == 1


async def test_all_are_deleted_after_a_question(backend: fakes.Application) -> None:
    opened = Opened(backend)
    async with opened.app.run_test() as pilot:
        await opened.begin(pilot)
        await pilot.press("down", "X")
        await fakes.until(pilot, lambda: not opened.on_top)
        await pilot.press("y")
        await fakes.until(pilot, lambda: opened.note() == NOTHING_YET)
        assert backend.history.recent() == []


async def test_a_damaged_history_is_told(backend: fakes.Application) -> None:
    (backend.settings.home / FILE).write_bytes(b"no database" * 1_000)
    opened = Opened(backend)
    async with opened.app.run_test() as pilot:
        opened.app.push_screen(opened.screen)
        await fakes.until(pilot, lambda: "a new one is begun" in opened.note())
        await pilot.press("a")
        await fakes.until(pilot, lambda: "is kept in" in opened.note())


async def test_a_defect_ends_neither_the_program_nor_the_screen(
    backend: fakes.Application, monkeypatch: pytest.MonkeyPatch, faults: list[Exception]
) -> None:
    opened = Opened(backend)
    async with opened.app.run_test() as pilot:
        await opened.begin(pilot)
        await fakes.until(pilot, lambda: opened.app.main.backend is not None)
        with monkeypatch.context() as patch:
            patch.setattr(type(backend), "history", property(lambda self: dict[str, str]()["defect"]))
            await pilot.press("p")
            log = backend.settings.home / "isisk-qa.log"
            await fakes.until(pilot, lambda: log.exists() and "KeyError: 'defect'" in log.read_text("utf-8"))
        await pilot.press(*"aid")
        await fakes.until(pilot, lambda: opened.titles() == ["Who paid for it?"])
        await pilot.press("escape")
        await fakes.until(pilot, lambda: opened.results == [None])
    faults.clear()


async def test_none_is_kept(tmp_path: Path) -> None:
    backend = fakes.Application(home=tmp_path)
    backend.settings = backend.settings.model_copy(update={"history": 0})
    opened = Opened(backend)
    async with opened.app.run_test() as pilot:
        await opened.begin(pilot)
        assert opened.note() == NOTHING_KEPT


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
async def test_hostile_text_is_shown_as_text(tmp_path: Path, payload: str) -> None:
    backend = fakes.Application(home=tmp_path)
    # What JSON cannot carry cannot be kept.
    payload = payload.replace("\udcff", "")
    backend.history.keep(replace(fakes.fighters(), question=payload, answer=payload), Trace(()))
    opened = Opened(backend)
    async with opened.app.run_test(size=(60, 20)) as pilot:
        await opened.begin(pilot)
        drawn = [opened.app.export_screenshot()]
        await pilot.press("down", "x")
        await fakes.until(pilot, lambda: not opened.on_top)
        drawn.append(opened.app.export_screenshot())
    for svg in drawn:
        assert sanitise(svg) == svg
        assert "@click" not in svg or "[@click=app.quit]" in payload
