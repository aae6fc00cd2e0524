"""A past answer with the passages that it had, and what has become of its sources since."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qa.errors import HistoryError
from qa.models import Answer, Citation
from qa.records import answer_from
from qa.tui.exhibits import Exhibit
from qa.tui.protocols import Backend
from qa.tui.text import counted
from vectorstore.errors import UnknownArticleError
from vectorstore.source_state import SourceState

if TYPE_CHECKING:
    from vectorstore.models import Article, Passage

GONE = "This article is no longer in the store; this is the passage as it was."
CHANGED = "The stored article has changed since; this is the passage as it was."
FILES = {
    SourceState.CHANGED: "The article's file has changed since it was read.",
    SourceState.GONE: "The article's file is gone; this is the text that was read.",
}


@dataclass(frozen=True, slots=True)
class Reopened:
    """``asked_at`` is ISO 8601 in UTC; ``note`` says, in one sentence, which sources are not as they were, else "".

    ``exhibits`` are in the order of the answer's citations.
    """

    question: str
    answer: Answer
    exhibits: tuple[Exhibit, ...]
    asked_at: str
    note: str


def reopen(backend: Backend, answer_id: str) -> Reopened:
    """Read an answer from the history. It may take a second: the sources' files are read, to be compared.

    Raises UnknownAnswerError, HistoryError and StoreError.
    """
    kept = backend.history.find(answer_id)
    try:
        answer = answer_from(kept.record)
    except ValueError:
        raise HistoryError(f"The answer {answer_id} was kept by another version of this program; ask again.") from None
    states = backend.source_states(citation.article_id for citation in answer.citations)
    exhibits = tuple(_exhibit(backend, citation, kept.trace.passages, states) for citation in answer.citations)
    return Reopened(answer.question, answer, exhibits, kept.asked_at, _note(exhibits))


def _exhibit(
    backend: Backend, citation: Citation, passages: "tuple[Passage, ...]", states: Mapping[str, SourceState]
) -> Exhibit:
    article = _article(backend, citation.article_id)
    if article is None:
        # An id may follow from what was in the file, so that a changed file is an article of another id.
        there = citation.path and _article(backend, citation.path, by_path=True)
        return _as_it_was(citation, passages, CHANGED if there else GONE)
    if article.sha256 != citation.sha256 or article.text[citation.start : citation.end] != citation.quote:
        return _as_it_was(citation, passages, CHANGED)
    return Exhibit(citation, article, FILES.get(states.get(article.id, SourceState.UNKNOWN), ""))


def _article(backend: Backend, reference: str, *, by_path: bool = False) -> "Article | None":
    try:
        article = backend.article(reference)
    except UnknownArticleError:
        return None
    # The start of an id, or a file's name, is enough for the store.
    return article if reference == (article.path if by_path else article.id) else None


def _as_it_was(citation: Citation, passages: "tuple[Passage, ...]", problem: str) -> Exhibit:
    """In the passage that holds the quote; of the rest of the article nothing was kept."""
    for passage in passages:
        chunk = passage.chunk
        start, end = citation.start - chunk.start, citation.end - chunk.start
        if chunk.article_id == citation.article_id and start >= 0 and chunk.text[start:end] == citation.quote:
            return Exhibit(citation, _only(passage), problem, first=chunk.start)
    return Exhibit(citation, None, problem)


def _only(passage: "Passage") -> "Article":
    return replace(passage.article, text=passage.chunk.text)


def _note(exhibits: tuple[Exhibit, ...]) -> str:
    articles = {exhibit.citation.article_id: exhibit.problem for exhibit in exhibits}
    changed = [problem for problem in articles.values() if problem]
    if not changed:
        return ""
    of = "its source" if len(articles) == 1 else f"{len(changed)} of its {counted(len(articles), 'source')}"
    verb = "has" if len(changed) == 1 else "have"
    return f"Since this was answered, {of} {verb} changed or gone missing; see the evidence."
