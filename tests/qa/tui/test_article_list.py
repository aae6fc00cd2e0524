from dataclasses import replace

import pytest

from qa.adding import AddingState
from qa.tui.article_list import Filter, left, rows, told
from tests.qa.tui import fakes
from vectorstore.changes import Failure
from vectorstore.dates import PartialDate
from vectorstore.ingest import IngestReport
from vectorstore.models import Article
from vectorstore.pipeline import Progress
from vectorstore.summaries import summarised

SPUTNIK, EXPLAINER = fakes.shipped()
DAY = Article("day", "A [/day]", "Ghazni.", "0", "folder/day.txt", "Sputnik", PartialDate("2018-03-05"), "stated")
UNDATED = Article("undated", "", "Nothing\x1b[31m.", "1", "folder/undated.txt")
ARTICLES = [SPUTNIK, EXPLAINER, DAY, UNDATED]
ALL = rows(summarised(ARTICLES), {"day": 3, "sputnik-2017-12": 1})
TEXTS = {article.id: article.text.casefold() for article in ARTICLES}


@pytest.mark.parametrize(
    ("by", "ids"),
    [
        (Filter(), ["sputnik-2017-12", "explainer-2021-08", "day", "undated"]),
        (Filter("DAESH north"), ["sputnik-2017-12"]),
        (Filter("undated"), ["undated"]),
        (Filter("ghazni"), ["day"]),
        (Filter("daesh ghazni"), []),
        (Filter(publisher="Sputnik"), ["sputnik-2017-12", "day"]),
        (Filter(publisher="publisher unknown"), ["explainer-2021-08", "undated"]),
        (Filter(since=PartialDate("2018")), ["explainer-2021-08", "day"]),
        (Filter(since=PartialDate("2017-12-20")), ["sputnik-2017-12", "explainer-2021-08", "day"]),
        (Filter(until=PartialDate("2017-12-02")), ["sputnik-2017-12"]),
        (Filter(until=PartialDate("2018-03-04")), ["sputnik-2017-12"]),
        (Filter(since=PartialDate("2018-03-05"), until=PartialDate("2018-03-05")), ["day"]),
        (Filter("sputnik", "Sputnik", PartialDate("2018"), PartialDate("2019")), ["day"]),
    ],
)
def test_what_a_filter_leaves(by: Filter, ids: list[str]) -> None:
    assert [row.article.id for row in left(ALL, by, TEXTS)] == ids


def test_a_line_of_the_list() -> None:
    shown = {row.article.id: row.item for row in ALL}
    assert shown["day"].title == "A [/day]"
    assert shown["day"].details == "Sputnik · 5 March 2018 (stated) · 7 characters · cited in 3 answers"
    assert shown["undated"].title == "undated"
    assert shown["undated"].details == "publisher unknown · date unknown · 13 characters"
    assert "December 2017 (inferred)" in shown["sputnik-2017-12"].details
    altered = replace(DAY, title="a\n\x1b]52;c;x\x07b", publisher="\u202ex", copied_from="c\x9b")
    hostile = rows(summarised([altered]), {})[0].item
    assert hostile.title == "a �]52;c;x�b"
    assert hostile.details == "�x · 5 March 2018 (stated) · 7 characters · copy of c�"


def report(**counts: int) -> IngestReport:
    failures = tuple(Failure(f"{n}.txt", "It is empty.") for n in range(counts.pop("failed", 0)))
    return replace(IngestReport(0, 0, 0, 0, failures, 0.1), **counts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (AddingState(), ""),
        (AddingState(1, True), "Adding …"),
        (AddingState(1, True, Progress(2, 1_500, "a.txt")), "Adding: 2 of 1,500 · a.txt"),
        (AddingState(1, True, Progress(5, 9, "", phase="index")), "Index: 5 of 9"),
        (AddingState(1, problem="Another one writes."), "Another one writes."),
        (AddingState(1, report=report(added=2, unchanged=1)), "2 added, 1 unchanged."),
        (AddingState(1, report=report()), "Nothing to add."),
        (AddingState(1, report=report(added=1, failed=1)), "1 added; 1 failed: 0.txt: It is empty."),
        (
            AddingState(1, report=report(failed=5)),
            "Nothing to add; 5 failed: 0.txt: It is empty. 1.txt: It is empty. 2.txt: It is empty. … and 2 more",
        ),
    ],
)
def test_what_is_told_of_adding(state: AddingState, text: str) -> None:
    assert told(state) == text
