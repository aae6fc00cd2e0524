"""Defects and wrong settings: what is shown, what is logged, and when the program ends."""

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Static

from qa.errors import SettingsError
from qa.tui.app import IsiskQAApp
from qa.tui.widgets.evidence import EvidencePane
from qa.tui.widgets.exchange import Exchange, State
from qa.tui.widgets.prompt import Prompt
from tests.qa.tui import fakes

SIZE = (120, 40)


async def test_a_defect_in_a_handler_is_shown_and_logged_and_the_program_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: list[Exception]
) -> None:
    app = IsiskQAApp(fakes.Application(home=tmp_path))
    async with app.run_test(size=SIZE) as pilot:
        await fakes.until(pilot, lambda: app.main.backend is not None)
        finish = Exchange.finish
        monkeypatch.setattr(Exchange, "finish", lambda *_: 1 / 0)
        await fakes.ask(pilot, "x")
        await fakes.until(pilot, lambda: bool(app.main.query(".notice")))
        assert "Something went wrong (ZeroDivisionError); the details are in" in str(
            app.main.query_one(".notice", Static).visual
        )
        monkeypatch.setattr(Exchange, "finish", finish)
        await fakes.ask(pilot, "y")
        await fakes.until(pilot, lambda: app.main.conversation.exchanges[-1].state is State.ANSWERED)
    assert "ZeroDivisionError" in (tmp_path / "isisk-qa.log").read_text("utf-8")
    assert [type(fault) for fault in faults] == [ZeroDivisionError]
    faults.clear()


async def test_leaving_while_passages_are_put_in_their_place_is_no_defect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: list[Exception]
) -> None:
    app = IsiskQAApp(fakes.Application(home=tmp_path))
    show, left = EvidencePane.show, []

    async def leave_and_show(pane: EvidencePane, *shown: Any) -> None:
        app.exit()
        left.append(pane)
        await show(pane, *shown)

    async with app.run_test(size=SIZE) as pilot:
        await fakes.until(pilot, lambda: app.main.backend is not None)
        monkeypatch.setattr(EvidencePane, "show", leave_and_show)
        await fakes.ask(pilot, "x")
        await fakes.until(pilot, lambda: bool(left))
    assert (faults, app.failure) == ([], None)


async def test_defects_without_end_end_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: list[Exception]
) -> None:
    app = IsiskQAApp(fakes.Application(home=tmp_path))

    async def break_often() -> None:
        async with app.run_test(size=SIZE) as pilot:
            await fakes.until(pilot, lambda: app.main.backend is not None)
            monkeypatch.setattr(Prompt, "action_newline", lambda self: 1 / 0)
            await pilot.press(*["ctrl+j"] * 20)

    with pytest.raises(ZeroDivisionError):
        await break_often()
    assert 0 < len(faults) < 20
    assert isinstance(app.failure, ZeroDivisionError)
    faults.clear()


async def test_settings_that_are_wrong_end_the_program_with_their_sentence() -> None:
    def broken() -> fakes.Application:
        raise SettingsError("theme is not valid: choose another")

    app = IsiskQAApp(broken)
    async with app.run_test(size=SIZE) as pilot:
        await fakes.until(pilot, lambda: app.failure is not None)
    assert app.return_code == 1
    assert str(app.failure) == "theme is not valid: choose another"
