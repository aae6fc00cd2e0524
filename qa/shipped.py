"""The articles that come with the program, read into a store that is empty."""

from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from time import monotonic, sleep

from vectorstore.catalog import Catalog
from vectorstore.errors import StoreBusyError
from vectorstore.ingest import Ingestor, IngestReport
from vectorstore.pipeline import Progress
from vectorstore.writer_lock import writer_lock

PATIENCE_S = 120.0
_KEY = "shipped_articles"


def is_prepared(catalog: Catalog) -> bool:
    """Whether they were all read once, or the store was begun with others."""
    state = catalog.meta(_KEY)
    return state == "done" or (state is None and catalog.count_chunks() > 0)


def ingest_shipped(
    catalog: Catalog,
    ingestor: Callable[[], Ingestor],
    lock: Path,
    progress: Callable[[Progress], None] | None = None,
) -> IngestReport | None:
    """None where there is nothing to do. While another program writes it is waited for, up to PATIENCE_S.

    Raises StoreBusyError after that, and VectorStoreError.
    """
    deadline = monotonic() + PATIENCE_S
    while not is_prepared(catalog):
        try:
            return _ingest(catalog, ingestor(), lock, progress)
        except StoreBusyError:
            if monotonic() > deadline:
                raise
            if progress is not None:
                progress(Progress(0, 0, "", phase="waiting for another program that writes"))
            sleep(0.2)
    return None


def _ingest(
    catalog: Catalog, ingestor: Ingestor, lock: Path, progress: Callable[[Progress], None] | None
) -> IngestReport | None:
    with writer_lock(lock, "ingest of the shipped articles"):
        if is_prepared(catalog):
            return None
        _note(catalog, "begun")
        with as_file(files("seeds") / "articles") as folder:
            report = ingestor.run([folder], progress)
        _note(catalog, "done")
        return report


def leave_to_owner(catalog: Catalog) -> None:
    """What was removed does not come back by itself, even when nothing is left."""
    _note(catalog, "done")


def _note(catalog: Catalog, state: str) -> None:
    with catalog.writing():
        catalog.set_meta(_KEY, state)
