"""The articles that come with the program, read into a store that is empty."""

from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

from vectorstore.catalog import Catalog
from vectorstore.ingest import Ingestor, IngestReport
from vectorstore.pipeline import Progress
from vectorstore.writer_lock import writer_lock

_KEY = "shipped_articles"


def is_prepared(catalog: Catalog) -> bool:
    """Whether they were all read once, or the store was begun with others."""
    state = catalog.meta(_KEY)
    return state == "done" or (state is None and catalog.count_chunks() > 0)


def ingest_shipped(
    catalog: Catalog, ingestor: Ingestor, lock: Path, progress: Callable[[Progress], None] | None = None
) -> IngestReport | None:
    """None where another program was faster. Raises StoreBusyError while one is at it, and VectorStoreError."""
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
