"""A store that is read from its server alone, as on a machine without the catalog."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.fakes.chroma_server import ChromaServer
from tests.vectorstore.conftest import SEEDS
from tests.vectorstore.fakes import Store, WordEmbedder
from vectorstore.dates import PartialDate
from vectorstore.errors import IdentityError, StoreError, UnknownArticleError
from vectorstore.index import Record, ServerCollection, ServerDatabase
from vectorstore.models import Article, Passage
from vectorstore.retrieval import HybridRetriever
from vectorstore.serving.address import Server
from vectorstore.serving.records import ARTICLES, CHUNKS, article_record, read_article
from vectorstore.serving.remote import RemoteCatalog

QUESTION = "How many fighters did the group have in 2017?"


@pytest.fixture(scope="module")
def server(chroma: ChromaServer) -> Server:
    return chroma.database(patience_s=3.0)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Iterator[Store]:
    """The shipped articles, in a catalog and on the server that follows it."""
    with Store.open(tmp_path_factory.mktemp("writer") / "home", WordEmbedder(), server=server) as opened:
        opened.ingestor.run([SEEDS / "articles"])
        yield opened


@pytest.fixture
def remote(store: Store, server: Server) -> Iterator[RemoteCatalog]:
    opened = RemoteCatalog(server, WordEmbedder(), store.analyser)
    yield opened
    opened.close()


def test_articles_and_chunks_are_those_of_the_catalog_word_for_word(store: Store, remote: RemoteCatalog) -> None:
    assert remote.articles() == store.catalog.articles()
    assert remote.chunks() == store.catalog.chunks()
    texts = {article.id: article.text for article in remote.articles()}
    assert all(texts[chunk.article_id][chunk.start : chunk.end] == chunk.text for chunk in remote.chunks())


def test_sentences_are_those_of_the_catalog(store: Store, remote: RemoteCatalog) -> None:
    chunks = store.catalog.chunks()
    assert len(chunks) > 20
    for chunk in chunks:
        here, there = store.catalog.sentences(chunk), remote.sentences(chunk)
        assert here == there
        for one, other in zip(here, there, strict=True):
            np.testing.assert_array_equal(one.vector, other.vector)


@pytest.mark.parametrize("until", [None, "2018-12-31"])
def test_the_search_is_that_of_the_catalog(store: Store, remote: RemoteCatalog, until: str | None) -> None:
    vector = np.asarray(store.embedder.embed([QUESTION])[0])
    assert remote.search(vector, 5, until) == store.index.search(vector, 5, until)
    assert len(remote.search(vector, 5, until)) == 5


def test_what_is_known_of_the_store(store: Store, remote: RemoteCatalog) -> None:
    assert remote.generation == store.catalog.generation > 0
    assert remote.years_published() == store.catalog.years_published()
    assert remote.lexical.years() == store.catalog.lexical.years()
    assert remote.lexical.count() == store.catalog.count_chunks()
    remote.require_identity(store.embedder.identity)
    with pytest.raises(IdentityError, match="another model"):
        remote.require_identity(WordEmbedder(name="other").identity)


def test_a_retriever_over_it_finds_by_meaning_only(store: Store, remote: RemoteCatalog) -> None:
    found: list[Passage] = HybridRetriever.over(remote, remote, store.embedder, store.analyser).search(QUESTION, 4)
    assert len(found) == 4
    assert all(passage.lexical_rank is None and passage.dense_rank for passage in found)
    assert all(passage.sentences and passage.article.text for passage in found)
    assert [passage.dense for passage in found] == sorted((passage.dense for passage in found), reverse=True)


@pytest.mark.parametrize("reference", ["sputnik-2017-12", "sput", "001_7dbdd4ca7a1c1f29.txt"])
def test_an_article_by_what_it_may_be_called(store: Store, remote: RemoteCatalog, reference: str) -> None:
    assert remote.article(reference) == store.catalog.article(reference)


@pytest.mark.parametrize("reference", ["", "s", "nothing", "%"])
def test_an_article_that_is_not_there_or_not_one(remote: RemoteCatalog, reference: str) -> None:
    with pytest.raises(UnknownArticleError, match="isisk-qa articles"):
        remote.article(reference)


def test_an_empty_database_says_what_to_do(chroma: ChromaServer, store: Store) -> None:
    empty = RemoteCatalog(chroma.database(), WordEmbedder(), store.analyser)
    with pytest.raises(StoreError, match="isisk-qa ingest"):
        empty.articles()
    empty.close()


def test_no_server_says_so(store: Store) -> None:
    nobody = RemoteCatalog(Server("http://127.0.0.1:1", patience_s=0.1), WordEmbedder(), store.analyser)
    with pytest.raises(StoreError, match=r"does not answer.*no catalog"):
        nobody.articles()
    nobody.close()


def test_a_chunk_and_an_article_of_two_versions_are_not_put_together(
    chroma: ChromaServer, store: Store, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = chroma.database()
    with Store.open(tmp_path_factory.mktemp("second") / "home", WordEmbedder(), server=server) as second:
        second.ingestor.run([SEEDS / "articles"])
    database = ServerDatabase(server)
    collection = database.open(ARTICLES)
    assert collection is not None
    page = collection.page(0, 100)
    collection.put([Record(each.id, each.text, {**each.fields, "sha256": "0" * 64}, each.vector) for each in page])
    remote = RemoteCatalog(server, WordEmbedder(), store.analyser)
    retriever = HybridRetriever.over(remote, remote, store.embedder, store.analyser)
    with pytest.raises(StoreError, match="being changed"):
        retriever.search(QUESTION, 4)
    collection.delete([each.id for each in page])
    with pytest.raises(StoreError, match="being changed"):
        retriever.search(QUESTION, 4)
    remote.close()
    database.close()


ODD = "\ufeffOne.\r\nTwo\u00a0“quoted” \x00\x1b[31m \U0001f600 e\u0301\u2028 \u202ethree  \t"


def test_nothing_of_a_text_is_changed_on_the_way(chroma: ChromaServer) -> None:
    article = Article(
        id="odd", title=ODD, text=ODD, sha256="1" * 64, path="a/b.txt", published=PartialDate("2017-12"), author=ODD
    )
    plain = Article(id="plain", title="", text="x", sha256="2" * 64, path="c.txt")
    database = ServerDatabase(chroma.database())
    collection: ServerCollection = database.create(CHUNKS, {"store": "x"})
    collection.put([article_record(article), article_record(plain)])
    assert {read_article(record) for record in collection.records(["odd", "plain", "missing"])} == {article, plain}
    database.close()
