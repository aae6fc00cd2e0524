"""A fake application over the shipped articles: real records, a chain that replays a script."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from textual.pilot import Pilot

from qa.adding import Adding
from qa.history import FILE, History
from qa.models import (
    Answer,
    Citation,
    Event,
    Finished,
    PassagesFound,
    Question,
    Reason,
    Sentence,
    Status,
    Support,
    TextDelta,
)
from qa.settings import Settings
from qa.tui.widgets.prompt import Prompt
from vectorstore.dates import PartialDate
from vectorstore.errors import UnknownArticleError
from vectorstore.ingest import IngestReport
from vectorstore.models import Article
from vectorstore.pipeline import Progress
from vectorstore.source_state import SourceState
from vectorstore.summaries import ArticleSummary, summarised

Step = Event | BaseException | threading.Event
QUESTION = "How many fighters did ISIS-K have at the beginning of 2017?"


# A test that writes asks for a folder of its own.
NOWHERE = Path(os.devnull) / "nowhere"


def _shipped(name: str, **known: str | None) -> Article:
    data = files("seeds").joinpath("articles", name).read_bytes()
    published = known.pop("published", None)
    fields = {"title": name, "id": name[:3], **known}
    return Article(
        text=data.decode(),
        sha256=sha256(data).hexdigest(),
        path=f"seeds/articles/{name}",
        published=PartialDate(published) if published else None,
        **fields,  # type: ignore[arg-type]
    )


def shipped() -> list[Article]:
    return [
        _shipped(
            "000_18e8cb0073947491.txt",
            id="sputnik-2017-12",
            title="US, Afghan Forces Prepare Offensive Against Daesh in the North",
            publisher="Sputnik",
            published="2017-12",
            published_basis="inferred: the operation is to begin in December and follows November 2017",
        ),
        _shipped(
            "003_2ff84ac5b0d24845.txt",
            id="explainer-2021-08",
            title="Who is IS-K in Afghanistan and how dangerous is this terrorist group?",
            published="2021-08",
            published_basis="inferred: written between 26 and 31 August 2021",
        ),
    ]


def cite(article: Article, marker: int, first: str, last: str) -> Citation:
    """The slice from ``first`` to ``last`` (the shipped texts are full of no-break spaces)."""
    start = article.text.index(first)
    end = article.text.index(last, start) + len(last)
    return Citation(
        marker,
        article.id,
        article.title,
        article.publisher,
        article.published.iso if article.published else None,
        article.published_basis,
        article.path,
        article.sha256,
        start,
        end,
        article.text[start:end],
    )


def answer(
    text: str = "",
    sentences: tuple[Sentence, ...] = (),
    citations: tuple[Citation, ...] = (),
    reason: Reason | None = None,
    **other: object,
) -> Answer:
    fields: dict[str, object] = {
        "question": QUESTION,
        "status": Status.ABSTAINED if reason else Status.ANSWERED,
        "reason": reason,
        "answer": text,
        "sentences": sentences,
        "citations": citations,
        "conflicts": (),
        "retrieved": (),
        "answerer": "extractive",
        "model": None,
        "prompt_sha256": None,
        "index_generation": 1,
        "as_of": None,
        "timings_ms": {"total": 12.0},
    }
    return Answer(**{**fields, **other})  # type: ignore[arg-type]


def fighters() -> Answer:
    """Two sentences, each with a passage of the Sputnik article."""
    article = shipped()[0]
    first = cite(article, 1, "They are believed", "2017.")
    second = cite(article, 2, "the US has killed", "since\xa0March")
    claim = "The US killed 1,600 of them and lost 12 men."
    return answer(
        f"{first.quote} [1] {claim} [2]",
        (
            Sentence(first.quote, (1,), Support.SUPPORTED, 0.98),
            Sentence(claim, (2,), Support.PARTIAL, 0.6),
        ),
        (first, second),
    )


def steps(answer: Answer) -> list[Step]:
    words = answer.answer.split(" ")
    return [PassagesFound(()), *(TextDelta(f"{word} ") for word in words), Finished(answer)]


@dataclass
class Chain:
    script: dict[str, list[Step]]
    asked: list[str] = field(default_factory=list)
    earlier: list[tuple[str, ...]] = field(default_factory=list)

    def stream(self, input: Question) -> Iterator[Event]:
        self.asked.append(input.text)
        self.earlier.append(input.earlier)
        for step in self.script.get(input.text) or self.script["*"]:
            if isinstance(step, threading.Event):
                step.wait(30)
            elif isinstance(step, BaseException):
                raise step
            else:
                yield step


@dataclass(frozen=True)
class Done:
    done: int
    total: int
    label: str = "a file"
    phase: str = "embedding"


@dataclass(frozen=True)
class Failure:
    path: str
    message: str


@dataclass(frozen=True)
class Report:
    failures: tuple[Failure, ...] = ()


class Application:
    """``script`` maps a question to its steps, "*" stands for every other one; an Event is waited for."""

    def __init__(
        self,
        script: dict[str, list[Step]] | None = None,
        articles: list[Article] | None = None,
        home: Path = NOWHERE,
        answerer: str = "extractive",
    ) -> None:
        self.settings = Settings(home=home)
        self.fake = Chain({"*": steps(fighters()), **(script or {})})
        self.prepare_steps: list[Step] = []
        self.failures: tuple[Failure, ...] = ()
        self._articles = shipped() if articles is None else articles
        self._answerer = answerer
        self.states: dict[str, SourceState] = {}
        self.ingest_steps: list[threading.Event | BaseException | Progress | IngestReport] = []
        self.adding = Adding(self.ingest, lambda error: f"Something went wrong ({type(error).__name__}).")

    def prepare(self, progress: Callable[[Done], None] | None = None) -> Report | None:
        while self.prepare_steps:
            step = self.prepare_steps.pop(0)
            if isinstance(step, threading.Event):
                step.wait(30)
            elif isinstance(step, BaseException):
                raise step
        if progress:
            progress(Done(1, 2))
            progress(Done(0, 27, phase="index"))
        return Report(self.failures)

    def articles(self) -> list[Article]:
        return self._articles

    def summaries(self) -> list[ArticleSummary]:
        return summarised(self.articles())

    def article(self, reference: str) -> Article:
        for article in self._articles:
            if article.id == reference:
                return article
        raise UnknownArticleError(f"There is no article {reference!r}.")

    def ingest(self, paths: Sequence[Path], progress: Callable[[Progress], None]) -> IngestReport:
        report = IngestReport(len(paths), 0, 0, 1, (), 0.1)
        for step in self.ingest_steps:
            if isinstance(step, threading.Event):
                step.wait(30)
            elif isinstance(step, BaseException):
                raise step
            elif isinstance(step, Progress):
                progress(step)
            else:
                report = step
        return report

    def remove(self, references: Sequence[str]) -> list[Article]:
        removed = [self.article(reference) for reference in references]
        self._articles = [article for article in self._articles if article not in removed]
        return removed

    def source_states(self, article_ids: Iterable[str]) -> dict[str, SourceState]:
        return {name: self.states.get(name, SourceState.UNCHANGED) for name in article_ids}

    @property
    def history(self) -> History:
        return History(self.settings.home / FILE, self.settings.history)

    def reconfigure(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def note(self) -> str | None:
        return None

    def answerer(self) -> str:
        return self._answerer

    def chain(self) -> Chain:
        return self.fake


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Let the app run until ``condition`` holds; it is bounded by turns, not by a clock."""
    for _ in range(2_000):
        if condition():
            await pilot.pause()
            return
        await pilot.pause(0.005)
    raise AssertionError("the app did not get there")


async def ask(pilot: Pilot[None], question: str) -> None:
    pilot.app.screen.query_one(Prompt).text = question
    await pilot.press("enter")
