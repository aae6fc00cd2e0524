"""The work behind the screen: preparing the store and answering, in threads, one question after the other.

Everything public is called from the screen's thread; what comes of it is posted as messages.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from types import GeneratorType

from textual.message import Message

from qa import log
from qa.chat import Cancellation
from qa.errors import QAError
from qa.models import Answer, Conversation, PassagesFound, Question, Sentence, SentenceChecked, TextDelta
from qa.tui.exhibits import Exhibit, exhibits
from qa.tui.protocols import Backend, ProgressLike
from vectorstore.errors import VectorStoreError

# How long quitting waits for a thread, at most.
STORE_SECONDS = 5.0
MODEL_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the store holds. Dates are ISO days, months or years; ``note`` says how it is searched if in part only."""

    articles: int
    earliest: str | None
    latest: str | None
    publishers: tuple[str, ...]
    answerer: str
    model: str | None
    note: str | None = None


@dataclass(slots=True)
class _Job:
    """``number`` and ``text`` are None for the job that only prepares the store."""

    number: int | None
    text: str | None
    cancelled: threading.Event = field(default_factory=threading.Event)
    calls: Cancellation = field(default_factory=Cancellation)
    thread: threading.Thread | None = None

    def cancel(self) -> None:
        self.cancelled.set()
        # A model that is silent would otherwise be asked until the deadline, and a paid one paid for.
        self.calls.cancel()


