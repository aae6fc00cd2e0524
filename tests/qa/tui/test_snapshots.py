"""What the states of the conversation look like. `pytest --snapshot-update` takes today's drawings as right."""

from typing import Protocol

import pytest

from qa.tui.app import IsiskQAApp
from tests.qa.tui.scenes import SCENES, Scene, application

SIZES = {"200x60": (200, 60), "80x24": (80, 24), "60x20": (60, 20)}


class Compare(Protocol):
    def __call__(self, app: IsiskQAApp, *, terminal_size: tuple[int, int], run_before: Scene) -> bool: ...


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scene", SCENES)
def test_dark(scene: str, size: str, snap_compare: Compare) -> None:
    assert snap_compare(IsiskQAApp(application()), terminal_size=SIZES[size], run_before=SCENES[scene])


@pytest.mark.parametrize("scene", SCENES)
def test_light(scene: str, snap_compare: Compare) -> None:
    app = IsiskQAApp(application())
    app.theme = "isisk-light"
    assert snap_compare(app, terminal_size=SIZES["80x24"], run_before=SCENES[scene])


@pytest.mark.parametrize("scene", SCENES)
def test_no_colour(scene: str, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(IsiskQAApp(application()), terminal_size=SIZES["80x24"], run_before=SCENES[scene])
