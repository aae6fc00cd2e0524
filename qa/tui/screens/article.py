"""A whole article, opened at the words that an answer quotes."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content, Span
from textual.screen import Screen
from textual.widgets import Footer, Static

from qa.terminal import sanitise
from qa.tui.exhibits import Exhibit
from qa.tui.guard import Guarded
from qa.tui.screens.source import offer
from qa.tui.text import MARK, MARKER, joined, one_line, safe, source_line

# Only the blocks in view are drawn, so that a book-length file opens at once.
BLOCK = 4_000


class ArticleScreen(Guarded, Screen[None]):
    """The article's text as stored, the quoted words marked and in view."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back", key_display="Esc", id="article.back"),
        Binding("c", "quote", "To the quote", id="article.quote"),
        Binding("o", "source", "Source", id="article.source"),
    ]
    AUTO_FOCUS = "#text"

    def __init__(self, exhibit: Exhibit) -> None:
        super().__init__()
        self.exhibit = exhibit

    def compose(self) -> ComposeResult:
        citation = self.exhibit.citation
        marker = Content(f"[{citation.marker}] " if citation.quote else "").stylize(MARKER)
        title = marker + Content(one_line(citation.title or citation.article_id)).stylize("bold")
        span = f"characters {citation.start} to {citation.end}" if citation.quote else ""
        place = joined([one_line(citation.path), span])
        with Vertical(id="article-head"):
            yield Static(title, classes="cut")
            yield Static(source_line(citation), classes="source")
            yield Static(safe(place), classes="source cut")
            if self.exhibit.problem:
                yield Static(safe(f"! {self.exhibit.problem}"), classes="problem")
        with VerticalScroll(id="text"):
            for block in self._blocks():
                yield Static(block, classes="block")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.call_after_refresh(self.action_quote)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """There is a quote to go to only where something is quoted."""
        return action != "quote" or bool(self.exhibit.citation.quote)

    def action_quote(self) -> None:
        """Scroll to the first marked line, a third of the way down."""
        pane = self.query_one("#text", VerticalScroll)
        for block in self.query(".block").results(Static):
            content = block.visual
            if not isinstance(content, Content) or not _marked(content):
                continue
            lines = content.wrap(block.content_size.width)
            line = next((row for row, text in enumerate(lines) if _marked(text)), 0)
            pane.scroll_to(y=block.virtual_region.y + line - pane.size.height // 3, animate=False)
            return

    def action_source(self) -> None:
        offer(self.app, self.exhibit)

    def _blocks(self) -> Iterator[Content]:
        citation, article = self.exhibit.citation, self.exhibit.article
        start, end = self.exhibit.span if article else (0, len(citation.quote))
        text = sanitise(article.text if article else citation.quote)
        at = 0
        while at < len(text):
            newline = text.find("\n", min(at + BLOCK, len(text)))
            stop = len(text) if newline < 0 else newline
            marked = Span(max(start - at, 0), min(end, stop) - at, MARK)
            # The newline at the cut is the break between the two blocks.
            yield Content(text[at:stop], spans=[marked] if marked.start < marked.end else [])
            at = stop + 1


def _marked(content: Content) -> bool:
    return any(span.style == MARK for span in content.spans)
