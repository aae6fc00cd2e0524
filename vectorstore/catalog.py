"""The catalog: articles, chunks, vectors and the lexical index in one SQLite file, the only truth."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import numpy as np

from vectorstore.dates import PartialDate
from vectorstore.embedding import EmbedderIdentity, Matrix
from vectorstore.errors import IdentityError, StoreError, UnknownArticleError
from vectorstore.models import Article, Chunk, Evidence, Region, RegionKind, Vector

SCHEMA_VERSION = "1"


class Catalog:
    """One SQLite file. Readers share it freely; writing is for whoever holds the store's lock.

    Each thread gets a connection of its own. Raises StoreError when the file cannot be used.
    """

    def __init__(self, path: Path, analysis_version: int) -> None:
        self.path = path
        self._analysis_version = str(analysis_version)
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._create()
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The store at {path.parent} cannot be opened: {error}.") from error

    def _create(self) -> None:
        schema = files("vectorstore").joinpath("schema.sql").read_text("utf-8")
        version = str(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version == "0":
            self._connection.executescript(schema + f"PRAGMA user_version = {SCHEMA_VERSION};")
            with self.writing():
                self.set_meta("generation", "0")
                self.set_meta("analysis_version", self._analysis_version)
            version = SCHEMA_VERSION
        if version != SCHEMA_VERSION or self.meta("analysis_version") != self._analysis_version:
            raise StoreError(
                f"The store at {self.path.parent} was made by another version; move it away and ingest again."
            )

    @property
    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # Closed from the thread that closes the catalog, hence check_same_thread=False.
            connection = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, lexical, row)")
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        self._local = threading.local()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it or nothing. Raises StoreError, for a full disk among others."""
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(f"The store at {self.path.parent} cannot be written: {error}.") from error

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Every read inside sees one and the same state of the catalog."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("COMMIT")

    # What is known of the store itself

    def meta(self, key: str) -> str | None:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def set_meta(self, key: str, value: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @property
    def generation(self) -> int:
        """Counts the changes that were committed."""
        return int(self.meta("generation") or 0)

    def state(self) -> tuple[int, int]:
        """The generation, and how many changes the index has still to be told."""
        return self.generation, int(self._connection.execute("SELECT count(*) FROM pending").fetchone()[0])

    def require_identity(self, identity: EmbedderIdentity) -> None:
        """Raises IdentityError when the vectors here were made with another model."""
        known = self.meta("embedder")
        if known is not None and known != _identity_text(identity):
            raise IdentityError(
                f"The store at {self.path.parent} was embedded with {json.loads(known)['name']}, not with "
                f"{identity.name}; use another ISISK_QA_HOME for it, or ingest again."
            )

    # Writing; inside ``writing()``

    def replace_article(
        self,
        article: Article,
        regions: Sequence[Region],
        chunks: Sequence[Chunk],
        vectors: Matrix,
        sentences: Sequence[Sequence[Evidence]],
        terms: Sequence[str],
        words: Mapping[str, Vector],
        identity: EmbedderIdentity,
    ) -> None:
        """Store an article with all that was derived from it, in place of an older one of its path or id.

        ``vectors`` has shape (len(chunks), dimension); ``sentences`` and ``terms`` have one item a chunk; ``words``
        are those that the store does not know yet.
        """
        run = self._connection.execute
        old = run("SELECT id FROM articles WHERE id = ? OR path = ?", (article.id, article.path)).fetchall()
        for (old_id,) in old:
            self._drop(old_id)
        run(
            "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article.id, article.title, article.text, article.sha256, article.path, article.publisher,
                article.published.iso if article.published else None, article.published_basis,
                article.language, article.origin,
            ),
        )  # fmt: skip
        for region in regions:
            run("INSERT INTO regions VALUES (?, ?, ?, ?)", (article.id, region.kind, region.start, region.end))
        for chunk, vector, parts, indexed in zip(chunks, vectors, sentences, terms, strict=True):
            number = run(
                "INSERT INTO chunks (id, article_id, ordinal, start, end, heading, caption, vector) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (chunk.id, article.id, chunk.ordinal, chunk.start, chunk.end, chunk.heading, int(chunk.caption),
                 vector.tobytes()),
            ).lastrowid  # fmt: skip
            run("INSERT INTO lexical (rowid, terms) VALUES (?, ?)", (number, indexed))
            run("INSERT OR REPLACE INTO pending VALUES (?, 1)", (chunk.id,))
            self._connection.executemany(
                "INSERT INTO sentences VALUES (?, ?, ?, ?)",
                [(number, part.start, part.end, part.vector.tobytes()) for part in parts],
            )
        self._connection.executemany(
            "INSERT OR IGNORE INTO words VALUES (?, ?)",
            [(term, vector.tobytes()) for term, vector in words.items()],
        )
        self.set_meta("embedder", _identity_text(identity))
        self.set_meta("generation", str(self.generation + 1))

    def _drop(self, article_id: str) -> None:
        run = self._connection.execute
        run("INSERT OR REPLACE INTO pending SELECT id, 0 FROM chunks WHERE article_id = ?", (article_id,))
        run(
            "DELETE FROM lexical WHERE rowid IN (SELECT number FROM chunks WHERE article_id = ?)",
            (article_id,),
        )
        run("DELETE FROM articles WHERE id = ?", (article_id,))

    def pending(self) -> tuple[list[str], list[str]]:
        """Ids of chunks that the index lacks, and of those that it must forget."""
        rows = self._connection.execute("SELECT chunk_id, present FROM pending ORDER BY chunk_id").fetchall()
        return [row[0] for row in rows if row[1]], [row[0] for row in rows if not row[1]]

    def clear_pending(self, chunk_ids: Iterable[str]) -> None:
        self._connection.executemany("DELETE FROM pending WHERE chunk_id = ?", [(name,) for name in chunk_ids])

    # Reading

    def stored(self, article: Article) -> Article | None:
        """What the store has under the article's path, or else under its id."""
        rows = self._connection.execute(
            f"SELECT {_ARTICLE} FROM articles WHERE path = ? OR id = ? ORDER BY path != ?",
            (article.path, article.id, article.path),
        ).fetchall()
        return _article(rows[0]) if rows else None

    def articles(self) -> list[Article]:
        """All of them, the oldest first, the undated last."""
        rows = self._connection.execute(f"SELECT {_ARTICLE} FROM articles ORDER BY published IS NULL, published, id")
        return [_article(row) for row in rows]

    def article(self, reference: str) -> Article:
        """By id, by the start of an id that no other has, or by file name. Raises UnknownArticleError."""
        run = self._connection.execute
        exact = run(f"SELECT {_ARTICLE} FROM articles WHERE id = ?", (reference,)).fetchall()
        found = exact or [
            row
            for row in run(f"SELECT {_ARTICLE} FROM articles").fetchall()
            if reference and (row[0].startswith(reference) or Path(row[4]).name == reference or row[4] == reference)
        ]
        if len(found) != 1:
            what = "More than one article is meant by" if found else "No article in the store is called"
            raise UnknownArticleError(f"{what} {reference!r}; `isisk-qa articles` lists them.")
        return _article(found[0])

    def regions(self, article_id: str) -> list[Region]:
        rows = self._connection.execute(
            "SELECT kind, start, end FROM regions WHERE article_id = ? ORDER BY start", (article_id,)
        )
        return [Region(RegionKind(kind), start, end) for kind, start, end in rows]

    def chunks(self) -> list[Chunk]:
        """Every chunk, by article and place."""
        return [chunk for chunk, _ in self._chunks("ORDER BY chunks.article_id, chunks.ordinal", ())]

    def chunks_by_id(self, ids: Sequence[str]) -> dict[str, tuple[Chunk, Vector]]:
        marks = ", ".join("?" * len(ids))
        return {chunk.id: (chunk, vector) for chunk, vector in self._chunks(f"WHERE chunks.id IN ({marks})", ids)}

    def _chunks(self, clause: str, values: Sequence[str]) -> Iterator[tuple[Chunk, Vector]]:
        rows = self._connection.execute(
            "SELECT chunks.id, article_id, ordinal, start, end, substr(articles.text, start + 1, end - start), "
            "heading, caption, vector FROM chunks JOIN articles ON articles.id = article_id " + clause,
            tuple(values),
        )
        for name, article_id, ordinal, start, end, text, heading, caption, vector in rows:
            chunk = Chunk(name, article_id, ordinal, start, end, text, heading, bool(caption))
            yield chunk, np.frombuffer(vector, dtype=np.float32)

    def sentences(self, chunk: Chunk) -> tuple[Evidence, ...]:
        """The sentences of a chunk with their vectors, in order."""
        rows = self._connection.execute(
            "SELECT sentences.start, sentences.end, sentences.vector FROM sentences "
            "JOIN chunks ON chunks.number = chunk WHERE chunks.id = ? ORDER BY sentences.start",
            (chunk.id,),
        )
        return tuple(
            Evidence(
                start,
                end,
                chunk.text[start - chunk.start : end - chunk.start],
                np.frombuffer(vector, np.float32),
            )
            for start, end, vector in rows
        )

    def count_chunks(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM chunks").fetchone()[0])

    def vectors(self, allowed: frozenset[str] | None) -> tuple[list[str], Matrix]:
        """Ids and vectors of all chunks, or of those of the allowed articles; shape (n, dimension)."""
        rows = [
            (chunk_id, vector)
            for chunk_id, article_id, vector in self._connection.execute("SELECT id, article_id, vector FROM chunks")
            if allowed is None or article_id in allowed
        ]
        if not rows:
            return [], np.zeros((0, 0), dtype=np.float32)
        matrix = np.array([np.frombuffer(vector, dtype=np.float32) for _, vector in rows], dtype=np.float32)
        return [chunk_id for chunk_id, _ in rows], matrix.reshape(len(rows), -1)

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many chunks each term stands."""
        query = "SELECT doc FROM temp.vocabulary WHERE term = ?"
        rows = {term: self._connection.execute(query, (term,)).fetchone() for term in terms}
        return {term: int(row[0]) if row else 0 for term, row in rows.items()}

    def word_vectors(self, terms: Sequence[str]) -> dict[str, Vector]:
        """The embeddings of the terms that are known."""
        query = "SELECT vector FROM words WHERE term = ?"
        rows = {term: self._connection.execute(query, (term,)).fetchone() for term in terms}
        return {term: np.frombuffer(row[0], dtype=np.float32) for term, row in rows.items() if row}

    def vocabulary(self, initial: str) -> list[str]:
        """The index terms that begin with a character."""
        rows = self._connection.execute(
            "SELECT term FROM temp.vocabulary WHERE term >= ? AND term < ?", (initial, chr(ord(initial) + 1))
        )
        return [row[0] for row in rows]

    def years(self) -> frozenset[int]:
        """The years, 1500 to 2099, that stand in any chunk."""
        terms = (term for initial in "12" for term in self.vocabulary(initial))
        return frozenset(int(term) for term in terms if term.isdecimal() and 1500 <= int(term) <= 2099)

    def search_lexical(
        self, terms: Sequence[str], limit: int, allowed: frozenset[str] | None
    ) -> list[tuple[str, float]]:
        """Chunk ids with their BM25 scores (larger is better; SQLite's k1 = 1.2, b = 0.75), best first."""
        unique = list(dict.fromkeys(term for term in terms if '"' not in term))
        if not unique:
            return []
        rows = self._connection.execute(
            "SELECT chunks.id, article_id, -bm25(lexical) FROM lexical JOIN chunks ON chunks.number = lexical.rowid "
            "WHERE lexical MATCH ? ORDER BY bm25(lexical), chunks.id",
            (" OR ".join(f'"{term}"' for term in unique),),
        )
        found = ((chunk_id, score) for chunk_id, article_id, score in rows if allowed is None or article_id in allowed)
        return [row for row, _ in zip(found, range(limit), strict=False)]


_ARTICLE = "id, title, text, sha256, path, publisher, published, published_basis, language, origin"


def _article(row: tuple[str, ...]) -> Article:
    values = dict(zip(_ARTICLE.split(", "), row, strict=True))
    published = values.pop("published")
    return Article(**values, published=PartialDate(published) if published else None)


def _identity_text(identity: EmbedderIdentity) -> str:
    return json.dumps({"name": identity.name, "dimension": identity.dimension, "fingerprint": identity.fingerprint})
