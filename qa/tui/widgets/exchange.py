"""One question and what came of it."""

from dataclasses import dataclass
from enum import StrEnum

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from qa.models import Answer, Sentence, Status
from qa.tui import answers
from qa.tui.exhibits import Exhibit
from qa.tui.guard import Guarded
from qa.tui.sizing import LaidOutOnce
from qa.tui.text import counted, joined, one_line, safe
from qa.tui.widgets.draft import Draft
from qa.tui.widgets.retry import Retry

QUESTION_LIMIT = 2_000
# Ten times a second is as fast as text can be followed, and leaves the keyboard free.
REDRAW_SECONDS = 0.1


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    ANSWERED = "answered"
    ABSTAINED = "abstained"
    FAILED = "failed"
    STOPPED = "stopped"


class Exchange(Guarded, LaidOutOnce, Vertical):
    """A question, its answer as it is written and as it was verified, and one quiet line."""

    @dataclass
    class Chosen(Message):
        """The exchange was clicked; ``marker`` is the citation under the pointer, if there is one."""

        exchange: "Exchange"
        marker: int | None

    @dataclass
    class Again(Message):
        """The question is to be asked once more."""

        exchange: "Exchange"

    def __init__(self, number: int, question: str) -> None:
        super().__init__(classes="exchange")
        self.number = number
        self.question = question
        self.state = State.QUEUED
        self.answer: Answer | None = None
        self.exhibits: tuple[Exhibit, ...] = ()
        self._written = ""
        self._checks: list[answers.Check] = []
        self._redraw: Timer | None = None
        self._draft: Draft | None = None
        self._question = Static(Content("› ") + safe(question, QUESTION_LIMIT), classes="question")
        self._answer = Static(classes="answer")
        self._conflicts = Static(classes="conflicts")
        self._quiet = Static(classes="quiet")

    def compose(self) -> ComposeResult:
        yield self._question
        yield self._answer
        yield self._conflicts
        yield self._quiet

    @property
    def open(self) -> bool:
        """Whether an answer may still come."""
        return self.state in (State.QUEUED, State.RUNNING)

    @property
    def settled(self) -> bool:
        """Whether there is an answer, which stays as it is."""
        return self.state in (State.ANSWERED, State.ABSTAINED)

    @property
    def written(self) -> str:
        """What was streamed so far, as it came."""
        return self._written

    def wait(self, why: str) -> None:
        """Show that the question has its turn later, and nothing of an earlier attempt."""
        self._clear()
        self._answer.update("")
        self._enter(State.QUEUED, Content(f"… {why}"))

    def start(self) -> None:
        self._enter(State.RUNNING, Content("… searching the articles"))

    def searched(self, passages: int) -> None:
        if self.open:
            self._quiet.update(Content(f"… reading {counted(passages, 'passage')}"))

    def write(self, delta: str) -> None:
        """Add text that is not verified yet; it is drawn a little later, together with what follows it."""
        if not self.open:
            return
        self._written += delta
        self._draw_soon()

    def check(self, sentence: Sentence | None) -> None:
        """Add what the verification says of the sentence that was written last."""
        if self.open:
            self._checks.append(answers.Check(len(self._written.rstrip()), sentence))
            self._draw_soon()

    def finish(self, answer: Answer, exhibits: tuple[Exhibit, ...], seconds: float) -> None:
        """Replace whatever was streamed by the verified answer."""
        if not self.open:
            return
        self._show(answer, exhibits, answers.quiet_line(answer, seconds))

    def reopen(self, answer: Answer, exhibits: tuple[Exhibit, ...], note: str) -> None:
        """Show an answer of another day; ``note`` says so, and what has changed since."""
        self._show(answer, exhibits, joined([one_line(note, 300), answers.quiet_line(answer, 0)]))

    def _show(self, answer: Answer, exhibits: tuple[Exhibit, ...], quiet: str) -> None:
        self.answer = answer
        self.exhibits = exhibits
        self._clear()
        shown = answers.final(answer)
        if answer.status is Status.ABSTAINED:
            shown = Content("\n").join([Content(answers.REFUSAL).stylize("bold"), shown])
        self._answer.update(shown)
        known = {exhibit.citation.marker for exhibit in exhibits}
        if answer.conflicts:
            self._conflicts.update(Content("\n").join(answers.disagreement(item, known) for item in answer.conflicts))
            self.add_class("-conflict")
        state = State.ABSTAINED if answer.status is Status.ABSTAINED else State.ANSWERED
        self._enter(state, Content(quiet))

    def fail(self, problem: str) -> None:
        """Show what went wrong in place of the answer."""
        if self.open:
            self._clear()
            self._answer.update(Content("! ").stylize("bold") + safe(problem, 2_000))
            self._enter(State.FAILED, Content("not answered"))
            self.mount(Retry())

    def stop(self) -> None:
        """Keep what was written so far, marked as stopped."""
        if self.open:
            self._draw()
            self._enter(
                State.STOPPED,
                Content(f"■ stopped; what {'has no mark' if self._checks else 'is written'} was not checked"),
            )
            self.mount(Retry())

    def again(self) -> None:
        """Ask for the question once more, if it was not answered."""
        if self.state in (State.FAILED, State.STOPPED):
            self.post_message(self.Again(self))

    def on_click(self, event: events.Click) -> None:
        marker = event.style.meta.get("marker")
        self.post_message(self.Chosen(self, marker if isinstance(marker, int) else None))

    @on(Retry.Wanted)
    def _retry(self, event: Retry.Wanted) -> None:
        event.stop()
        self.again()

    def _draw(self) -> None:
        self._stop_drawing()
        if self._written:
            if self._draft is None:
                self._draft = Draft()
                self.mount(self._draft, after=self._question)
            self._draft.show(self._written, self._checks)
            where = " where there is no mark" if self._checks else ""
            self._quiet.update(Content(f"… writing; not checked yet{where}"))

    def _draw_soon(self) -> None:
        if self._redraw is None:
            self._redraw = self.set_timer(REDRAW_SECONDS, self._draw)

    def _clear(self) -> None:
        self._stop_drawing()
        self._written = ""
        self._checks = []
        self._draft = None
        self.query("Draft, Retry").remove()

    def _stop_drawing(self) -> None:
        if self._redraw is not None:
            self._redraw.stop()
            self._redraw = None

    def _enter(self, state: State, quiet: Content) -> None:
        self.remove_class(f"-{self.state}")
        self.state = state
        self.add_class(f"-{state}")
        self._quiet.update(quiet)
