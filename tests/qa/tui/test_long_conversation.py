"""A conversation of many answers: each can be reached, and those out of view cost a redraw nothing."""

from textual.geometry import Region
from textual.pilot import Pilot
from textual.selection import SELECT_ALL
from textual.widgets import Static

from qa.tui.app import IsiskQAApp
from tests.qa.tui import fakes

SIZE = (120, 36)
LONG = "many words in one sentence " * 8


async def filled(pilot: Pilot[None], count: int) -> None:
    await fakes.until(pilot, lambda: bool(str(pilot.app.screen.query_one("#coverage", Static).visual)))
    conversation = app_of(pilot).main.conversation
    for number in range(count):
        exchange = await conversation.add(f"Question {number:02} of {LONG}?")
        exchange.reopen(fakes.fighters(), (), "")
    await pilot.pause()


def app_of(pilot: Pilot[None]) -> IsiskQAApp:
    assert isinstance(pilot.app, IsiskQAApp)
    return pilot.app


def lines(pilot: Pilot[None]) -> list[str]:
    return [strip.text for strip in pilot.app.screen._compositor.render_strips()]


def numbers(pilot: Pilot[None]) -> set[int]:
    """Of the questions of which the beginning is in view."""
    return {int(line.partition("Question ")[2][:2]) for line in lines(pilot) if "› Question " in line}


async def test_what_is_laid_out_does_not_grow_with_the_conversation() -> None:
    laid_out = []
    for count in (20, 40):
        async with IsiskQAApp(fakes.Application()).run_test(size=SIZE) as pilot:
            await filled(pilot, count)
            pilot.app.screen.refresh(layout=True)
            await pilot.pause()
            laid_out.append(len(pilot.app.screen._compositor.full_map))
    assert laid_out[0] == laid_out[1]


async def test_every_answer_comes_into_view_page_by_page_and_key_by_key() -> None:
    async with IsiskQAApp(fakes.Application()).run_test(size=SIZE) as pilot:
        await filled(pilot, 25)
        conversation = app_of(pilot).main.conversation
        seen = numbers(pilot)
        assert 24 in seen
        assert 0 not in seen
        while conversation.scroll_y > 0:
            await pilot.press("pageup")
            await pilot.pause()
            assert numbers(pilot)
            seen |= numbers(pilot)
        assert seen == set(range(25))
        pilot.app.screen.set_focus(None)
        for number in reversed(range(25)):
            await pilot.press("k")
            await pilot.pause()
            assert conversation.current is conversation.exchanges[number]
            assert number in numbers(pilot)
        await pilot.press("end")
        await pilot.pause()
        assert conversation.scroll_y == conversation.max_scroll_y
        assert 24 in numbers(pilot)


async def test_a_window_made_narrower_shows_the_answers_above_as_one_that_always_was() -> None:
    shown = []
    for sizes in (((80, 24),), (SIZE, (80, 24))):
        async with IsiskQAApp(fakes.Application()).run_test(size=sizes[0]) as pilot:
            await filled(pilot, 12)
            for size in sizes[1:]:
                await pilot.resize_terminal(*size)
            await pilot.pause()
            app_of(pilot).main.conversation.scroll_home(animate=False)
            await pilot.pause()
            shown.append(lines(pilot))
    assert shown[0] == shown[1]


async def test_a_selection_reaches_over_answers_out_of_view() -> None:
    async with IsiskQAApp(fakes.Application()).run_test(size=SIZE) as pilot:
        await filled(pilot, 20)
        conversation = app_of(pilot).main.conversation
        far = conversation.exchanges[3]
        assert far.region == Region()
        pilot.app.screen.selections = {conversation.exchanges[-1].query_one(".answer", Static): SELECT_ALL}
        conversation.refresh(layout=True)
        await pilot.pause()
        assert far.region != Region()
