"""Whether the file that an article was read from still is as it was."""

import hashlib
from enum import StrEnum
from pathlib import Path

# Larger files are not read just to show a citation.
_LARGEST = 10_000_000


class SourceState(StrEnum):
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    GONE = "gone"
    UNKNOWN = "unknown"


def source_state(path: str, sha256: str) -> SourceState:
    """Compare a file with the SHA-256 that it had; ``UNKNOWN`` when it cannot be read or is too large."""
    try:
        file = Path(path)
        if file.stat().st_size > _LARGEST:
            return SourceState.UNKNOWN
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return SourceState.GONE
    except (OSError, ValueError):
        return SourceState.UNKNOWN
    return SourceState.UNCHANGED if found == sha256 else SourceState.CHANGED
