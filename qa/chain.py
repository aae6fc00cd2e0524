"""Question -> Answer: a langchain-core Runnable over retrieval, an answerer, and verification."""

import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from langchain_core.callbacks import CallbackManagerForChainRun
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import run_in_executor

from qa.age import age_notes
from qa.alternatives import alternatives
from qa.answer_kind import says_more
from qa.calibration import SELECTION, SMALL_MODEL_SAYS_NO
from qa.candidate import Candidate
from qa.chat import ChatModel, added
from qa.citations import Aligned, as_read, build, supported, verbatim
from qa.conflicts import as_conflict, place
from qa.evidence import EvidenceScorer
from qa.extractive import Selection, of_either, select
from qa.judging import judged
from qa.llm import GrowingReply, ModelAnswerer, read_reply
from qa.marks import new_mark
from qa.models import (
    Answer,
    Conversation,
    Event,
    Finished,
    PassagesFound,
    Question,
    Reason,
    RetrievedChunk,
    SentenceChecked,
    Status,
    TextDelta,
)
from qa.premise import Against
from qa.question import QuestionAnalysis, analyse_question, check_question
from qa.refusals import refusal_text
from qa.repair import Repair, Repairer
from qa.reply import DraftSentence
from qa.rewriting import Rewriter
from qa.run import Reading, Run, begin, collect, embed, scored
from qa.trace import Trace
from vectorstore.models import Passage

NOTHING_KEPT = "What was written as an answer was not supported by the articles and is left out."


