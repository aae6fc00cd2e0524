"""The pipeline of an ingest: read and prepared in one thread, embedded in the caller's, written in a third."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vectorstore.catalog import Catalog, PreparedArticle
from vectorstore.changes import Changes, Failure, Step
from vectorstore.channel import Channel, StoppedError
from vectorstore.embedding import Embedder
from vectorstore.errors import EmbeddingError
from vectorstore.files import SourceFile
from vectorstore.models import Vector
from vectorstore.preparing import Preparer

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
class _Write:
    step: Step
    prepared: PreparedArticle | None


@dataclass(slots=True)
class Tally:
    """Of what was committed; only the thread that writes adds to it."""

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    removed: int = 0
    chunks: int = 0
    copies: int = 0
    failures: list[Failure] = field(default_factory=list)


class Pipeline:
    """Of one ingest, for whoever holds the store's lock. Memory is bounded by what may wait between its threads."""

    def __init__(
        self,
        catalog: Catalog,
        embedder: Embedder,
        preparer: Preparer,
        files: Sequence[SourceFile],
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.tally = Tally()
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

    def run(self) -> None:
        """Raises EmbeddingError, IdentityError, ManifestError and StoreError; what was committed before stays."""
        threads = [_Worker(each) for each in (self._read, self._write)]
        try:
            for thread in threads:
                thread.start()
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

    def _end(self, threads: Iterable["_Worker"]) -> None:
        """What was embedded is still written; an interrupt waits for that."""
        self._steps.stop()
        self._writes.close()
        interrupted: KeyboardInterrupt | None = None
        for thread in threads:
            while thread.ident is not None and not thread.ended.is_set():
                try:
                    thread.ended.wait()
                except KeyboardInterrupt as error:
                    # What is left to write is little, and must not be written to a store that is being closed.
                    interrupted = error
        if interrupted is not None:
            raise interrupted

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
        except BaseException as caught:  # noqa: BLE001 - raised again in the thread that waits for this one
            error = caught
        finally:
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
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits for this one
            self._write_error = error
            self._writes.stop()

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


class _Worker(threading.Thread):
    """``ended`` is to be waited for: a ``join`` that is interrupted takes a thread that runs for one that has ended."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self.ended = threading.Event()

    def run(self) -> None:
        try:
            self._work()
        finally:
            self.ended.set()


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
    return prepared.vectors.itemsize * int(prepared.vectors.shape[1]) * rows + len(prepared.article.text) + _OVERHEAD
