"""An Application of made-up articles, for tests of the command line. What a question says decides what happens."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, cast

from qa.doctor import Check
from qa.errors import AuthenticationError, QuestionError, SettingsError
from qa.models import Answer, Citation, Question, Reason, Sentence, Status, Support
from qa.settings import AnswererName, Settings
from vectorstore.dates import PartialDate
from vectorstore.errors import UnknownArticleError
from vectorstore.ingest import IngestReport
from vectorstore.models import Article, Chunk
from vectorstore.pipeline import Progress
from vectorstore.source_state import SourceState

if TYPE_CHECKING:
    from qa.app import Application

QUOTE = "ISIS-K had about 3,000 fighters — “at most”."
SPUTNIK = Article(
    id="sputnik-2017-12",
    title="Some 3,000 fighters …",
    text=f"Kabul.\n{QUOTE}\nNext \x1b[31mred\u202e line.",
    sha256="0" * 64,
    path="articles/000.txt",
    publisher="Sputnik",
    published=PartialDate("2017-12"),
    published_basis="inferred: it names November 2017",
)
NOTES = Article(id="notes", title="Own\nnotes", text="Nothing.", sha256="1" * 64, path="own/notes.txt")
REPORT = IngestReport(added=1, replaced=0, unchanged=2, chunks=7, failures=(), seconds=0.25)


class FakeChain:
    def invoke(self, question: Question) -> Answer:
        if question.text == "wait":
            time.sleep(600)
        if question.text == "crash":
            raise ZeroDivisionError("secret detail")
        if question.text == "interrupted while importing":
            raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()
        if question.text == "key":
            raise AuthenticationError("The key was refused: check ISISK_QA_API_KEY.")
        if not question.text.strip():
            raise QuestionError("The question is empty: write one.")
        return answer(question)


def answer(question: Question) -> Answer:
    start = SPUTNIK.text.index(QUOTE)
    citation = Citation(
        marker=1,
        article_id=SPUTNIK.id,
        title=SPUTNIK.title,
        publisher=SPUTNIK.publisher,
        published="2017-12",
        published_basis=SPUTNIK.published_basis,
        path=SPUTNIK.path,
        sha256=SPUTNIK.sha256,
        start=start,
        end=start + len(QUOTE),
        quote=QUOTE,
    )
    found = Answer(
        question=question.text,
        status=Status.ANSWERED,
        reason=None,
        answer=f"{QUOTE} [1]",
        sentences=(Sentence(QUOTE, (1,), Support.SUPPORTED, 1.0),),
        citations=(citation,),
        conflicts=(),
        retrieved=(),
        answerer="extractive",
        model=None,
        prompt_sha256=None,
        index_generation=1,
        as_of=question.as_of,
        standalone_question=f"{question.text} after {question.earlier[-1]}" if question.earlier else None,
    )
    if "nobody" not in question.text:
        return found
    return replace(
        found,
        status=Status.ABSTAINED,
        reason=Reason.NO_MATCH,
        answer="The articles do not say.",
        sentences=(),
        citations=(),
    )


class FakeApplication:
    note: str | None = None

    def __init__(self, model: str | None = None, *, empty: bool = False, report: IngestReport = REPORT) -> None:
        self.settings = Settings() if model is None else Settings(model=model)
        self.empty = empty
        self.report = report
        self.closed = False
        self.ingested: Sequence[Path] = ()
        self.pruned = False
        self.removed: list[Article] = []
        self.checks = [Check("model.onnx", True, "sha256 0")]
        self.deep = False
        self.mended: list[str] = []
        self.state = SourceState.UNCHANGED

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.closed = True

    def prepare(self, progress: Callable[[Progress], None] | None = None) -> IngestReport | None:
        if not self.empty:
            return None
        return self.ingest([], progress)

    def ingest(
        self, paths: Sequence[Path], progress: Callable[[Progress], None] | None = None, *, prune: bool = False
    ) -> IngestReport:
        self.ingested, self.pruned = paths, prune
        if progress:
            progress(Progress(1, 2, "000.txt"))
            progress(Progress(2, 2, "001\x1b.txt"))
        return self.report

    def articles(self) -> list[Article]:
        return [SPUTNIK, NOTES]

    def article(self, reference: str) -> Article:
        for article in self.articles():
            if article.id.startswith(reference):
                return article
        raise UnknownArticleError(f"No article {reference!r} in the store: isisk-qa articles lists them.")

    def remove(self, references: Sequence[str]) -> list[Article]:
        self.removed = [self.article(reference) for reference in references]
        return self.removed

    def chunks(self) -> list[Chunk]:
        return [Chunk("c1", SPUTNIK.id, 0, 7, 7 + len(QUOTE), QUOTE)]

    def answerer(self, name: AnswererName | None = None) -> Literal["extractive", "llm"]:
        return "llm" if name == "llm" or (name in (None, "auto") and self.settings.model) else "extractive"

    def chain(self, answerer: AnswererName | None = None) -> FakeChain:
        if self.answerer(answerer) == "llm" and not self.settings.model:
            raise SettingsError("No model is configured: set ISISK_QA_MODEL.")
        return FakeChain()

    def source_states(self, article_ids: Iterable[str]) -> dict[str, SourceState]:
        return dict.fromkeys(article_ids, self.state)

    def repair(self) -> list[str]:
        return self.mended

    def doctor(self, deep: bool = False) -> list[Check]:
        self.deep = deep
        return self.checks


def factory(model: str | None) -> "Application":
    return cast("Application", FakeApplication(model))
