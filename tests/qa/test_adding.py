"""Adding in a thread: what can be seen of it, and how it ends."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import sleep

import pytest

from qa.adding import STOPPED, Adding, AddingState
from qa.app import Application
from qa.models import Question
from qa.settings import Settings
from vectorstore.errors import StoreBusyError
from vectorstore.ingest import IngestReport
from vectorstore.pipeline import Progress
from vectorstore.writer_lock import writer_lock

REPORT = IngestReport(1, 0, 0, 1, (), 0.1)
SEALS = "Eleven grey seals were counted in Ostend harbour in 2019, a warden said."


def ended(adding: Adding) -> AddingState:
    while adding.state.running:
        sleep(0.005)
    return adding.state


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def adding(ingest: Callable[[Sequence[Path], Callable[[Progress], None]], IngestReport]) -> Adding:
    return Adding(ingest, lambda error: f"unexpected {type(error).__name__}")


def test_one_at_a_time(gate: threading.Event) -> None:
    given: list[Sequence[Path]] = []

    def ingest(paths: Sequence[Path], progress: Callable[[Progress], None]) -> IngestReport:
        given.append(paths)
        progress(Progress(1, 2, "a.txt"))
        gate.wait(30)
        return REPORT

    job = adding(ingest)
    assert job.state == AddingState()
    assert job.start([Path("a")])
    while job.state.progress is None:
        sleep(0.005)
    assert not job.start([Path("b")])
    assert job.state == AddingState(1, True, Progress(1, 2, "a.txt"))
    gate.set()
    assert ended(job) == AddingState(1, report=REPORT)
    assert job.start([Path("c")])
    assert ended(job).number == 2
    assert given == [(Path("a"),), (Path("c"),)]


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (StoreBusyError("Another one writes; wait."), "Another one writes; wait."),
        (KeyError("x"), "unexpected KeyError"),
    ],
)
def test_what_goes_wrong_is_a_sentence(error: Exception, problem: str) -> None:
    def ingest(paths: Sequence[Path], progress: Callable[[Progress], None]) -> IngestReport:
        raise error

    job = adding(ingest)
    job.start([Path("a")])
    assert ended(job) == AddingState(1, problem=problem)


def test_it_stops_between_articles_but_not_while_the_index_is_made() -> None:
    begun, stopped = threading.Event(), threading.Event()
    phases: list[str] = []

    def ingest(paths: Sequence[Path], progress: Callable[[Progress], None]) -> IngestReport:
        begun.set()
        stopped.wait(30)
        for phase in paths[0].parts:
            phases.append(phase)
            progress(Progress(1, 9, "", phase=phase))
        return REPORT

    for path, seen, report in (("index", ["index"], REPORT), ("embedding/index", ["embedding"], None)):
        for each in (begun, stopped, phases):
            each.clear()
        job = adding(ingest)
        job.start([Path(path)])
        begun.wait(30)
        job.stop()
        stopped.set()
        state = ended(job)
        assert (phases, state.report, state.problem) == (seen, report, "" if report else STOPPED)


@pytest.fixture
def seals(tmp_path: Path) -> Path:
    (tmp_path / "seals.txt").write_text(SEALS, "utf-8")
    return tmp_path / "seals.txt"


def test_questions_are_answered_while_articles_are_added(home: Path, seals: Path) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def wait(progress: Progress) -> None:
        reached.set()
        go_on.wait(60)

    with Application(Settings(home=home)) as application:
        writer = threading.Thread(target=lambda: application.ingest([seals], wait))
        writer.start()
        assert reached.wait(60)
        question = Question("How many fighters did ISIS-K have at the beginning of 2017?")
        assert "3,000" in application.chain().invoke(question).answer
        go_on.set()
        writer.join()
        # By the next question they are found, by the same program.
        found = application.chain().invoke(Question("How many grey seals were counted in Ostend harbour?"))
        assert "Eleven grey seals" in found.answer


def test_another_program_that_writes_is_named(home: Path, seals: Path) -> None:
    with Application(Settings(home=home)) as application, writer_lock(home / "writer.lock", "repair"):
        application.adding.start([seals])
        assert "is writing to" in ended(application.adding).problem


def test_closing_ends_what_is_being_added(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number}.txt").write_text(f"{SEALS} It was count {number}.\n" * 20, "utf-8")
    with Application(Settings(home=home)) as application:
        application.adding.start([folder])
        while application.adding.state.progress is None:
            sleep(0.005)
        job = application.adding
    assert job.state.problem == STOPPED
    with Application(Settings(home=home)) as application:
        assert len(application.articles()) < 405
        assert "3,000" in application.answer("How many fighters did ISIS-K have at the beginning of 2017?").answer
