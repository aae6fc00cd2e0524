"""What a person does in the conversation: asks, chooses, copies, opens other screens."""

import asyncio
import gc
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from qa.errors import QAError
from qa.tui.protocols import Backend
from qa.tui.screens.reporting import ReportingScreen
from qa.tui.text import joined
from qa.tui.widgets.evidence import EMPTY
from qa.tui.widgets.exchange import Exchange
from qa.tui.widgets.passage import PassageCard
from qa.tui.widgets.prompt import Prompt
from qa.tui.widgets.welcome import Welcome
from vectorstore.errors import VectorStoreError

UNFINISHED = "The answer is still being written; its passages come with its end."


class MainScreen(ReportingScreen):
    """Hands questions to the session, and keys to the panes.

    The screens that it opens are imported when they are: none of them is needed for the first frame.
    """

    AUTO_FOCUS = "#prompt"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,question_mark", "app.help", "Help", key_display="F1", id="help"),
        Binding("f2", "settings", "Settings", key_display="F2", id="settings"),
        Binding("f3", "evidence", "Evidence", key_display="F3", id="evidence"),
        Binding("f4", "articles", "Articles", key_display="F4", id="articles"),
        Binding("ctrl+f", "history", "History", key_display="^f", priority=True, id="history"),
        Binding("slash", "history", "History, with nothing typed", show=False, id="history.slash"),
        Binding("escape", "back", "Back", key_display="Esc", id="back"),
        Binding("ctrl+n", "anew", "New conversation", show=False, priority=True, id="conversation.new"),
        Binding("n", "step(1)", "Next passage", show=False, id="passage.next"),
        Binding("p", "step(-1)", "Previous passage", show=False, id="passage.previous"),
        *(Binding(f"{n}", f"cite({n})", f"Passage [{n}]", show=False, id=f"passage.{n}") for n in range(1, 10)),
        Binding("o", "source", "Open the passage's source", show=False, id="passage.source"),
        Binding("j", "turn(1)", "Next answer", show=False, id="answer.next"),
        Binding("k", "turn(-1)", "Previous answer", show=False, id="answer.previous"),
        Binding("y", "copy", "Copy the answer with its citations", show=False, id="answer.copy"),
        Binding("e", "export", "Export the answer", show=False, id="answer.export"),
        Binding("r", "retry", "Ask again what was not answered", show=False, id="answer.retry"),
        Binding("pageup", "page(-1)", "Page up", show=False, priority=True, id="page.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, priority=True, id="page.down"),
        Binding("end,ctrl+end", "follow", "To the end, and follow it", show=False, id="page.end"),
    ]

    @on(Prompt.Asked)
    @on(Welcome.Picked)
    async def _ask(self, event: Prompt.Asked | Welcome.Picked) -> None:
        exchange = await self._added(event.question)
        self._show_evidence(False)
        self.prompt.focus()
        self._send(exchange)

    async def _added(self, question: str) -> Exchange:
        for welcome in self.query(Welcome):
            await welcome.remove()
        return await self.conversation.add(question)

    @on(Exchange.Again)
    def _ask_again(self, event: Exchange.Again) -> None:
        # At once: the line that was chosen goes, and its focus would move the view to another such line, further up.
        self.set_focus(self.prompt)
        self._send(event.exchange)
        if event.exchange is self.conversation.exchanges[-1]:
            self.conversation.follow()

    def _send(self, exchange: Exchange) -> None:
        ahead = any(other.open and other is not exchange for other in self.conversation.exchanges)
        exchange.wait("queued" if ahead or self._coverage else "waiting until the articles are read")
        self.session.ask(exchange.number, exchange.question)

    @on(Exchange.Chosen)
    async def _chosen(self, event: Exchange.Chosen) -> None:
        if self.conversation.current is not event.exchange:
            await self._choose(event.exchange)
        if event.marker is not None:
            self.action_cite(event.marker)

    @on(PassageCard.Opened)
    def _open(self, event: PassageCard.Opened) -> None:
        from qa.tui.screens.article import ArticleScreen

        self.app.push_screen(ArticleScreen(event.exhibit))

    @on(Prompt.AtEnd)
    def action_follow(self) -> None:
        self.conversation.follow()

    def action_back(self) -> None:
        """Give up the question that runs or waits; when there is none, return to the prompt."""
        if not self.stop():
            self._show_evidence(False)
            self.prompt.focus()

    def stop(self) -> bool:
        """Give up the question that runs, else the last that waits; whether there was one."""
        number = self.session.cancel()
        if number is not None and (exchange := self.conversation.numbered(number)):
            exchange.stop()
        return number is not None

    async def action_anew(self) -> None:
        """A new conversation: nothing asked so far is leant on."""
        self.session.forget()
        welcome = Welcome()
        await self.conversation.clear(welcome)
        # The app has had the collector overlook these answers, which are garbage now.
        gc.unfreeze()
        if self._coverage:
            welcome.covers(self._coverage)
        await self.evidence.show("", (), EMPTY)
        self.action_back()

    def action_evidence(self) -> None:
        """From the prompt or the conversation to the evidence, and from there back to the prompt."""
        if self.focused in self.evidence.cards or self.has_class("-evidence"):
            self._show_evidence(False)
            self.prompt.focus()
        else:
            self._show_evidence(True)
            self.evidence.step(1)

    def action_cite(self, marker: int) -> None:
        self._show_evidence(True)
        if not self.evidence.select(marker):
            self._show_evidence(False)
            self._lacks(f"The answer has no passage [{marker}].")

    def action_step(self, by: int) -> None:
        chosen = self.evidence.step(by)
        self._show_evidence(chosen)
        if not chosen:
            self._lacks("There is no passage to choose.")

    def _lacks(self, what: str) -> None:
        """Say what the current answer does not have, or that it is not there yet."""
        exchange = self.conversation.current
        self._say(UNFINISHED if exchange is not None and exchange.open else what)

    async def action_turn(self, by: int) -> None:
        exchange = self.conversation.neighbour(by)
        if exchange is not None:
            await self._choose(exchange)
            self.conversation.show(exchange)

    def action_page(self, by: int) -> None:
        pane = self.evidence if self.focused in self.evidence.cards else self.conversation
        scroll = pane.scroll_page_down if by > 0 else pane.scroll_page_up
        scroll(animate=False)

    def action_retry(self) -> None:
        exchange = self.conversation.current
        if exchange is not None:
            exchange.again()

    def action_copy(self) -> None:
        """The answer with its citations, or what was written of it."""
        exchange = self.conversation.current
        if exchange is None or not (exchange.answer or exchange.written):
            self._say("There is no answer to copy.")
            return
        from qa.render import render_text
        from qa.terminal import sanitise

        self.app.copy_to_clipboard(render_text(exchange.answer) if exchange.answer else sanitise(exchange.written))
        self._say("Copied.")

    def action_export(self) -> None:
        exchange = self.conversation.current
        if exchange is None or exchange.answer is None:
            self._lacks("There is no answer to export.")
            return
        from qa.tui.screens.export import ExportScreen

        self.app.push_screen(ExportScreen(exchange.answer), self._say)

    def action_source(self) -> None:
        exhibit = self.evidence.selected
        if exhibit is None:
            self._lacks("Choose a passage first: its number, or n.")
            return
        from qa.tui.screens.source import offer

        offer(self.app, exhibit)

    def action_settings(self) -> None:
        if backend := self._there():
            from qa.tui.screens.settings import SettingsScreen

            self.app.push_screen(SettingsScreen(backend), self._changed)

    def action_articles(self) -> None:
        if backend := self._there():
            from qa.tui.screens.articles import ArticlesScreen

            self.app.push_screen(ArticlesScreen(backend), self._changed)

    def action_history(self) -> None:
        if backend := self._there():
            from qa.tui.screens.history import HistoryScreen

            self.app.push_screen(HistoryScreen(backend), self._reopen)

    def _reopen(self, answer_id: str | None) -> None:
        if answer_id is not None:
            self.run_worker(self._show_kept(answer_id), group="reopen")

    async def _show_kept(self, answer_id: str) -> None:
        """A past answer at the end of the conversation; the files of its sources are read, so not in this thread."""
        from qa.tui.reopen import reopen

        assert self.backend is not None
        try:
            kept = await asyncio.to_thread(reopen, self.backend, answer_id)
        except (QAError, VectorStoreError) as error:
            await self.conversation.notice(str(error))
            return
        exchange = await self._added(kept.question)
        exchange.reopen(kept.answer, kept.exhibits, joined([f"from the history, {kept.asked_at[:10]}", kept.note]))
        await self._choose(exchange)

    def _there(self) -> Backend | None:
        if self._coverage is None:
            self._say("The articles are still being read.")
            return None
        return self.backend
