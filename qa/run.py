"""One question on its way: how it is read, what the store has to say to it, and what each step took."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from langchain_core.documents import Document
from langchain_core.runnables import RunnableConfig

from qa.candidate import Candidate
from qa.conflicts import ConflictFinder
from qa.errors import QuestionError
from qa.evidence import EvidenceScorer
from qa.models import Question
from qa.question import QuestionAnalysis, analyse_question
from qa.refusals import Coverage
from qa.trace import Exchange, question_key
from qa.verification import Verifier
from vectorstore.analysis import Analyser
from vectorstore.dates import PartialDate
from vectorstore.embedding import Embedder
from vectorstore.instructions import without_instructions
from vectorstore.lexicon import Lexicon
from vectorstore.models import Passage, Vector


class Retriever(Protocol):
    """Documents for a question, best first, each with its Passage; vectorstore/retrieval.py's is one."""

    def invoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> Sequence[Document]: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What the chain reads with; one set serves every question. Inside ``snapshot()`` the store stands still."""

    retriever: Retriever
    embedder: Embedder
    analyser: Analyser
    lexicon: Lexicon
    scorer: EvidenceScorer
    verifier: Verifier
    conflicts: ConflictFinder
    generation: Callable[[], int]
    coverage: Callable[[], Coverage]
    snapshot: Callable[[], AbstractContextManager[None]]
    today: Callable[[], date] = lambda: datetime.now().astimezone().date()


@dataclass(slots=True)
class Run:
    """What is known of a question so far. ``evidence`` are the passages with only what reports something.

    ``embedded`` are vectors by what was embedded, ``positions`` those that the sources take.
    """

    question: Question
    analysis: QuestionAnalysis
    generation: int
    coverage: Coverage
    standalone: str | None
    read_as: str | None
    passages: tuple[Passage, ...] = ()
    evidence: tuple[Passage, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    positions: tuple[Candidate, ...] = ()
    embedded: dict[str, Vector] = field(default_factory=dict)
    exchange: Exchange | None = None
    began: float = field(default_factory=time.perf_counter)
    timings: dict[str, float] = field(default_factory=dict)

    def mark(self, step: str) -> None:
        """Note the milliseconds since the last mark under the step's name."""
        self.timings[step] = round((time.perf_counter() - self.began) * 1000 - sum(self.timings.values()), 3)


def begin(reading: Reading, question: Question, standalone: str | None) -> Run:
    """A question as it is read. Raises QuestionError."""
    try:
        asked = PartialDate(reading.today().isoformat() if question.as_of is None else question.as_of)
    except ValueError as error:
        raise QuestionError(f"As-of: {error}.") from None
    alone = standalone or question.text
    repaired = reading.lexicon.repair(alone)
    return Run(
        question,
        analyse_question(repaired, reading.analyser, asked),
        reading.generation(),
        reading.coverage(),
        standalone,
        repaired if repaired != alone else None,
    )


def collect(reading: Reading, run: Run, config: RunnableConfig | None) -> None:
    """The passages, and their sentences by how far they bear on the question."""
    documents = reading.retriever.invoke(run.analysis.text, config, as_of=run.question.as_of)
    run.passages = tuple(document.metadata["passage"] for document in documents)
    run.evidence = tuple(part for part in map(without_instructions, run.passages) if part.sentences)
    run.mark("retrieval")
    run.candidates = tuple(scored(reading, run, run.analysis))
    run.mark("evidence")


def scored(reading: Reading, run: Run, question: QuestionAnalysis) -> list[Candidate]:
    """The sentences of the run's evidence by how far they bear on the question, which may be a part of the run's."""
    (vector,) = embed(reading, run, [question.text])
    text = reading.analyser.canonical(question.text)
    (query,) = reading.embedder.embed_questions([text])
    run.embedded[question_key(text)] = query
    return reading.scorer.score(question, vector, query, run.evidence)


def embed(reading: Reading, run: Run, texts: Sequence[str]) -> Iterable[Vector]:
    """Vectors of texts, noted for a replay."""
    canonical = [reading.analyser.canonical(text) for text in texts]
    vectors = reading.embedder.embed(canonical)
    run.embedded.update(zip(canonical, vectors, strict=True))
    return vectors
