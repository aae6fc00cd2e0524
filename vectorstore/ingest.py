"""An article's way in: read and prepared in one thread, embedded in the caller's, written in a third."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from vectorstore.analysis import Analyser
from vectorstore.catalog import Catalog, PreparedArticle
from vectorstore.changes import Changes, Failure, Step, is_gone
from vectorstore.channel import Channel, StoppedError
from vectorstore.embedding import Embedder
from vectorstore.errors import EmbeddingError
from vectorstore.files import Found, SourceFile, find_files
from vectorstore.models import Article, Vector
from vectorstore.preparing import Preparer
from vectorstore.writer_lock import writer_lock

# In characters of the articles: what may wait to be embedded, and what is embedded together.
_WAITING_TEXT, _BATCH_TEXT = 4_000_000, 32_000
# In bytes of text and vectors: what may wait to be written, and what is committed together.
_WAITING_WRITES, _GROUP = 32_000_000, 8_000_000
_OVERHEAD = 1_000


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` files, or of chunks in the phase "index"; ``label`` is the name of the one at hand.

    ``articles`` and ``chunks`` were committed in this run; bytes are of the files.
    """

    done: int
    total: int
    label: str
    phase: str = "embedding"
    articles: int = 0
    chunks: int = 0
    bytes_done: int = 0
    bytes_total: int = 0


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What came of an ingest: counts of articles, of the chunks that were written and of the texts that were embedded.

    ``copies``: articles taken in that have a copy in the store. ``generation``: the catalog's, afterwards.
    """

    added: int
    replaced: int
    unchanged: int
    chunks: int
    failures: tuple[Failure, ...]
    seconds: float
    removed: int = 0
    embedded: int = 0
    copies: int = 0
    generation: int = 0


class Index(Protocol):
    """What follows the catalog."""

    def follow(self, progress: Callable[[int, int], None] | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class _Write:
    step: Step
    prepared: PreparedArticle | None


@dataclass(slots=True)
class _Tally:
    """Of what was committed; only the thread that writes adds to it."""

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    removed: int = 0
    chunks: int = 0
    copies: int = 0
    failures: list[Failure] = field(default_factory=list)


class Ingestor:
    """Loads, cleans, chunks, embeds and stores. ``lock`` is the store's lock file."""

    preparer: type[Preparer] = Preparer

    def __init__(self, catalog: Catalog, index: Index, embedder: Embedder, analyser: Analyser, lock: Path) -> None:
        self._catalog = catalog
        self._index = index
        self._embedder = embedder
        self._analyser = analyser
        self._lock = lock

    def run(
        self,
        paths: Sequence[Path],
        progress: Callable[[Progress], None] | None = None,
        *,
        prune: bool = False,
    ) -> IngestReport:
        """Take in files and folders. A file that cannot be read is reported, and the rest goes on.

        ``prune``: what is no longer in the named folders leaves the store. Each article is committed whole, and what
        was committed stays, whatever happens after. Raises LoadError when a named path does not exist, StoreBusyError
        when another process writes, ManifestError, EmbeddingError, IdentityError and StoreError.
        """
        began = time.monotonic()
        found = find_files(paths)
        with writer_lock(self._lock, "ingest"):
            run = _Run(self._catalog, self._embedder, self.preparer(self._analyser), found.files, progress)
            tally = run.tally
            tally.failures += [Failure(str(path), str(error)) for path, error in found.failures]
            run.do()
            if prune:
                self._prune([path.resolve() for path in paths if path.is_dir()], found, tally)
            self._follow(run)
            return IngestReport(
                tally.added, tally.replaced, tally.unchanged, tally.chunks, tuple(tally.failures),
                time.monotonic() - began, tally.removed, run.embedded, tally.copies, self._catalog.generation,
            )  # fmt: skip

    def _follow(self, run: "_Run") -> None:
        run.report(phase="index", done=0, total=0)
        self._index.follow(lambda done, total: run.report(phase="index", done=done, total=total))
        run.report()

    def _prune(self, roots: Iterable[Path], found: Found, tally: _Tally) -> None:
        gone: dict[str, None] = {}
        for root in roots:
            # A disk that is not mounted leaves an empty folder.
            if any(file.path.is_relative_to(root) for file in found.files):
                gone |= dict.fromkeys(path for path in self._catalog.source_files.below(str(root)) if is_gone(path))
            else:
                tally.failures.append(Failure(str(root), f"{root} has no file to read, so nothing was pruned there."))
        if gone:
            with self._catalog.writing():
                tally.removed += self._catalog.remove_files(list(gone))

    def remove(self, references: Sequence[str]) -> list[Article]:
        """Drop articles, named as ``Catalog.article`` has it; all of them or none.

        Their files count as not read. Raises UnknownArticleError, StoreBusyError and StoreError.
        """
        with writer_lock(self._lock, "remove"):
            articles = list({article.id: article for article in map(self._catalog.article, references)}.values())
            with self._catalog.writing():
                files = {self._catalog.source_files.of_article(article.id) for article in articles}
                self._catalog.remove([article.id for article in articles])
                self._catalog.reopen_files(sorted(files))
            self._index.follow()
            return articles


