"""The files that citations point into, read from disk again rather than taken from the store."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from qa.models import Citation


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it stands on disk: its decoded text and the sha256 of its bytes."""

    text: str
    sha256: str


class Sources:
    """Reads each file once; looks for a relative path in the shipped corpus, then in the working folder."""

    def __init__(self) -> None:
        self._read: dict[str, Source | None] = {}

    def problem(self, citation: Citation) -> str | None:
        """Why a citation is not a verbatim slice of its file; None when it is.

        It is one when the file can be read as UTF-8, its bytes have the citation's sha256, and
        ``text[start:end] == quote`` with a quote that is not empty.
        """
        if problem := self.changed(citation.path, citation.sha256):
            return problem
        source = self._read[citation.path]
        assert source is not None
        if not 0 <= citation.start < citation.end <= len(source.text):
            return "offsets outside the text"
        if source.text[citation.start : citation.end] != citation.quote:
            return "quote differs from the text"
        return None

    def changed(self, path: str, sha256: str) -> str | None:
        """Why a file is not the one that was read; None when it is."""
        source = self._source(path)
        if source is None:
            return "file cannot be read"
        return None if source.sha256 == sha256 else "file is not the cited version"

    def _source(self, path: str) -> Source | None:
        if path not in self._read:
            try:
                data = _located(path).read_bytes()
                self._read[path] = Source(data.decode("utf-8"), hashlib.sha256(data).hexdigest())
            except (OSError, UnicodeDecodeError, ValueError):
                self._read[path] = None
        return self._read[path]


def _located(path: str) -> Path:
    shipped = Path(str(files("seeds"))) / path
    return shipped if shipped.is_file() else Path(path)
