"""What is known of each article but its text, for those who list thousands of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from vectorstore.catalog import COPIED_FROM, Catalog
from vectorstore.dates import PartialDate
from vectorstore.models import Article


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """As in ``Article``; ``characters`` is the length of its text in code points."""

    id: str
    title: str
    path: str
    publisher: str | None
    published: PartialDate | None
    published_basis: str
    author: str | None
    copied_from: str | None
    characters: int


def summaries(catalog: Catalog) -> list[ArticleSummary]:
    """Of all articles, in the order of ``Catalog.articles``, with no text read into memory. Raises StoreError."""
    rows = catalog.database.rows(
        f"SELECT id, title, path, publisher, published, published_basis, author, {COPIED_FROM}, length(text) "
        "FROM articles ORDER BY published IS NULL, published, id"
    )
    return [
        ArticleSummary(name, title, path, publisher, PartialDate(published) if published else None, *rest)
        for name, title, path, publisher, published, *rest in rows
    ]


def summarised(articles: Iterable[Article]) -> list[ArticleSummary]:
    """Of articles that were read already."""
    return [
        ArticleSummary(
            each.id, each.title, each.path, each.publisher, each.published, each.published_basis, each.author,
            each.copied_from, len(each.text),
        )
        for each in articles
    ]  # fmt: skip
