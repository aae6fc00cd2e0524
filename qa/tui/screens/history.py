"""Past answers: searched as one types, opened again, deleted."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, Input, OptionList, Static

from qa.errors import HistoryError
from qa.models import Status
from qa.tui.guard import Guarded
from qa.tui.protocols import Backend
from qa.tui.screens.confirm import ConfirmScreen
from qa.tui.text import counted, joined, one_line, safe
from qa.tui.widgets.listing import FilterInput, Item, Listing

if TYPE_CHECKING:
    from qa.history import Entry

NOTHING_YET = "No answer has been kept yet."
NOTHING_FOUND = "No kept answer has these words."
NOTHING_KEPT = "Answers are not kept: the setting history is 0."


class HistoryScreen(Guarded, Screen[str | None]):
    """Dismissed with the id of the answer that is to be opened again, or None."""

    AUTO_FOCUS = "#history-search"
    DEFAULT_CSS = """
    HistoryScreen #history-head { height: 1; padding: 0 1; background: $panel; color: $text-muted; }
    HistoryScreen #history-note { height: auto; padding: 0 1; color: $warning; display: none; }
    HistoryScreen #history-note.-shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", key_display="Esc", id="history.back"),
        Binding("slash,ctrl+f", "search", "Search", key_display="/", id="history.search"),
        Binding("x,delete", "delete", "Delete", key_display="x", id="history.delete"),
        Binding("X", "clear", "Delete all", key_display="X", id="history.clear"),
    ]

    def __init__(self, backend: Backend) -> None:
        super().__init__()
        self._backend = backend

    def compose(self) -> ComposeResult:
        yield Static(safe("History"), id="history-head")
        yield FilterInput("Search questions and answers …", "history-search")
        yield Static(id="history-note")
        yield Listing("history-list")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self._show("")

    @on(Input.Changed, "#history-search")
    def _typed(self, event: Input.Changed) -> None:
        self._show(event.value)

    @on(Input.Submitted, "#history-search")
    def _submitted(self) -> None:
        if (chosen := self.query_one(Listing).chosen) is not None:
            self.dismiss(chosen.id)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    @work(exclusive=True, group="history")
    async def _show(self, text: str) -> None:
        await self._read(text)

    async def _read(self, text: str, first: "Callable[[], object] | None" = None) -> None:
        """Show what has these words, after something else was done to the history in the same thread."""
        history = self._backend.history
        limit = self._backend.settings.history

        def read() -> "list[Entry]":
            if first is not None:
                first()
            return history.recent(limit, text)

        try:
            entries = await asyncio.to_thread(read)
        except HistoryError as error:
            self._say(str(error))
            return
        self.query_one(Listing).show([_item(entry) for entry in entries])
        self.query_one("#history-head", Static).update(safe(joined(["History", counted(len(entries), "answer")])))
        nothing = NOTHING_FOUND if text.strip() else NOTHING_YET
        damaged = [f"A history that was damaged is kept in {path}." for path in history.set_aside()[-1:]]
        self._say(" ".join(([] if entries else [nothing if limit else NOTHING_KEPT]) + damaged))

    def action_list(self) -> None:
        self.query_one(Listing).focus()

    def action_search(self) -> None:
        self.query_one(FilterInput).focus()

    @work
    async def action_delete(self) -> None:
        if (chosen := self.query_one(Listing).chosen) is None:
            return
        sure = ConfirmScreen(f"Delete “{chosen.title}”?", "The answer, and what it was made of.")
        if await self.app.push_screen_wait(sure):
            await self._read(self.query_one(FilterInput).value, lambda: self._backend.history.delete(chosen.id))

    @work
    async def action_clear(self) -> None:
        sure = ConfirmScreen("Delete all answers?", "Also those that are not listed now. The articles stay.")
        if await self.app.push_screen_wait(sure):
            await self._read(self.query_one(FilterInput).value, self._backend.history.clear)

    def _say(self, sentence: str) -> None:
        note = self.query_one("#history-note", Static)
        note.update(safe(sentence))
        note.set_class(bool(sentence), "-shown")


def _item(entry: "Entry") -> Item:
    asked = datetime.fromisoformat(entry.asked_at).astimezone()
    outcome = "∅ not answered" if entry.status == Status.ABSTAINED else ""
    details = joined([f"{asked:%Y-%m-%d %H:%M}", outcome, one_line(entry.answer, 160)])
    return Item(entry.id, one_line(entry.question), details)
