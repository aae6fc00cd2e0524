"""What the keys do: the prompt, the ladder of Ctrl+C, copy, export, sources, retry, a new conversation."""

import json
import threading
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from textual.events import Paste
from textual.widgets import Static

from qa.errors import ModelError, SettingsError
from qa.models import TextDelta
from qa.render import render_markdown, render_text
from qa.tui.app import IsiskQAApp
from qa.tui.exhibits import Exhibit, exhibits, whole
from qa.tui.screens.export import write_new
from qa.tui.screens.source import SourceScreen, host_of, source_of
from qa.tui.widgets.exchange import Exchange, State
from qa.tui.widgets.prompt import LONGEST, Prompt
from tests.qa.tui import fakes

SIZE = (120, 40)


async def test_a_question_of_two_lines_and_those_before_it() -> None:
    application = fakes.Application()
    app = IsiskQAApp(application)
    async with app.run_test(size=SIZE) as pilot:
        prompt = app.main.prompt
        await pilot.press(*"one", "ctrl+j", *"two", "enter", *"second", "enter", *"typed")
        await fakes.until(pilot, lambda: len(application.fake.asked) == 2)
        assert application.fake.asked == ["one\ntwo", "second"]
        seen = []
        for key in ("up", "up", "up", "up", "down", "down", "down"):
            await pilot.press(key)
            seen.append(prompt.text)
        # The cursor is at the end of two lines when they come, so one "up" goes to the first of them.
        assert seen == ["second", "one\ntwo", "one\ntwo", "one\ntwo", "one\ntwo", "second", "typed"]


async def test_ctrl_d_quits_only_where_nothing_is_typed() -> None:
    app = IsiskQAApp(fakes.Application())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*"ab", "home", "ctrl+d")
        assert app.main.prompt.text == "b"
        await pilot.press("ctrl+d")
        assert (app.main.prompt.text, app._exit) == ("", False)
        await pilot.press("ctrl+d")
        assert app._exit


async def test_ctrl_c_copies_then_stops_then_clears_then_quits() -> None:
    gate = threading.Event()
    app = IsiskQAApp(fakes.Application({"slow": [TextDelta("Half"), gate, *fakes.steps(fakes.fighters())]}))
    async with app.run_test(size=SIZE) as pilot:
        await fakes.ask(pilot, "slow")
        await fakes.until(pilot, lambda: [e.state for e in app.main.conversation.exchanges] == [State.RUNNING])
        await pilot.press(*"typed", "shift+home", "ctrl+c")
        assert app.clipboard == "typed"
        assert [exchange.state for exchange in app.main.conversation.exchanges] == [State.RUNNING]
        await pilot.press("end", "ctrl+c")
        assert [exchange.state for exchange in app.main.conversation.exchanges] == [State.STOPPED]
        assert app.main.prompt.text == "typed"
        await pilot.press("ctrl+c")
        assert (app.main.prompt.text, app._exit) == ("", False)
        await pilot.press("ctrl+c")
        assert [app._exit] == [False]
        await pilot.press("ctrl+c")
        assert [app._exit] == [True]
        gate.set()


async def test_slash_and_question_mark_are_keys_only_in_an_empty_prompt() -> None:
    app = IsiskQAApp(fakes.Application())
    async with app.run_test(size=SIZE) as pilot:
        await fakes.until(pilot, lambda: app.main.backend is not None)
        await pilot.press("question_mark")
        assert type(app.screen).__name__ == "HelpScreen"
        await pilot.press("escape", "a", "question_mark", "slash")
        assert app.main.prompt.text == "a?/"


async def test_a_paste_past_the_limit_is_cut() -> None:
    app = IsiskQAApp(fakes.Application())
    async with app.run_test(size=SIZE) as pilot:
        app.main.prompt.post_message(Paste("x" * (LONGEST + 5)))
        await fakes.until(pilot, lambda: bool(app.main.prompt.text))
        await pilot.press("y")
        assert app.main.prompt.text == "x" * LONGEST


