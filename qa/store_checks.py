"""What doctor looks at in the store; ``--deep`` at every row, offset, vector, and the files of its articles."""

from pathlib import Path
from typing import TYPE_CHECKING

from qa.doctor import Check, model_files
from vectorstore.source_state import SourceState, source_state

if TYPE_CHECKING:
    from vectorstore.catalog import Catalog
    from vectorstore.dense import VectorIndex
    from vectorstore.opening import OpenStore

_REPAIR = "run `isisk-qa doctor --repair`"
_SHOWN = 3


def deep_checks(home: Path, catalog: "Catalog", index: "VectorIndex") -> list[Check]:
    """Reads all of the store; seconds for thousands of articles. Raises StoreError."""
    from vectorstore.auditing import audit
    from vectorstore.exact import ExactSearch

    found = audit(catalog)
    sound = f"{found.chunks} chunks, {found.sentences} sentences: every offset, vector and date is sound"
    advice = "put a backup in its place, or move the store away and ingest again"
    checks = [Check("catalog", not found.catalog, _told(found.catalog, advice) or sound)]
    if found.catalog:
        # What is derived is compared with the catalog, which has to be right for that.
        return checks
    checks.append(
        Check("lexical index", not found.lexical, _told(found.lexical, _REPAIR) or "every chunk has its terms")
    )
    fault = index.fault(thorough=True)
    checks.append(Check("vector index", fault is None, _advised(fault) or "every vector is the catalog's"))
    fault = ExactSearch(home / "vectors.bin", catalog).fault()
    checks.append(Check("vectors.bin", fault is None, _advised(fault) or "no vector differs from the catalog's"))
    # Not a fault: the store keeps the text that it read.
    return [*checks, Check("article files", True, _files(catalog))]


def _told(faults: tuple[str, ...], advice: str) -> str:
    more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    return f"{'; '.join(faults[:_SHOWN])}{more}: {advice}" if faults else ""


def _advised(fault: str | None) -> str:
    return _told((fault,), _REPAIR) if fault else ""


def _files(catalog: "Catalog") -> str:
    states: dict[SourceState, list[str]] = {}
    files = catalog.source_files.all()
    for path, sha256 in files.items():
        states.setdefault(source_state(path, sha256), []).append(path)
    notes = [
        f"{len(states[state])} {said} ({', '.join(states[state][:_SHOWN])}{', …' * (len(states[state]) > _SHOWN)})"
        for state, said in (
            (SourceState.CHANGED, "changed since they were read"),
            (SourceState.GONE, "gone"),
            (SourceState.UNKNOWN, "not compared"),
        )
        if state in states
    ]
    return f"of {len(files)}: {'; '.join(notes)}" if notes else f"all {len(files)} are as they were read"


def examine(home: Path, store: "OpenStore", *, server: str | None, note: str | None, deep: bool) -> list[Check]:
    """The model files and the store; ``note`` is what one cannot do that is only on ``server``."""
    from vectorstore.errors import VectorStoreError
    from vectorstore.model_files import MINILM

    checks: list[Check] = []
    try:
        checks += model_files({file.locate(): file.sha256 for file in MINILM})
    except VectorStoreError as error:
        checks.append(Check("model files", False, str(error)))
    try:
        if (remote := store.remote) is not None:
            found = f"{remote.lexical.count()} chunks on {server}; {note}"
            return [*checks, Check("store", True, found)]
        catalog = store.catalog
        found = f"{catalog.count_articles()} articles, {catalog.count_chunks()} chunks in {home}"
        checks.append(Check("store", True, found))
        if deep:
            checks += deep_checks(home, catalog, store.index)
        else:
            fault = store.index.fault(thorough=False)
            mending = f"{fault}; until `isisk-qa doctor --repair` searches are exact, and slower"
            checks.append(Check("vector index", fault is None, mending if fault else "is as its writer left it"))
    except VectorStoreError as error:
        checks.append(Check("store", False, str(error)))
    return checks
