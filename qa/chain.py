"""The retrieval chain: a question in, events out, the verified answer last. A langchain-core Runnable."""

import secrets
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from langchain_core.callbacks import CallbackManagerForChainRun
from langchain_core.documents import Document
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import run_in_executor

from qa.chat import ChatModel
from qa.citations import Aligned, build, verbatim
from qa.conflicts import find_conflicts
from qa.errors import QuestionError
from qa.evidence import Candidate, EvidenceScorer
from qa.extractive import Selection, select
from qa.instructions import without_instructions
from qa.llm import GrowingReply, ModelAnswerer, read_reply
from qa.models import (
    Answer,
    Event,
    Finished,
    PassagesFound,
    Question,
    Reason,
    RetrievedChunk,
    Status,
    TextDelta,
)
from qa.question import QuestionAnalysis, analyse_question, check_question
from qa.refusals import Coverage, refusal_text
from qa.repair import Repair, Repairer
from qa.trace import Exchange, Trace
from qa.verification import Verifier
from vectorstore.analysis import Analyser
from vectorstore.dates import PartialDate
from vectorstore.embedding import Embedder
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
    generation: Callable[[], int]
    coverage: Callable[[], Coverage]
    snapshot: Callable[[], AbstractContextManager[None]]


@dataclass(slots=True)
class _Run:
    """One question on its way. ``evidence`` are the passages with only those sentences that report something."""

    question: Question
    analysis: QuestionAnalysis
    generation: int
    coverage: Coverage
    passages: tuple[Passage, ...] = ()
    evidence: tuple[Passage, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    embedded: dict[str, Vector] = field(default_factory=dict)
    exchange: Exchange | None = None
    began: float = field(default_factory=time.perf_counter)
    timings: dict[str, float] = field(default_factory=dict)

    def mark(self, step: str) -> None:
        """Note the milliseconds since the last mark under the step's name."""
        self.timings[step] = round((time.perf_counter() - self.began) * 1000 - sum(self.timings.values()), 3)


class AnswerChain(Runnable[Question, Answer]):
    """Retrieval, then an answerer, then verification.

    ``invoke`` and ``batch`` give Answers; ``stream`` and ``astream`` give Events, of which Finished is always the
    last. ``chat`` None answers extractively. ``keep`` is given each answer with what it was made from; ``new_mark``
    makes the mark of a request. Raises QuestionError, ModelError and VectorStoreError.
    """

    def __init__(
        self,
        reading: Reading,
        chat: ChatModel | None = None,
        answerer: ModelAnswerer | None = None,
        *,
        keep: Callable[[Answer, Trace], None] | None = None,
        new_mark: Callable[[], str] = secrets.token_hex,
    ) -> None:
        self._reading = reading
        self._keep = keep
        self._new_mark = new_mark
        self._chat = chat
        self._answerer = answerer

    def invoke(self, input: Question, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """The answer, when all is done."""
        return self._call_with_config(self._answer, input, config)

    def _answer(self, question: Question, run_manager: CallbackManagerForChainRun, config: RunnableConfig) -> Answer:
        for event in self._events(question, config):
            if isinstance(event, Finished):
                return event.answer
        raise AssertionError("the events end with Finished")

    # What is streamed on the way to an Answer are Events, which the base class has no type for.
    def stream(  # type: ignore[override]
        self, input: Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Event]:
        """The events as they happen."""
        yield from self._events(input, config)

    async def astream(  # type: ignore[override]
        self, input: Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Event]:
        """The events as they happen; the work is done in a thread."""
        events = self._events(input, config)
        try:
            while (event := await run_in_executor(config, next, events, None)) is not None:
                yield event
        finally:
            await run_in_executor(config, events.close)

    def _events(self, question: Question, config: RunnableConfig | None) -> Generator[Event]:
        run = self._read(question, config)
        yield PassagesFound(run.passages)
        if self._chat is None or self._answerer is None:
            events = self._extract(run)
        else:
            events = self._ask(run, self._chat, self._answerer)
        for event in events:
            if self._keep is not None and isinstance(event, Finished):
                self._keep(event.answer, Trace(run.passages, run.embedded, run.exchange))
            yield event

    @property
    def scorer(self) -> EvidenceScorer:
        return self._reading.scorer

    def evidence_for(self, question: str, as_of: str | None = None) -> tuple[QuestionAnalysis, tuple[Candidate, ...]]:
        """The question as it was read, and the sentences to choose from, most relevant first; for calibration."""
        run = self._read(Question(question, as_of), None)
        return run.analysis, run.candidates

    def _read(self, question: Question, config: RunnableConfig | None) -> _Run:
        """All that the store has to say, from the one generation that the answer names."""
        with self._reading.snapshot():
            run = self._begin(question)
            self._retrieve(run, config)
            self._weigh(run)
        return run

    def _retrieve(self, run: _Run, config: RunnableConfig | None) -> None:
        documents = self._reading.retriever.invoke(run.analysis.text, config, as_of=run.question.as_of)
        run.passages = tuple(document.metadata["passage"] for document in documents)
        run.evidence = tuple(part for part in map(without_instructions, run.passages) if part.sentences)
        run.mark("retrieval")

    def _weigh(self, run: _Run) -> None:
        reading = self._reading
        vector = next(iter(self._embed(run, [run.analysis.text])))
        run.candidates = tuple(reading.scorer.score(run.analysis, vector, run.evidence))
        run.mark("evidence")

    def _embed(self, run: _Run, texts: Sequence[str]) -> Iterable[Vector]:
        canonical = [self._reading.analyser.canonical(text) for text in texts]
        vectors = self._reading.embedder.embed(canonical)
        run.embedded.update(zip(canonical, vectors, strict=True))
        return vectors

    def _begin(self, question: Question) -> _Run:
        text = check_question(question.text)
        if question.as_of is not None:
            try:
                PartialDate(question.as_of)
            except ValueError as error:
                raise QuestionError(f"As-of: {error}.") from None
        repaired = self._reading.lexicon.repair(text)
        analysis = analyse_question(repaired, self._reading.analyser)
        return _Run(Question(text, question.as_of), analysis, self._reading.generation(), self._reading.coverage())

    # Without a model

    def _extract(self, run: _Run) -> Iterator[Event]:
        selection = self._select(run)
        run.mark("answer")
        answer = self._finish(run, _quoted(selection), selection.reason, answerer="extractive")
        if answer.answer:
            yield TextDelta(answer.answer)
        yield Finished(answer)

    def _select(self, run: _Run) -> Selection:
        return select(run.analysis, run.candidates, run.coverage, self._reading.scorer.contradicts)

    # With a model

    def _ask(self, run: _Run, chat: ChatModel, answerer: ModelAnswerer) -> Iterator[Event]:
        finish = partial(self._finish, run, answerer="llm", model=chat.name, prompt_sha256=answerer.prompt_sha256)
        selection = self._select(run)
        request = answerer.request(run.analysis.text, run.evidence, run.candidates, self._new_mark())
        count = len(request.context.sentences)
        if answerer.settled(selection.reason) or not count:
            # Nothing is asked where nothing it could say would be taken.
            yield Finished(finish(_quoted(selection), selection.reason or Reason.NO_MATCH))
            return
        growing = GrowingReply(count)
        with answerer.ask(request, chat) as reply_stream:
            for piece in reply_stream:
                for sentence in growing.feed(piece):
                    yield TextDelta(f"{sentence} ")
            reply = reply_stream.reply
        run.exchange = answerer.exchange(request, reply)
        for sentence in growing.end():
            yield TextDelta(f"{sentence} ")
        run.mark("model")
        reading = self._reading
        repairer = Repairer(
            context=request.context,
            candidates=run.candidates,
            verifier=reading.verifier,
            embed=partial(self._embed, run),
            prompt=request.rules,
            quotes=answerer.quotes,
        )
        repaired = repairer.repair(read_reply(reply.text, count), expected_form=request.has_form(reply.text))
        run.mark("verification")
        finish = partial(finish, usage=reply.usage)
        if repaired.refused:
            # The model only says no; why is read off the evidence, and a contradicted premise is shown with it.
            shown = _quoted(selection) if selection.reason is Reason.FALSE_PREMISE else []
            yield Finished(finish(shown, selection.reason or Reason.INSUFFICIENT, repair=repaired.repairs))
        elif repaired.sentences:
            yield Finished(finish(repaired.sentences, None, repair=repaired.repairs))
        else:
            # Nothing that it said can be verified: the articles' own words instead.
            repairs = (*repaired.repairs, Repair.EXTRACTIVE)
            yield Finished(finish(_quoted(selection), selection.reason, answerer="extractive", repair=repairs))

    def _finish(
        self,
        run: _Run,
        aligned: Sequence[Aligned],
        reason: Reason | None,
        *,
        answerer: str,
        model: str | None = None,
        prompt_sha256: str | None = None,
        usage: Mapping[str, int] | None = None,
        repair: Sequence[str] = (),
    ) -> Answer:
        text, sentences, citations = build(aligned)
        if reason is not None:
            text = " ".join(filter(None, (refusal_text(reason, run.question, run.coverage), text)))
        conflicts = find_conflicts(run.analysis, run.candidates, citations) if reason is None else ()
        run.timings["total"] = round((time.perf_counter() - run.began) * 1000, 3)
        return Answer(
            question=run.question.text,
            status=Status.ANSWERED if reason is None else Status.ABSTAINED,
            reason=reason,
            answer=text,
            sentences=sentences,
            citations=citations,
            conflicts=conflicts,
            retrieved=tuple(_retrieved(passage) for passage in run.passages),
            answerer=answerer,
            model=model,
            prompt_sha256=prompt_sha256,
            index_generation=run.generation,
            as_of=run.question.as_of,
            repair=tuple(repair) or None,
            usage=usage or {},
            timings_ms=run.timings,
        )


def _quoted(selection: Selection) -> list[Aligned]:
    return [verbatim(item.passage, item.evidence) for item in selection.sentences]


def _retrieved(passage: Passage) -> RetrievedChunk:
    chunk = passage.chunk
    return RetrievedChunk(
        chunk.id,
        chunk.article_id,
        chunk.start,
        chunk.end,
        round(passage.score, 6),
        passage.dense_rank,
        passage.lexical_rank,
    )
