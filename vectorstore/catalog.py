"""The catalog: files, articles, chunks and their vectors in one SQLite file, the only truth."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from uuid import uuid4

import numpy as np

from vectorstore.copies import CopyLinks
from vectorstore.database import Database, Values
from vectorstore.dates import PartialDate
from vectorstore.embedding import EmbedderIdentity, Matrix
from vectorstore.errors import IdentityError, StoreError
from vectorstore.lexical import LexicalSearch
from vectorstore.models import Article, Chunk, Evidence, Region, RegionKind, Vector
from vectorstore.reading import resolve
from vectorstore.source_files import SourceFiles

SCHEMA_VERSION = 2


@dataclass(frozen=True, slots=True)
class PreparedArticle:
    """An article with all that was derived from it.

    ``vectors`` has shape (len(chunks), dimension); ``sentences`` and ``terms`` have one item a chunk; ``words`` are
    those that the store may not know yet. ``digest`` and ``signature`` are what copies of the text are found by;
    ``analysis`` names the rules by which all this was derived.
    """

    article: Article
    regions: Sequence[Region]
    chunks: Sequence[Chunk]
    vectors: Matrix
    sentences: Sequence[Sequence[Evidence]]
    terms: Sequence[str]
    words: Mapping[str, Vector]
    digest: str | None = None
    signature: bytes | None = None
    analysis: str = ""


class Catalog:
    """Readers share it freely; writing is for whoever holds the store's lock.

    Every method raises StoreError when the file cannot be used.
    """

    def __init__(self, path: Path, analysis_version: int) -> None:
        self.path = path
        self.database = Database(path)
        self.lexical = LexicalSearch(self.database, lambda: self.generation)
        self.source_files = SourceFiles(self.database)
        self._copies = CopyLinks(self.database)
        try:
            self._bring_up(str(analysis_version))
        except BaseException:
            self.close()
            raise

    def _bring_up(self, analysis_version: str) -> None:
        if self._version() < SCHEMA_VERSION:
            # Only outside a transaction can foreign keys be turned off, which the change of a table needs.
            self.database.rows("PRAGMA foreign_keys = OFF")
            with self.writing():
                # Asked again: another process may have been faster.
                version = self._version()
                scripts = {0: "schema.sql", 1: "schema-1-to-2.sql"}
                if version in scripts:
                    self.database.script(files("vectorstore").joinpath(scripts[version]).read_text("utf-8"))
                    self.database.rows(f"PRAGMA user_version = {SCHEMA_VERSION}")
                    self.set_meta("store", uuid4().hex)
                if version == 0:
                    self.set_meta("generation", "0")
                    self.set_meta("analysis_version", analysis_version)
            self.database.rows("PRAGMA foreign_keys = ON")
        if self._version() != SCHEMA_VERSION or self.meta("analysis_version") != analysis_version:
            raise StoreError(
                f"The store at {self.path.parent} was made by another version; move it away and ingest again."
            )

    def _version(self) -> int:
        return int(self.database.rows("PRAGMA user_version")[0][0])

    def close(self) -> None:
        self.database.close()

    def writing(self) -> AbstractContextManager[None]:
        """One transaction: all of it or nothing, on the disk when it ends."""
        return self.database.writing()

    def reading(self) -> AbstractContextManager[None]:
        """Every read inside sees one and the same state of the catalog; may be nested."""
        return self.database.reading()

    # What is known of the store itself

    def meta(self, key: str) -> str | None:
        rows = self.database.rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def set_meta(self, key: str, value: str) -> None:
        self.database.rows("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @property
    def generation(self) -> int:
        """Counts the changes that were committed."""
        return int(self.meta("generation") or 0)

    def require_identity(self, identity: EmbedderIdentity) -> None:
        """Raises IdentityError when the vectors here were made with another model."""
        known = self.meta("embedder")
        if known is not None and known != identity_text(identity):
            raise IdentityError(
                f"The store at {self.path.parent} was embedded with {json.loads(known)['name']}, not with "
                f"{identity.name}; use another ISISK_QA_HOME for it, or ingest again."
            )

    # Files; writing is inside ``writing()``

    def finish_file(self, path: str, sha256: str, recipe: str, article_ids: Sequence[str]) -> int:
        """Note that these are all of a file's articles; others that it had are dropped. How many were."""
        rows = self.database.rows("SELECT id FROM articles WHERE file = ?", (path,))
        gone = sorted({row[0] for row in rows} - set(article_ids))
        self.remove(gone)
        self.database.rows("INSERT OR IGNORE INTO files VALUES (?, ?, ?)", (path, sha256, recipe))
        self.database.rows("UPDATE files SET sha256 = ?, recipe = ? WHERE path = ?", (sha256, recipe, path))
        return len(gone)

    def remove_files(self, paths: Sequence[str]) -> int:
        """Forget files with their articles. How many articles there were."""
        gone = [
            row[0] for path in paths for row in self.database.rows("SELECT id FROM articles WHERE file = ?", (path,))
        ]
        self.remove(gone)
        self.database.many("DELETE FROM files WHERE path = ?", [(path,) for path in paths])
        return len(gone)

    def reopen_files(self, paths: Sequence[str]) -> None:
        """The articles of these are not all in any more; those that have none are forgotten."""
        for path in paths:
            self.database.rows("UPDATE files SET sha256 = '' WHERE path = ?", (path,))
            self.database.rows(
                "DELETE FROM files WHERE path = ?1 AND NOT EXISTS (SELECT 1 FROM articles WHERE file = ?1)", (path,)
            )

    # Articles; writing is inside ``writing()``

    def replace(self, prepared: PreparedArticle, file: str, identity: EmbedderIdentity) -> bool:
        """Store an article with all that was derived from it, in place of an older one of its path or id.

        Whether the store has a copy of it. Its file counts as not finished until ``finish_file``.
        """
        article, rows, insert = prepared.article, self.database.rows, self.database.insert
        self.remove(
            [row[0] for row in rows("SELECT id FROM articles WHERE id = ? OR path = ?", (article.id, article.path))]
        )
        rows("INSERT INTO files VALUES (?, '', '') ON CONFLICT (path) DO UPDATE SET sha256 = ''", (file,))
        insert(
            f"INSERT INTO articles ({_FIELDS}, file, latest, digest, signature, analysis) VALUES ({'?, ' * 17}?)",
            (
                article.id, article.title, article.text, article.sha256, article.path, article.publisher,
                article.published.iso if article.published else None, article.published_basis,
                article.language, article.origin, article.author, article.url, article.encoding, file,
                article.published.latest().isoformat() if article.published else None,
                prepared.digest, prepared.signature, prepared.analysis,
            ),
        )  # fmt: skip
        self.database.many(
            "INSERT INTO regions VALUES (?, ?, ?, ?)",
            [(article.id, region.kind, region.start, region.end) for region in prepared.regions],
        )
        for chunk, vector, sentences, terms in zip(
            prepared.chunks, prepared.vectors, prepared.sentences, prepared.terms, strict=True
        ):
            number = insert(
                "INSERT INTO chunks (id, article_id, ordinal, start, end, heading, caption, vector) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (chunk.id, article.id, chunk.ordinal, chunk.start, chunk.end, chunk.heading, int(chunk.caption),
                 vector.tobytes()),
            )  # fmt: skip
            insert("INSERT INTO lexical (rowid, terms) VALUES (?, ?)", (number, terms))
            insert("INSERT OR REPLACE INTO pending VALUES (?, 1)", (chunk.id,))
            self.database.many(
                "INSERT INTO sentences VALUES (?, ?, ?, ?)",
                [(number, part.start, part.end, part.vector.tobytes()) for part in sentences],
            )
        self.database.many(
            "INSERT OR IGNORE INTO words VALUES (?, ?)",
            [(term, vector.tobytes()) for term, vector in prepared.words.items()],
        )
        self.set_meta("embedder", identity_text(identity))
        self._count_change()
        return self._copies.link(article.id)

    def remove(self, article_ids: Sequence[str]) -> None:
        """Drop articles with all that was derived from them."""
        rows, copies = self.database.rows, set[str]()
        for article_id in article_ids:
            copies |= self._copies.unlink(article_id)
            rows("INSERT OR REPLACE INTO pending SELECT id, 0 FROM chunks WHERE article_id = ?", (article_id,))
            rows("DELETE FROM lexical WHERE rowid IN (SELECT number FROM chunks WHERE article_id = ?)", (article_id,))
            # Its file is no longer all in, unless ``finish_file`` says so.
            rows("UPDATE files SET sha256 = '' WHERE path = (SELECT file FROM articles WHERE id = ?)", (article_id,))
            rows("DELETE FROM articles WHERE id = ?", (article_id,))
        if article_ids:
            self._copies.settle(copies)
            self._count_change()

    def _count_change(self) -> None:
        self.set_meta("generation", str(self.generation + 1))

    def stored(self, article: Article) -> Article | None:
        """What the store has under the article's path, or else under its id."""
        found = self._articles("WHERE path = ? OR id = ? ORDER BY path != ?", (article.path, article.id, article.path))
        return next(found, None)

    def articles(self) -> list[Article]:
        """All of them, the oldest first, the undated last."""
        return list(self._articles("ORDER BY published IS NULL, published, id"))

    def articles_by_id(self, ids: Sequence[str]) -> dict[str, Article]:
        return {article.id: article for article in self._articles(f"WHERE id IN ({_marks(ids)})", ids)}

    def article(self, reference: str) -> Article:
        """By id, by the start of an id that no other has, by path or by file name. Raises UnknownArticleError."""
        found = resolve(reference, self.database.rows("SELECT id, path FROM articles"))
        return self.articles_by_id([found])[found]

    def hashes(self, ids: Sequence[str]) -> dict[str, str]:
        """The SHA-256 of articles by their ids."""
        return dict(self.database.rows(f"SELECT id, sha256 FROM articles WHERE id IN ({_marks(ids)})", ids))

    def copied_from(self) -> dict[str, str]:
        """The source of each article that is a copy, by its id."""
        return dict(self.database.rows(f"SELECT id, {COPIED_FROM} FROM articles WHERE copy_of IS NOT NULL"))

    def analysis(self, article_id: str) -> str:
        """By which rules an article was prepared; empty in a store of version 1."""
        rows = self.database.rows("SELECT analysis FROM articles WHERE id = ?", (article_id,))
        return str(rows[0][0]) if rows else ""

    def count_articles(self) -> int:
        return int(self.database.rows("SELECT count(*) FROM articles")[0][0])

    def years_published(self) -> frozenset[int]:
        # The year of published, from the column that has an index: the texts need not be read past.
        rows = self.database.rows("SELECT DISTINCT substr(latest, 1, 4) FROM articles WHERE latest IS NOT NULL")
        return frozenset(int(row[0]) for row in rows)

    def _articles(self, clause: str, values: Values = ()) -> Iterator[Article]:
        for row in self.database.each(f"SELECT {_FIELDS}, {COPIED_FROM} FROM articles {clause}", values):
            fields = dict(zip((*_FIELDS.split(", "), "copied_from"), row, strict=True))
            published = fields.pop("published")
            yield Article(**fields, published=PartialDate(published) if published else None)

    def regions(self, article_id: str) -> list[Region]:
        rows = self.database.rows(
            "SELECT kind, start, end FROM regions WHERE article_id = ? ORDER BY start", (article_id,)
        )
        return [Region(RegionKind(kind), start, end) for kind, start, end in rows]

    # Chunks

    def chunks(self) -> list[Chunk]:
        """Every chunk, by article and place."""
        return [chunk for chunk, _ in self._chunks("ORDER BY chunks.article_id, chunks.ordinal", ())]

    def chunks_of(self, article_id: str) -> list[tuple[Chunk, Vector]]:
        return list(self._chunks("WHERE article_id = ? ORDER BY ordinal", (article_id,)))

    def chunks_by_id(self, ids: Sequence[str]) -> dict[str, tuple[Chunk, Vector]]:
        return {chunk.id: (chunk, vector) for chunk, vector in self._chunks(f"WHERE chunks.id IN ({_marks(ids)})", ids)}

    def _chunks(self, clause: str, values: Values) -> Iterator[tuple[Chunk, Vector]]:
        rows = self.database.each(
            "SELECT chunks.id, article_id, ordinal, start, end, substr(articles.text, start + 1, end - start), "
            "heading, caption, vector FROM chunks JOIN articles ON articles.id = article_id " + clause,
            values,
        )
        for name, article_id, ordinal, start, end, text, heading, caption, vector in rows:
            chunk = Chunk(name, article_id, ordinal, start, end, text, heading, bool(caption))
            yield chunk, np.frombuffer(vector, dtype=np.float32)

    def sentences(self, chunk: Chunk) -> tuple[Evidence, ...]:
        """The sentences of a chunk with their vectors, in order."""
        rows = self.database.rows(
            "SELECT sentences.start, sentences.end, sentences.vector FROM sentences "
            "JOIN chunks ON chunks.number = chunk WHERE chunks.id = ? ORDER BY sentences.start",
            (chunk.id,),
        )
        return tuple(
            Evidence(start, end, chunk.text[start - chunk.start : end - chunk.start], np.frombuffer(vector, np.float32))
            for start, end, vector in rows
        )

    def sentence_vectors(self, ids: Sequence[str]) -> dict[str, Matrix]:
        """The vectors of the sentences of chunks, a row each; chunks without sentences are left out."""
        rows = self.database.rows(
            "SELECT chunks.id, sentences.vector FROM chunks JOIN sentences ON chunk = number "
            f"WHERE chunks.id IN ({_marks(ids)})",
            ids,
        )
        found: dict[str, list[bytes]] = {}
        for name, vector in rows:
            found.setdefault(name, []).append(vector)
        return {name: np.frombuffer(b"".join(each), np.float32).reshape(len(each), -1) for name, each in found.items()}

    def count_chunks(self) -> int:
        return int(self.database.rows("SELECT count(*) FROM chunks")[0][0])

    def vectors(self, ids: Sequence[str]) -> dict[str, Vector]:
        return {name: vector for name, vector, _ in self.vectors_and_days(ids)}

    def vectors_and_days(self, ids: Sequence[str]) -> list[tuple[str, Vector, str | None]]:
        """Vectors by chunk id, with the last day that the article can be of (ISO 8601), None where that is unknown."""
        rows = self.database.rows(
            "SELECT chunks.id, vector, latest FROM chunks JOIN articles ON articles.id = article_id "
            f"WHERE chunks.id IN ({_marks(ids)})",
            ids,
        )
        return [(name, np.frombuffer(vector, np.float32), latest) for name, vector, latest in rows]

    def word_vectors(self, terms: Sequence[str]) -> dict[str, Vector]:
        """The embeddings of the terms that are known."""
        query = "SELECT term, vector FROM words WHERE term IN (SELECT value FROM json_each(?))"
        found = dict(self.database.rows(query, (json.dumps(list(terms)),)))
        return {term: np.frombuffer(found[term], dtype=np.float32) for term in terms if term in found}


_FIELDS = (
    "id, title, text, sha256, path, publisher, published, published_basis, language, origin, author, url, encoding"
)
COPIED_FROM = (
    "(SELECT coalesce(first.origin, first.publisher, first.id) FROM articles first WHERE first.id = articles.copy_of)"
)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def identity_text(identity: EmbedderIdentity) -> str:
    """As it is kept in the catalog, and on a server."""
    return json.dumps({"name": identity.name, "dimension": identity.dimension, "fingerprint": identity.fingerprint})
