"""What is drawn, the conversation's states and the other screens: for snapshots and the documents' pictures."""

import threading
from collections.abc import Awaitable, Callable

from textual.pilot import Pilot
from textual.widgets import Input

from qa.errors import ModelError
from qa.history import FILE
from qa.history_file import opened
from qa.models import Answer, Conflict, PassagesFound, Position, Reason, Sentence, SentenceChecked, Support, TextDelta
from qa.trace import Trace
from qa.tui.app import IsiskQAApp
from qa.tui.protocols import Backend
from qa.tui.screens.articles import ArticlesScreen
from qa.tui.screens.history import HistoryScreen
from qa.tui.screens.settings import SettingsScreen
from qa.tui.widgets.exchange import State
from tests.qa.tui import fakes
from tests.qa.tui.seen import said, titles

Scene = Callable[[Pilot[None]], Awaitable[None]]


def disagreeing() -> Answer:
    """A written answer with every kind of marker, whose sources differ."""
    first, second = fakes.fighters().citations
    sentences = (
        Sentence("The group had about 1,100 fighters.", (1,), Support.SUPPORTED, 0.97),
        Sentence("It lost many of them to air strikes.", (2,), Support.PARTIAL, 0.6),
        Sentence("It has recovered since.", (9,), Support.UNSUPPORTED, 0.1),
    )
    positions = (Position("1,100, down from 3,000", (1,)), Position("1,600 killed since March", (2,)))
    return fakes.answer(
        " ".join(f"{sentence.text} [{sentence.citations[0]}]" for sentence in sentences),
        sentences,
        (first, second),
        conflicts=(Conflict("the number of fighters", positions),),
        answerer="llm",
        model="a-model",
        usage={"total_tokens": 1_234},
        timings_ms={"total": 3_210.0},
    )


def application() -> fakes.Application:
    """Its chain answers a scene's name."""
    refusal = fakes.answer("The articles do not say who led the group in 2023.", reason=Reason.OUT_OF_RANGE)
    draft: list[fakes.Step] = [
        TextDelta("The group had about 1,100 fighters. "),
        SentenceChecked(Sentence("The group had about 1,100 fighters.", (1,), Support.SUPPORTED, 0.9)),
        TextDelta("It lost many of them to air strikes and to the Taliban. "),
        SentenceChecked(Sentence("It lost …", (1, 2), Support.PARTIAL, 0.5)),
        TextDelta("It then moved to the moon. "),
        SentenceChecked(None),
        TextDelta("Some of them were still in Jawzjan. "),
    ]
    return fakes.Application(
        {
            "answered": fakes.steps(fakes.fighters()),
            "conflict": fakes.steps(disagreeing()),
            "refusal": fakes.steps(refusal),
            "error": [ModelError("The endpoint at 127.0.0.1:1 cannot be reached; start it, or set ISISK_QA_BASE_URL.")],
            "streaming": [PassagesFound(()), *draft, threading.Event(), *fakes.steps(refusal)],
        },
        answerer="llm",
    )


def _app(pilot: Pilot[None]) -> IsiskQAApp:
    assert isinstance(pilot.app, IsiskQAApp)
    return pilot.app


async def empty(pilot: Pilot[None]) -> None:
    app = _app(pilot)
    await fakes.until(pilot, lambda: bool(app.main.query("#prompt")))
    # A cursor that blinks is there in some drawings only.
    app.main.prompt.cursor_blink = False
    await fakes.until(pilot, lambda: "2 articles" in str(app.main.query_one("#coverage").visual))  # type: ignore[attr-defined]


async def streaming(pilot: Pilot[None]) -> None:
    app = _app(pilot)
    await empty(pilot)
    await fakes.ask(pilot, "streaming")
    await fakes.until(pilot, lambda: bool(app.main.query(".block")))
    await fakes.ask(pilot, "answered")
    await fakes.until(pilot, lambda: len(app.main.conversation.exchanges) == 2)


def settled(name: str, state: State, passages: int) -> Scene:
    """The question that is the scene's name, and what came of it."""

    async def scene(pilot: Pilot[None]) -> None:
        app = _app(pilot)
        await empty(pilot)
        await fakes.ask(pilot, name)
        await fakes.until(pilot, lambda: [exchange.state for exchange in app.main.conversation.exchanges] == [state])
        await fakes.until(pilot, lambda: len(app.main.evidence.cards) == passages)

    return scene


async def article(pilot: Pilot[None]) -> None:
    app = _app(pilot)
    await settled("answered", State.ANSWERED, 2)(pilot)
    await pilot.press("f3", "enter")
    await fakes.until(pilot, lambda: app.screen is not app.main and app.screen.query_one("#text").scroll_y > 0)


SCENES: dict[str, Scene] = {
    "empty": empty,
    "streaming": streaming,
    "answered": settled("answered", State.ANSWERED, 2),
    "conflict": settled("conflict", State.ANSWERED, 2),
    "refusal": settled("refusal", State.ABSTAINED, 0),
    "error": settled("error", State.FAILED, 0),
    "article": article,
}


SCREENS: dict[str, type[ArticlesScreen | HistoryScreen | SettingsScreen]] = {
    "articles": ArticlesScreen,
    "history": HistoryScreen,
    "settings": SettingsScreen,
}


def keep_answers(backend: Backend) -> None:
    """Two answers of days that do not change."""
    refused = fakes.answer("The articles do not say.", reason=Reason.NO_MATCH, question="Who paid for it?")
    for answer in (fakes.fighters(), refused):
        backend.history.keep(answer, Trace(()))
    with opened(backend.settings.home / FILE, to_write=True) as database:
        database.execute("UPDATE answers SET asked_at = '2026-03-04T05:06:07+00:00'")
        database.execute(
            "UPDATE answers SET asked_at = '2026-03-05T05:06:07+00:00' WHERE question = 'Who paid for it?'"
        )


def showing(backend: Backend, name: str) -> Scene:
    """One of SCREENS, ready to be used, an item chosen where it is a list."""

    async def show(pilot: Pilot[None]) -> None:
        pushed = SCREENS[name](backend)
        pilot.app.push_screen(pushed)
        await fakes.until(pilot, lambda: bool(titles(pushed) or said(pushed, ".setting")))
        # Else the cursor is drawn or not by the time of day.
        for field in pushed.query(Input):
            field.cursor_blink = False
        await fakes.until(pilot, lambda: bool(pushed.query("FooterKey")) and pushed.focused is not None)
        if SCREENS[name] is not SettingsScreen:
            await pilot.press("down")

    return show
