"""How the three screens look; `pytest --snapshot-update` draws them anew."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qa.tui.app import IsiskQAApp
from qa.tui.protocols import Backend
from tests.qa.tui import fakes, scenes

Compare = Callable[..., bool]
each_screen = pytest.mark.parametrize("screen", scenes.SCREENS)


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
    """The same words wherever and whenever it is drawn."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    backend = fakes.Application(home=Path("home"))
    scenes.keep_answers(backend)
    yield backend
    monkeypatch.undo()
    time.tzset()


@each_screen
@pytest.mark.parametrize("size", [(80, 24), (200, 60)], ids=["80x24", "200x60"])
def test_in_colour(snap_compare: Compare, backend: Backend, screen: str, size: tuple[int, int]) -> None:
    assert snap_compare(IsiskQAApp(backend), terminal_size=size, run_before=scenes.showing(backend, screen))


@each_screen
def test_in_light(snap_compare: Compare, backend: Backend, screen: str) -> None:
    app = IsiskQAApp(backend)
    app.theme = "isisk-light"
    assert snap_compare(app, terminal_size=(80, 24), run_before=scenes.showing(backend, screen))


@each_screen
def test_without_colour(snap_compare: Compare, backend: Backend, screen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(IsiskQAApp(backend), terminal_size=(60, 20), run_before=scenes.showing(backend, screen))