async def test_an_answer_is_copied_with_its_citations_and_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = fakes.fighters()
    app = IsiskQAApp(fakes.Application())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("tab", "y", "e")
        assert app.clipboard == ""
        assert app.screen is app.main
        await pilot.press("escape")
        await fakes.ask(pilot, "x")
        await fakes.until(pilot, lambda: len(app.main.evidence.cards) == 2)
        await pilot.press("tab", "y")
        assert app.clipboard == render_text(answer)
        for key in ("m", "j", "m"):
            await pilot.press("e")
            await fakes.until(pilot, lambda: app.screen is not app.main)
            await pilot.press(key)
            await fakes.until(pilot, lambda: app.screen is app.main)
    name = f"isisk-qa-{answer.id}"
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{name}-2.md", f"{name}.json", f"{name}.md"]
    assert (tmp_path / f"{name}.md").read_text("utf-8") == render_markdown(answer) + "\n"
    assert json.loads((tmp_path / f"{name}.json").read_text("utf-8")) == json.loads(json.dumps(answer.to_record()))


def test_nothing_is_written_over(tmp_path: Path) -> None:
    first, second = (write_new(tmp_path / "a.md", text) for text in ("one", "two"))
    assert (first.read_text(), second.read_text()) == ("one", "two")


def exhibit(url: str | None, path: str = "nowhere.txt") -> Exhibit:
    article = replace(fakes.shipped()[0], url=url)
    citation = replace(fakes.fighters().citations[0], path=path)
    return Exhibit(citation, article)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org/a", "example.org"),
        ("http://example.org:8080/", "example.org:8080"),
        ("https://www.paypal.com@example.org/", "example.org"),
        ("https://аpple.example/", "xn--pple-43d.example"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("https:///path", None),
        ("http://[::1", None),
    ],
)
def test_only_web_addresses_are_opened_and_by_their_true_host(url: str, host: str | None) -> None:
    assert host_of(url) == host
    assert source_of(exhibit(url)) == (url if host else None)


def test_the_file_of_an_article_without_an_address(tmp_path: Path) -> None:
    path = tmp_path / "a b.txt"
    path.touch()
    assert source_of(exhibit(None, str(path))) == path.as_uri()
    assert source_of(exhibit(None, str(tmp_path))) is None


def test_a_shipped_file_is_found_where_the_program_is_now(tmp_path: Path) -> None:
    article = fakes.shipped()[0]
    name = Path(article.path).name
    now = Path(str(files("seeds"))) / "articles" / name
    # As read by a program in an environment that is gone.
    moved = replace(whole(article), citation=replace(whole(article).citation, path=str(tmp_path / "seeds" / name)))
    assert source_of(moved) == now.resolve().as_uri()
    assert source_of(replace(moved, citation=replace(moved.citation, sha256="0"))) is None
    assert source_of(replace(moved, citation=replace(moved.citation, path=str(tmp_path / "x\0")))) is None


async def test_a_source_is_opened_after_its_host_was_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(IsiskQAApp, "open_url", lambda self, url, **_: opened.append(url))
    article = replace(fakes.shipped()[0], url="https://example.org/\x1b[31m")
    app = IsiskQAApp(fakes.Application(articles=[article]))
    async with app.run_test(size=SIZE) as pilot:
        await fakes.ask(pilot, "x")
        await fakes.until(pilot, lambda: len(app.main.evidence.cards) == 2)
        await pilot.press("tab", "o")
        await fakes.until(pilot, lambda: isinstance(app.screen, SourceScreen))
        texts = [str(static.visual) for static in app.screen.query(Static)]
        assert "Host: example.org" in texts
        await pilot.press("escape")
        assert opened == []
        await pilot.press("o", "enter")
        assert opened == ["https://example.org/\x1b[31m"]
        await fakes.until(pilot, lambda: app.screen is app.main)


