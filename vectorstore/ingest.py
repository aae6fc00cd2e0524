"""An article's way in, one writer at a time."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from vectorstore.analysis import Analyser
from vectorstore.catalog import Catalog
from vectorstore.changes import Failure, is_gone
from vectorstore.embedding import Embedder
from vectorstore.files import Found, find_files
from vectorstore.models import Article
from vectorstore.pipeline import Pipeline, Progress, Tally
from vectorstore.preparing import Preparer
from vectorstore.writer_lock import writer_lock


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
        with writer_lock(self._lock, "ingest"):
            found = find_files(paths)
            run = Pipeline(self._catalog, self._embedder, self.preparer(self._analyser), found.files, progress)
            tally = run.tally
            tally.failures += [Failure(str(path), str(error)) for path, error in found.failures]
            run.run()
            if prune:
                self._prune([path.resolve() for path in paths if path.is_dir()], found, tally)
            self._index.follow(lambda done, total: run.report(phase="index", done=done, total=total))
            return IngestReport(
                tally.added, tally.replaced, tally.unchanged, tally.chunks, tuple(tally.failures),
                time.monotonic() - began, tally.removed, run.embedded, tally.copies, self._catalog.generation,
            )  # fmt: skip

    def _prune(self, roots: Iterable[Path], found: Found, tally: Tally) -> None:
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
