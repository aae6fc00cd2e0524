"""The benchmark of growth: that it measures what it says, on a small store."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.benchmarks.scale import LIMIT, Figures, measure, report
from tests.benchmarks.squad import SHARED
from tests.benchmarks.synthetic import make_store, questions
from vectorstore.analysis import ANALYSIS_VERSION
from vectorstore.catalog import Catalog
from vectorstore.embedding import MiniLMEmbedder

pytestmark = pytest.mark.skipif(
    not (SHARED / "squad2" / "passages.jsonl").is_file(),
    reason=f"needs {'/'.join(SHARED.parts[-2:])}/squad2 beside the repository",
)


def test_a_synthetic_store_keeps_the_contracts_of_a_real_one(tmp_path: Path) -> None:
    make_store(tmp_path, 25, MiniLMEmbedder(), sentences=10)
    with closing(Catalog(tmp_path / "catalog.sqlite3", ANALYSIS_VERSION)) as catalog:
        articles, chunks = {article.id: article for article in catalog.articles()}, catalog.chunks()
        assert (len(articles), len(chunks), catalog.lexical.count()) == (3, 25, 25)
        for chunk in chunks:
            text = articles[chunk.article_id].text
            assert chunk.text == text[chunk.start : chunk.end]
            sentences = catalog.sentences(chunk)
            assert sentences
            assert all(text[part.start : part.end] == part.text for part in sentences)
    asked = questions(6)
    figures = measure(tmp_path, asked, answered=3)
    assert figures.chunks == 25
    assert figures.dense == "Chroma"
    lengths = {what: len(times) for what, times in figures.milliseconds.items()}
    assert {lengths[what] for what in lengths if not what.startswith("answer")} == {5}
    assert {lengths[what] for what in lengths if what.startswith("answer")} == {2}
    assert figures.memory["answers"] >= figures.memory["retrieval"] > 0


def test_the_report_ends_with_the_ratio_of_the_slowest_questions() -> None:
    small = Figures(1_000, 9.0, "Chroma", {"retrieval, first time": [1.0] * 90 + [10.0] * 10}, {"retrieval": 100.0})
    large = Figures(9_000, 9.0, "exact", {"retrieval, first time": [2.0] * 90 + [25.0] * 10}, {"retrieval": 200.0})
    lines = list(report([small, large]))
    assert "2.50" in lines[2]
    assert lines[-1] == f"retrieval p95 at 9,000 chunks is 2.50 times that at 1,000; bound: {LIMIT:.0f}"


def test_the_shortest_time_of_each_question_counts() -> None:
    first = Figures(10, 9.0, "exact", {"retrieval": [1.0, 5.0]}, {"retrieval": 100.0})
    second = Figures(10, 7.0, "exact", {"retrieval": [3.0, 2.0]}, {"retrieval": 200.0})
    assert first.least(second) == Figures(10, 7.0, "exact", {"retrieval": [1.0, 2.0]}, {"retrieval": 200.0})
