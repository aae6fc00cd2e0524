"""What the screen needs of the application, so that importing it loads neither a store nor a model."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from qa.models import Event, Question

if TYPE_CHECKING:
    from qa.adding import Adding
    from qa.history import History
    from qa.settings import Settings
    from vectorstore.models import Article
    from vectorstore.source_state import SourceState
    from vectorstore.summaries import ArticleSummary


class ProgressLike(Protocol):
    """How far it has come; ``done`` and ``total`` count files in the phase "embedding", ``label`` is a file's name."""

    @property
    def phase(self) -> str: ...
    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def label(self) -> str: ...


class FailureLike(Protocol):
    """A file that could not be read."""

    @property
    def path(self) -> str: ...
    @property
    def message(self) -> str: ...


class ReportLike(Protocol):
    """What reading the articles came to."""

    @property
    def failures(self) -> Sequence[FailureLike]: ...


class ChainLike(Protocol):
    """A question in, the events that lead to its answer out; ``Finished`` is the last of them."""

    def stream(self, input: Question) -> Iterator[Event]: ...


class Backend(Protocol):
    """The composition root, as the screen sees it. Its methods are called from several threads."""

    @property
    def settings(self) -> "Settings": ...

    @property
    def note(self) -> str | None: ...

    def prepare(self, progress: Callable[[ProgressLike], None] | None = None) -> ReportLike | None: ...

    def articles(self) -> "list[Article]": ...

    def summaries(self) -> "list[ArticleSummary]": ...

    def article(self, reference: str) -> "Article": ...

    def answerer(self) -> str: ...

    def chain(self) -> ChainLike: ...

    def reconfigure(self, settings: "Settings") -> None: ...

    @property
    def history(self) -> "History": ...

    @property
    def adding(self) -> "Adding": ...

    def remove(self, references: Sequence[str]) -> "list[Article]": ...

    def source_states(self, article_ids: Iterable[str]) -> "Mapping[str, SourceState]": ...
