"""Any order of what can happen to a store, against a dictionary that says what it should hold."""

import shutil
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.reliability import corpus
from tests.reliability.inspection import look
from tests.reliability.soak import length, record
from tests.reliability.warm import WarmProcess
from tests.vectorstore.fakes import Store, WordEmbedder
from vectorstore.chunking import chunk_article
from vectorstore.cleaning import find_regions
from vectorstore.models import Article

NUMBERS = st.integers(0, 5)
QUERY = "the northern village of Karzan on Monday"


class StoreMachine(RuleBasedStateMachine):
    """``files`` is what lies in the folder, ``stored`` what the store should hold: texts by file name.

    What is drawn never depends on the state: where a kill lands does, and a repeated run must draw the same.
    """

    warm: WarmProcess
    steps: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.articles = self.folder / "articles"
        self.articles.mkdir()
        self.files: dict[str, str] = {}
        self.stored: dict[str, str] = {}
        self.vectors: dict[str, bytes] = {}
        self.revision = 0
        self.store = self.opened()

    def opened(self) -> Store:
        return Store.open(self.folder / "home", WordEmbedder())

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @rule(number=NUMBERS, long=st.booleans())
    def write_a_file(self, number: int, long: bool) -> None:
        self.revision += 1
        name = f"report{number}.txt"
        self.files[name] = corpus.article(number, self.revision, 9 if long else 3)
        (self.articles / name).write_text(self.files[name], "utf-8")

    @rule(number=NUMBERS)
    def delete_a_file(self, number: int) -> None:
        if not self.files:
            return
        name = sorted(self.files)[number % len(self.files)]
        del self.files[name]
        (self.articles / name).unlink()

    @rule()
    def ingest(self) -> None:
        if not self.files:
            return
        self.steps["ingest"] += 1
        report = self.store.ingestor.run([self.articles])
        fresh = {name for name, text in self.files.items() if self.stored.get(name) != text}
        assert (report.added, report.replaced) == (len(fresh - self.stored.keys()), len(fresh & self.stored.keys()))
        assert report.failures == ()
        self.stored |= self.files

    @rule()
    def prune(self) -> None:
        if not self.files:
            return
        self.steps["prune"] += 1
        report = self.store.ingestor.run([self.articles], prune=True)
        assert report.removed == len(self.stored.keys() - self.files.keys())
        self.stored = dict(self.files)

    @rule(changed=NUMBERS, event=st.sampled_from(("embed", "commit", "committed")), number=st.integers(1, 3))
    def change_and_be_killed(self, changed: int, event: str, number: int) -> None:
        self.write_a_file(changed, long=True)
        home, articles = str(self.folder / "home"), str(self.articles)
        ended = self.warm.start("ingest_and_die", home, articles, event, number).wait()
        assert ended.code in (0, -9), ended.err
        self.steps["kill" if ended.code else "ingest"] += 1
        # Each article is as it was or as its file is now; the rest of the checks hold the store to it.
        texts = look(self.folder / "home").texts
        for name, text in self.files.items():
            if ended.code == 0 or texts.get(name) == text:
                self.stored[name] = text

    @rule(number=NUMBERS)
    def remove(self, number: int) -> None:
        if not self.stored:
            return
        self.steps["remove"] += 1
        name = sorted(self.stored)[number % len(self.stored)]
        found = self.store.catalog.article(name)
        assert [article.id for article in self.store.ingestor.remove([found.id])] == [found.id]
        del self.stored[name]

    @rule()
    def reopen(self) -> None:
        self.steps["reopen"] += 1
        self.store.close()
        self.store = self.opened()

    @rule()
    def lose_the_index(self) -> None:
        self.steps["lost index"] += 1
        self.store.close()
        shutil.rmtree(self.folder / "home" / "index", ignore_errors=True)
        self.store = self.opened()

    @invariant()
    def holds_what_it_should(self) -> None:
        contents = look(self.folder / "home")
        assert contents.texts == self.stored
        assert {Path(article.path).name: article.text for article in self.store.catalog.articles()} == self.stored
        for name, text in self.stored.items():
            expected = chunk_article(Article("x", text.splitlines()[0], text, "", ""), find_regions(text, ""))
            found = sorted(row[1:4] for row in contents.chunks.values() if row[0] == name)
            assert found == [(chunk.ordinal, chunk.start, chunk.end) for chunk in expected]
        for chunk, row in contents.chunks.items():
            assert self.vectors.setdefault(chunk, row[-1]) == row[-1]
            assert contents.sentences[chunk]

    @invariant()
    def finds_what_exact_search_finds(self) -> None:
        self.steps["query"] += 1
        contents = look(self.folder / "home")
        vector = WordEmbedder().embed([QUERY])[0]
        scores = {name: float(np.frombuffer(row[-1], np.float32) @ vector) for name, row in contents.chunks.items()}
        found = self.store.index.search(vector, 5)
        assert [score for _, score in found] == pytest.approx(sorted(scores.values(), reverse=True)[:5], abs=1e-6)
        assert [score for _, score in found] == pytest.approx([scores[name] for name, _ in found], abs=1e-6)
        passages = self.store.retriever.search(QUERY, 3)
        assert len(passages) == min(3, len(scores))
        assert all(passage.chunk.text in self.stored.values() or passage.chunk.id in scores for passage in passages)
        assert all(self.stored[Path(passage.article.path).name] == passage.article.text for passage in passages)


def test_a_store_is_what_a_dictionary_says(warm: WarmProcess) -> None:
    examples = length(8, 60)

    class Machine(StoreMachine):
        pass

    Machine.warm, Machine.steps = warm, Counter()
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=length(12, 25),
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Machine.steps["kill"] > 0, Machine.steps
    assert Machine.steps["ingest"] + Machine.steps["prune"] > 0, Machine.steps
    record("state machine against a dictionary", examples=examples, **Machine.steps, differences=0)
