"""Draw the pictures of docs/images. `make screenshot` runs it.

screenshot.svg is the real program on the shipped articles; the others are states of the conversation, and two of the
other screens, over made-up answers, the same that the snapshot tests hold.
"""

import asyncio
import os
import re
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.pilot import Pilot

from qa.app import Application
from qa.settings import Settings
from qa.tui.app import IsiskQAApp
from qa.tui.widgets.prompt import Prompt
from tests.qa.tui import fakes, scenes

SIZE, STATE_SIZE = (120, 34), (110, 26)
STATES = ("streaming", "conflict", "refusal", "error", "article")
SCREENS = ("articles", "history")
QUESTIONS = (
    "What share of the country does the Afghan government control?",
    "How many French fighters joined ISIS in Afghanistan?",
    "How many fighters did ISIS-K have at the beginning of 2017?",
)
STEPS, STEP_S = 1_200, 0.1


async def draw(home: Path) -> str:
    """The screen after the questions, as SVG."""
    with Application(Settings(home=home, answerer="extractive", model=None)) as application:
        app = IsiskQAApp(application)
        async with app.run_test(size=SIZE) as pilot:
            for number, question in enumerate(QUESTIONS, start=1):
                app.main.query_one(Prompt).text = question
                await pilot.press("enter")
                await _answered(pilot, app, number)
            # The last passages are mounted after the answer is.
            await pilot.pause(5 * STEP_S)
            return _without_downloads(app.export_screenshot(title="isisk-qa"))


async def draw_state(name: str) -> str:
    """One of the conversation's states, as SVG."""
    app = IsiskQAApp(scenes.application())
    async with app.run_test(size=STATE_SIZE) as pilot:
        await scenes.SCENES[name](pilot)
        await pilot.pause(STEP_S)
        return _without_downloads(app.export_screenshot(title="isisk-qa"))


async def draw_screen(name: str, home: Path) -> str:
    """One of the other screens, as SVG."""
    backend = fakes.Application(home=home)
    scenes.keep_answers(backend)
    app = IsiskQAApp(backend)
    async with app.run_test(size=STATE_SIZE) as pilot:
        await scenes.showing(backend, name)(pilot)
        await pilot.pause(STEP_S)
        return _without_downloads(app.export_screenshot(title="isisk-qa"))


async def _answered(pilot: Pilot[None], app: IsiskQAApp, number: int) -> None:
    for _ in range(STEPS):
        await pilot.pause(STEP_S)
        exchanges = app.main.conversation.exchanges
        if len(exchanges) == number and not exchanges[-1].open:
            return
    raise TimeoutError(f"question {number} was not answered")


def _without_downloads(svg: str) -> str:
    """The drawing names web fonts, which nobody's reader should have to fetch."""
    return re.sub(r"@font-face\s*\{[^}]*\}\s*", "", svg)


def main(folder: Path) -> None:
    """Write the drawings into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as home:
        drawings = {"screenshot": asyncio.run(draw(Path(home)))}
    drawings |= {name: asyncio.run(draw_state(name)) for name in STATES}
    # When something was asked is shown in the time of the place.
    os.environ["TZ"] = "UTC"
    time.tzset()
    for name in SCREENS:
        with TemporaryDirectory() as home:
            drawings[name] = asyncio.run(draw_screen(name, Path(home)))
    for name, svg in drawings.items():
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
