"""An answer that is opened again, with the passages that it had."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qa.app import Application as RealApplication
from qa.errors import HistoryError, UnknownAnswerError
from qa.history_file import opened
from qa.models import Question
from qa.settings import Settings
from qa.trace import Trace
from qa.tui.exhibits import excerpt
from qa.tui.reopen import CHANGED, GONE, reopen
from qa.tui.text import MARK
from tests.qa.tui import fakes
from vectorstore.models import Article, Chunk, Evidence, Passage
from vectorstore.source_state import SourceState

SPUTNIK = fakes.shipped()[0]


@pytest.fixture
def backend(tmp_path: Path) -> fakes.Application:
    """With one answer, of two citations, and the passage that holds the first."""
    backend = fakes.Application(home=tmp_path)
    first, _ = fakes.fighters().citations
    start, end = first.start - 120, first.end + 40
    chunk = Chunk("c1", SPUTNIK.id, 0, start, end, SPUTNIK.text[start:end])
    sentence = Evidence(first.start, first.end, first.quote, np.ones(2, np.float32))
    backend.history.keep(fakes.fighters(), Trace((Passage(chunk, SPUTNIK, 0.5, sentences=(sentence,)),)))
    return backend


def test_as_it_was(backend: fakes.Application) -> None:
    answer = fakes.fighters()
    found = reopen(backend, answer.id)
    assert (found.question, found.answer, found.note) == (answer.question, answer, "")
    assert [exhibit.citation for exhibit in found.exhibits] == list(answer.citations)
    assert [(exhibit.article, exhibit.problem, exhibit.first) for exhibit in found.exhibits] == [(SPUTNIK, "", 0)] * 2
    assert found.asked_at == backend.history.recent()[0].asked_at


@pytest.mark.parametrize(
    ("now", "problem"),
    [
        ([], GONE),
        ([replace(SPUTNIK, id=f"{SPUTNIK.id}-b")], GONE),
        ([replace(SPUTNIK, text=f"!{SPUTNIK.text}", sha256="1" * 64)], CHANGED),
        # The words are still there; that they are the same words in another article is not for the program to say.
        ([replace(SPUTNIK, sha256="1" * 64)], CHANGED),
    ],
    ids=["gone", "another one", "moved", "same place"],
)
def test_a_source_that_is_another_now(backend: fakes.Application, now: list[Article], problem: str) -> None:
    backend._articles = now
    found = reopen(backend, fakes.fighters().id)
    assert found.note == "Since this was answered, its source has changed or gone missing; see the evidence."
    first, second = found.exhibits
    assert {first.problem, second.problem} == {problem}
    # Its passage was kept: the quote stands in its surroundings, marked.
    assert first.article is not None
    shown = excerpt(first)
    (mark,) = [span for span in shown.spans if span.style == MARK]
    quote = first.citation.quote
    assert shown.plain[mark.start : mark.end] == quote == first.article.text[slice(*first.span)]
    assert first.article.text == SPUTNIK.text[first.first : first.first + 120 + len(quote) + 40]
    # That of the second was not.
    assert second.article is None
    assert excerpt(second).plain == second.citation.quote


def test_a_file_that_is_another_now(backend: fakes.Application) -> None:
    backend.states[SPUTNIK.id] = SourceState.CHANGED
    found = reopen(backend, fakes.fighters().id)
    assert found.exhibits[0].article == SPUTNIK
    assert found.exhibits[0].problem == "The article's file has changed since it was read."
    assert found.note.startswith("Since this was answered, its source has changed")


def test_of_several_sources_some(backend: fakes.Application) -> None:
    first, second = fakes.fighters().citations
    other = fakes.shipped()[1]
    quoted = fakes.cite(other, 2, other.text[100:110], other.text[150:160])
    answer = replace(fakes.fighters(), citations=(first, quoted))
    backend.history.keep(answer, Trace(()))
    backend._articles = [SPUTNIK]
    assert "1 of its 2 sources has changed" in reopen(backend, answer.id).note
    assert second.marker == quoted.marker


def test_what_cannot_be_opened_is_a_sentence(backend: fakes.Application) -> None:
    with pytest.raises(UnknownAnswerError):
        reopen(backend, "nothing")
    with opened(backend.settings.home / "history.sqlite3", to_write=True) as database:
        database.execute("""UPDATE answers SET record = '{"question": "q", "status": "maybe", "answer": "a"}'""")
    with pytest.raises(HistoryError, match="another version"):
        reopen(backend, fakes.fighters().id)


def test_in_a_real_store(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "seals.txt"
    file.write_text(
        "Seals\n\nEleven grey seals were counted in Ostend harbour in 2019, a warden said on Monday.", "utf-8"
    )
    question = Question("How many grey seals were counted in Ostend harbour?")
    with RealApplication(Settings(home=home)) as application:
        application.ingest([file])
        answer = application.chain().invoke(question)
        assert reopen(application, answer.id).note == ""
        file.write_text("Seals\n\nTwo walruses lay on the beach of Ostend.", "utf-8")
        assert reopen(application, answer.id).exhibits[0].problem.startswith("The article's file has changed")
        application.ingest([file])
        changed = reopen(application, answer.id)
        assert changed.exhibits[0].problem == CHANGED
        application.remove(["seals.txt"])
        gone = reopen(application, answer.id)
        assert gone.exhibits[0].problem == GONE
        assert gone.exhibits[0].article is not None
        assert "Eleven grey seals" in gone.exhibits[0].article.text
        assert gone.answer == answer
