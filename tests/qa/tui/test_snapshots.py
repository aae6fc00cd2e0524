"""What the states of the conversation look like. `SOAK=1 pytest --snapshot-update` takes today's drawings as right."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from qa.tui.app import IsiskQAApp
from qa.tui.protocols import Backend
from tests.qa.tui.scenes import SCENES, SCREENS, Scene, application

SIZES = {"200x60": (200, 60), "80x24": (80, 24), "60x20": (60, 20)}
LOOKS = ("dark", "light", "no-colour")
# Every size in every look takes a minute: `make soak-tui`.
DRAWN = [
    (look, size) for look in LOOKS for size in SIZES if os.environ.get("SOAK") or look == "dark" or size == "80x24"
]


class Compare(Protocol):
    def __call__(self, app: IsiskQAApp, *, terminal_size: tuple[int, int], run_before: Scene) -> bool: ...


def dressed(look: str, backend: Callable[[], Backend], monkeypatch: pytest.MonkeyPatch) -> IsiskQAApp:
    """The program in one of LOOKS."""
    if look == "no-colour":
        monkeypatch.setenv("NO_COLOR", "1")
    app = IsiskQAApp(backend())
    if look == "light":
        app.theme = "isisk-light"
    return app


@pytest.mark.parametrize(("look", "size"), DRAWN)
@pytest.mark.parametrize("scene", SCENES)
def test_it_looks(scene: str, look: str, size: str, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    app = dressed(look, application, monkeypatch)
    assert snap_compare(app, terminal_size=SIZES[size], run_before=SCENES[scene])


def test_every_drawing_belongs_to_a_test() -> None:
    # Said here because pytest only warns of the drawings that it does not use: most are for `make soak-tui`.
    kept = {path.stem for path in (Path(__file__).parent / "__snapshots__").glob("*/*")}
    looks = [f"{look}-{size}" for look in LOOKS for size in SIZES]
    assert kept == {f"test_it_looks[{shown}-{look}]" for shown in (*SCENES, *SCREENS) for look in looks}
