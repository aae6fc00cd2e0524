import pytest
from langchain_core.documents import Document
from langchain_core.runnables import RunnableLambda

from tests.vectorstore.conftest import Write
from tests.vectorstore.fakes import Store
from vectorstore.models import Passage
from vectorstore.retrieval import FusionWeights, fuse

QUESTION = "How many fighters did ISIS-K have at the beginning of 2017?"
Leg = list[tuple[str, float]]


def articles_of(passages: list[Passage]) -> list[str]:
    return [passage.article.id for passage in passages]


@pytest.mark.parametrize(
    ("dense", "lexical", "expected"),
    [
        ([], [], []),
        # One leg alone: cosine between the pool's extremes, BM25 by its best.
        ([("a", 0.8), ("b", 0.6), ("c", 0.4)], [], [("a", 0.4), ("b", 0.2), ("c", 0.0)]),
        ([], [("a", 8.0), ("b", 2.0)], [("a", 0.6), ("b", 0.15)]),
        ([("a", 0.3)], [], [("a", 0.4)]),
        ([("a", 0.3), ("b", 0.3)], [], [("a", 0.4), ("b", 0.4)]),
        # Both: what only one leg found has nothing of the other.
        (
            [("a", 0.9), ("b", 0.7), ("c", 0.5)],
            [("b", 4.0), ("d", 2.0)],
            [("b", 0.8), ("a", 0.4), ("d", 0.3), ("c", 0.0)],
        ),
        # Best of both is 1; equal scores go by id.
        ([("a", 0.9), ("b", 0.1)], [("a", 5.0)], [("a", 1.0), ("b", 0.0)]),
        ([("b", 0.9), ("a", 0.9), ("c", 0.1)], [], [("a", 0.4), ("b", 0.4), ("c", 0.0)]),
        ([("a", -0.1), ("b", -0.3)], [("b", 0.0)], [("a", 0.4), ("b", 0.0)]),
    ],
)
def test_fusion(dense: Leg, lexical: Leg, expected: Leg) -> None:
    found = fuse(dense, lexical, FusionWeights(dense=0.4))
    assert [name for name, _ in found] == [name for name, _ in expected]
    assert [score for _, score in found] == pytest.approx([score for _, score in expected])


@pytest.mark.parametrize(("weight", "first"), [(0.0, "lexical"), (1.0, "dense")])
def test_the_weight_decides_between_the_legs(weight: float, first: str) -> None:
    found = fuse([("dense", 0.9), ("x", 0.1)], [("lexical", 9.0)], FusionWeights(dense=weight))
    assert found[0] == (first, 1.0)


def test_passages_are_complete(shipped: Store) -> None:
    passages = shipped.retriever.search(QUESTION, 8)
    assert len(passages) == 8
    assert articles_of(passages)[0] == "sputnik-2017-12"
    assert "3,000" in passages[0].chunk.text.replace("\u00a0", " ")
    assert [p.score for p in passages] == sorted((p.score for p in passages), reverse=True)
    assert all(0.0 <= p.score <= 1.0 for p in passages)
    for passage in passages:
        assert passage.article.text[passage.chunk.start : passage.chunk.end] == passage.chunk.text
        assert passage.sentences
        for sentence in passage.sentences:
            assert passage.article.text[sentence.start : sentence.end] == sentence.text
            assert passage.chunk.start <= sentence.start < sentence.end <= passage.chunk.end


def test_ranks_are_those_of_the_legs(shipped: Store) -> None:
    vector = shipped.embedder.embed([shipped.analyser.canonical(QUESTION)])[0]
    dense = [name for name, _ in shipped.index.search(vector, 50)]
    lexical = [name for name, _ in shipped.catalog.lexical.search(shipped.analyser.terms(QUESTION), 50, None)]
    for passage in shipped.retriever.search(QUESTION, 50):
        assert passage.dense_rank == dense.index(passage.chunk.id) + 1
        expected = lexical.index(passage.chunk.id) + 1 if passage.chunk.id in lexical else None
        assert passage.lexical_rank == expected
        assert (passage.lexical > 0) == (expected is not None)
        assert -1.0 <= passage.dense <= 1.0


