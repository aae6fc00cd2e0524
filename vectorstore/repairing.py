"""Mending what can be made again from the catalog's texts and vectors; nothing is embedded."""

import shutil
from importlib.resources import files
from pathlib import Path

from vectorstore.analysis import Analyser
from vectorstore.asides import told
from vectorstore.auditing import audit
from vectorstore.catalog import Catalog
from vectorstore.dense import VectorIndex
from vectorstore.errors import StoreError
from vectorstore.exact import ExactSearch
from vectorstore.indexing import Counted
from vectorstore.journal import IndexJournal
from vectorstore.preparing import context_of


def repair(
    home: Path, catalog: Catalog, index: VectorIndex, analyser: Analyser, progress: Counted | None = None
) -> list[str]:
    """Mend the store in a folder; what was done, a sentence each. For whoever holds the store's lock.

    Raises StoreError when the catalog itself is damaged, or nothing can be written.
    """
    found = audit(catalog)
    if found.catalog:
        raise StoreError(
            f"The catalog at {catalog.path} is damaged ({found.catalog[0]}), which nothing can mend; put a backup in "
            "its place, or move it away and ingest the articles again."
        )
    done = []
    if found.lexical:
        _make_lexical(catalog, analyser)
        done.append(f"The terms of {found.chunks} chunks were made anew ({found.lexical[0]}).")
    vectors = ExactSearch(home / "vectors.bin", catalog)
    if (fault := vectors.fault()) is not None:
        (home / "vectors.bin").unlink(missing_ok=True)
        done.append(f"The file vectors.bin was dropped ({fault}).")
    if (fault := index.fault(thorough=True)) is not None:
        index.rebuild(progress)
        done.append(f"The vector index was made anew ({fault}).")
    else:
        index.follow(progress)
    return [*done, *_tidied(home, catalog)]


def _make_lexical(catalog: Catalog, analyser: Analyser) -> None:
    articles = {article.id: article for article in catalog.articles()}
    with catalog.writing():
        numbers = dict(catalog.database.rows("SELECT id, number FROM chunks"))
        catalog.database.rows("DROP TABLE IF EXISTS lexical")
        catalog.database.rows(_lexical_definition())
        for chunk in catalog.chunks():
            context = context_of(articles[chunk.article_id], chunk)
            text = told(chunk, catalog.regions(chunk.article_id))
            terms = " ".join(analyser.terms(f"{context}\n{text}", parts=True))
            catalog.database.insert("INSERT INTO lexical (rowid, terms) VALUES (?, ?)", (numbers[chunk.id], terms))
        catalog.set_meta("generation", str(catalog.generation + 1))


def _lexical_definition() -> str:
    schema = files("vectorstore").joinpath("schema.sql").read_text("utf-8")
    statement = schema[schema.index("CREATE VIRTUAL TABLE lexical") :]
    return statement[: statement.index(";\n") + 1]


def _tidied(home: Path, catalog: Catalog) -> list[str]:
    """Clear away what writers and readers that were killed left behind."""
    published = IndexJournal(catalog.database).published
    keep = published.place if published else ""
    folders = [path for path in (home / "index").glob("*") if path.is_dir() and path.name != keep]
    for path in folders:
        shutil.rmtree(path, ignore_errors=True)
    parts = list(home.glob("vectors.bin.*"))
    for path in parts:
        path.unlink(missing_ok=True)
    cleared = sorted(path.name for path in [*folders, *parts] if not path.exists())
    return [f"Left behind and now cleared away: {', '.join(cleared)}."] if cleared else []
