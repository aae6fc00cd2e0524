"""How Chroma follows the catalog: a new folder for every index, and one transaction that turns readers to it.

A published folder is never written again. A writer copies it, adds what is pending, seals the copy and publishes it; so
a reader never meets a half-written index, and a writer that is killed leaves nothing but a folder nobody looks at.
"""

import logging
import shutil
import sqlite3
from pathlib import Path

from vectorstore.catalog import Catalog
from vectorstore.errors import IndexFault, IndexInUse, StoreError
from vectorstore.index import ChunkCollection
from vectorstore.indexing import Counted, build, run_apart
from vectorstore.journal import IndexJournal, Published
from vectorstore.seal import broken, seal

_LOG = logging.getLogger(__name__)
# Opening an index is writing a row of it, which on a busy machine can take more than the ten seconds of a reader.
PATIENCE_S = 60.0
_ASIDE = "set-aside"
_DOOMED = ".old"
# An index is copied to be changed, so a large one is left behind by a few chunks, which are searched exactly.
_LARGE, _FEW = 20_000, 2_000


class IndexWriter:
    """For whoever holds the store's lock."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self._folder = folder
        self._catalog = catalog
        self._journal = IndexJournal(catalog.database)

    # What was published is never written again, so what is wrong with it stays wrong.
    recovers = False

    def place(self, published: Published) -> Path:
        return self._folder / published.place

    def open(self, published: Published) -> ChunkCollection:
        """The published index, once it was compared with its seal. Raises IndexFault."""
        if (fault := self.fault(published, thorough=False)) is not None:
            raise IndexFault(fault)
        return ChunkCollection.open_folder(self.place(published))

    def stands(self, published: Published) -> bool:
        """Whether it is still there: two newer ones may have been published since a reader looked."""
        return self.place(published).is_dir()

    def close(self) -> None:
        """Nothing is held."""

    def follow(self, progress: Counted | None = None) -> None:
        """Publish an index of all that the catalog has. Raises StoreError; the articles are safe then.

        When the last writer did not finish, what is published is checked in a process of its own, and the new index is
        built there as well: whatever ended that writer does not end this one.
        """
        crashed = self._journal.unfinished is not None
        published = self._journal.published
        if published is not None and published.is_remote:
            # From now on the index is here again; all that the catalog has is to be put into it.
            self._journal.withdraw()
            published = None
        try:
            fault = self._fault(published, crashed, PATIENCE_S) if published is not None else None
        except IndexInUse as error:
            # Not damaged: what is pending is searched exactly, until a writer comes after this one.
            _LOG.warning("The vector index stays as it is: %s.", error)
            return
        if published is not None and fault is not None:
            _LOG.warning("The vector index was damaged (%s) and is made anew.", fault)
            self._set_aside(published)
            published = None
        if published is not None and not crashed and self._may_wait():
            return
        try:
            self._publish(published, apart=crashed, progress=progress)
        except IndexFault as error:
            if published is None:
                raise self._failure(error) from error
            # The published one stays as good as it was until a new one takes its place.
            _LOG.warning("The vector index could not be changed (%s) and is made anew.", error)
            try:
                self._publish(None, apart=True, progress=progress)
            except IndexFault as again:
                raise self._failure(again) from again

    def rebuild(self, progress: Counted | None = None) -> None:
        """Make the index anew from the catalog's vectors. Raises StoreError."""
        published = self._journal.published
        if published is not None and not published.is_remote:
            self._set_aside(published)
        else:
            self._journal.withdraw()
        self.follow(progress)

    def fault(self, published: Published, thorough: bool) -> str | None:
        """What is wrong with the published index; ``thorough`` compares every vector, in another process."""
        try:
            return self._fault(published, thorough)
        except IndexInUse as error:
            return str(error)

    def _fault(self, published: Published, thorough: bool, *patience_s: float) -> str | None:
        if published.is_remote:
            return f"it is on the server {published.place}, which --store names"
        place = self.place(published)
        if not _is_place(published.place) or not place.is_dir():
            return f"{place.name} is missing"
        return broken(place, published.seal, *patience_s) or (
            run_apart("check", self._catalog, place) if thorough else None
        )

    def _may_wait(self) -> bool:
        pending = self._journal.count()
        return pending == 0 or (pending <= _FEW and self._catalog.count_chunks() >= _LARGE)

    def _publish(self, published: Published | None, apart: bool, progress: Counted | None) -> None:
        base = self.place(published) if published else None
        target = self._next()
        self._journal.begin(target.name)
        try:
            if apart:
                if (fault := run_apart("build", self._catalog, base, target)) is not None:
                    raise IndexFault(fault)
            else:
                build(self._catalog, base, target, progress)
            text = seal(target)
        except (OSError, sqlite3.Error) as error:
            shutil.rmtree(target, ignore_errors=True)
            raise IndexFault(str(error)) from error
        except IndexFault:
            # Room is made at once: a full disk is the likely cause.
            shutil.rmtree(target, ignore_errors=True)
            raise
        self._journal.publish(target.name, text)
        # A reader may be about to read the one that was published until now; it goes next time.
        self._clear(keep={target.name, base.name if base else "", _ASIDE})

    def _next(self) -> Path:
        """A new number; what an unfinished writer left behind is cleared away first."""
        unfinished = self._journal.unfinished
        if unfinished is not None and _is_place(unfinished):
            shutil.rmtree(self._folder / unfinished, ignore_errors=True)
        names = [self._journal.last, *(path.name for path in self._folder.glob("*"))]
        return self._folder / str(max((int(name) for name in names if _is_place(name)), default=0) + 1)

    def _set_aside(self, published: Published) -> None:
        aside = self._folder / _ASIDE
        shutil.rmtree(aside, ignore_errors=True)
        try:
            if _is_place(published.place):
                self.place(published).rename(aside)
        except OSError as error:
            _LOG.warning("The damaged index cannot be moved aside: %s", error)
        self._journal.withdraw()

    def _clear(self, keep: set[str]) -> None:
        for path in self._folder.iterdir():
            if path.name in keep:
                continue
            # Gone at one stroke, so that a reader that still has it does not go on with half of it.
            doomed = path.with_name(f"{path.name}{_DOOMED}")
            try:
                path.rename(doomed)
            except OSError:
                doomed = path
            shutil.rmtree(doomed, ignore_errors=True)

    def _failure(self, error: StoreError) -> StoreError:
        return StoreError(
            f"The vector index at {self._folder} cannot be written ({error}); the articles are safe and can be asked: "
            "once that is mended, run `isisk-qa doctor --repair`."
        )


def _is_place(name: str) -> bool:
    """Whether it is a name that a writer gives; what stands in a damaged catalog must not lead out of the folder."""
    return name.isascii() and name.isdigit()