@pytest.mark.parametrize("way", ["r", "enter", "click"])
async def test_a_question_that_failed_is_asked_again(way: str) -> None:
    application = fakes.Application({"x": [ModelError("The endpoint is down; start it.")]})
    app = IsiskQAApp(application)
    async with app.run_test(size=SIZE) as pilot:
        await fakes.ask(pilot, "x")
        await fakes.until(pilot, lambda: [e.state for e in app.main.conversation.exchanges] == [State.FAILED])
        application.fake.script["x"] = fakes.steps(fakes.fighters())
        if way == "click":
            await pilot.click("Retry")
        else:
            app.main.query_one("Retry").focus()
            await pilot.press(way)
        (exchange,) = app.main.conversation.exchanges
        await fakes.until(pilot, lambda: exchange.state is State.ANSWERED)
        assert not app.main.query("Retry")
        assert application.fake.asked == ["x", "x"]


async def test_asking_again_stays_at_the_end_however_many_could_be_asked_again() -> None:
    long = fakes.answer("\n".join(f"line {n}" for n in range(60)), (), fakes.fighters().citations)
    script: dict[str, list[fakes.Step]] = {
        "bad": [ModelError("It is down.")],
        "long": fakes.steps(long),
        "slow": [TextDelta("Half"), threading.Event()],
    }
    app = IsiskQAApp(fakes.Application(script))
    async with app.run_test(size=SIZE) as pilot:
        conversation = app.main.conversation
        for question in script:
            await fakes.ask(pilot, question)
        await fakes.until(pilot, lambda: [e.written for e in conversation.exchanges[2:]] == ["Half"])
        slow = conversation.exchanges[2]
        await pilot.press("escape")
        await fakes.until(pilot, lambda: slow.state is State.STOPPED and len(slow.query("Retry")) == 1)
        slow.query_one("Retry").focus()
        await fakes.until(pilot, lambda: app.focused is slow.query_one("Retry"))
        await pilot.press("r")
        await fakes.until(pilot, lambda: slow.written == "Half")
        await fakes.until(pilot, lambda: app.focused is app.main.prompt)
        await pilot.pause(0.3)
        assert conversation.scroll_y == conversation.max_scroll_y > 30
        await pilot.press("escape")


async def test_a_new_conversation_leans_on_nothing_and_hears_nothing_of_the_old() -> None:
    gate = threading.Event()
    application = fakes.Application({"slow": [TextDelta("Half"), gate, *fakes.steps(fakes.fighters())]})
    app = IsiskQAApp(application)
    async with app.run_test(size=SIZE) as pilot:
        for question in ("first", "slow", "queued"):
            await fakes.ask(pilot, question)
        await fakes.until(pilot, lambda: application.fake.asked == ["first", "slow"])
        await pilot.press("ctrl+n")
        await fakes.until(pilot, lambda: bool(app.main.query("Welcome")))
        gate.set()
        assert app.main.conversation.exchanges == []
        await fakes.ask(pilot, "after")
        await fakes.until(pilot, lambda: [e.state for e in app.main.conversation.exchanges] == [State.ANSWERED])
        assert application.fake.asked == ["first", "slow", "after"]
        assert application.fake.earlier[-1] == ()


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


async def test_a_draft_is_a_widget_a_line_and_is_its_whole_text() -> None:
    gate = threading.Event()
    text = "One [1].\r\nTwo\u200d\n\n" + "".join(f"- item {n}\n" for n in range(50)) + "end"
    parts = [TextDelta(text[at : at + 7]) for at in range(0, len(text), 7)]
    app = IsiskQAApp(fakes.Application({"x": [*parts, gate]}))
    async with app.run_test(size=SIZE) as pilot:
        await fakes.ask(pilot, "x")
        await fakes.until(pilot, lambda: len(app.main.query(".line")) == text.count("\n") + 1)
        await fakes.until(pilot, lambda: str(app.main.query(".line").last(Static).visual) == "end")
        shown = [str(line.visual) for line in app.main.query(".line").results(Static)]
        assert shown[:3] == ["One [1]….\u0020", "Two\ufffd", ""]
        assert shown[3:] == text.split("\n")[3:]
        await pilot.press("escape")
        gate.set()


