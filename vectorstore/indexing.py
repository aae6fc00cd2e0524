"""Building and checking an index folder; as a program of its own where Chroma may take its process down."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from vectorstore.catalog import Catalog
from vectorstore.errors import IndexFault, StoreError
from vectorstore.index import BATCH, ChunkCollection
from vectorstore.journal import IndexJournal
from vectorstore.seal import copied, transient

Counted = Callable[[int, int], None]

_PAGE = 1_000
# Of how many stored vectors, spread over the index, the nearest ones are compared with an exact search.
_SAMPLE, _NEAREST = 20, 10
# HNSW is approximate: 0.995 was the least overlap seen on a sound index.
_LEAST_OVERLAP = 0.95


def build(catalog: Catalog, base: Path | None, target: Path, progress: Counted | None = None) -> None:
    """Make the index of the catalog in an empty place: a copy of ``base``, and what is pending beyond it.

    Without a ``base``, all that the catalog has. ``progress`` is told how many of the chunks to add are in. Raises
    IndexFault, also for a disk that is full.
    """
    if base is not None:
        missing, gone = IndexJournal(catalog.database).pending()
    else:
        missing, gone = [row[0] for row in catalog.database.each("SELECT id FROM chunks ORDER BY id")], []
    try:
        if base is not None:
            shutil.copytree(base, target, ignore=transient, copy_function=copied)
        with closing(ChunkCollection.open_folder(target, make=True)) as collection:
            collection.flush_after(len(missing) + len(gone))
            for names in _batches(gone):
                collection.delete(names)
            for done, names in enumerate(_batches(missing)):
                if progress is not None:
                    progress(done * BATCH, len(missing))
                rows = catalog.vectors(names)
                collection.upsert(list(rows), np.stack(list(rows.values())))
            if progress is not None:
                progress(len(missing), len(missing))
            if (count := collection.count()) != catalog.count_chunks():
                raise IndexFault(f"it has {count} chunks, the catalog {catalog.count_chunks()}")
        _sync(target)
    except shutil.Error as error:
        # One (source, target, reason) a file.
        raise IndexFault(str(error.args[0][0][2])) from error
    except sqlite3.Error as error:
        raise IndexFault(str(error)) from error
    except OSError as error:
        raise IndexFault(error.strerror or str(error)) from error


def _sync(folder: Path) -> None:
    """Chroma leaves it to the system when its files reach the disk; a published index must be there."""
    for path in (folder, *folder.rglob("*")):
        if path.is_file() or os.name == "posix":
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def check(catalog: Catalog, folder: Path) -> str | None:
    """What is wrong with an index in a folder; None when it is sound.

    A damaged index can end the process with a segmentation fault, hence ``run_apart``.
    """
    try:
        with closing(ChunkCollection.open_folder(folder)) as collection:
            return difference(catalog, collection)
    except IndexFault as error:
        return str(error)


def difference(catalog: Catalog, collection: ChunkCollection) -> str | None:
    """In what an index, which should have every chunk that is not pending, differs from the catalog.

    Every vector is compared, and the nearest ones of a sample with an exact search. Raises IndexFault.
    """
    pending = {name for names in IndexJournal(catalog.database).pending() for name in names}
    expected = {row[0] for row in catalog.database.each("SELECT id FROM chunks")} - pending
    names: list[str] = []
    pages = []
    while page := collection.vectors(len(names), _PAGE):
        stored = catalog.vectors(list(page))
        for name, vector in page.items():
            if name not in pending and (name not in stored or not np.allclose(vector, stored[name], atol=1e-4)):
                return f"the vector of {name} is not the catalog's"
        names += page
        pages.append(np.stack(list(page.values())))
    if absent := len(expected - set(names)):
        return f"{absent} chunks have no vector"
    if not names:
        return None
    matrix = np.concatenate(pages)
    overlap = 0
    sample = matrix[:: max(1, len(matrix) // _SAMPLE)][:_SAMPLE]
    limit = min(_NEAREST, len(names))
    places = {name: place for place, name in enumerate(names)}
    for vector in sample:
        scores = matrix @ vector
        # Copies of a text are equally near: which of them is found does not matter.
        least = np.partition(scores, -limit)[-limit] - 1e-4
        overlap += sum(scores[places[name]] >= least for name in collection.nearest(vector, limit))
    if overlap < _LEAST_OVERLAP * limit * len(sample):
        return f"{overlap} of {limit * len(sample)} nearest neighbours were found"
    return None


def _batches(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + BATCH] for start in range(0, len(names), BATCH)]


# As a program


def run_apart(command: str, catalog: Catalog, *folders: Path | None) -> str | None:
    """``build`` or ``check`` in a process of its own: what is wrong with the index, also when it ended that process.

    None when nothing is. Raises StoreError when that process could not tell.
    """
    arguments = [command, str(catalog.path), catalog.meta("analysis_version") or "0", *(str(f or "") for f in folders)]
    # The child finds the packages where this process found them.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-m", "vectorstore.indexing", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return done.stdout.strip() or None
    if done.returncode == 1:
        # Python's own end, so not Chroma's doing: the index may be sound.
        raise StoreError(f"The vector index cannot be looked at: {done.stderr.strip().splitlines()[-1]}")
    return f"Chroma ended the process that looked at it (exit code {done.returncode})"


def _main(command: str, path: str, analysis_version: str, *folders: str) -> None:
    try:
        with closing(Catalog(Path(path), int(analysis_version))) as catalog:
            if command == "check":
                fault = check(catalog, Path(folders[0]))
            else:
                build(catalog, Path(folders[0]) if folders[0] else None, Path(folders[1]))
                fault = None
    except IndexFault as error:
        fault = str(error)
    except StoreError as error:
        sys.exit(str(error))
    sys.stdout.write(fault or "")


if __name__ == "__main__":
    _main(*sys.argv[1:])
