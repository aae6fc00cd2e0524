"""F2, by keyboard alone."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from textual.pilot import Pilot
from textual.widgets import Input, Select

from qa.app import Application as RealApplication
from qa.models import Question
from qa.settings import Settings
from qa.tui.app import IsiskQAApp
from qa.tui.protocols import Backend
from qa.tui.screens.settings import SAME, SAVED, SettingsScreen
from qa.tui.settings_form import save
from tests.fakes.openai_server import OpenAIServer
from tests.qa.tui import fakes
from tests.qa.tui.seen import said

KEY = "sk-very-secret-1234"


class Opened:
    def __init__(self, backend: Backend) -> None:
        self.app = IsiskQAApp(backend)
        self.screen = SettingsScreen(backend)

    @property
    def on_top(self) -> bool:
        """Not under a question either."""
        return self.app.screen is self.screen

    async def begin(self, pilot: Pilot[None]) -> None:
        self.app.push_screen(self.screen)
        await fakes.until(pilot, lambda: self.on_top and self.screen.focused is not None)

    def text(self, selector: str) -> str:
        return said(self.screen, selector)


async def test_a_model_is_set_and_in_force(tmp_path: Path) -> None:
    backend = fakes.Application(home=tmp_path)
    opened = Opened(backend)
    async with opened.app.run_test(size=(60, 20)) as pilot:
        await opened.begin(pilot)
        await pilot.press("tab", *"m1")
        await fakes.until(pilot, lambda: "OpenAI wants a key" in opened.text("#base_url-note"))
        await pilot.press("ctrl+s")
        assert backend.settings.model != "m1"
        await pilot.press("tab", *"http://127.0.0.1:9/v1")
        await fakes.until(pilot, lambda: opened.text("#base_url-note") == "")
        await pilot.press("ctrl+s")
        await fakes.until(pilot, lambda: opened.text("#settings-said") == SAVED)
        assert (backend.settings.model, backend.settings.base_url) == ("m1", "http://127.0.0.1:9/v1")
        assert Settings(home=tmp_path).model == "m1"
        await pilot.press("enter")
        await fakes.until(pilot, lambda: opened.text("#settings-said") == SAME)
        await pilot.press("escape")
        await fakes.until(pilot, lambda: not opened.on_top)


async def test_choices(tmp_path: Path) -> None:
    backend = fakes.Application(home=tmp_path)
    opened = Opened(backend)
    async with opened.app.run_test() as pilot:
        await opened.begin(pilot)

        async def choose(name: str, value: object, *keys: str) -> None:
            select = opened.screen.query_one(f"#{name}", Select)
            select.focus()
            await pilot.press("enter")
            await fakes.until(pilot, lambda: select.expanded)
            await pilot.press(*keys, "enter")
            await fakes.until(pilot, lambda: select.value == value)

        await choose("answerer", "llm", "down")
        await fakes.until(pilot, lambda: "A model is needed" in opened.text("#model-note"))
        await choose("answerer", "extractive", "down")
        await choose("strict", True, "down")
        last = max(opened.app.available_themes)
        await choose("theme", last, "end")
        await pilot.press("ctrl+s")
        await fakes.until(pilot, lambda: opened.text("#settings-said") == SAVED)
        assert opened.app.theme == last
        assert (backend.settings.strict, backend.settings.answerer) == (True, "extractive")
        again = Settings(home=tmp_path)
        assert (again.strict, again.answerer, again.theme) == (True, "extractive", last)


async def test_leaving_with_changes_asks(tmp_path: Path) -> None:
    opened = Opened(fakes.Application(home=tmp_path))
    async with opened.app.run_test(size=(60, 20)) as pilot:
        await opened.begin(pilot)
        await pilot.press("tab", *"m", "escape")
        await fakes.until(pilot, lambda: not opened.on_top)
        await pilot.press("n")
        await fakes.until(pilot, lambda: opened.on_top)
        await pilot.press("escape")
        await fakes.until(pilot, lambda: not opened.on_top)
        await pilot.press("y")
        await fakes.until(pilot, lambda: not opened.screen.is_attached)
        assert not (tmp_path / "config.toml").exists()


async def test_what_the_environment_says_cannot_be_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISISK_QA_MODEL", "from-environment")
    opened = Opened(fakes.Application(home=tmp_path))
    async with opened.app.run_test() as pilot:
        await opened.begin(pilot)
        assert opened.screen.query_one("#model", Input).disabled
        assert opened.screen.query_one("#model", Input).value == "from-environment"
        assert opened.text("#model-note").startswith("ISISK_QA_MODEL in the environment")
        # From who answers, past the model, to the endpoint.
        await pilot.press("tab", "h")
        assert opened.screen.query_one("#base_url", Input).value == "h"
        assert opened.text("#model-note").startswith("ISISK_QA_MODEL in the environment")


async def test_the_key_is_never_shown_and_stays_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'# mine\napi_key = "{KEY}"\n[keys]\nhelp = "f9"\n', "utf-8")
    (tmp_path / "config.toml").chmod(0o600)
    opened = Opened(fakes.Application(home=tmp_path))
    async with opened.app.run_test(size=(200, 60)) as pilot:
        await opened.begin(pilot)
        assert "1 key of your own" in opened.text(".setting")
        await pilot.press("tab", *"m", "ctrl+s")
        await fakes.until(pilot, lambda: opened.text("#settings-said") == SAVED)
        assert KEY not in opened.app.export_screenshot()
    text = (tmp_path / "config.toml").read_text("utf-8")
    assert text == f'# mine\napi_key = "{KEY}"\nmodel = "m"\n\n[keys]\nhelp = "f9"\n'


async def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    opened = Opened(fakes.Application(home=tmp_path))
    async with opened.app.run_test() as pilot:
        await opened.begin(pilot)
        (tmp_path / "config.toml").mkdir()
        await pilot.press("tab", *"m", "ctrl+s")
        await fakes.until(pilot, lambda: "cannot be read" in opened.text("#settings-said"))


def test_the_next_question_is_asked_of_the_new_model(home: Path, openai_server: OpenAIServer) -> None:
    question = Question("How many fighters did ISIS-K have at the beginning of 2017?")
    openai_server.answer = "ISIS-K had a high of 3,000 fighters at the beginning of 2017 [1]."
    with RealApplication(Settings(home=home)) as application:
        assert application.chain().invoke(question).answerer == "extractive"
        for model in ("one", "two"):
            changed = {"model": model, "base_url": openai_server.url, "api_key": SecretStr(KEY)}
            application.reconfigure(application.settings.model_copy(update=changed))
            assert application.chain().invoke(question).model == model
        chain = application.chain()
        application.reconfigure(application.settings.model_copy(update={"answerer": "extractive"}))
        # What was begun is ended as it was begun.
        assert chain.invoke(question).model == "two"
        assert application.chain().invoke(question).answerer == "extractive"


def test_the_next_question_is_embedded_at_the_new_endpoint(tmp_path: Path, openai_server: OpenAIServer) -> None:
    (tmp_path / "foxes.txt").write_text(
        "Nine red foxes were seen in Lisbon in 2016, an officer said on Monday.", "utf-8"
    )
    settings = Settings(home=tmp_path / "home", embedding_model="an-embedder", base_url=openai_server.url)
    question = Question("How many red foxes were seen in Lisbon?")
    with RealApplication(settings) as application, OpenAIServer().running() as second:
        application.ingest([tmp_path / "foxes.txt"])
        assert application.chain().invoke(question).retrieved
        before = len(openai_server.requests)
        application.reconfigure(save(settings, {"base_url": second.url}))
        assert application.chain().invoke(question).retrieved
        assert {request.path for request in second.requests} == {"/v1/embeddings"}
        assert len(openai_server.requests) == before
        # A file that is added goes there too.
        (tmp_path / "seals.txt").write_text("Eleven grey seals were counted in Ostend in 2019, a warden said.", "utf-8")
        application.ingest([tmp_path / "seals.txt"])
        assert len(openai_server.requests) == before
