"""The articles on the screen, by keyboard alone."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Input, Select, Static

from qa.app import Application as RealApplication
from qa.models import Question
from qa.settings import Settings
from qa.terminal import sanitise
from qa.trace import Trace
from qa.tui.app import IsiskQAApp
from qa.tui.protocols import Backend
from qa.tui.screens import articles
from qa.tui.screens.article import ArticleScreen
from qa.tui.screens.articles import BUSY, ArticlesScreen
from qa.tui.text import MARK
from qa.tui.widgets import listing
from qa.tui.widgets.listing import Listing
from tests.qa.tui import fakes
from tests.qa.tui.seen import said, titles
from tests.qa.tui.test_hostile import PAYLOADS, hostile_article
from vectorstore.dates import PartialDate
from vectorstore.errors import StoreBusyError, StoreError
from vectorstore.pipeline import Progress
from vectorstore.source_state import SourceState
from vectorstore.summaries import summarised

SIZES = pytest.mark.parametrize("size", [(200, 60), (60, 20)])
SPUTNIK, EXPLAINER = (article.title for article in fakes.shipped())


@pytest.fixture
def backend(tmp_path: Path) -> fakes.Application:
    backend = fakes.Application(home=tmp_path)
    backend.history.keep(fakes.fighters(), Trace(()))
    return backend


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


class Opened:
    def __init__(self, backend: Backend) -> None:
        self.app = IsiskQAApp(backend)
        self.screen = ArticlesScreen(backend)

    @property
    def on_top(self) -> bool:
        """Not under a question either."""
        return self.app.screen is self.screen

    async def begin(self, pilot: Pilot[None]) -> None:
        self.app.push_screen(self.screen)
        await fakes.until(pilot, lambda: self.on_top and self.text("head").startswith("Articles ·"))

    def text(self, name: str) -> str:
        return said(self.screen, f"#articles-{name}")

    def titles(self) -> list[str]:
        return titles(self.screen)

    async def other(self, pilot: Pilot[None]) -> None:
        """Wait until another screen lies on top."""
        await fakes.until(pilot, lambda: not self.on_top)

    async def back(self, pilot: Pilot[None]) -> None:
        await fakes.until(pilot, lambda: self.on_top)


@SIZES
async def test_list_filter_open(backend: fakes.Application, size: tuple[int, int]) -> None:
    opened = Opened(backend)
    async with opened.app.run_test(size=size) as pilot:
        await opened.begin(pilot)
        assert opened.text("head") == "Articles · 2 articles"
        assert opened.titles() == [SPUTNIK, EXPLAINER]
        assert "cited in 1 answer" in opened.screen.query_one(Listing).items[0].details
        await pilot.press("slash", *"dangerous")
        assert opened.titles() == [EXPLAINER]
        assert opened.text("head") == "Articles · 2 articles · 1 left by the filter"
        await pilot.press("enter")
        await opened.other(pilot)
        article = opened.app.screen
        assert isinstance(article, ArticleScreen)
        blocks = [block.visual for block in article.query(".block").results(Static)]
        assert all(isinstance(block, Content) for block in blocks)
        shown = "\n".join(block.plain for block in blocks if isinstance(block, Content))
        assert shown == sanitise(fakes.shipped()[1].text).rstrip("\n")
        assert not [
            span for block in blocks if isinstance(block, Content) for span in block.spans if span.style == MARK
        ]
        assert "c" not in article.active_bindings
        await pilot.press("escape")
        await opened.back(pilot)
        await pilot.press("escape")
        await opened.other(pilot)


async def test_filters_of_publisher_and_date(backend: fakes.Application) -> None:
    opened = Opened(backend)
    async with opened.app.run_test(size=(80, 24)) as pilot:
        await opened.begin(pilot)
        publisher = opened.screen.query_one("#publisher", Select)
        await pilot.press("slash", "tab", "enter")
        await fakes.until(pilot, lambda: publisher.expanded)
        await pilot.press("down", "enter")
        await fakes.until(pilot, lambda: publisher.value == "Sputnik")
        assert opened.titles() == [SPUTNIK]
        publisher.clear()
        await fakes.until(pilot, lambda: len(opened.titles()) == 2)
        await pilot.press("tab", *"201")
        since = opened.screen.query_one("#since", Input)
        assert since.has_class("-wrong")
        assert "write YYYY" in opened.text("problem")
        assert len(opened.titles()) == 2
        await pilot.press(*"8")
        assert not since.has_class("-wrong")
        assert opened.titles() == [EXPLAINER]
        await pilot.press("tab", *"2019-13")
        assert opened.screen.query_one("#until", Input).has_class("-wrong")
        await pilot.press("backspace", "2")
        assert (opened.titles(), opened.text("problem")) == ([], "No article is left by this filter.")


async def test_of_very_many_the_first_are_listed(backend: fakes.Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "MOST", 3)
    backend._articles = [replace(fakes.shipped()[0], id=f"a{n}", title=f"Number {n}") for n in range(5)]
    opened = Opened(backend)
    async with opened.app.run_test() as pilot:
        await opened.begin(pilot)
        assert opened.titles() == ["Number 0", "Number 1", "Number 2"]
        assert opened.text("head") == "Articles · 5 articles · the first 3 are listed"
        await pilot.press("slash", *"a4")
        assert opened.titles() == ["Number 4"]


async def test_thousands_are_listed_without_their_texts(
    backend: fakes.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, last = (replace(fakes.shipped()[0], text="", published=PartialDate(year)) for year in ("2017", "2019"))
    many = [replace(first, id=f"a{number:04}", title=f"Report {number}") for number in range(1_999)]
    backend._articles = [*many, replace(last, id="late", title="Late", publisher="Herald", text="A quokka was seen.")]
    drawn: list[str] = []
    content = listing._Lines._content

    def noted(self: listing._Lines) -> Content:
        drawn.append(self._item.id)
        return content(self)

    monkeypatch.setattr(listing._Lines, "_content", noted)
    opened = Opened(backend)
    async with opened.app.run_test(size=(80, 24)) as pilot:
        with monkeypatch.context() as forbid:
            # Whoever reads every text here has an AttributeError, which is shown as a fault.
            forbid.delattr(fakes.Application, "articles")
            forbid.setattr(backend, "summaries", lambda: summarised(backend._articles))
            await opened.begin(pilot)
            assert len(opened.titles()) == 2_000
            opened.screen.query_one("#since", Input).value = "2018"
            await fakes.until(pilot, lambda: opened.titles() == ["Late"])
            opened.screen.query_one("#since", Input).value = ""
            await fakes.until(pilot, lambda: len(opened.titles()) == 2_000)
            opened.screen.query_one("#publisher", Select).value = "Herald"
            await fakes.until(pilot, lambda: opened.titles() == ["Late"])
            opened.screen.query_one("#publisher", Select).clear()
            await fakes.until(pilot, lambda: len(opened.titles()) == 2_000)
            await pilot.press("end", "home", "enter")
            await opened.other(pilot)
            await pilot.press("escape")
            await opened.back(pilot)
        # Only what comes into view is made.
        assert 0 < len(set(drawn)) < 60
        await pilot.press("slash", *"quokka")
        await fakes.until(pilot, lambda: opened.titles() == ["Late"])
        await fakes.until(pilot, lambda: opened.text("problem") == "")


async def test_a_changed_file_is_told_over_the_article(backend: fakes.Application) -> None:
    backend.states["sputnik-2017-12"] = SourceState.GONE
    opened = Opened(backend)
    async with opened.app.run_test() as pilot:
        await opened.begin(pilot)
        await pilot.press("enter")
        await opened.other(pilot)
        said_over_it = "! The article's file is gone; this is the text that was read."
        await fakes.until(pilot, lambda: said(opened.app.screen, ".problem") == said_over_it)


async def test_one_is_removed_after_a_question(backend: fakes.Application) -> None:
    opened = Opened(backend)
    async with opened.app.run_test(size=(60, 20)) as pilot:
        await opened.begin(pilot)
        await pilot.press("down", "x")
        await opened.other(pilot)
        await pilot.press("escape")
        await opened.back(pilot)
        assert len(backend.articles()) == 2
        await pilot.press("x")
        await opened.other(pilot)
        await pilot.press("y")
        await fakes.until(pilot, lambda: opened.titles() == [SPUTNIK])
        assert [article.title for article in backend.articles()] == [SPUTNIK]


async def test_adding_goes_on_while_the_screen_is_used_and_left(
    backend: fakes.Application, tmp_path: Path, gate: threading.Event
) -> None:
    backend.ingest_steps = [Progress(1, 3, "a\x1b[31m.txt"), gate]
    new = replace(fakes.shipped()[0], id="new", title="New")
    opened = Opened(backend)
    async with opened.app.run_test(size=(80, 24)) as pilot:
        await opened.begin(pilot)
        assert "s" not in opened.screen.active_bindings
        await pilot.press("a")
        await opened.other(pilot)
        await pilot.press(*"/no/such", "enter")
        await fakes.until(
            pilot, lambda: said(opened.app.screen, "#add-problem") == "There is no file or folder /no/such."
        )
        opened.app.screen.query_one(Input).value = str(tmp_path)
        await pilot.press("enter")
        await fakes.until(pilot, lambda: opened.text("adding") == "Adding: 1 of 3 · a�[31m.txt")
        assert "s" in opened.screen.active_bindings
        await pilot.press("x")
        await fakes.until(pilot, lambda: opened.text("problem") == BUSY)
        # A question is answered meanwhile.
        await pilot.press("escape")
        await opened.other(pilot)
        await fakes.ask(pilot, fakes.QUESTION)
        await fakes.until(pilot, lambda: backend.fake.asked == [fakes.QUESTION])
        backend._articles = [*backend.articles(), new]
        gate.set()
        await fakes.until(pilot, lambda: bool(opened.app._notifications))
        assert [note.message for note in opened.app._notifications] == ["1 added."]
        await fakes.until(pilot, lambda: "3 articles" in said(opened.app.screen, "#status"))
        opened.screen = ArticlesScreen(backend)
        await opened.begin(pilot)
        assert opened.titles()[-1] == "New"
        assert opened.text("adding") == "1 added."


async def test_what_is_added_is_listed_at_once(backend: fakes.Application, tmp_path: Path) -> None:
    opened = Opened(backend)
    async with opened.app.run_test() as pilot:
        await opened.begin(pilot)
        backend._articles = [*backend.articles(), replace(fakes.shipped()[0], id="new", title="New")]
        await pilot.press("a")
        await opened.other(pilot)
        opened.app.screen.query_one(Input).value = str(tmp_path)
        await pilot.press("enter")
        await fakes.until(pilot, lambda: opened.titles() == [SPUTNIK, EXPLAINER, "New"])
        assert not opened.app._notifications


@pytest.mark.parametrize("error", [StoreBusyError("Another process [/is] writing; wait."), KeyError("x")])
async def test_adding_that_fails_is_a_sentence(backend: fakes.Application, tmp_path: Path, error: Exception) -> None:
    backend.ingest_steps = [error]
    opened = Opened(backend)
    async with opened.app.run_test() as pilot:
        await opened.begin(pilot)
        await pilot.press("a")
        await opened.other(pilot)
        opened.app.screen.query_one(Input).value = str(tmp_path)
        await pilot.press("enter")
        said = str(error) if isinstance(error, StoreBusyError) else "Something went wrong (KeyError)."
        await fakes.until(pilot, lambda: opened.text("adding") == said)


async def test_adding_is_stopped(backend: fakes.Application, tmp_path: Path, gate: threading.Event) -> None:
    backend.ingest_steps = [Progress(1, 3, "a.txt"), gate, Progress(2, 3, "b.txt")]
    opened = Opened(backend)
    async with opened.app.run_test() as pilot:
        await opened.begin(pilot)
        backend.adding.start([tmp_path])
        await fakes.until(pilot, lambda: opened.text("adding").startswith("Adding: 1"))
        await pilot.press("s")
        gate.set()
        await fakes.until(pilot, lambda: opened.text("adding").startswith("Stopped;"))


async def test_a_store_that_fails_is_a_sentence(backend: fakes.Application, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[object]:
        raise StoreError("The store [/is] broken; repair it.")

    monkeypatch.setattr(backend, "summaries", broken)
    opened = Opened(backend)
    async with opened.app.run_test() as pilot:
        opened.app.push_screen(opened.screen)
        await fakes.until(pilot, lambda: opened.text("problem") == "The store [/is] broken; repair it.")


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
async def test_hostile_text_is_shown_as_text(tmp_path: Path, payload: str) -> None:
    opened = Opened(fakes.Application(articles=[hostile_article(payload)], home=tmp_path))
    async with opened.app.run_test(size=(60, 20)) as pilot:
        await opened.begin(pilot)
        publisher = opened.screen.query_one("#publisher", Select)
        await pilot.press("slash", "tab", "enter")
        await fakes.until(pilot, lambda: publisher.expanded)
        drawn = [opened.app.export_screenshot()]
        await pilot.press("p", "down", "enter")
        await fakes.until(pilot, lambda: not publisher.expanded)
        drawn.append(opened.app.export_screenshot())
        opened.screen.query_one(Listing).focus()
        await pilot.press("enter")
        await opened.other(pilot)
        drawn.append(opened.app.export_screenshot())
    for svg in drawn:
        assert sanitise(svg) == svg


async def test_over_a_real_store(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "seals.txt"
    file.write_text("Eleven grey seals were counted in Ostend harbour in 2019, a warden said on Monday.", "utf-8")
    with RealApplication(Settings(home=home)) as application:
        opened = Opened(application)
        async with opened.app.run_test() as pilot:
            await opened.begin(pilot)
            assert len(opened.titles()) == 5
            await pilot.press("a")
            await opened.other(pilot)
            opened.app.screen.query_one(Input).value = str(file)
            await pilot.press("enter")
            await fakes.until(pilot, lambda: len(opened.titles()) == 6)
            answer = application.chain().invoke(Question("How many grey seals were counted in Ostend harbour?"))
            assert "Eleven grey seals" in answer.answer
            await pilot.press("end", "x")
            await opened.other(pilot)
            await pilot.press("y")
            await fakes.until(pilot, lambda: len(opened.titles()) == 5)
