"""What is shown before the first question: what can be asked, and of what."""

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from qa.tui.guard import Guarded
from qa.tui.session import Coverage
from qa.tui.text import counted, joined, one_line, safe, spoken_date

EXAMPLES = (
    "How many fighters did ISIS-K have at the beginning of 2017?",
    "What did the Taliban do in Jawzjan in August 2018?",
    "What share of the country does the Afghan government control?",
)
PROMISE = (
    "Ask about ISIS-K. Every sentence of an answer is tied to the words of an article, "
    "and where the articles do not say, the answer says so."
)
NO_MODEL = (
    "No model is configured, so answers are sentences quoted from the articles. "
    "To have them written by a model, press F2, or set ISISK_QA_MODEL, and OPENAI_API_KEY or ISISK_QA_BASE_URL."
)


class Welcome(Guarded, Vertical):
    """Example questions that can be chosen with Tab, the arrow keys and Enter, or the mouse."""

    @dataclass
    class Picked(Message):
        question: str

    def __init__(self) -> None:
        super().__init__(id="welcome")

    def compose(self) -> ComposeResult:
        yield Static(Content(PROMISE), classes="promise")
        yield Static(Content("For example (Shift+Tab, then Enter)"), classes="label")
        yield OptionList(*(Option(Content(example)) for example in EXAMPLES), id="examples", compact=True)
        yield Static(id="coverage")
        yield Static(id="model-hint")

    def covers(self, coverage: Coverage) -> None:
        """Say what the store holds and who answers."""
        publishers = ", ".join(one_line(name, 40) for name in coverage.publishers[:8])
        self.query_one("#coverage", Static).update(
            safe(joined([counted(coverage.articles, "article"), span(coverage), publishers]))
        )
        hint = "" if coverage.answerer == "llm" else NO_MODEL
        self.query_one("#model-hint", Static).update(Content(hint))

    @on(OptionList.OptionSelected)
    def _pick(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Picked(EXAMPLES[event.option_index]))


def span(coverage: Coverage) -> str:
    """``December 2017 to August 2021``; empty when no article has a date."""
    if coverage.earliest is None or coverage.latest is None:
        return ""
    first, last = spoken_date(coverage.earliest), spoken_date(coverage.latest)
    return first if first == last else f"{first} to {last}"
