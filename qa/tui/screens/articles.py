"""What is in the store: listed, filtered, opened, added to and removed from."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Input, OptionList, Select, Static

from qa.errors import HistoryError
from qa.tui.article_list import Filter, Row, left, publisher_of, rows, told
from qa.tui.exhibits import Exhibit, whole
from qa.tui.guard import Guarded
from qa.tui.protocols import Backend
from qa.tui.reopen import FILES
from qa.tui.screens.add import AddScreen
from qa.tui.screens.article import ArticleScreen
from qa.tui.screens.confirm import ConfirmScreen
from qa.tui.session import Session
from qa.tui.text import counted, joined, one_line, safe
from qa.tui.widgets.fields import RowSelect
from qa.tui.widgets.listing import FilterInput, Listing
from vectorstore.dates import PartialDate
from vectorstore.errors import VectorStoreError

LOOK_SECONDS = 0.2
# Of a list of ten thousand each key would take a fifth of a second.
MOST = 2_000
BUSY = "Articles are being added; wait for that, or stop it with s."


class ArticlesScreen(Guarded, Screen[None]):
    """What it adds is added on when the screen is left."""

    AUTO_FOCUS = "#article-list"
    DEFAULT_CSS = """
    ArticlesScreen #articles-head { height: 1; padding: 0 1; background: $panel; color: $text-muted; }
    ArticlesScreen #articles-filter { height: 1; }
    ArticlesScreen #articles-filter > * { width: 1fr; margin-right: 1; }
    ArticlesScreen #publisher > SelectOverlay { width: 40; max-width: 100%; }
    ArticlesScreen .articles-note { height: auto; padding: 0 1; display: none; }
    ArticlesScreen .articles-note.-shown { display: block; }
    ArticlesScreen #articles-problem { color: $warning; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", key_display="Esc", id="articles.back"),
        Binding("slash,ctrl+f", "filter", "Filter", key_display="/", id="articles.filter"),
        Binding("a", "add", "Add", id="articles.add"),
        Binding("x,delete", "remove", "Remove", key_display="x", id="articles.remove"),
        Binding("s", "stop", "Stop adding", id="articles.stop"),
    ]

    def __init__(self, backend: Backend) -> None:
        super().__init__()
        self._backend = backend
        self._rows: list[Row] = []
        # Read when words are first looked for: of thousands of articles they take a second, and megabytes.
        self._texts: Mapping[str, str] = {}
        self._seen = backend.adding.state

    def compose(self) -> ComposeResult:
        yield Static(safe("Articles"), id="articles-head")
        yield FilterInput("Filter by words …", "article-words")
        with Horizontal(id="articles-filter"):
            yield RowSelect[str]([], "publisher", prompt="Every publisher")
            yield FilterInput("from YYYY-MM-DD", "since")
            yield FilterInput("until YYYY-MM-DD", "until")
        yield Static(id="articles-problem", classes="articles-note")
        yield Listing("article-list")
        yield Static(id="articles-adding", classes="articles-note")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self._load()
        self._tell()
        self.set_interval(LOOK_SECONDS, self._look)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """There is something to stop only while something is added."""
        return action != "stop" or self._backend.adding.state.running

    # What is there

    @work(exclusive=True, group="articles")
    async def _load(self) -> None:
        await self._read()

    async def _read(self, first: Callable[[], object] | None = None) -> None:
        """List the store anew, after something else was done to it in the same thread."""

        def read() -> list[Row]:
            if first is not None:
                first()
            return rows(self._backend.summaries(), self._cited())

        try:
            self._rows = await asyncio.to_thread(read)
        except VectorStoreError as error:
            self._note("articles-problem", str(error))
            return
        publishers = sorted({publisher_of(row.article) for row in self._rows})
        select = self.query_one("#publisher", Select)
        wanted = select.value
        with self.prevent(Select.Changed):
            select.set_options([(Content(one_line(name, 60)), name) for name in publishers])
            select.value = wanted if wanted in publishers else Select.NULL
        self._apply()
        self._texts = {}
        if self._words:
            self._read_texts()

    def _cited(self) -> dict[str, int]:
        # The list is as good without it.
        try:
            return self._backend.history.cited()
        except HistoryError:
            return {}

    @on(Input.Changed, "#article-words")
    def _look_into(self) -> None:
        if self._words and not self._texts and not self._reading:
            self._read_texts()

    @property
    def _reading(self) -> bool:
        return any(worker.group == "texts" and not worker.is_finished for worker in self.workers)

    @property
    def _words(self) -> str:
        return self.query_one("#article-words", Input).value.strip()

    @work(exclusive=True, group="texts")
    async def _read_texts(self) -> None:
        def read() -> dict[str, str]:
            return {article.id: article.text.casefold() for article in self._backend.articles()}

        try:
            self._texts = await asyncio.to_thread(read)
        except VectorStoreError as error:
            self._note("articles-problem", str(error))
            return
        # When this worker has ended.
        self.call_later(self._apply)

    @on(Input.Changed)
    @on(Select.Changed)
    def _apply(self) -> None:
        problems: list[str] = []
        publisher = self.query_one("#publisher", Select).value
        by = Filter(
            self._words,
            publisher if isinstance(publisher, str) else None,
            self._day("since", problems),
            self._day("until", problems),
        )
        shown = left(self._rows, by, self._texts)
        self.query_one(Listing).show([row.item for row in shown[:MOST]])
        some = f"{len(shown):,} left by the filter" if len(shown) < len(self._rows) else ""
        first = f"the first {MOST:,} are listed" if len(shown) > MOST else ""
        head = joined(["Articles", counted(len(self._rows), "article"), some, first])
        self.query_one("#articles-head", Static).update(safe(head))
        if self._rows and not shown and not self._reading:
            problems.append("No article is left by this filter.")
        self._note("articles-problem", " ".join(problems))

    def _day(self, name: str, problems: list[str]) -> PartialDate | None:
        field = self.query_one(f"#{name}", Input)
        day = None
        try:
            day = PartialDate(field.value.strip()) if field.value.strip() else None
        except ValueError:
            problems.append(f"“{name}” is not a date yet: write YYYY, YYYY-MM or YYYY-MM-DD.")
        field.set_class(bool(field.value.strip()) and day is None, "-wrong")
        return day

    # What can be done

    def action_list(self) -> None:
        self.query_one(Listing).focus()

    def action_filter(self) -> None:
        self.query_one("#article-words").focus()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if (chosen := self.query_one(Listing).chosen) is not None:
            self._open(chosen.id)

    @on(OptionList.OptionSelected, "#article-list")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        if event.option_id is not None:
            self._open(event.option_id)

    @work(exclusive=True, group="open")
    async def _open(self, article_id: str) -> None:
        def read() -> Exhibit:
            state = self._backend.source_states([article_id]).get(article_id)
            return whole(self._backend.article(article_id), FILES.get(state, "") if state else "")

        try:
            self.app.push_screen(ArticleScreen(await asyncio.to_thread(read)))
        except VectorStoreError as error:
            self._note("articles-problem", str(error))

    @work(exclusive=True, group="change")
    async def action_remove(self) -> None:
        chosen = self.query_one(Listing).chosen
        if chosen is None:
            return
        if self._backend.adding.state.running:
            self._note("articles-problem", BUSY)
            return
        sure = ConfirmScreen(
            f"Remove “{chosen.title}”?", "Its file stays, and comes back when its folder is added again."
        )
        if await self.app.push_screen_wait(sure):
            await self._read(lambda: self._backend.remove([chosen.id]))

    @work(exclusive=True, group="change")
    async def action_add(self) -> None:
        adding = self._backend.adding
        if adding.state.running:
            self._note("articles-problem", BUSY)
            return
        path = await self.app.push_screen_wait(AddScreen())
        if path is not None:
            self._add(path)

    def _add(self, path: Path) -> None:
        adding = self._backend.adding
        if adding.start([path]):
            announce(self.app, self._backend, adding.state.number)
        self._look()

    def action_stop(self) -> None:
        self._backend.adding.stop()

    # How far adding has come

    def _look(self) -> None:
        state = self._backend.adding.state
        if state is self._seen:
            return
        self._seen = state
        self._tell()
        self.refresh_bindings()
        if not state.running:
            self._load()

    def _tell(self) -> None:
        self._note("articles-adding", told(self._seen))

    def _note(self, name: str, sentence: str) -> None:
        note = self.query_one(f"#{name}", Static)
        note.update(safe(sentence, 1_000))
        note.set_class(bool(sentence), "-shown")


def announce(app: App[object], backend: Backend, number: int) -> None:
    """Say what came of adding, to a person who has left the screen meanwhile and to the conversation."""

    def look() -> None:
        state = backend.adding.state
        if state.running and state.number == number:
            return
        timer.stop()
        if state.number == number and not isinstance(app.screen, ArticlesScreen):
            app.notify(one_line(told(state), 400), title="Articles", markup=False)
            app.screen_stack[0].post_message(Session.Grown())

    timer = app.set_interval(LOOK_SECONDS, look)
