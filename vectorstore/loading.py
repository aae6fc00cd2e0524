"""A file's bytes become Articles: its format is read, then what its catalog.toml knows is put in place."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from vectorstore.dates import PartialDate
from vectorstore.errors import LoadError
from vectorstore.files import SourceFile
from vectorstore.formats.fields import Draft, headline
from vectorstore.formats.html import read_html
from vectorstore.formats.pdf import read_pdf
from vectorstore.formats.plain import read_markdown, read_text
from vectorstore.formats.records import read_records
from vectorstore.manifest import MANIFEST, Manifest, ManifestEntry, find_manifest
from vectorstore.models import Article

_READERS: dict[str, Callable[[bytes, str], Draft]] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".pdf": read_pdf,
}


def load_articles(file: SourceFile, data: bytes) -> Iterator[Article | LoadError]:
    """The article of a file, or those of a .jsonl file; what cannot be read is a LoadError. Raises ManifestError.

    ``data`` is the file's bytes, as read_bytes gives them.
    """
    manifest = find_manifest(file.path)
    if file.path.suffix.lower() == ".jsonl":
        yield from _load_records(file.path, data, manifest)
        return
    try:
        yield _article(_READERS[file.path.suffix.lower()](data, str(file.path)), file.path, file.path, data, manifest)
    except LoadError as error:
        yield error


def _load_records(path: Path, data: bytes, manifest: Manifest) -> Iterator[Article | LoadError]:
    if path in manifest:
        yield LoadError(f"{path} has many articles; name one of them in {MANIFEST} as {path.name}#id.")
        return
    for record in read_records(data, str(path)):
        if isinstance(record, LoadError):
            yield record
            continue
        key, line, draft = record
        try:
            yield _article(draft, path, path.with_name(f"{path.name}#{key}"), line, manifest)
        except LoadError as error:
            yield error


def _article(draft: Draft, file: Path, path: Path, data: bytes, manifest: Manifest) -> Article:
    sha256 = hashlib.sha256(data).hexdigest()
    article = Article(
        id=draft.id or _slug(file, sha256),
        title=draft.title or headline(draft.text),
        text=draft.text,
        sha256=sha256,
        path=str(path),
        publisher=draft.publisher,
        published=draft.published,
        published_basis=draft.published_basis,
        language=draft.language or "en",
        origin=draft.origin,
        author=draft.author,
        url=draft.url,
        encoding=draft.encoding,
    )
    entry = manifest.get(path)
    return article if entry is None else _overridden(article, entry)


def _overridden(article: Article, entry: ManifestEntry) -> Article:
    if entry.sha256 is not None and entry.sha256 != article.sha256:
        raise LoadError(f"{article.path} is not the file that {MANIFEST} describes: its sha256 differs.")
    known = replace(
        article,
        id=entry.id,
        title=entry.title or article.title,
        publisher=entry.publisher or article.publisher,
        language=entry.language or article.language,
        origin=entry.origin or article.origin,
        author=entry.author or article.author,
        url=entry.url or article.url,
    )
    if entry.published is None:
        return known
    return replace(known, published=PartialDate(entry.published), published_basis=entry.published_basis)


def _slug(path: Path, sha256: str) -> str:
    """The file's name, and enough of the hash that among a million articles no two are likely to share it."""
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:40] or "article"
    return f"{name}-{sha256[:12]}"
