"""Conversation and prompt on the left, evidence on the right; one at a time on a narrow terminal."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from qa.tui.protocols import Backend
from qa.tui.screens.article import ArticleScreen
from qa.tui.session import Session
from qa.tui.widgets.conversation import Conversation
from qa.tui.widgets.evidence import EMPTY, NOTHING, EvidencePane
from qa.tui.widgets.exchange import Exchange, State
from qa.tui.widgets.passage import PassageCard
from qa.tui.widgets.prompt import Prompt
from qa.tui.widgets.status import StatusLine
from qa.tui.widgets.welcome import Welcome

TOO_SMALL = "This window is too small: 40 columns and 10 lines are the least."


class MainScreen(Screen[None]):
    """Hands questions to the session, and what the session reports to the widgets."""

    AUTO_FOCUS = "#prompt"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,question_mark", "app.help", "Help", key_display="F1", id="help"),
        Binding("f3", "evidence", "Evidence", key_display="F3", id="evidence"),
        Binding("escape", "back", "Back", key_display="Esc", id="back"),
        Binding("n", "step(1)", "Next passage", show=False, id="passage.next"),
        Binding("p", "step(-1)", "Previous passage", show=False, id="passage.previous"),
        Binding("j", "turn(1)", "Next answer", show=False, id="answer.next"),
        Binding("k", "turn(-1)", "Previous answer", show=False, id="answer.previous"),
        *(Binding(str(digit), f"cite({digit})", show=False) for digit in range(1, 10)),
        Binding("pageup", "page(-1)", show=False, id="page.up"),
        Binding("pagedown", "page(1)", show=False, id="page.down"),
    ]

    def __init__(self, backend: Backend) -> None:
        super().__init__()
        self.session = Session(backend, self.post_message)
        self._ready = False

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

    @on(Prompt.Asked)
    @on(Welcome.Picked)
    async def _ask(self, event: Prompt.Asked | Welcome.Picked) -> None:
        for welcome in self.query(Welcome):
            await welcome.remove()
        ahead = any(exchange.open for exchange in self.conversation.exchanges)
        exchange = await self.conversation.add(event.question)
        exchange.wait("queued" if ahead or self._ready else "waiting until the articles are read")
        self._show_evidence(False)
        self.query_one(Prompt).focus()
        self.session.ask(exchange.number, event.question)

    @on(Session.Preparing)
    def _preparing(self, event: Session.Preparing) -> None:
        self.query_one(StatusLine).preparing(event.done, event.total)

    @on(Session.Ready)
    async def _store_ready(self, event: Session.Ready) -> None:
        self._ready = True
        self.query_one(StatusLine).ready(event.coverage)
        for welcome in self.query(Welcome):
            welcome.covers(event.coverage)
        for failure in event.failures:
            await self.conversation.notice(failure)

    @on(Session.Unready)
    async def _store_unready(self, event: Session.Unready) -> None:
        self.query_one(StatusLine).unready()
        await self.conversation.notice(event.problem)

    @on(Session.Started)
    async def _started(self, event: Session.Started) -> None:
        exchange = self.conversation.numbered(event.number)
        exchange.start()
        await self._choose(exchange)

    @on(Session.Searched)
    def _searched(self, event: Session.Searched) -> None:
        self.conversation.numbered(event.number).searched(event.passages)

    @on(Session.Wrote)
    def _wrote(self, event: Session.Wrote) -> None:
        self.conversation.numbered(event.number).write(event.text)

    @on(Session.Answered)
    async def _answered(self, event: Session.Answered) -> None:
        exchange = self.conversation.numbered(event.number)
        exchange.finish(event.answer, event.exhibits, event.seconds)
        await self._choose(exchange)

    @on(Session.Failed)
    def _failed(self, event: Session.Failed) -> None:
        self.conversation.numbered(event.number).fail(event.problem)

    @on(Session.Ended)
    def _ended(self, event: Session.Ended) -> None:
        self.session.ended(event.number)

    @on(Exchange.Chosen)
    async def _chosen(self, event: Exchange.Chosen) -> None:
        if self.conversation.current is not event.exchange:
            await self._choose(event.exchange)
        if event.marker is not None:
            self.action_cite(event.marker)

    @on(PassageCard.Opened)
    def _open(self, event: PassageCard.Opened) -> None:
        self.app.push_screen(ArticleScreen(event.exhibit))

    def action_back(self) -> None:
        """Give up the question that runs or waits; when there is none, return to the prompt."""
        number = self.session.cancel()
        if number is not None:
            self.conversation.numbered(number).stop()
            return
        self._show_evidence(False)
        self.query_one(Prompt).focus()

    def action_evidence(self) -> None:
        """From the prompt or the conversation to the evidence, and from there back to the prompt."""
        if self.focused in self.evidence.cards or self.has_class("-evidence"):
            self._show_evidence(False)
            self.query_one(Prompt).focus()
        else:
            self._show_evidence(True)
            self.evidence.step(1)

    def action_cite(self, marker: int) -> None:
        self._show_evidence(True)
        if not self.evidence.select(marker):
            self._show_evidence(False)
            self.notify(f"The answer has no passage [{marker}].", markup=False, timeout=3)

    def action_step(self, by: int) -> None:
        self._show_evidence(self.evidence.step(by))

    async def action_turn(self, by: int) -> None:
        exchange = self.conversation.neighbour(by)
        if exchange is not None:
            await self._choose(exchange)
            exchange.scroll_visible(animate=False)

    def action_page(self, by: int) -> None:
        if by > 0:
            self.conversation.scroll_page_down(animate=False)
        else:
            self.conversation.scroll_page_up(animate=False)

    async def _choose(self, exchange: Exchange) -> None:
        self.conversation.choose(exchange)
        settled = exchange.state in (State.ANSWERED, State.ABSTAINED)
        await self.evidence.show(exchange.question, exchange.exhibits, NOTHING if settled else EMPTY)

    def _show_evidence(self, shown: bool) -> None:
        """On a narrow terminal, evidence or conversation; on a wide one both are there."""
        self.set_class(shown, "-evidence")
