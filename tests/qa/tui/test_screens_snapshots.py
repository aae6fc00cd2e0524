"""How the three screens look; `pytest --snapshot-update` draws them anew."""

import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from qa.history import FILE
from qa.history_file import opened
from qa.models import Reason
from qa.trace import Trace
from qa.tui.app import IsiskQAApp
from qa.tui.protocols import Backend
from qa.tui.screens.articles import ArticlesScreen
from qa.tui.screens.history import HistoryScreen
from qa.tui.screens.settings import SettingsScreen
from tests.qa.tui import fakes
from tests.qa.tui.seen import said, titles

Screens = type[ArticlesScreen] | type[HistoryScreen] | type[SettingsScreen]
Compare = Callable[..., bool]
SCREENS: dict[str, Screens] = {"articles": ArticlesScreen, "history": HistoryScreen, "settings": SettingsScreen}
each_screen = pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS)


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
    """The same words wherever and whenever it is drawn."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    backend = fakes.Application(home=Path("home"))
    refused = fakes.answer("The articles do not say.", reason=Reason.NO_MATCH, question="Who paid for it?")
    for answer in (fakes.fighters(), refused):
        backend.history.keep(answer, Trace(()))
    with opened(Path("home") / FILE, to_write=True) as database:
        database.execute("UPDATE answers SET asked_at = '2026-03-04T05:06:07+00:00'")
        database.execute(
            "UPDATE answers SET asked_at = '2026-03-05T05:06:07+00:00' WHERE question = 'Who paid for it?'"
        )
    yield backend
    monkeypatch.undo()
    time.tzset()


def showing(backend: Backend, screen: Screens) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def show(pilot: Pilot[None]) -> None:
        pushed = screen(backend)
        pilot.app.push_screen(pushed)
        await fakes.until(pilot, lambda: bool(titles(pushed) or said(pushed, ".setting")))
        # Else the cursor is drawn or not by the time of day.
        for field in pushed.query(Input):
            field.cursor_blink = False
        await fakes.until(pilot, lambda: bool(pushed.query("FooterKey")) and pushed.focused is not None)
        if screen is not SettingsScreen:
            await pilot.press("down")

    return show


@each_screen
@pytest.mark.parametrize("size", [(80, 24), (200, 60)], ids=["80x24", "200x60"])
def test_in_colour(snap_compare: Compare, backend: Backend, screen: Screens, size: tuple[int, int]) -> None:
    assert snap_compare(IsiskQAApp(backend), terminal_size=size, run_before=showing(backend, screen))


@each_screen
def test_without_colour(
    snap_compare: Compare, backend: Backend, screen: Screens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(IsiskQAApp(backend), terminal_size=(60, 20), run_before=showing(backend, screen))