class _Run:
    """The pipeline of one ingest. Memory is bounded by what may wait between its threads."""

    def __init__(
        self,
        catalog: Catalog,
        embedder: Embedder,
        preparer: Preparer,
        files: Sequence[SourceFile],
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.tally = _Tally()
        self.embedded = 0
        self._catalog = catalog
        self._embedder = embedder
        self._files = files
        self._progress = progress
        self._changes = Changes(catalog, preparer)
        self._steps = Channel[Step](_WAITING_TEXT)
        self._writes = Channel[_Write](_WAITING_WRITES)
        self._write_error: BaseException | None = None
        self._sizes = [_size(file.path) for file in files]
        self._bytes_total = sum(self._sizes)
        self._done = self._bytes_done = 0

    def do(self) -> None:
        threads = [threading.Thread(target=each, daemon=True) for each in (self._read, self._write)]
        for thread in threads:
            thread.start()
        try:
            self.report()
            while steps := self._steps.take(_BATCH_TEXT):
                for write in self._completed(steps):
                    self._writes.put(write, _weight(write))
                    if write.step.done is not None:
                        self._bytes_done += self._sizes[self._done]
                        self._done += 1
                        self.report()
        except StoppedError:
            # The writing thread says why, below.
            pass
        except EmbeddingError as error:
            self._end(threads)
            count = self.tally.added + self.tally.replaced
            what = f"{count} article{'s' * (count != 1)} {'was' if count == 1 else 'were'} taken in"
            raise EmbeddingError(f"{str(error).rstrip('.')} ({what}; run it again for the rest).") from None
        finally:
            self._end(threads)
        if self._write_error is not None:
            raise self._write_error

    def _end(self, threads: Iterable[threading.Thread]) -> None:
        """What was embedded is still written."""
        self._steps.stop()
        self._writes.close()
        for thread in threads:
            thread.join()

    def report(self, phase: str = "embedding", done: int | None = None, total: int | None = None) -> None:
        if self._progress is None:
            return
        number = self._done
        self._progress(
            Progress(
                done=number if done is None else done,
                total=len(self._files) if total is None else total,
                label=self._files[number].path.name if number < len(self._files) else "",
                phase=phase,
                articles=self.tally.added + self.tally.replaced,
                chunks=self.tally.chunks,
                bytes_done=self._bytes_done,
                bytes_total=self._bytes_total,
            )
        )

    # The reading thread

    def _read(self) -> None:
        error: BaseException | None = None
        try:
            for file in self._files:
                for step in self._changes.steps(file):
                    self._steps.put(step, len(step.take.draft.article.text) + _OVERHEAD if step.take else 0)
        except StoppedError:
            pass
        except BaseException as caught:
            error = caught
        finally:
            self._catalog.database.release()
            self._steps.close(error)

    # The caller's thread

    def _completed(self, steps: Sequence[Step]) -> Iterator[_Write]:
        """With vectors: embedded together; and when that fails one by one, so that one does not take others along."""
        try:
            vectors = self._vectors(steps)
        except EmbeddingError:
            if len(steps) == 1:
                raise
            for step in steps:
                yield from self._completed([step])
            return
        for step in steps:
            dimension = self._embedder.identity.dimension if step.take else 0
            yield _Write(step, step.take.draft.completed(vectors, dimension) if step.take else None)

    def _vectors(self, steps: Sequence[Step]) -> dict[str, Vector]:
        takes = [step.take for step in steps if step.take is not None]
        if not takes:
            return {}
        self._catalog.require_identity(self._embedder.identity)
        vectors = {text: vector for take in takes for text, vector in take.known.items()}
        texts = {text for take in takes for text in take.draft.texts()} - vectors.keys()
        # Texts of one length together are padded least by an endpoint, and the longest first leave no worker a long
        # one for the end.
        ordered = sorted(texts, key=lambda text: (-len(text), text))
        vectors |= zip(ordered, self._embedder.embed(ordered), strict=True)
        self.embedded += len(ordered)
        return vectors

    # The writing thread

    def _write(self) -> None:
        try:
            while writes := self._writes.take(_GROUP):
                with self._catalog.writing():
                    after = [self._apply(write) for write in writes]
                for write, count in zip(writes, after, strict=True):
                    self._count(write, *count)
        except BaseException as error:
            self._write_error = error
            self._writes.stop()
        finally:
            self._catalog.database.release()

    def _apply(self, write: _Write) -> tuple[bool, int]:
        """Inside a transaction. Whether the article has copies, and how many articles of its file were dropped."""
        copied, dropped = False, 0
        if write.prepared is not None and write.step.take is not None:
            copied = self._catalog.replace(write.prepared, write.step.take.file, self._embedder.identity)
        if write.step.done is not None and (finish := write.step.done.finish) is not None:
            dropped = self._catalog.finish_file(finish.file, finish.sha256, finish.recipe, finish.article_ids)
            self._catalog.remove_files(finish.moved)
        return copied, dropped

    def _count(self, write: _Write, copied: bool, dropped: int) -> None:
        tally, take, done = self.tally, write.step.take, write.step.done
        if take is not None:
            self._changes.written(take.draft.article.id)
            tally.added += not take.replaces
            tally.replaced += take.replaces
            tally.chunks += len(take.draft.chunks)
            tally.copies += copied
        if done is not None:
            tally.unchanged += done.unchanged
            tally.removed += dropped
            tally.failures += done.failures


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _weight(write: _Write) -> int:
    if write.prepared is None:
        return 0
    prepared = write.prepared
    rows = len(prepared.chunks) + sum(map(len, prepared.sentences)) + len(prepared.words)
    return 4 * prepared.vectors.shape[1] * rows + len(prepared.article.text) + _OVERHEAD
