"""What a run has to do: each file as it is now against what the store has of it. Nothing is written here."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from vectorstore.asides import told
from vectorstore.catalog import Catalog
from vectorstore.errors import LoadError
from vectorstore.files import SourceFile, read_bytes
from vectorstore.loading import load_articles
from vectorstore.manifest import find_manifest
from vectorstore.models import Article, Vector
from vectorstore.preparing import Draft, Preparer, context_of


@dataclass(frozen=True, slots=True)
class Failure:
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Take:
    """An article to be taken in from ``file``. ``known`` are vectors that the store has already, by their text."""

    draft: Draft
    file: str
    replaces: bool
    known: dict[str, Vector]


@dataclass(frozen=True, slots=True)
class Finish:
    """All articles of a file, which was at the places ``moved`` before. No ``sha256``: it is to be read again."""

    file: str
    sha256: str
    recipe: str
    article_ids: tuple[str, ...]
    moved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileDone:
    """A file was read to its end; ``finish`` is None when there is nothing to note, or not all of it could be read."""

    name: str
    size: int
    unchanged: int = 0
    finish: Finish | None = None
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """An article, the end of a file, or both: what a file of one article changes is one transaction."""

    take: Take | None
    done: FileDone | None


class Changes:
    """Compares files with the store. Used by one thread, with ``written`` called by the one that writes."""

    def __init__(self, catalog: Catalog, preparer: Preparer) -> None:
        self._catalog = catalog
        self._preparer = preparer
        # What other articles of this run can clash with before it is in the catalog.
        self._in_flight: dict[str, Article] = {}
        self._words: set[str] = set()

    def written(self, article_id: str) -> None:
        """The catalog has it now."""
        self._in_flight.pop(article_id, None)

    def steps(self, file: SourceFile) -> Iterator[Step]:
        """Raises ManifestError and StoreError; what cannot be read is a failure of the last step."""
        path, name = str(file.path), file.path.name
        try:
            data = read_bytes(file)
        except LoadError as error:
            yield Step(None, FileDone(name, 0, failures=(Failure(path, str(error)),)))
            return
        sha256, recipe = hashlib.sha256(data).hexdigest(), self._recipe(file.path)
        if self._catalog.source_files.state(path) == (sha256, recipe):
            yield Step(None, FileDone(name, len(data), unchanged=len(self._catalog.source_files.article_ids(path))))
            return
        moved = self._moved(path, sha256)
        seen: dict[str, Article] = {}
        take: Take | None = None
        failures: list[Failure] = []
        unchanged = elsewhere = 0
        for article in load_articles(file, data):
            if isinstance(article, LoadError):
                failures.append(Failure(path, str(article)))
                continue
            twin = self._twin(article, path, seen)
            if twin is not None and _bare(twin) == replace(article, path=twin.path):
                unchanged += 1
                elsewhere += twin.id not in seen
                continue
            if twin is not None:
                message = f"{article.path} has the id {article.id}, which is that of {twin.path}; give it another id."
                failures.append(Failure(path, message))
                continue
            seen[article.id] = article
            old = self._old(article, moved)
            if old is not None and self._is_current(old, article):
                unchanged += 1
                continue
            if take is not None:
                yield Step(take, None)
            take = self._take(article, path, old)
        finish = None
        if not failures:
            # A file whose article was taken in from another place is looked at again each time: the article must not
            # go when that place does.
            finish = Finish(path, "" if elsewhere else sha256, recipe, tuple(seen), tuple(moved))
        yield Step(take, FileDone(name, len(data), unchanged, finish, tuple(failures)))

    def _recipe(self, path: Path) -> str:
        """What besides its bytes a file's articles are made from."""
        manifest = find_manifest(path)
        entries = [manifest[path]] if path in manifest else []
        if path.suffix.lower() == ".jsonl":
            entries += [entry for each, entry in manifest.items() if str(each).startswith(f"{path}#")]
        known = "".join(entry.model_dump_json() for entry in entries)
        return hashlib.sha256(f"{self._preparer.analysis}{known}".encode()).hexdigest()[:16]

    def _moved(self, path: str, sha256: str) -> dict[str, list[Article]]:
        """Where the same bytes were before, with their articles."""
        places = [each for each in self._catalog.source_files.with_bytes(sha256) if each != path and is_gone(each)]
        files = self._catalog.source_files
        return {each: list(self._catalog.articles_by_id(files.article_ids(each)).values()) for each in places}

    def _twin(self, article: Article, path: str, seen: dict[str, Article]) -> Article | None:
        """The article at another place to which this one's id belongs."""
        twin = seen.get(article.id) or self._in_flight.get(article.id)
        if twin is not None:
            return twin
        twin = self._catalog.articles_by_id([article.id]).get(article.id)
        if twin is None or twin.path == article.path:
            return None
        home = self._catalog.source_files.of_article(twin.id)
        return twin if home != path and self._still_has(home) else None

    def _still_has(self, path: str) -> bool:
        """Whether a file is as it was when it was taken in; if not, its own turn comes."""
        if is_gone(path):
            return False
        known = self._catalog.source_files.state(path)
        try:
            data = read_bytes(SourceFile(Path(path), Path(path).parent))
        except LoadError:
            return True
        return known is None or known == (hashlib.sha256(data).hexdigest(), self._recipe(Path(path)))

    def _old(self, article: Article, moved: dict[str, list[Article]]) -> Article | None:
        """What the article takes the place of."""
        known = self._catalog.stored(article)
        if known is not None:
            return known
        before = (each for articles in moved.values() for each in articles if each.sha256 == article.sha256)
        return next(before, None)

    def _is_current(self, old: Article, article: Article) -> bool:
        return _bare(old) == article and self._catalog.analysis(old.id) == self._preparer.analysis

    def _take(self, article: Article, path: str, old: Article | None) -> Take:
        draft = self._preparer.draft(article)
        fresh = [term for term in draft.words if term not in self._words]
        self._words.update(fresh)
        kept = self._catalog.word_vectors(fresh)
        draft = replace(draft, words={term: draft.words[term] for term in fresh if term not in kept})
        self._in_flight[article.id] = article
        return Take(draft, path, old is not None, {} if old is None else self._vectors(old))

    def _vectors(self, old: Article) -> dict[str, Vector]:
        """What was embedded of an article, by text; a store of version 1 does not say by which rules, but by these."""
        if self._catalog.analysis(old.id) not in ("", self._preparer.analysis):
            return {}
        known: dict[str, Vector] = {}
        regions = self._catalog.regions(old.id)
        for chunk, vector in self._catalog.chunks_of(old.id):
            known[self._preparer.embedded(context_of(old, chunk), told(chunk, regions))] = vector
            known |= {self._preparer.sentence(part.text): part.vector for part in self._catalog.sentences(chunk)}
        return known


def is_gone(path: str) -> bool:
    """Whether nothing is there; what cannot be looked at may be there."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _bare(article: Article) -> Article:
    """Without what the catalog adds to it."""
    return replace(article, copied_from=None)