@pytest.mark.parametrize(
    ("question", "found"),
    [
        # The article says Sar-e-Pul and Daesh.
        ("How many died in the assault in Sari Pul?", "sputnik-2017-12"),
        ("How many fighters did ISKP have at the start of 2017?", "sputnik-2017-12"),
        # The article says Jawzjan and ISIS.
        ("How many members of Daesh were captured in Jowzjan?", "mintpress-2018-08"),
        # The article says Darzab and Qushtepa districts of Jowzjan, and IS.
        ("Which foreign fighters of ISIL are in Jozjan?", "new-arab-2017-12-12"),
        ("When was Daesh Khorasan founded?", "explainer-2021-08"),
    ],
)
def test_a_question_in_one_name_finds_an_article_with_another(shipped: Store, question: str, found: str) -> None:
    assert found in articles_of(shipped.retriever.search(question, 3))


def test_the_names_of_the_group_are_one_to_a_search(shipped: Store) -> None:
    asked = [f"Who founded {name}?" for name in ("ISIS-K", "ISKP", "IS-K", "Daesh Khorasan", "ISIL Khorasan")]
    results = [[(p.chunk.id, p.score) for p in shipped.retriever.search(question, 5)] for question in asked]
    assert results == [results[0]] * len(asked)


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2016", set()),
        # Known to the month: not yet used on the 15th of it.
        ("2017-12-15", {"new-arab-2017-12-12"}),
        ("2017-12-31", {"new-arab-2017-12-12", "sputnik-2017-12"}),
        ("2017", {"new-arab-2017-12-12", "sputnik-2017-12"}),
        ("2018-08", {"new-arab-2017-12-12", "sputnik-2017-12", "mintpress-2018-08"}),
        ("2021-07", {"new-arab-2017-12-12", "sputnik-2017-12", "mintpress-2018-08", "southfront-2020-02"}),
    ],
)
def test_no_article_from_after_the_day(shipped: Store, as_of: str, expected: set[str]) -> None:
    assert set(articles_of(shipped.retriever.search(QUESTION, 50, as_of))) == expected
    assert {p.article.id for p in shipped.retriever.search(QUESTION, 50, as_of) if p.dense_rank} == expected
    assert {p.article.id for p in shipped.retriever.search(QUESTION, 50, as_of) if p.lexical_rank} == expected


def test_an_article_without_a_date_is_not_used_as_of_any_day(store: Store, write: Write) -> None:
    store.ingestor.run([write("one.txt")])
    assert store.retriever.search("report of one", 5) != []
    assert store.retriever.search("report of one", 5, "2099") == []


def test_a_day_that_is_none_is_an_error(shipped: Store) -> None:
    with pytest.raises(ValueError, match="is not a date"):
        shipped.retriever.search(QUESTION, 5, "yesterday")


@pytest.mark.parametrize(
    "question", ["", "?", "the of and", "\u00a0", '"', "x" * 5_000, "DROP TABLE chunks; --", "١٢٣"]
)
def test_odd_questions_are_no_error(shipped: Store, question: str) -> None:
    assert len(shipped.retriever.search(question, 3)) == 3


def test_an_empty_store_has_no_passages(store: Store) -> None:
    assert store.retriever.search(QUESTION, 5) == []


def test_it_is_a_langchain_retriever(shipped: Store) -> None:
    documents = shipped.retriever.invoke(QUESTION, k=3)
    assert [type(document) for document in documents] == [Document] * 3
    passages = shipped.retriever.search(QUESTION, 3)
    assert [document.page_content for document in documents] == [passage.chunk.text for passage in passages]
    assert [document.id for document in documents] == [passage.chunk.id for passage in passages]
    assert [document.metadata["passage"] for document in documents] == passages
    assert len(shipped.retriever.invoke(QUESTION)) == shipped.retriever.k
    only = shipped.retriever.invoke(QUESTION, as_of="2017-12-15")
    assert {document.metadata["passage"].article.id for document in only} == {"new-arab-2017-12-12"}


def test_it_composes_and_runs_in_batches(shipped: Store) -> None:
    chain = shipped.retriever | RunnableLambda(lambda documents: documents[0].metadata["passage"].article.id)
    questions = [QUESTION, "How many members of Daesh were captured in Jowzjan?"] * 4
    assert chain.batch(questions) == ["sputnik-2017-12", "mintpress-2018-08"] * 4


async def test_it_runs_asynchronously(shipped: Store) -> None:
    documents = await shipped.retriever.ainvoke(QUESTION, k=2)
    assert [document.id for document in documents] == [p.chunk.id for p in shipped.retriever.search(QUESTION, 2)]
