"""The retrieval chain: a question in, events out, the verified answer last. A langchain-core Runnable."""

import secrets
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from langchain_core.callbacks import CallbackManagerForChainRun
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import run_in_executor

from qa.age import age_notes
from qa.alternatives import alternatives
from qa.chat import ChatModel
from qa.citations import Aligned, align, build, supported, verbatim
from qa.conflicts import ConflictFinder, as_conflict, place
from qa.context import build_context
from qa.errors import QuestionError
from qa.evidence import Candidate, EvidenceScorer
from qa.extractive import Selection, select
from qa.llm import ModelAnswerer, parse_reply
from qa.models import (
    Answer,
    Conversation,
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
from qa.rewriting import Rewriter
from qa.verification import Verifier
from vectorstore.analysis import Analyser
from vectorstore.dates import PartialDate
from vectorstore.embedding import Embedder
from vectorstore.lexicon import Lexicon
from vectorstore.models import Passage
from vectorstore.retrieval import HybridRetriever

CONTEXT_CHARACTERS = 24_000
NOTHING_KEPT = "What was written as an answer was not supported by the articles and is left out."


@dataclass(frozen=True, slots=True)
class Reading:
    """What the chain reads with; one set serves every question. Inside ``snapshot()`` the store stands still."""

    retriever: HybridRetriever
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
class _Run:
    """One question on its way; ``marks`` are the seconds at which each step ended."""

    question: Question
    analysis: QuestionAnalysis
    generation: int
    coverage: Coverage
    standalone: str | None
    read_as: str | None
    passages: tuple[Passage, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    positions: tuple[Candidate, ...] = ()
    began: float = field(default_factory=time.perf_counter)
    timings: dict[str, float] = field(default_factory=dict)

    def mark(self, step: str) -> None:
        """Note the milliseconds since the last mark under the step's name."""
        self.timings[step] = round((time.perf_counter() - self.began) * 1000 - sum(self.timings.values()), 3)


class AnswerChain(Runnable[Question, Answer]):
    """Retrieval, then an answerer, then verification.

    ``invoke`` and ``batch`` give Answers; ``stream`` and ``astream`` give Events, of which Finished is always the
    last. ``chat`` None answers extractively. ``strict`` drops the sentences that are not supported. Raises
    QuestionError, ModelError and VectorStoreError.
    """

    def __init__(
        self,
        reading: Reading,
        chat: ChatModel | None = None,
        answerer: ModelAnswerer | None = None,
        *,
        strict: bool = False,
    ) -> None:
        self._reading = reading
        self._strict = strict
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
            yield from self._extract(run)
        else:
            yield from self._ask(run, self._chat, self._answerer)

    @property
    def scorer(self) -> EvidenceScorer:
        return self._reading.scorer

    def evidence_for(self, question: str, as_of: str | None = None) -> tuple[QuestionAnalysis, tuple[Candidate, ...]]:
        """The question as it was read, and the sentences to choose from, most relevant first; for calibration."""
        run = self._read(Question(question, as_of), None)
        return run.analysis, run.candidates

    def _read(self, question: Question, config: RunnableConfig | None) -> _Run:
        """All that the store has to say, from the one generation that the answer names."""
        text = check_question(question.text)
        # Not inside the snapshot: a model may take its time.
        standalone = Rewriter(self._reading.analyser, self._chat).standalone(text, Conversation(question.earlier))
        with self._reading.snapshot():
            run = self._begin(Question(text, question.as_of), standalone)
            self._retrieve(run, config)
            self._weigh(run)
        return run

    def _retrieve(self, run: _Run, config: RunnableConfig | None) -> None:
        documents = self._reading.retriever.invoke(run.analysis.text, config, as_of=run.question.as_of)
        run.passages = tuple(document.metadata["passage"] for document in documents)
        run.mark("retrieval")

    def _weigh(self, run: _Run) -> None:
        reading = self._reading
        vector = reading.embedder.embed([reading.analyser.canonical(run.analysis.text)])[0]
        run.candidates = tuple(reading.scorer.score(run.analysis, vector, run.passages))
        run.mark("evidence")

    def _begin(self, question: Question, standalone: str | None) -> _Run:
        reading = self._reading
        try:
            asked = PartialDate(reading.today().isoformat() if question.as_of is None else question.as_of)
        except ValueError as error:
            raise QuestionError(f"As-of: {error}.") from None
        alone = standalone or question.text
        repaired = reading.lexicon.repair(alone)
        return _Run(
            question,
            analyse_question(repaired, reading.analyser, asked),
            reading.generation(),
            reading.coverage(),
            standalone,
            repaired if repaired != alone else None,
        )

    # Without a model

    def _extract(self, run: _Run) -> Iterator[Event]:
        selection = self._select(run)
        answer = self._extracted(run, selection)
        if answer.answer:
            yield TextDelta(answer.answer)
        yield Finished(answer)

    def _select(self, run: _Run) -> Selection:
        return select(run.analysis, run.candidates, run.coverage, self._reading.scorer.contradicts)

    def _extracted(self, run: _Run, selection: Selection) -> Answer:
        aligned = [verbatim(item.passage, item.evidence) for item in selection.sentences]
        if selection.reason is None:
            aligned += self._other_positions(run, aligned)
        run.mark("answer")
        return self._finish(run, aligned, selection.reason, answerer="extractive")

    def _other_positions(self, run: _Run, aligned: Sequence[Aligned]) -> list[Aligned]:
        """What the answer leaves out of the positions that the sources take, word for word; notes the positions."""
        cited = {(span.passage.article.id, span.start, span.end) for item in aligned for span in item.spans}
        chosen = [item for item in run.candidates if place(item) in cited]
        run.positions = self._between_alternatives(run) or self._reading.conflicts.positions(
            run.analysis, run.candidates, chosen
        )
        return [verbatim(item.passage, item.evidence) for item in run.positions if place(item) not in cited]

    def _between_alternatives(self, run: _Run) -> tuple[Candidate, ...]:
        reading = self._reading
        named = alternatives(run.analysis.text) if run.analysis.alternatives else None
        if named is None:
            return ()
        vectors = reading.embedder.embed([reading.analyser.canonical(each) for each in named])
        sides = [
            reading.scorer.score(analyse_question(each, reading.analyser), vector, run.passages)
            for each, vector in zip(named, vectors, strict=True)
        ]
        return reading.conflicts.between(sides)

    # With a model

    def _ask(self, run: _Run, chat: ChatModel, answerer: ModelAnswerer) -> Iterator[Event]:
        context = build_context(run.passages, mark=secrets.token_hex(8), budget_chars=CONTEXT_CHARACTERS)
        finish = partial(self._finish, run, answerer="llm", model=chat.name, prompt_sha256=answerer.prompt.sha256)
        if not context.numbered:
            reason = Reason.OUT_OF_SCOPE if run.analysis.out_of_scope else Reason.NO_MATCH
            yield Finished(finish([], reason))
            return
        with answerer.draft(run.analysis.text, context, chat) as reply_stream:
            for piece in reply_stream:
                yield TextDelta(piece)
            reply = reply_stream.reply
        run.mark("model")
        draft = parse_reply(reply.text, len(context.numbered))
        if draft.refused:
            # The model only says no; why is read off the evidence, and a contradicted premise is shown with it.
            selection = self._select(run)
            shown = selection.sentences if selection.reason is Reason.FALSE_PREMISE else ()
            aligned = [verbatim(item.passage, item.evidence) for item in shown]
            reason = selection.reason or Reason.INSUFFICIENT
            yield Finished(finish(aligned, reason, usage=reply.usage))
            return
        if not draft.sentences:
            # A reply of only "[1]" says nothing that could be verified: the articles' own words instead.
            selection = self._select(run)
            yield Finished(self._extracted(run, selection))
            return
        reading = self._reading
        vectors = reading.embedder.embed([reading.analyser.canonical(sentence.text) for sentence in draft.sentences])
        aligned = [
            align(sentence, context.numbered, reading.verifier, vector)
            for sentence, vector in zip(draft.sentences, vectors, strict=True)
        ]
        aligned += self._other_positions(run, aligned)
        run.mark("verification")
        yield Finished(finish(aligned, None, usage=reply.usage))

    def _finish(
        self,
        run: _Run,
        aligned: Sequence[Aligned],
        reason: Reason | None,
        *,
        answerer: str,
        model: str | None = None,
        prompt_sha256: str | None = None,
        usage: Mapping[str, float] | None = None,
    ) -> Answer:
        kept = supported(aligned) if self._strict else tuple(aligned)
        text, sentences, citations = build(kept)
        if aligned and not kept:
            reason, text = reason or Reason.INSUFFICIENT, NOTHING_KEPT
        if reason is not None:
            text = " ".join(filter(None, (refusal_text(reason, run.question, run.coverage), text)))
        conflicts = as_conflict(run.analysis, run.positions, citations)
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
            notes=age_notes(run.analysis.text, citations) if reason is None else (),
            strict=self._strict,
            dropped=len(aligned) - len(kept),
            usage=usage or {},
            timings_ms=run.timings,
            standalone_question=run.standalone,
            read_as=run.read_as,
        )


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