class AnswerChain(Runnable[Question, Answer]):
    """Retrieval, then an answerer, then verification.

    ``invoke`` and ``batch`` give Answers; ``stream`` and ``astream`` give Events, of which Finished is always the
    last. ``chat`` None answers extractively. ``strict`` drops the sentences that are not supported. ``keep`` is given
    each answer with what it was made from; ``new_mark`` makes the mark of a request, ``rewrite`` a follow-up stand
    alone. Raises QuestionError, ModelError and VectorStoreError.
    """

    def __init__(
        self,
        reading: Reading,
        chat: ChatModel | None = None,
        answerer: ModelAnswerer | None = None,
        *,
        strict: bool = False,
        keep: Callable[[Answer, Trace], None] | None = None,
        new_mark: Callable[[], str] = new_mark,
        rewrite: Callable[[str, Conversation], str | None] | None = None,
    ) -> None:
        self._reading = reading
        self._chat = chat
        self._answerer = answerer
        self._strict = strict
        self._keep = keep
        self._new_mark = new_mark
        self._rewrite = rewrite or Rewriter(reading.analyser, chat).standalone

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

    def _read(self, question: Question, config: RunnableConfig | None) -> Run:
        """All that the store has to say, from the one generation that the answer names."""
        text = check_question(question.text)
        # Not inside the snapshot: a model may take its time.
        standalone = self._rewrite(text, Conversation(question.earlier))
        with self._reading.snapshot():
            run = begin(self._reading, Question(text, question.as_of), standalone)
            collect(self._reading, run, config)
        return run

    # Without a model

    def _extract(self, run: Run) -> Iterator[Event]:
        selection = self._select(run)
        quoted = self._quoted(run, selection)
        run.mark("answer")
        answer = self._finish(run, quoted, selection.reason, answerer="extractive")
        if answer.answer:
            yield TextDelta(answer.answer)
        yield Finished(answer)

    def _select(self, run: Run) -> Selection:
        contradicts = self._reading.scorer.contradicts
        whole = select(run.analysis, run.candidates, run.coverage, contradicts)
        if whole.reason not in (Reason.NO_MATCH, Reason.INSUFFICIENT) or not run.analysis.yes_no:
            return whole
        # "Is it growing or shrinking?" is answered by what says either.
        sides = [select(analysis, found, run.coverage, contradicts) for analysis, found in self._sides(run)]
        return of_either(sides) or whole

    def _quoted(self, run: Run, selection: Selection) -> list[Aligned]:
        """The selected sentences, word for word; where sources differ, their positions take the companions' place."""
        aligned = [verbatim(item.passage, item.evidence) for item in selection.sentences]
        if selection.reason is not None or not self._other_positions(run, aligned):
            return as_read(aligned)
        # In the positions' order, which begins with those that differ most; not the same sentence as another question
        # scored it, as there is between two alternatives.
        best = selection.sentences[0]
        standing = [best, *(item for item in run.positions if place(item) != place(best))]
        return as_read([verbatim(item.passage, item.evidence) for item in standing[: SELECTION.most]])

    def _other_positions(self, run: Run, aligned: Sequence[Aligned]) -> list[Aligned]:
        """What the answer leaves out of the positions that the sources take, word for word; notes the positions."""
        cited = {(span.passage.article.id, span.start, span.end) for item in aligned for span in item.spans}
        chosen = [item for item in run.candidates if place(item) in cited]
        found = self._between_alternatives(run) or self._reading.conflicts.positions(
            run.analysis, run.candidates, chosen
        )
        # Who killed them is no position on whom they have killed.
        contradicts = self._reading.scorer.contradicts
        fit = tuple(item for item in found if not contradicts(run.analysis, item, Against.PREMISE))
        run.positions = fit if len(fit) > 1 else ()
        return [verbatim(item.passage, item.evidence) for item in run.positions if place(item) not in cited]

    def _between_alternatives(self, run: Run) -> tuple[Candidate, ...]:
        sides = [candidates for _, candidates in self._sides(run)]
        return self._reading.conflicts.between(sides) if sides else ()

    def _sides(self, run: Run) -> Iterator[tuple[QuestionAnalysis, list[Candidate]]]:
        """For a question that names two answers, the one with each alone, and the sentences as it finds them."""
        reading = self._reading
        named = alternatives(run.analysis.text) if run.analysis.alternatives else None
        for each in named or ():
            asked = analyse_question(each, reading.analyser)
            yield asked, scored(reading, run, asked)

    # With a model

    def _ask(self, run: Run, chat: ChatModel, answerer: ModelAnswerer) -> Iterator[Event]:
        finish = partial(self._finish, run, answerer="llm", model=chat.name, prompt_sha256=answerer.prompt_sha256)
        mark, weighing = self._new_mark(), None
        selection = self._select(run)
        if not answerer.settled(selection):
            weighing = answerer.weigh(run.analysis.text, run.candidates, mark, chat)
        if weighing is not None:
            run.candidates = judged(run.candidates, weighing.reply.first)
            selection = self._select(run)
            run.exchange = answerer.exchange(mark, weighing)
            finish = partial(finish, usage=weighing.reply.usage)
            run.mark("weighing")
        request = answerer.request(run.analysis.text, run.evidence, run.candidates, mark)
        count = len(request.context.sentences)
        if answerer.settled(selection, weighed=True) or not count:
            # Nothing is asked where nothing it could say would be taken.
            yield Finished(finish(self._quoted(run, selection), selection.reason or Reason.NO_MATCH))
            return
        repairer = Repairer(
            context=request.context,
            candidates=run.candidates,
            verifier=self._reading.verifier,
            embed=partial(embed, self._reading, run),
            prompt=request.rules,
            quotes=answerer.quotes,
            says_more=partial(says_more, run.analysis, analyser=self._reading.analyser),
        )
        growing, stands = GrowingReply(count), list[Aligned]()
        with answerer.ask(request, chat) as reply_stream:
            for piece in reply_stream:
                yield from _early(growing.feed(piece), repairer, stands)
            reply = reply_stream.reply
        run.exchange = answerer.exchange(mark, weighing, request, reply)
        finish = partial(finish, usage=added(weighing.reply.usage if weighing else {}, reply.usage))
        yield from _early(growing.end(reply), repairer, stands)
        run.mark("model")
        draft = read_reply(reply, count)
        surely = selection.confidence - SMALL_MODEL_SAYS_NO >= SELECTION.answerable_from
        repaired = repairer.repair(
            draft,
            expected_form=request.has_form(reply.text),
            cut_off=reply.cut_off,
            believe_no=not (answerer.quotes and surely),
        )
        if repaired.refused:
            # The model only says no; why is read off the evidence, and a contradicted premise is shown with it.
            shown = self._quoted(run, selection) if selection.reason is Reason.FALSE_PREMISE else []
            reason, repairs = selection.reason or Reason.INSUFFICIENT, repaired.repairs
        elif repaired.sentences:
            said = self._with_best(selection, repaired.sentences) if answerer.quotes else repaired.sentences
            shown = [*said, *self._other_positions(run, said)]
            reason, repairs = None, (*repaired.repairs, *([Repair.BEST_ADDED] if said != repaired.sentences else []))
        else:
            # Nothing that it said can be verified: the articles' own words instead.
            shown, reason, repairs = (
                self._quoted(run, selection),
                selection.reason,
                (*repaired.repairs, Repair.EXTRACTIVE),
            )
            finish = partial(finish, answerer="extractive")
        run.mark("verification")
        yield Finished(finish(shown, reason, repair=repairs))

    @staticmethod
    def _with_best(selection: Selection, said: Sequence[Aligned]) -> tuple[Aligned, ...]:
        """What a small model said, with the best sentence before it and the liked behind it, if overlooked."""
        spans = [span for item in said for span in item.spans]
        missing = [
            one
            for one in selection.sentences
            if not any(span.meets(one.passage, one.evidence.start, one.evidence.end) for span in spans)
        ]
        best = [one for one in missing if one is selection.sentences[0]]
        liked = [one for one in missing if one not in best and one.judged is not None]
        before, after = ([verbatim(one.passage, one.evidence) for one in some] for some in (best, liked))
        return tuple([*before, *said, *after][: max(SELECTION.most, len(said))])

    def _finish(
        self,
        run: Run,
        aligned: Sequence[Aligned],
        reason: Reason | None,
        *,
        answerer: str,
        model: str | None = None,
        prompt_sha256: str | None = None,
        usage: Mapping[str, float] | None = None,
        repair: Sequence[str] = (),
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
            repair=tuple(repair) or None,
            usage=usage or {},
            timings_ms=run.timings,
            standalone_question=run.standalone,
            read_as=run.read_as,
        )


def _early(sentences: Sequence[DraftSentence], repairer: Repairer, stands: list[Aligned]) -> Iterator[Event]:
    """What a model wrote, while it writes on, and what will stand of it; that is added to ``stands``."""
    for sentence in sentences:
        yield TextDelta(f"{sentence.text} ")
        stands += repairer.check(sentence)
        last = build(stands)[1][-1:]
        yield SentenceChecked(last[0] if last and last[0].text == sentence.text else None)


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
