"""One cited passage."""

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from qa.tui.exhibits import Exhibit, excerpt
from qa.tui.guard import Guarded
from qa.tui.text import MARKER, one_line, safe, source_line


class PassageCard(Guarded, Vertical, can_focus=True):
    """Marker, title, source and date, and the quoted words marked in their surroundings."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "open", "Open", key_display="Enter", tooltip="Open the article at the quote", id="passage.open"
        )
    ]

    @dataclass
    class Opened(Message):
        """The whole article is wanted."""

        exhibit: Exhibit

    def __init__(self, exhibit: Exhibit) -> None:
        super().__init__(classes="passage")
        self.exhibit = exhibit

    def compose(self) -> ComposeResult:
        citation = self.exhibit.citation
        marker = Content(f"[{citation.marker}] ").stylize(MARKER)
        yield Static(marker + Content(one_line(citation.title or citation.article_id)), classes="title")
        # What a date was inferred from can take more room than the quote; it stands over the opened article.
        yield Static(source_line(citation, brief=True), classes="source")
        yield Static(excerpt(self.exhibit), classes="excerpt")
        if self.exhibit.problem:
            yield Static(safe(f"! {self.exhibit.problem}"), classes="problem")

    def action_open(self) -> None:
        self.post_message(self.Opened(self.exhibit))

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2:
            self.action_open()
