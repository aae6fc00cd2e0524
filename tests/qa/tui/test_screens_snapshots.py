"""How the three screens look; `SOAK=1 pytest --snapshot-update` draws them anew."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.tui.protocols import Backend
from tests.qa.tui import fakes, scenes
from tests.qa.tui.test_snapshots import DRAWN, SIZES, Compare, dressed


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


@pytest.mark.parametrize(("look", "size"), DRAWN)
@pytest.mark.parametrize("screen", scenes.SCREENS)
def test_it_looks(
    screen: str, look: str, size: str, snap_compare: Compare, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = dressed(look, lambda: backend, monkeypatch)
    assert snap_compare(app, terminal_size=SIZES[size], run_before=scenes.showing(backend, screen))
