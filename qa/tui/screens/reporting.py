"""The panes of the conversation, and what the session reports."""

import asyncio
from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from qa.errors import HistoryError
from qa.tui.guard import Guarded
from qa.tui.protocols import Backend
from qa.tui.session import Coverage, Session, coverage_of
from qa.tui.widgets.conversation import Conversation
from qa.tui.widgets.evidence import EMPTY, NOTHING, EvidencePane
from qa.tui.widgets.exchange import Exchange
from qa.tui.widgets.prompt import Prompt
from qa.tui.widgets.status import StatusLine
from qa.tui.widgets.welcome import Welcome
from vectorstore.errors import VectorStoreError

TOO_SMALL = "This window is too small: 40 columns and 10 lines are the least."
# Questions of earlier days that the prompt goes back to.
RECALLED = 200


class ReportingScreen(Guarded, Screen[None]):
    """Conversation and prompt on the left, evidence on the right; shows in them what the session reports."""

    def __init__(self, open_backend: Callable[[], Backend]) -> None:
        super().__init__()
        self.session = Session(open_backend, self.post_message)
        self.backend: Backend | None = None
        self._coverage: Coverage | None = None

    def compose(self) -> ComposeResult:
        yield StatusLine()
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield Conversation(Welcome())
                yield Prompt()
            yield EvidencePane()
        yield Static(Content(TOO_SMALL), id="too-small")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        # The first frame comes before the imports that preparing the store takes.
        self.call_after_refresh(self.session.start)

    @property
    def conversation(self) -> Conversation:
        return self.query_one(Conversation)

    @property
    def evidence(self) -> EvidencePane:
        return self.query_one(EvidencePane)

    @property
    def prompt(self) -> Prompt:
        return self.query_one(Prompt)

    @on(Session.Opened)
    def _opened(self, event: Session.Opened) -> None:
        self.backend = event.backend

    @on(Session.Preparing)
    def _preparing(self, event: Session.Preparing) -> None:
        self.query_one(StatusLine).preparing(event.done, event.total)

    @on(Session.Ready)
    async def _store_ready(self, event: Session.Ready) -> None:
        self._covers(event.coverage)
        for failure in event.failures:
            await self.conversation.notice(failure)
        self.run_worker(self._recall(), group="recall")

    async def _recall(self) -> None:
        """Questions of earlier days, for the prompt."""
        backend = self.backend
        assert backend is not None, "it is ready"
        try:
            self.prompt.recall(await asyncio.to_thread(lambda: backend.history.questions(RECALLED)))
        except HistoryError as error:
            await self.conversation.notice(str(error))

    def _covers(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self.query_one(StatusLine).ready(coverage)
        for welcome in self.query(Welcome):
            welcome.covers(coverage)

    @on(Session.Unready)
    async def _store_unready(self, event: Session.Unready) -> None:
        self.query_one(StatusLine).unready()
        await self.conversation.notice(event.problem)

    @on(Session.Started)
    async def _started(self, event: Session.Started) -> None:
        if exchange := self.conversation.numbered(event.number):
            exchange.start()
            await self._choose(exchange)

    @on(Session.Searched)
    def _searched(self, event: Session.Searched) -> None:
        if exchange := self.conversation.numbered(event.number):
            exchange.searched(event.passages)

    @on(Session.Wrote)
    def _wrote(self, event: Session.Wrote) -> None:
        if exchange := self.conversation.numbered(event.number):
            exchange.write(event.text)

    @on(Session.Checked)
    def _checked(self, event: Session.Checked) -> None:
        if exchange := self.conversation.numbered(event.number):
            exchange.check(event.sentence)

    @on(Session.Answered)
    async def _answered(self, event: Session.Answered) -> None:
        if exchange := self.conversation.numbered(event.number):
            exchange.finish(event.answer, event.exhibits, event.seconds)
            # A person who has turned to another answer meanwhile is reading that one's passages.
            if exchange is self.conversation.current:
                await self._choose(exchange)

    @on(Session.Failed)
    def _failed(self, event: Session.Failed) -> None:
        if exchange := self.conversation.numbered(event.number):
            exchange.fail(event.problem)

    @on(Session.Ended)
    def _ended(self, event: Session.Ended) -> None:
        self.session.ended(event.number)

    @on(Session.Grown)
    def _changed(self, result: object) -> None:
        """The store or the settings may be others than they were."""
        self.run_worker(self._look_again(), exclusive=True, group="coverage")

    async def _look_again(self) -> None:
        if self.backend is not None:
            try:
                self._covers(await asyncio.to_thread(coverage_of, self.backend))
            except VectorStoreError as error:
                await self.conversation.notice(str(error))

    async def _choose(self, exchange: Exchange) -> None:
        self.conversation.choose(exchange)
        await self.evidence.show(exchange.question, exchange.exhibits, NOTHING if exchange.settled else EMPTY)

    def _show_evidence(self, shown: bool) -> None:
        """On a narrow terminal, evidence or conversation; on a wide one both are there."""
        self.set_class(shown, "-evidence")

    def _say(self, text: str | None) -> None:
        if text:
            self.notify(text, markup=False, timeout=3)
