"""What the list of articles shows, which of them a filter leaves, and what came of adding some; no widgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.tui.text import counted, joined, one_line, spoken_date
from qa.tui.widgets.listing import Item
from vectorstore.dates import PartialDate

if TYPE_CHECKING:
    from qa.adding import AddingState
    from vectorstore.ingest import IngestReport
    from vectorstore.summaries import ArticleSummary

UNNAMED = "publisher unknown"
# Of many files that cannot be read, the first say enough.
_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Row:
    """``item`` is what the list shows; ``words`` what a filter looks at beside the text, casefolded."""

    article: "ArticleSummary"
    item: Item
    words: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Every word of ``text``, a publisher, and days; None leaves all. An article without a date is of no day."""

    text: str = ""
    publisher: str | None = None
    since: PartialDate | None = None
    until: PartialDate | None = None


def rows(articles: "Sequence[ArticleSummary]", cited: Mapping[str, int]) -> list[Row]:
    """``cited``: in how many kept answers, by article."""
    return [Row(article, _item(article, cited.get(article.id, 0)), _words(article)) for article in articles]


def publisher_of(article: "ArticleSummary") -> str:
    return article.publisher or UNNAMED


def left(found: Sequence[Row], by: Filter, texts: Mapping[str, str]) -> list[Row]:
    """Those that the filter leaves, in their order. What a date may mean counts, not only what it must.

    ``texts``: of the articles, casefolded, by id, as far as they were read.
    """
    words = by.text.casefold().split()
    return [
        row
        for row in found
        if all(word in row.words or word in texts.get(row.article.id, "") for word in words)
        and by.publisher in (None, publisher_of(row.article))
        and _in_time(row.article.published, by)
    ]


def _item(article: "ArticleSummary", cited: int) -> Item:
    published = article.published.iso if article.published else None
    basis = f" ({article.published_basis.partition(':')[0]})" if published else ""
    details = joined(
        [
            one_line(publisher_of(article), 60),
            one_line(spoken_date(published) + basis, 60),
            counted(article.characters, "character"),
            f"cited in {counted(cited, 'answer')}" if cited else "",
            f"copy of {one_line(article.copied_from, 40)}" if article.copied_from else "",
        ]
    )
    return Item(article.id, one_line(article.title or article.id), details)


def told(state: "AddingState") -> str:
    """How far adding has come, or what came of it; empty before the first time."""
    if state.running:
        progress = state.progress
        if progress is None:
            return "Adding …"
        what = "Adding" if progress.phase == "embedding" else progress.phase.capitalize()
        count = f"{progress.done:,} of {progress.total:,}" if progress.total else ""
        return joined([f"{what}: {count}" if count else f"{what} …", one_line(progress.label, 60)])
    return state.problem or (_reported(state.report) if state.report else "")


def _reported(report: "IngestReport") -> str:
    counts = (("added", report.added), ("replaced", report.replaced), ("unchanged", report.unchanged))
    done = ", ".join(f"{number:,} {what}" for what, number in counts if number) or "Nothing to add"
    failures = [
        each.message if each.path in each.message else f"{each.path}: {each.message}" for each in report.failures
    ]
    more = f" … and {len(failures) - _FAILURES} more" if len(failures) > _FAILURES else ""
    wrong = f"; {len(failures)} failed: {' '.join(failures[:_FAILURES])}{more}" if failures else "."
    return f"{done}{wrong}"


def _words(article: "ArticleSummary") -> str:
    parts = (article.title, publisher_of(article), article.author or "", article.id, article.path)
    return "\n".join(parts).casefold()


def _in_time(published: PartialDate | None, by: Filter) -> bool:
    if published is None:
        return by.since is None and by.until is None
    after = by.since is None or published.latest() >= by.since.earliest()
    return after and (by.until is None or published.earliest() <= by.until.latest())
