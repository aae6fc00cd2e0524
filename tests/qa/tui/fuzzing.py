"""The program asking itself: each payload is a question, and in its answer, title, passage, conflict or error."""

import asyncio
import os
import random
from collections.abc import Iterator
from dataclasses import replace

from qa.models import Conflict, Event, Finished, PassagesFound, Position, Question, Sentence, Support, TextDelta
from qa.tui.app import IsiskQAApp
from qa.tui.protocols import Backend
from qa.tui.widgets.prompt import Prompt
from tests.qa.tui import fakes
from tests.qa.tui.test_hostile import hostile_article
from vectorstore.errors import StoreError
from vectorstore.models import Article

PAYLOADS = 500 if os.environ.get("SOAK") else 15
SEED = 20_261_121
END = "THE END"
PIECES = (
    "[", "]", "[/]", "[/foo]", "[@click=app.quit]x[/]", "[bold red]", "[1]", "[1]: http://x", "$primary", "{x}", "\\",
    "\x1b[2J", "\x1b]52;c;aGk=\x07", "\x1b]0;owned\x1b\\", "\x1b[5m", "\x1b[?1049l", "\x1bc", "\x9b5m", "\x9d0;t\x9c",
    "\x90q\x9c", "\x00", "\x07", "\x08", "\x0b", "\x0c", "\x7f", "\r", "\r\n", "\n", "\t", "\u202e", "\u2066", "\u200b",
    "\u2028", "\ufeff", "\U000e0041", "\udcff", "e" + "\u0301" * 40, "\u0301", "👩\u200d👩\u200d👧", "界",
    "ﷺ", "\u0600", "word ", "a sentence. ", "x" * 50,
)  # fmt: skip


def payloads() -> list[str]:
    """Different ones, the same each time; a few with one very long line."""
    dice = random.Random(SEED)
    made = []
    for number in range(PAYLOADS):
        pieces = [dice.choice(PIECES) for _ in range(dice.randint(1, 30))]
        if number % 25 == 3:
            pieces.insert(dice.randint(0, len(pieces)), dice.choice(("[", "x", "界", "e\u0301", "[1]")) * 10_000)
        made.append(f"{number} {''.join(pieces)}"[:10_000].strip())
    return made


class HostileChain:
    """Answers with the question itself, in every field that holds text; each fifth time with an error of it."""

    def __init__(self, numbered: dict[str, int]) -> None:
        self._numbered = numbered

    def stream(self, input: Question) -> Iterator[Event]:
        number, payload = self._numbered[input.text], input.text
        citation = fakes.cite(article(number, payload), 1, "THE QUOTE", "ENDS.")
        yield PassagesFound(())
        yield TextDelta(payload)
        if number % 5 == 4:
            raise StoreError(payload)
        yield Finished(
            fakes.answer(
                f"{payload} [1] [1][2]",
                (Sentence(payload, (1,), Support.PARTIAL, 0.5),),
                (citation,),
                conflicts=(Conflict(payload, (Position(payload, (1,)),)),),
                answerer="llm",
                model=payload,
            )
        )


def article(number: int, payload: str) -> Article:
    return replace(hostile_article(payload), id=str(number))


class HostileApplication(fakes.Application):
    def __init__(self, asked: list[str]) -> None:
        super().__init__(articles=[article(number, payload) for number, payload in enumerate(asked)])
        self.hostile = HostileChain({payload: number for number, payload in enumerate(asked)})

    def chain(self) -> HostileChain:  # type: ignore[override]
        return self.hostile


class Driven(IsiskQAApp):
    """Asks one payload after the other; a fault in a handler ends it."""

    CSS_PATH = "../../../qa/tui/app.tcss"

    def __init__(self, asked: list[str]) -> None:
        super().__init__(HostileApplication(asked))
        self._payloads = asked

    def on_mount(self) -> None:
        super().on_mount()
        self.run_worker(self._drive())

    async def _drive(self) -> None:
        while self.main.backend is None:
            await asyncio.sleep(0.01)
        for number, payload in enumerate(self._payloads):
            self.main.post_message(Prompt.Asked(payload))
            while not self._settled(payload):
                await asyncio.sleep(0.005)
            # Time for a frame with it.
            await asyncio.sleep(0.02)
            if number % 10 == 9:
                await self.main.action_anew()

    def _settled(self, payload: str) -> bool:
        exchanges = self.main.conversation.exchanges
        return bool(exchanges) and exchanges[-1].question == payload and not exchanges[-1].open

    def show_fault(self, error: Exception, backend: Backend) -> None:
        self.failure = error
        self.exit(return_code=3)


def main() -> None:
    """Run to the end, which is a question of its own, and wait there to be ended."""
    app = Driven([*payloads(), END])
    app.run()
    if app.failure is not None:
        raise app.failure
