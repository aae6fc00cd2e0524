"""An article's way in, one writer at a time."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from vectorstore.analysis import Analyser
from vectorstore.catalog import Catalog, PreparedArticle
from vectorstore.chunking import chunk_article
from vectorstore.cleaning import find_regions
from vectorstore.dense import VectorIndex
from vectorstore.embedding import Embedder
from vectorstore.errors import LoadError, StoreBusyError, StoreError
from vectorstore.files import find_files, read_bytes
from vectorstore.loading import load_articles
from vectorstore.models import Article, Chunk, Evidence, Vector
from vectorstore.structure import split_sentences


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` files; ``label`` is the name of the one at hand."""

    done: int
    total: int
    label: str


@dataclass(frozen=True, slots=True)
class Failure:
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What came of an ingest: counts of articles, and of the chunks that were written."""

    added: int
    replaced: int
    unchanged: int
    chunks: int
    failures: tuple[Failure, ...]
    seconds: float


class Ingestor:
    """Loads, cleans, chunks, embeds and stores. ``lock`` is the store's lock file."""

    def __init__(
        self, catalog: Catalog, index: VectorIndex, embedder: Embedder, analyser: Analyser, lock: Path
    ) -> None:
        self._catalog = catalog
        self._index = index
        self._embedder = embedder
        self._analyser = analyser
        self._lock = lock

    def run(self, paths: Sequence[Path], progress: Callable[[Progress], None] | None = None) -> IngestReport:
        """Take in files and folders. A file that cannot be read is reported, and the rest goes on.

        Each article is committed whole. Raises LoadError when a named path does not exist, StoreBusyError when
        another process writes, ManifestError, EmbeddingError, IdentityError and StoreError.
        """
        began = time.monotonic()
        found = find_files(paths)
        files = found.files
        added = replaced = unchanged = chunks = 0
        failures = [Failure(str(path), str(error)) for path, error in found.failures]
        lock = FileLock(self._lock)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise StoreBusyError(f"Another process is writing to {self._lock.parent}{self._holder()}.") from None
        except OSError as error:
            raise StoreError(f"The store at {self._lock.parent} cannot be written: {error.strerror}.") from error
        try:
            self._owner_file.write_text(f"process {os.getpid()} since {time.strftime('%Y-%m-%d %H:%M:%S')}", "utf-8")
            for number, file in enumerate(files):
                if progress is not None:
                    progress(Progress(number, len(files), file.path.name))
                try:
                    articles = load_articles(file, read_bytes(file))
                except LoadError as error:
                    failures.append(Failure(str(file.path), str(error)))
                    continue
                for article in articles:
                    if isinstance(article, LoadError):
                        failures.append(Failure(str(file.path), str(article)))
                        continue
                    known = self._catalog.stored(article)
                    if known is not None and (known == article or _is_copy(article, known)):
                        unchanged += 1
                        continue
                    chunks += self._store(article)
                    added += known is None
                    replaced += known is not None
            self._index.follow()
            if progress is not None:
                progress(Progress(len(files), len(files), ""))
        finally:
            self._owner_file.unlink(missing_ok=True)
            lock.release()
        return IngestReport(added, replaced, unchanged, chunks, tuple(failures), time.monotonic() - began)

    @property
    def _owner_file(self) -> Path:
        return self._lock.with_suffix(".owner")

    def _holder(self) -> str:
        """Who holds the lock; kept beside it, since a locked file cannot be read everywhere."""
        try:
            return f" ({self._owner_file.read_text('utf-8')})"
        except OSError:
            return ""

    def _store(self, article: Article) -> int:
        regions = find_regions(article.text, article.title)
        chunks = chunk_article(article, regions)
        self._catalog.require_identity(self._embedder.identity)
        contexts = [context_of(article, chunk) for chunk in chunks]
        vectors = self._embedder.embed(
            [self._analyser.canonical(f"{context}. {chunk.text}" if context else chunk.text)
             for context, chunk in zip(contexts, chunks, strict=True)]
        )  # fmt: skip
        sentences = [self._sentences(chunk) for chunk in chunks]
        terms = [
            " ".join(self._analyser.terms(f"{context}\n{chunk.text}", parts=True))
            for context, chunk in zip(contexts, chunks, strict=True)
        ]
        words = self._new_words([*contexts, *(chunk.text for chunk in chunks)])
        with self._catalog.writing():
            prepared = PreparedArticle(article, regions, chunks, vectors, sentences, terms, words)
            self._catalog.replace(prepared, article.path, self._embedder.identity)
            self._catalog.finish_file(article.path, article.sha256, "", [article.id])
        return len(chunks)

    def _sentences(self, chunk: Chunk) -> tuple[Evidence, ...]:
        spans = split_sentences(chunk.text)
        vectors = self._embedder.embed([self._analyser.canonical(chunk.text[start:end]) for start, end in spans])
        return tuple(
            Evidence(chunk.start + start, chunk.start + end, chunk.text[start:end], vector)
            for (start, end), vector in zip(spans, vectors, strict=True)
        )

    def _new_words(self, texts: Sequence[str]) -> dict[str, Vector]:
        """Content words that the store has no embedding of yet."""
        spoken = {term: word for text in texts for term, word in self._analyser.words(text).items()}
        known = self._catalog.word_vectors(list(spoken))
        fresh = [term for term in spoken if term not in known]
        return dict(zip(fresh, self._embedder.embed([spoken[term] for term in fresh]), strict=True))


def _is_copy(article: Article, known: Article) -> bool:
    """Whether the same file is still there in another folder, from which it was taken in."""
    return replace(article, path=known.path) == known and Path(known.path).is_file()


def context_of(article: Article, chunk: Chunk) -> str:
    """What a chunk is read in: its article's title and the section's heading; never part of the slice."""
    parts = dict.fromkeys(part for part in (article.title, chunk.heading) if part)
    return ". ".join(part.rstrip(". ") for part in parts)
