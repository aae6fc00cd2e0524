"""A question set with stores of its own documents, to be asked like the program's own questions."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

from qa.app import Application
from qa.evaluation.dataset import DatasetError
from qa.evaluation.sets.beir import read_beir
from qa.evaluation.sets.ramdocs import read_ramdocs
from qa.evaluation.sets.reading import Document, Part, QuestionSet
from qa.evaluation.sets.squad2 import read_squad2
from qa.models import Answer, Question
from qa.settings import AnswererName, Settings

if TYPE_CHECKING:
    from qa.chain import AnswerChain
    from vectorstore.embedding import Embedder
    from vectorstore.ingest import IngestReport
    from vectorstore.models import Article, Chunk
    from vectorstore.pipeline import Progress

_READERS: dict[str, Callable[[Path], tuple[Part, ...]]] = {
    "squad2": read_squad2,
    "ramdocs": read_ramdocs,
    "beir": read_beir,
}
_COMPLETE = "documents.sha256"


def open_dataset(spec: str) -> QuestionSet:
    """Read ``KIND:DIR``. Raises DatasetError."""
    kind, _, folder = spec.partition(":")
    reader = _READERS.get(kind)
    if reader is None or not folder:
        raise DatasetError(f"{spec!r} is no question set: write {', '.join(f'{name}:DIR' for name in _READERS)}")
    if not Path(folder).is_dir():
        raise DatasetError(f"{folder} is no folder")
    return QuestionSet(spec, reader(Path(folder)))


@contextmanager
def dataset_application(dataset: QuestionSet, settings: Settings) -> Iterator[Application]:
    """The program over the set's documents, in stores of their own; one that is complete is used again."""
    place = hashlib.sha256(str(Path(dataset.name.partition(":")[2]).resolve()).encode()).hexdigest()[:12]
    folder = settings.home / "datasets" / f"{dataset.name.partition(':')[0]}-{place}"
    made = (
        [_Stored(settings, folder, dataset.parts[0].documents)]
        if len(dataset.parts) == 1
        else [_Stored(settings, folder / part.questions[0].id, part.documents) for part in dataset.parts]
    )
    application: Application = made[0] if len(made) == 1 else _Shelf(settings, folder, dataset, made)
    with application:
        yield application


class _Stored(Application):
    """An application whose shipped articles are the documents of a set."""

    def __init__(self, settings: Settings, folder: Path, documents: tuple[Document, ...]) -> None:
        super().__init__(settings.model_copy(update={"home": folder / "store", "store": None}))
        self._texts = folder / "texts"
        self._documents = documents

    def prepare(self, progress: "Callable[[Progress], None] | None" = None) -> "IngestReport | None":
        """Take the documents in, unless all are. Raises DatasetError where one cannot be."""
        wanted = hashlib.sha256(repr(self._documents).encode()).hexdigest()
        complete = self._texts / _COMPLETE
        if complete.is_file() and complete.read_text("utf-8") == wanted:
            return None
        self._texts.mkdir(parents=True, exist_ok=True)
        entries = []
        for number, document in enumerate(self._documents):
            name = f"{number:06d}.txt"
            # A text that ends in no line end stays so: spans count its characters.
            (self._texts / name).write_bytes(document.text.encode())
            fields = {"id": document.id, "file": name, "title": document.title, "publisher": document.publisher}
            lines = (
                f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items() if value is not None
            )
            entries.append("\n".join(["[[article]]", *lines]))
        (self._texts / "catalog.toml").write_text("\n\n".join(entries) + "\n", "utf-8")
        report = self.ingest([self._texts], progress, prune=True)
        if report.failures:
            first = report.failures[0]
            raise DatasetError(f"{len(report.failures)} documents could not be taken in, first: {first.message}")
        complete.write_text(wanted, "utf-8")
        return report


class _Shelf(Application):
    """Many small stores, each open only while its question is answered."""

    def __init__(self, settings: Settings, folder: Path, dataset: QuestionSet, stored: list[_Stored]) -> None:
        super().__init__(settings.model_copy(update={"home": folder, "store": None}))
        self._stored = stored
        self._by_question = {part.questions[0].question: each for part, each in zip(dataset.parts, stored, strict=True)}
        if len(self._by_question) < len(stored):
            raise DatasetError(f"{dataset.name}: two questions are the same, over other documents")
        self._answering = Lock()

    @contextmanager
    def _open(self, stored: _Stored) -> Iterator[_Stored]:
        # Loading the model takes longer than answering.
        stored.__dict__.setdefault("_embedder", self._shared)
        try:
            yield stored
        finally:
            stored.close()

    @cached_property
    def _shared(self) -> "Embedder":
        return self._embedder

    def prepare(self, progress: "Callable[[Progress], None] | None" = None) -> None:
        from vectorstore.pipeline import Progress

        for number, each in enumerate(self._stored, start=1):
            with self._open(each) as stored:
                stored.prepare()
            if progress is not None:
                progress(Progress(number, len(self._stored), each.settings.home.parent.name))

    def articles(self) -> "list[Article]":
        return [article for each in self._stored for article in self._of(each)[0]]

    def chunks(self) -> "list[Chunk]":
        return [chunk for each in self._stored for chunk in self._of(each)[1]]

    def _of(self, stored: _Stored) -> "tuple[list[Article], list[Chunk]]":
        with self._open(stored):
            return stored.articles(), stored.chunks()

    def chain(self, answerer: AnswererName | None = None) -> "AnswerChain":
        # Only what an evaluation calls.
        return cast("AnswerChain", _ShelfChain(self, answerer))

    def answer_alone(self, question: Question, answerer: AnswererName | None) -> Answer:
        """Answer over the documents of this question, one question at a time."""
        with self._answering, self._open(self._by_question[question.text]) as stored:
            stored.history_file = self.history_file
            return stored.chain(answerer).invoke(question)


class _ShelfChain:
    def __init__(self, shelf: _Shelf, answerer: AnswererName | None) -> None:
        self._shelf = shelf
        self._answerer = answerer

    def invoke(self, question: Question, /) -> Answer:
        return self._shelf.answer_alone(question, self._answerer)
