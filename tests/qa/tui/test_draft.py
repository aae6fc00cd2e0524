"""What is seen while an answer is written."""

import threading
from collections.abc import Sequence

from textual.widgets import Static

from qa.models import Sentence, SentenceChecked, Support, TextDelta
from qa.tui.app import IsiskQAApp
from qa.tui.widgets.draft import BLOCK, Draft
from qa.tui.widgets.exchange import State
from tests.qa.tui import fakes

SIZE = (120, 40)
FULL, PART = (Sentence("x", (1,), support, 0.5) for support in (Support.SUPPORTED, Support.PARTIAL))


async def test_a_sentence_has_its_state_before_the_next_one_ends() -> None:
    gates = [threading.Event() for _ in range(3)]
    steps: list[fakes.Step] = [
        TextDelta("One. "), gates[0], SentenceChecked(FULL), TextDelta("Two. "), SentenceChecked(PART), gates[1],
        TextDelta("Three. "), SentenceChecked(None), gates[2], *fakes.steps(fakes.fighters()),
    ]  # fmt: skip
    app = IsiskQAApp(fakes.Application({"x": steps}))
    async with app.run_test(size=SIZE) as pilot:

        def seen() -> tuple[str, str]:
            (exchange,) = app.main.conversation.exchanges
            draft = "".join(widget.plain for widget in exchange.query(Draft))
            return draft, str(exchange.query_one(".quiet", Static).visual)

        await fakes.ask(pilot, "x")
        await fakes.until(pilot, lambda: seen() == ("One. ", "… writing; not checked yet"))
        gates[0].set()
        two = "One. [1]✓ Two. [1] ≈ partly supported "
        await fakes.until(pilot, lambda: seen() == (two, "… writing; not checked yet where there is no mark"))
        gates[1].set()
        await fakes.until(pilot, lambda: seen()[0] == f"{two}Three. ✗ not kept ")
        gates[2].set()
        await fakes.until(pilot, lambda: app.main.conversation.exchanges[0].state is State.ANSWERED)
        assert not app.main.query(Draft)


async def test_what_is_stopped_keeps_the_states_that_it_has() -> None:
    gate = threading.Event()
    slow: list[fakes.Step] = [TextDelta("One. "), SentenceChecked(FULL), TextDelta("Two. "), gate]
    app = IsiskQAApp(fakes.Application({"x": slow}))
    async with app.run_test(size=SIZE) as pilot:
        await fakes.ask(pilot, "x")
        await fakes.until(pilot, lambda: [one.plain for one in app.main.query(Draft)] == ["One. [1]✓ Two. "])
        await pilot.press("escape")
        (exchange,) = app.main.conversation.exchanges
        assert str(exchange.query_one(".quiet", Static).visual) == "■ stopped; what has no mark was not checked"
        assert app.main.query_one(Draft).plain == "One. [1]✓ Two. "
        gate.set()


async def test_every_line_has_its_own_states_whenever_they_come() -> None:
    from qa.tui.answers import Check

    text = "One.\u200d Two.\nThree.\n\nFour. Fi"
    checks = [Check(text.index(end) + len(end), FULL) for end in ("One.", "Two.", "Three.", "Four.")]
    wanted = "One. [1]✓\ufffd Two. [1]✓\nThree. [1]✓\n\nFour. [1]✓ Fi"

    async def drawn(looks: Sequence[tuple[str, int]]) -> str:
        app = IsiskQAApp(fakes.Application())
        async with app.run_test(size=SIZE) as pilot:
            draft = Draft()
            await app.main.conversation.mount(draft)
            for shown, known in looks:
                draft.show(shown, checks[:known])
                await pilot.pause()
            return draft.plain

    assert await drawn([(text, 4)]) == wanted
    assert await drawn([(text[:12], 0), (text, 0), (text, 1), (text, 3), (text, 4)]) == wanted
    assert await drawn([(text[:end], 0) for end in range(1, len(text) + 1)] + [(text, 4)]) == wanted


async def test_what_is_streamed_and_what_comes_at_once_end_alike() -> None:
    lines = ["A paragraph [1] of words. [2]", "", *(f"- item {n} [1]" for n in range(20)), "[1]: http://x [1][2] end"]
    whole = fakes.answer("\n".join(lines), (), fakes.fighters().citations)

    async def drawn(steps: list[fakes.Step]) -> list[str]:
        app = IsiskQAApp(fakes.Application({"x": [*steps, fakes.steps(whole)[-1]]}))
        async with app.run_test(size=SIZE) as pilot:
            await fakes.ask(pilot, "x")
            await fakes.until(pilot, lambda: len(app.main.evidence.cards) == 2)
            return [strip.text for strip in app.screen._compositor.render_strips()]

    streamed = await drawn([TextDelta(part) for part in whole.answer.split(" ")])
    assert streamed == await drawn([])
    assert any("[1]: http://x [1][2] end" in line for line in streamed)


async def test_a_draft_is_a_widget_for_a_few_lines_and_is_its_whole_text() -> None:
    gate = threading.Event()
    text = "One [1].\r\nTwo\u200d\n\n" + "".join(f"- item {n}\n" for n in range(50)) + "end"
    parts = [TextDelta(text[at : at + 7]) for at in range(0, len(text), 7)]
    app = IsiskQAApp(fakes.Application({"x": [*parts, gate]}))
    async with app.run_test(size=SIZE) as pilot:
        await fakes.ask(pilot, "x")
        await fakes.until(
            pilot, lambda: any(str(block.visual).endswith("end") for block in app.main.query(".block").results(Static))
        )
        written = [str(block.visual) for block in app.main.query(".block").results(Static)]
        assert len(written) == -(-(text.count("\n") + 1) // BLOCK) > 3
        shown = "\n".join(written).split("\n")
        assert shown[:3] == ["One [1]….\u0020", "Two\ufffd", ""]
        assert shown[3:] == text.split("\n")[3:]
        await pilot.press("escape")
        gate.set()
