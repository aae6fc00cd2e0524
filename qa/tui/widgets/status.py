"""The line at the top: what is being asked, and whether it can be."""

from textual.content import Content
from textual.widgets import Static

from qa.tui.session import Coverage
from qa.tui.text import counted, joined, one_line
from qa.tui.widgets.welcome import span

NAME = "isisk-qa"


class StatusLine(Static):
    """Progress while the articles are read, then what the store holds and who answers."""

    def __init__(self) -> None:
        super().__init__(Content(joined([NAME, "starting …"])), id="status")

    def preparing(self, done: int, total: int) -> None:
        self.update(Content(joined([NAME, f"reading the articles: {done} of {total} …"])))

    def ready(self, coverage: Coverage) -> None:
        model = one_line(coverage.model or "a model", 40)
        by = f"answers by {model}" if coverage.answerer == "llm" else "no model"
        note = one_line(coverage.note or "", 80)
        self.update(Content(joined([NAME, by, counted(coverage.articles, "article"), span(coverage), note])))

    def unready(self) -> None:
        self.update(Content(joined([NAME, "the articles could not be read"])))