class Session:
    """Prepares the store once, then answers questions in the order in which they were asked."""

    @dataclass
    class Opened(Message):
        """The application is there; nothing has been read yet."""

        backend: Backend

    @dataclass
    class Unopened(Message):
        """There is no application, so there is nothing to be done: a setting is wrong."""

        error: BaseException

    @dataclass
    class Preparing(Message):
        """An article has been read: ``done`` of ``total``."""

        done: int
        total: int

    @dataclass
    class Ready(Message):
        """The store can be asked. ``failures`` are sentences about files that could not be read."""

        coverage: Coverage
        failures: tuple[str, ...]

    @dataclass
    class Grown(Message):
        """Articles were added while the person was elsewhere."""

    @dataclass
    class Unready(Message):
        """The store could not be prepared; the next question tries again."""

        problem: str

    @dataclass
    class Started(Message):
        number: int

    @dataclass
    class Searched(Message):
        number: int
        passages: int

    @dataclass
    class Wrote(Message):
        number: int
        text: str

    @dataclass
    class Checked(Message):
        """What the verification says of the sentence that was written last; None: it will not be kept so."""

        number: int
        sentence: Sentence | None

    @dataclass
    class Answered(Message):
        number: int
        answer: Answer
        exhibits: tuple[Exhibit, ...]
        seconds: float

    @dataclass
    class Failed(Message):
        number: int
        problem: str

    @dataclass
    class Ended(Message):
        """The thread of a job is done; ``number`` is None for the one that only prepared the store."""

        number: int | None

    def __init__(self, open_backend: Callable[[], Backend], post: Callable[[Message], object]) -> None:
        self._open = open_backend
        self._opened: Backend | None = None
        self._post = post
        self._waiting: deque[_Job] = deque()
        self._running: _Job | None = None
        self._ready = False
        self._preparing = threading.Lock()
        self._conversation = Conversation()

    def start(self) -> None:
        """Prepare the store, unless a question that came first already does."""
        if self._running is None:
            self._launch(_Job(None, None))

    def ask(self, number: int, text: str) -> None:
        """Answer ``text`` when its turn comes."""
        self._waiting.append(_Job(number, text))
        self.advance()

    def advance(self) -> None:
        """Begin the next question, if nothing runs."""
        if self._running is None and self._waiting:
            self._launch(self._waiting.popleft())

    def ended(self, number: int | None) -> None:
        """Take note of ``Ended``. One from a job that was cancelled earlier changes nothing."""
        if self._running is not None and self._running.number == number:
            self._running = None
            self.advance()

    def cancel(self) -> int | None:
        """Give up the question that runs, else the one asked last; its number, or None if there is none.

        Its thread is left to itself, for it may be held up in a call that cannot be broken off, and the next
        question begins at once.
        """
        running = self._running
        if running is not None and running.number is not None:
            running.cancel()
            self._running = None
            self.advance()
            return running.number
        return self._waiting.pop().number if self._waiting else None

    def forget(self) -> None:
        """Give up every question, and lean on none of them any more; the store is prepared all the same."""
        self._waiting.clear()
        self._conversation = Conversation()
        if self._running is not None and self._running.number is not None:
            self.cancel()

    def close(self) -> None:
        """Give up everything. A thread that writes the store gets longer to end than one that waits for a model."""
        self._waiting.clear()
        running, self._running = self._running, None
        if running is not None and running.thread is not None:
            running.cancel()
            running.thread.join(STORE_SECONDS if running.number is None else MODEL_SECONDS)

    def _launch(self, job: _Job) -> None:
        # A daemon, not one of Textual's workers: those are joined at exit, so quitting waited for a model.
        job.thread = threading.Thread(target=self._run, args=(job,), name="isisk-qa-job", daemon=True)
        self._running = job
        job.thread.start()

    def _run(self, job: _Job) -> None:
        try:
            self._prepare()
            if job.number is not None and job.text is not None:
                with job.calls:
                    self._answer(job, job.number, job.text)
        except BaseException as error:  # noqa: BLE001 - the thread's outermost frame; a Rust panic is no Exception
            self._fail(job, error)
        finally:
            self._tell(job, self.Ended(job.number))

    def _prepare(self) -> None:
        with self._preparing:
            if self._ready:
                return
            if self._opened is None:
                self._opened = self._open()
                self._post(self.Opened(self._opened))

            def progressed(progress: ProgressLike) -> None:
                # Then come the index's steps, which count chunks.
                if progress.phase == "embedding":
                    self._post(self.Preparing(progress.done, progress.total))

            report = self._opened.prepare(progressed)
            failures = () if report is None else report.failures
            # Posted even for a question that was given up meanwhile: the store is ready all the same.
            self._post(self.Ready(coverage_of(self._opened), tuple(f"{f.path}: {f.message}" for f in failures)))
            self._ready = True

    def _answer(self, job: _Job, number: int, text: str) -> None:
        backend = self._opened
        assert backend is not None, "it was prepared"
        begun = monotonic()
        self._tell(job, self.Started(number))
        events = backend.chain().stream(Question(text, earlier=self._conversation.questions))
        answer: Answer | None = None
        for event in events:
            if job.cancelled.is_set():
                if isinstance(events, GeneratorType):
                    events.close()
                return
            if isinstance(event, PassagesFound):
                self._tell(job, self.Searched(number, len(event.passages)))
            elif isinstance(event, TextDelta):
                self._tell(job, self.Wrote(number, event.text))
            elif isinstance(event, SentenceChecked):
                self._tell(job, self.Checked(number, event.sentence))
            else:
                answer = event.answer
        if answer is None:
            if job.cancelled.is_set():
                return
            raise RuntimeError("the answer chain ended without its last event")
        if not job.cancelled.is_set():
            self._conversation = self._conversation.and_then(answer.understood)
        shown = exhibits(answer.citations, backend.article)
        self._tell(job, self.Answered(number, answer, shown, monotonic() - begun))

    def _fail(self, job: _Job, error: BaseException) -> None:
        if self._opened is None:
            self._post(self.Unopened(error))
            return
        if isinstance(error, QAError | VectorStoreError):
            problem = str(error)
        else:
            settings = self._opened.settings
            problem = log.unexpected(settings.home, error, settings.secrets())
        self._tell(job, self.Unready(problem) if job.number is None else self.Failed(job.number, problem))

    def _tell(self, job: _Job, message: Message) -> None:
        if not job.cancelled.is_set():
            self._post(message)


def coverage_of(backend: Backend) -> Coverage:
    """What the store holds now. Raises VectorStoreError."""
    articles = backend.summaries()
    dates = [article.published for article in articles if article.published is not None]
    publishers = dict.fromkeys(filter(None, (article.publisher for article in articles)))
    return Coverage(
        articles=len(articles),
        earliest=min(dates, key=lambda day: day.earliest()).iso if dates else None,
        latest=max(dates, key=lambda day: day.latest()).iso if dates else None,
        publishers=tuple(publishers),
        answerer=backend.answerer(),
        model=backend.settings.model,
        note=backend.note,
    )
