"""What a person takes away from an answer: a copy, a file, and the sources themselves."""

import json
import threading
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from textual.widgets import Static

from qa.models import TextDelta
from qa.render import render_markdown, render_text
from qa.tui.app import IsiskQAApp
from qa.tui.exhibits import Exhibit, exhibits, whole
from qa.tui.screens.export import write_new
from qa.tui.screens.main import UNFINISHED
from qa.tui.screens.source import SourceScreen, host_of, source_of
from qa.tui.widgets.draft import Draft
from tests.qa.tui import fakes

SIZE = (120, 40)


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


async def test_what_an_answer_does_not_have_yet_is_said_to_come() -> None:
    gate = threading.Event()
    app = IsiskQAApp(fakes.Application({"slow": [TextDelta("Half"), gate, *fakes.steps(fakes.fighters())]}))
    async with app.run_test(size=SIZE) as pilot:
        said: list[str] = []

        async def pressed(*keys: str) -> list[str]:
            await pilot.press(*keys)
            await pilot.pause()
            fresh = [note.message for note in app._notifications][len(said) :]
            said.extend(fresh)
            return fresh

        await fakes.ask(pilot, "slow")
        await fakes.until(pilot, lambda: bool(app.main.query(Draft)))
        app.main.set_focus(None)
        for key in ("1", "n", "p", "o", "e"):
            assert await pressed(key) == [UNFINISHED]
        gate.set()
        await fakes.until(pilot, lambda: len(app.main.evidence.cards) == 2)
        assert await pressed("9") == ["The answer has no passage [9]."]
        assert await pressed("o") == ["Choose a passage first: its number, or n."]
        assert await pressed("1", "n", "p") == []
        await pilot.press("ctrl+n")
        app.main.set_focus(None)
        assert await pressed("n") == ["There is no passage to choose."]


async def test_a_person_who_turned_to_another_answer_is_not_called_away_when_the_new_one_ends() -> None:
    gate = threading.Event()
    app = IsiskQAApp(fakes.Application({"slow": [TextDelta("Half"), gate, *fakes.steps(fakes.fighters())]}))
    async with app.run_test(size=SIZE) as pilot:
        await fakes.ask(pilot, fakes.QUESTION)
        await fakes.until(pilot, lambda: len(app.main.evidence.cards) == 2)
        await fakes.ask(pilot, "slow")
        await fakes.until(pilot, lambda: bool(app.main.query(Draft)))
        app.main.set_focus(None)
        await pilot.press("k", "2")
        chosen = app.main.evidence.cards[1]
        assert chosen.has_focus
        gate.set()
        first, last = app.main.conversation.exchanges
        await fakes.until(pilot, lambda: last.settled)
        assert app.main.conversation.current is first
        assert chosen.has_focus
        await pilot.press("j")
        await fakes.until(pilot, lambda: app.main.conversation.current is last and len(app.main.evidence.cards) == 2)


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


def test_an_exhibit_is_of_one_passage() -> None:
    """Each marker leads to exactly one."""
    answer = fakes.fighters()
    found = exhibits(answer.citations, lambda _: fakes.shipped()[0])
    assert [item.citation.marker for item in found] == [1, 2]