async def test_end_follows_again() -> None:
    gate = threading.Event()
    slow = [TextDelta("word\n" * 60), gate, *fakes.steps(fakes.fighters())]
    app = IsiskQAApp(fakes.Application({"slow": slow}))
    async with app.run_test(size=(80, 24)) as pilot:
        await fakes.ask(pilot, "slow")
        pane = app.main.conversation
        await fakes.until(pilot, lambda: pane.max_scroll_y > 30 and pane.scroll_y == pane.max_scroll_y)
        await pilot.press("pageup", "pageup")
        assert pane.scroll_y < pane.max_scroll_y
        # In the prompt, at the end of what is typed.
        await pilot.press("end")
        await fakes.until(pilot, lambda: pane.scroll_y == pane.max_scroll_y)
        gate.set()


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


def test_an_exhibit_is_of_one_passage() -> None:
    """Each marker leads to exactly one."""
    answer = fakes.fighters()
    found = exhibits(answer.citations, lambda _: fakes.shipped()[0])
    assert [item.citation.marker for item in found] == [1, 2]


async def test_keys_of_ones_own() -> None:
    application = fakes.Application()
    application.settings = application.settings.model_copy(
        update={"keys": {"prompt.send": "ctrl+g", "help": "f9"}, "theme": "isisk-light"}
    )
    app = IsiskQAApp(application)
    async with app.run_test(size=SIZE) as pilot:
        await fakes.until(pilot, lambda: app.main.backend is not None and bool(app.keys))
        assert app.theme == "isisk-light"
        await pilot.press(*"q", "ctrl+g")
        await fakes.until(pilot, lambda: application.fake.asked == ["q"])
        await pilot.press("f9")
        await fakes.until(pilot, lambda: type(app.screen).__name__ == "HelpScreen")
        rows = [str(static.visual) for static in app.screen.query(".key").results(Static)]
        assert "f9" in rows
        assert "ctrl+g" in rows


async def test_every_binding_has_an_id_and_no_key_that_terminals_lose() -> None:
    from textual.binding import Binding

    from qa.tui import keys
    from qa.tui.screens.main import MainScreen

    ours = [*MainScreen.BINDINGS, *IsiskQAApp.BINDINGS, *Prompt.BINDINGS]
    assert all(isinstance(binding, Binding) and binding.id for binding in ours)
    used = {key for binding in keys.bindings(*IsiskQAApp.BINDINGS).values() for key in binding.key.split(",")}
    assert not used & {"ctrl+b", "ctrl+h", "ctrl+i", "ctrl+m"}


async def test_a_past_answer_comes_back_with_its_passages(tmp_path: Path) -> None:
    from qa.trace import Trace

    application = fakes.Application(home=tmp_path)
    application.history.keep(fakes.fighters(), Trace(passages=(), embedded={}, exchange=None))
    app = IsiskQAApp(application)
    async with app.run_test(size=SIZE) as pilot:
        await fakes.until(
            pilot,
            lambda: app.main.backend is not None and "2 articles" in str(app.main.query_one("#status", Static).visual),
        )
        await pilot.press("slash")
        await fakes.until(
            pilot, lambda: type(app.screen).__name__ == "HistoryScreen" and bool(app.screen.query("Listing"))
        )
        await fakes.until(pilot, lambda: app.screen.query_one("Listing").option_count > 0)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await fakes.until(pilot, lambda: len(app.main.evidence.cards) == 2)
        (exchange,) = app.main.conversation.exchanges
        assert exchange.state is State.ANSWERED
        assert "from the history" in str(exchange.query_one(".quiet", Static).visual)
