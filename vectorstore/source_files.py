"""What the catalog knows of the files that its articles came from. For reading; Catalog writes."""

import os

from vectorstore.database import Database


class SourceFiles:
    """Raises StoreError when the catalog cannot be read."""

    def __init__(self, database: Database) -> None:
        self._rows = database.rows

    def state(self, path: str) -> tuple[str, str] | None:
        """The SHA-256 and the recipe of a file; None when its articles are not all in."""
        rows = self._rows("SELECT sha256, recipe FROM files WHERE path = ? AND sha256 != ''", (path,))
        return (rows[0][0], rows[0][1]) if rows else None

    def all(self) -> dict[str, str]:
        """The SHA-256 of every file whose articles are all in, by path."""
        return dict(self._rows("SELECT path, sha256 FROM files WHERE sha256 != '' ORDER BY path"))

    def with_bytes(self, sha256: str) -> list[str]:
        """The paths of the files of that content."""
        return [row[0] for row in self._rows("SELECT path FROM files WHERE sha256 = ? ORDER BY path", (sha256,))]

    def below(self, folder: str) -> list[str]:
        """The paths of all files in a folder and its folders, also of those that are not all in."""
        start = folder.rstrip(os.sep) + os.sep
        rows = self._rows("SELECT path FROM files WHERE substr(path, 1, ?) = ? ORDER BY path", (len(start), start))
        return [row[0] for row in rows]

    def of_article(self, article_id: str) -> str:
        """The path of the file that an article came from; empty when there is no such article."""
        rows = self._rows("SELECT file FROM articles WHERE id = ?", (article_id,))
        return str(rows[0][0]) if rows else ""

    def article_ids(self, path: str) -> list[str]:
        """The articles of a file."""
        return [row[0] for row in self._rows("SELECT id FROM articles WHERE file = ? ORDER BY id", (path,))]
