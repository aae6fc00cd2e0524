import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import OptionList, Static

from qa.errors import ModelError, QAError
from qa.models import Citation, PassagesFound, Reason, TextDelta
from qa.terminal import sanitise
from qa.tui.app import IsiskQAApp
from qa.tui.screens.article import ArticleScreen
from qa.tui.screens.help import HelpScreen
from qa.tui.text import MARK
from qa.tui.widgets.exchange import Exchange, State
from qa.tui.widgets.passage import PassageCard
from qa.tui.widgets.prompt import Prompt
from qa.tui.widgets.welcome import EXAMPLES
from tests.qa.tui import fakes
from vectorstore.errors import StoreError, VectorStoreError

WIDE, MEDIUM, NARROW = (200, 60), (80, 24), (60, 20)
SIZES = pytest.mark.parametrize("size", [WIDE, MEDIUM, NARROW])


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What a script waits for; opened at the end, so that no thread outlives its test by long."""
    event = threading.Event()
    yield event
    event.set()


def shown(widget: Widget, selector: str) -> str:
    """The text of the visible Statics under ``widget`` that match."""
    return "\n".join(
        content.plain
        for static in widget.query(selector).results(Static)
        if static.display and isinstance(content := static.visual, Content)
    )


def exchanges(pilot: Pilot[None]) -> list[Exchange]:
    return list(pilot.app.screen.query(Exchange))


def cards(pilot: Pilot[None]) -> list[PassageCard]:
    return list(pilot.app.screen.query(PassageCard))


async def asked(pilot: Pilot[None], question: str = fakes.QUESTION) -> Exchange:
    """Ask, and wait for whatever comes of it."""
    await fakes.ask(pilot, question)
    await fakes.until(pilot, lambda: bool(exchanges(pilot)) and not exchanges(pilot)[-1].open)
    return exchanges(pilot)[-1]


def assert_marked(card: PassageCard, citation: Citation) -> None:
    """The card marks the slice of the shipped article, and nothing else."""
    content = card.query_one(".excerpt", Static).visual
    assert isinstance(content, Content)
    text = sanitise(fakes.shipped()[0].text)
    marked = [content.plain[span.start : span.end] for span in content.spans if span.style == MARK]
    assert marked == [text[citation.start : citation.end]]


@SIZES
async def test_a_question_is_answered_beside_its_passages(size: tuple[int, int], gate: threading.Event) -> None:
    answer = fakes.fighters()
    *deltas, finished = fakes.steps(answer)
    app = IsiskQAApp(fakes.Application({fakes.QUESTION: [*deltas, gate, finished]}))
    async with app.run_test(size=size) as pilot:
        await fakes.ask(pilot, fakes.QUESTION)
        await fakes.until(pilot, lambda: bool(exchanges(pilot)) and "12 men" in shown(exchanges(pilot)[0], ".block"))
        (exchange,) = exchanges(pilot)
        assert "not checked yet" in shown(exchange, ".quiet")
        assert shown(exchange, ".block").endswith("lost 12 men. [2]… ")
        gate.set()
        await fakes.until(pilot, lambda: exchange.state is State.ANSWERED)
        assert shown(exchange, ".question") == f"› {fakes.QUESTION}"
        first, second = answer.citations
        assert shown(exchange, ".answer") == (
            f"{first.quote} [1]✓ The US killed 1,600 of them and lost 12 men. [2] ≈ partly supported"
        )
        assert (
            shown(exchange, ".quiet")
            == "✗ 1 of 2 sentences not fully supported · quoted word for word, no model · 12 ms"
        )
        await fakes.until(pilot, lambda: len(cards(pilot)) == 2)
        for card, citation in zip(cards(pilot), (first, second), strict=True):
            assert_marked(card, citation)
        assert shown(cards(pilot)[0], ".title") == f"[1] {first.title}"
        assert shown(cards(pilot)[0], ".source") == "Sputnik · December 2017 (inferred)"


async def test_an_abstention_looks_like_one() -> None:
    answer = fakes.answer("The articles do not say who led the group in 2023.", reason=Reason.OUT_OF_RANGE)
    async with IsiskQAApp(fakes.Application({"q": fakes.steps(answer)})).run_test(size=WIDE) as pilot:
        exchange = await asked(pilot, "q")
        assert exchange.state is State.ABSTAINED
        assert exchange.has_class("-abstained")
        assert shown(exchange, ".answer") == ("∅ Not answered\nThe articles do not say who led the group in 2023.")
        await fakes.until(pilot, lambda: shown(pilot.app.screen, "#evidence .hint") == "Nothing is cited.")


@pytest.mark.parametrize(
    "error", [ModelError("The endpoint is down; start it."), StoreError("The store [/is] broken; delete it.")]
)
async def test_a_known_error_is_one_sentence_in_place(error: QAError | VectorStoreError) -> None:
    app = IsiskQAApp(fakes.Application({"bad": [TextDelta("half"), error]}))
    async with app.run_test(size=MEDIUM) as pilot:
        exchange = await asked(pilot, "bad")
        assert exchange.state is State.FAILED
        assert shown(exchange, ".answer") == f"! {error}"
        assert (await asked(pilot)).state is State.ANSWERED


async def test_an_unknown_error_is_logged_and_does_not_end_the_program(tmp_path: Path) -> None:
    app = IsiskQAApp(fakes.Application({"bad": [KeyError("secret of the library")]}, home=tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        exchange = await asked(pilot, "bad")
        assert shown(exchange, ".answer").startswith("! Something went wrong (KeyError); the details are in ")
        assert "secret of the library" in (tmp_path / "isisk-qa.log").read_text(encoding="utf-8")
        assert (await asked(pilot)).state is State.ANSWERED


async def test_esc_stops_an_answer_and_keeps_what_was_written(gate: threading.Event) -> None:
    slow = [TextDelta("Half a sentence"), gate, *fakes.steps(fakes.fighters())]
    async with IsiskQAApp(fakes.Application({"slow": slow})).run_test(size=WIDE) as pilot:
        await fakes.ask(pilot, "slow")
        await fakes.until(pilot, lambda: "Half" in "".join(shown(e, ".block") for e in exchanges(pilot)))
        await pilot.press("escape")
        (stopped,) = exchanges(pilot)
        assert stopped.state is State.STOPPED
        answered = await asked(pilot)
        assert answered.state is State.ANSWERED
        gate.set()
        await pilot.pause()
        assert stopped.state is State.STOPPED
        assert shown(stopped, ".block") == "Half a sentence"
        assert "stopped" in shown(stopped, ".quiet")


async def test_a_second_question_queues_and_the_prompt_stays_open(gate: threading.Event) -> None:
    script: dict[str, list[fakes.Step]] = {"slow": [PassagesFound(()), gate, *fakes.steps(fakes.fighters())]}
    async with IsiskQAApp(fakes.Application(script)).run_test(size=WIDE) as pilot:
        await fakes.ask(pilot, "slow")
        await fakes.until(pilot, lambda: bool(exchanges(pilot)) and exchanges(pilot)[0].state is State.RUNNING)
        await fakes.ask(pilot, "second")
        await fakes.until(pilot, lambda: len(exchanges(pilot)) == 2)
        assert shown(exchanges(pilot)[1], ".quiet") == "… queued"
        await pilot.press(*"third")
        gate.set()
        await fakes.until(pilot, lambda: not any(exchange.open for exchange in exchanges(pilot)))
        assert [exchange.state for exchange in exchanges(pilot)] == [State.ANSWERED] * 2
        assert pilot.app.screen.query_one(Prompt).text == "third"


async def test_a_question_waits_for_the_store(gate: threading.Event) -> None:
    application = fakes.Application()
    application.prepare_steps = [gate]
    async with IsiskQAApp(application).run_test(size=WIDE) as pilot:
        await pilot.press(*"early", "enter")
        await fakes.until(pilot, lambda: bool(exchanges(pilot)))
        assert shown(exchanges(pilot)[0], ".quiet") == "… waiting until the articles are read"
        assert application.fake.asked == []
        gate.set()
        await fakes.until(pilot, lambda: exchanges(pilot)[0].state is State.ANSWERED)
        assert application.fake.asked == ["early"]


async def test_a_store_that_fails_is_told_and_tried_again() -> None:
    application = fakes.Application()
    application.prepare_steps = [StoreError("The store cannot be opened; check its rights.")]
    async with IsiskQAApp(application).run_test(size=WIDE) as pilot:
        await fakes.until(pilot, lambda: bool(shown(pilot.app.screen, ".notice")))
        assert shown(pilot.app.screen, ".notice") == "! The store cannot be opened; check its rights."
        assert "could not be read" in shown(pilot.app.screen, "#status")
        assert (await asked(pilot)).state is State.ANSWERED
        assert shown(pilot.app.screen, "#status").startswith("isisk-qa · no model · 2 articles")


async def test_files_that_could_not_be_read_are_named() -> None:
    application = fakes.Application()
    application.failures = (fakes.Failure("[b]a.txt", "It is not text."),)
    async with IsiskQAApp(application).run_test(size=WIDE) as pilot:
        await fakes.until(pilot, lambda: shown(pilot.app.screen, ".notice") == "! [b]a.txt: It is not text.")


@pytest.mark.parametrize(("answerer", "hinted"), [("extractive", True), ("llm", False)])
async def test_the_first_screen(answerer: str, hinted: bool) -> None:
    async with IsiskQAApp(fakes.Application(answerer=answerer)).run_test(size=MEDIUM) as pilot:
        await fakes.until(pilot, lambda: "articles" in shown(pilot.app.screen, "#coverage"))
        assert shown(pilot.app.screen, "#coverage") == "2 articles · December 2017 to August 2021 · Sputnik"
        assert ("No model is configured" in shown(pilot.app.screen, "#model-hint")) is hinted
        await pilot.press("shift+tab", "down", "enter")
        await fakes.until(pilot, lambda: bool(exchanges(pilot)) and not exchanges(pilot)[0].open)
        assert exchanges(pilot)[0].question == EXAMPLES[1]
        assert not pilot.app.screen.query(OptionList)


async def test_the_conversation_grows_and_each_answer_keeps_its_evidence() -> None:
    refused = fakes.answer("No.", reason=Reason.NO_MATCH)
    async with IsiskQAApp(fakes.Application({"none": fakes.steps(refused)})).run_test(size=WIDE) as pilot:
        for question in ("one", "none", "three"):
            await asked(pilot, question)
        assert [exchange.question for exchange in exchanges(pilot)] == ["one", "none", "three"]
        await fakes.until(pilot, lambda: len(cards(pilot)) == 2)
        await pilot.press("tab", "k")
        await fakes.until(pilot, lambda: not cards(pilot))
        assert [exchange.has_class("-current") for exchange in exchanges(pilot)] == [False, True, False]
        await pilot.press("escape", "shift+tab", "k")
        await fakes.until(pilot, lambda: len(cards(pilot)) == 2)
        assert "one" in shown(pilot.app.screen, "#evidence > .label")


async def test_keys_choose_a_passage_and_open_the_article() -> None:
    answer = fakes.fighters()
    async with IsiskQAApp(fakes.Application()).run_test(size=WIDE) as pilot:
        await asked(pilot)
        await fakes.until(pilot, lambda: len(cards(pilot)) == 2)
        await pilot.press("tab")
        assert cards(pilot)[0].has_focus
        for key, chosen in (("n", 1), ("n", 1), ("p", 0), ("2", 1), ("1", 0), ("9", 0), ("2", 1)):
            await pilot.press(key)
            assert [card.has_focus for card in cards(pilot)] == [chosen == 0, chosen == 1], key
        await pilot.press("enter")
        await fakes.until(pilot, lambda: isinstance(pilot.app.screen, ArticleScreen))
        marked = [
            content.plain[span.start : span.end]
            for block in pilot.app.screen.query(".block").results(Static)
            if isinstance(content := block.visual, Content)
            for span in content.spans
        ]
        assert marked == [answer.citations[1].quote]
        await pilot.press("escape")
        assert cards(pilot)[1].has_focus
        await pilot.press("escape")
        assert pilot.app.screen.query_one(Prompt).has_focus


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_article_opens_at_the_quote(size: tuple[int, int]) -> None:
    async with IsiskQAApp(fakes.Application()).run_test(size=size) as pilot:
        await asked(pilot)
        await fakes.until(pilot, lambda: len(cards(pilot)) == 2)
        await pilot.press("f3", "enter")
        await fakes.until(pilot, lambda: isinstance(pilot.app.screen, ArticleScreen))
        await fakes.until(pilot, lambda: "They&#160;are&#160;believed" in pilot.app.export_screenshot())


async def test_narrow_terminals_show_one_pane_at_a_time() -> None:
    async with IsiskQAApp(fakes.Application()).run_test(size=MEDIUM) as pilot:
        left, evidence = pilot.app.screen.query_one("#left"), pilot.app.screen.query_one("#evidence")

        def panes() -> tuple[bool, bool]:
            return left.display, evidence.display

        await asked(pilot)
        assert panes() == (True, False)
        await pilot.press("f3")
        assert panes() == (False, True)
        assert cards(pilot)[0].has_focus
        await pilot.press("f3")
        assert panes() == (True, False)
        assert pilot.app.screen.query_one(Prompt).has_focus
        await pilot.press("shift+tab", "2")
        assert panes() == (False, True)
        await pilot.resize_terminal(*WIDE)
        assert panes() == (True, True)


@pytest.mark.parametrize("size", [WIDE, MEDIUM, NARROW, (40, 10), (39, 24), (80, 9), (20, 5)])
async def test_nothing_scrolls_sideways_and_too_small_is_said(size: tuple[int, int]) -> None:
    answer = fakes.fighters()
    long = fakes.answer("W" * 500 + " [1]", (), (answer.citations[0],))
    async with IsiskQAApp(fakes.Application({"W" * 300: fakes.steps(long)})).run_test(size=WIDE) as pilot:
        await asked(pilot, "W" * 300)
        await pilot.resize_terminal(*size)
        for keys in ((), ("f3",)):
            await pilot.press(*keys)
            panes = pilot.app.screen.query("#conversation, #evidence, Footer")
            assert [pane for pane in panes if pane.show_horizontal_scrollbar] == []
            assert pilot.app.screen.max_scroll_x == 0
        small = size[0] < 40 or size[1] < 10
        assert pilot.app.screen.query_one("#too-small").display is small
        assert pilot.app.screen.query_one("#body").display is not small


async def test_a_window_may_be_as_narrow_as_it_likes() -> None:
    app = IsiskQAApp(fakes.Application())
    async with app.run_test(size=MEDIUM) as pilot:
        await fakes.until(pilot, lambda: app.main.backend is not None)
        for columns in (*range(1, 9), 80):
            # Each is drawn once with the layout of the one before.
            await pilot.resize_terminal(*MEDIUM)
            await pilot.resize_terminal(columns, 24)
        assert app.main.prompt.content_size.width > 60


async def test_scrolling_up_is_not_undone_by_new_text(gate: threading.Event) -> None:
    begun = threading.Event()
    slow = [TextDelta("word " * 400), begun, TextDelta("more " * 400), gate, *fakes.steps(fakes.fighters())]
    async with IsiskQAApp(fakes.Application({"slow": slow})).run_test(size=MEDIUM) as pilot:
        conversation = pilot.app.screen.query_one("#conversation")
        await asked(pilot)
        await fakes.ask(pilot, "slow")
        await fakes.until(pilot, lambda: conversation.max_scroll_y > 10)
        await fakes.until(pilot, lambda: conversation.scroll_y == conversation.max_scroll_y)
        await pilot.press("pageup")
        height, place = conversation.virtual_size.height, conversation.scroll_y
        begun.set()
        await fakes.until(pilot, lambda: conversation.virtual_size.height != height)
        assert conversation.scroll_y == place < conversation.max_scroll_y


async def test_help_opens_and_closes() -> None:
    async with IsiskQAApp(fakes.Application()).run_test(size=NARROW) as pilot:
        await pilot.press("f1")
        await fakes.until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, HelpScreen)


async def test_a_click_on_a_marker_chooses_its_passage() -> None:
    async with IsiskQAApp(fakes.Application()).run_test(size=WIDE) as pilot:
        exchange = await asked(pilot)
        await fakes.until(pilot, lambda: len(cards(pilot)) == 2)
        answer = exchange.query_one(".answer", Static)
        assert isinstance(answer.visual, Content)
        lines = [line.plain for line in answer.visual.wrap(answer.content_size.width)]
        row = next(row for row, line in enumerate(lines) if "[2]" in line)
        await pilot.click(answer, offset=(lines[row].index("[2]") + 1, row))
        assert cards(pilot)[1].has_focus


async def test_without_colour_no_colour_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with IsiskQAApp(fakes.Application()).run_test(size=WIDE) as pilot:
        assert pilot.app.theme == "ansi-dark"
        assert pilot.app.native_ansi_color
        await asked(pilot)
