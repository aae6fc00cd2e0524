import os
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from qa.evaluation.compare import compare_runs
from qa.evaluation.folder import StoredRun
from qa.evaluation.report.html import render_html
from tests.qa.evaluation.report.conftest import MakeRun

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Page(HTMLParser):
    """The elements of a page, their attributes, and the words in them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.marked: list[tuple[str, str]] = []
        self._mark = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.elements.append((tag, named))
        self._mark = named.get("class", "") if tag == "mark" else ""

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._mark:
            self.marked.append((self._mark, data))
            self._mark = ""

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_what_a_model_wrote_is_text(hostile: StoredRun, texts: dict[str, str]) -> None:
    text = render_html(hostile, "all", texts)
    page = Page(text)
    assert not page.named("script")
    assert not page.named("img")
    assert not page.named("a")
    attributes = [name for _, found in page.elements for name in found]
    assert not [name for name in attributes if name.startswith("on")]
    assert not [
        value
        for tag, found in page.elements
        for name, value in found.items()
        if name.endswith(("src", "href")) and not value.startswith("#")
    ], "something is fetched from elsewhere"
    assert page.named("meta")[1]["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    words = "".join(page.words)
    assert words.count("<script>document.title='owned'</script>") >= 4
    assert "{{ 7 * 7 }}" in words
    assert not [character for character in ("\x00", "\x07", "\x1b", "\ud800") if character in text]
    # Every element that was opened by the template is closed by it, and none by an answer.
    assert text.count("<details") == text.count("</details>")


def test_overview_plots_and_questions(make_run: MakeRun, oracle: dict[str, Any], texts: dict[str, str]) -> None:
    page = Page(render_html(make_run(oracle), "all", texts))
    assert len(page.named("svg")) == 4
    words = " ".join(" ".join(page.words).split())
    for expected in (
        "vital nuggets found 1.000 0.207 to 1.000 wilson 1",
        "Retrieval: capped Recall@k",
        "conflict 1 1 0 0 0",
    ):
        assert expected in words
    assert {found["id"] for found in page.named("details") if "id" in found} == {"q1-1", "q2-1", "q3-1", "q4-1"}


def test_quotes_and_gold_are_marked_in_their_passages(
    make_run: MakeRun, world: Any, oracle: dict[str, Any], texts: dict[str, str]
) -> None:
    first = next(iter(oracle))
    answer = world.answer("Of them?", [("alpha", "had 3,000 fighters"), ("alpha", "in Kunar")], ["alpha-0", "alpha-1"])
    page = Page(render_html(make_run({**oracle, first: answer}), "dev", texts))
    marked = [each for each in page.marked if each[0] in ("cited", "gold", "both")]
    # The two citations, then their passages: the gold is the whole of the first one.
    legend = 3
    assert marked[legend : legend + 6] == [
        ("cited", "had 3,000 fighters"),
        ("cited", "in Kunar"),
        ("gold", "The group "),
        ("both", "had 3,000 fighters"),
        ("gold", " in 2017."),
        ("cited", "in Kunar"),
    ]


def test_only_one_split_is_listed_and_texts_may_be_missing(make_run: MakeRun, oracle: dict[str, Any]) -> None:
    page = Page(render_html(make_run(oracle), "dev", {}))
    assert {found["id"] for found in page.named("details") if "id" in found} == {"q1-1", "q3-1"}
    words = "".join(page.words)
    assert "Subscribe now" not in words
    assert "The Taliban took the credit" not in words


def test_what_differs_from_another_run(make_run: MakeRun, oracle: dict[str, Any]) -> None:
    first = next(iter(oracle))
    before, now = make_run(oracle, "before"), make_run({**oracle, first: oracle[list(oracle)[2]]}, "now")
    words = " ".join(" ".join(Page(render_html(now, "all", {}, compare_runs(before, now))).words).split())
    assert "Against before" in words
    assert "Changed answers: 1" in words
    assert "before, right now, wrong" in words
    # A verdict only on what is decided on, and what no question says anything of is no difference.
    assert "citations valid 1.000 1.000 0 0.000 to 0.000" in words
    assert "not decided on" not in words
    assert "detectable: the smallest difference found with 80% power at this n" in words


def test_the_same_run_gives_the_same_bytes(make_run: MakeRun, oracle: dict[str, Any], texts: dict[str, str]) -> None:
    run = make_run(oracle)
    assert render_html(run, "all", texts) == render_html(run, "all", texts)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_a_browser_shows_the_plots_and_runs_nothing(hostile: StoredRun, texts: dict[str, str], tmp_path: Path) -> None:
    from PIL import Image

    page, picture = tmp_path / "report.html", tmp_path / "report.png"
    page.write_text(render_html(hostile, "all", texts), "utf-8")

    def chromium(*arguments: str) -> str:
        done = subprocess.run(
            [
                str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                f"--user-data-dir={tmp_path / 'profile'}", *arguments, page.as_uri(),
            ],
            capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "HOME": str(tmp_path)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    rendered = Page(chromium("--dump-dom"))
    assert "".join(rendered.words).count("owned") >= 4
    assert "run: evaluation" in rendered.words
    assert len(rendered.named("svg")) == 4
    assert not rendered.named("script")
    chromium(f"--screenshot={picture}", "--window-size=1100,2600")
    with Image.open(picture) as image:
        colours = image.convert("RGB").getcolors(1 << 24) or []
    found = {colour: count for count, colour in colours}
    # The colours of dev and test, which nothing but a plot has so much of.
    assert found.get((0x1F, 0x6F, 0x8B), 0) > 200
    assert found.get((0xC0, 0x5A, 0x2B), 0) > 200
