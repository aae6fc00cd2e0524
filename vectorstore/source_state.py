"""Whether the file that an article was read from still is as it was."""

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vectorstore.catalog import Catalog

# Larger files are not read just to show a citation.
_LARGEST = 10_000_000


class SourceState(StrEnum):
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    GONE = "gone"
    UNKNOWN = "unknown"


def source_states(catalog: "Catalog", article_ids: Iterable[str]) -> dict[str, SourceState]:
    """The states of articles' files, by article. Raises StoreError."""
    found = {}
    for article_id in dict.fromkeys(article_ids):
        query = "SELECT files.path, files.sha256 FROM articles JOIN files ON files.path = file WHERE articles.id = ?"
        for path, sha256 in catalog.database.rows(query, (article_id,)):
            found[article_id] = source_state(path, sha256) if sha256 else SourceState.UNKNOWN
    return found


def source_state(path: str, sha256: str) -> SourceState:
    """Compare a file with the SHA-256 that it had; ``UNKNOWN`` when it cannot be read, is too large, or was moved."""
    file = Path(path)
    try:
        if file.stat().st_size > _LARGEST:
            return SourceState.UNKNOWN
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        # Without its folder it was rather moved, with a checkout for instance, or its disk is not there.
        return SourceState.GONE if file.parent.is_dir() else SourceState.UNKNOWN
    except (OSError, ValueError):
        return SourceState.UNKNOWN
    return SourceState.UNCHANGED if found == sha256 else SourceState.CHANGED
