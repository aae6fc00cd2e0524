"""A real Chroma server that follows a catalog."""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.chroma_server import ChromaServer
from tests.vectorstore.conftest import Write
from tests.vectorstore.fakes import Store, WordEmbedder
from vectorstore.errors import StoreError
from vectorstore.index import Record, ServerCollection, ServerDatabase
from vectorstore.journal import IndexJournal
from vectorstore.models import Vector
from vectorstore.serving import server_index
from vectorstore.serving.address import Server
from vectorstore.serving.records import ARTICLES, CHUNKS, read_article, read_chunk

WORDS = [f"{first}{second}{third}" for first in "bdfgk" for second in "aeiou" for third in "lmnrst"]
ZEBRA = "The late report alone names the zebra of the valley, on one line."


@pytest.fixture
def server(chroma: ChromaServer) -> Server:
    return chroma.database(patience_s=3.0)


def report(number: int) -> str:
    """Two paragraphs of words that no other report has in that order, so that no two are equally near."""
    words = random.Random(number)
    return "\n\n".join(" ".join(words.choice(WORDS) for _ in range(100)) + f" report{number}." for _ in range(2))


@pytest.fixture
def served(tmp_path: Path, write: Write, server: Server) -> Iterator[Store]:
    """Twenty articles, in a catalog and on the server that follows it."""
    for number in range(20):
        write(f"report{number}.txt", report(number))
    with Store.open(tmp_path / "home", WordEmbedder(), server=server) as store:
        store.ingestor.run([tmp_path / "texts"])
        yield store


def on_server(server: Server, name: str = CHUNKS) -> dict[str, Record]:
    database = ServerDatabase(server)
    try:
        collection = database.open(name)
        assert collection is not None
        return {record.id: record for record in collection.page(0, 1000)}
    finally:
        database.close()


def change(server: Server, how: Callable[[ServerCollection], None], name: str = CHUNKS) -> None:
    """Behind the catalog's back."""
    database = ServerDatabase(server)
    try:
        collection = database.open(name)
        assert collection is not None
        how(collection)
    finally:
        database.close()


def assert_follows(store: Store, server: Server) -> None:
    """All that the catalog has, word for word, and nothing else is on the server; searches go through it."""
    chunks = on_server(server)
    expected = store.catalog.chunks_by_id(list(chunks))
    assert chunks.keys() == {chunk.id for chunk in store.catalog.chunks()}
    assert {name: read_chunk(record) for name, record in chunks.items()} == {n: c for n, (c, _) in expected.items()}
    for name, record in chunks.items():
        np.testing.assert_allclose(record.vector, expected[name][1], atol=1e-6)
    articles = {name: read_article(record) for name, record in on_server(server, ARTICLES).items()}
    assert articles == {article.id: article for article in store.catalog.articles()}
    assert store.catalog.database.rows("SELECT * FROM pending") == []
    assert store.index.fault(thorough=True) is None
    assert store.index.in_use


def in_use(store: Store) -> bool:
    """The property again each time, whatever was known of it before."""
    return store.index.in_use


def asked(store: Store, text: str = "report7 bal bel bil") -> Vector:
    return np.asarray(store.embedder.embed([text])[0])


def exactly(store: Store, vector: Vector, limit: int) -> list[tuple[str, float]]:
    vectors = store.catalog.vectors([chunk.id for chunk in store.catalog.chunks()])
    scores = [(name, float(row @ vector)) for name, row in vectors.items()]
    return sorted(scores, key=lambda pair: (-pair[1], pair[0]))[:limit]


def test_what_is_taken_in_is_on_the_server(served: Store, server: Server, tmp_path: Path) -> None:
    assert_follows(served, server)
    vector = asked(served)
    assert served.index.search(vector, 5) == exactly(served, vector, 5)
    assert not (tmp_path / "home" / "index").exists()


def test_changes_are_followed(served: Store, server: Server, write: Write) -> None:
    write("report7.txt", ZEBRA)
    served.ingestor.run([write("late.txt")])
    served.ingestor.run([write("report7.txt")])
    with served.catalog.writing():
        served.catalog.remove([served.catalog.article("report3.txt").id])
    # Before the server is told, a reader leaves out what is gone.
    gone = {name for name in on_server(server) if name.startswith(("report3-", "report3#"))}
    assert gone
    found = served.index.search(asked(served), 100)
    assert not gone & {name for name, _ in found}
    assert found == exactly(served, asked(served), 100)
    served.index.follow()
    assert_follows(served, server)


def test_a_run_that_changes_nothing_writes_nothing(served: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("nothing was to be written")

    for name in ("put", "delete", "note"):
        monkeypatch.setattr(ServerCollection, name, forbidden)
    served.index.follow()


@pytest.mark.parametrize("breaks_at", [1, 2, 5])
def test_a_run_that_was_broken_off_is_finished_by_the_next(
    served: Store, server: Server, write: Write, monkeypatch: pytest.MonkeyPatch, breaks_at: int
) -> None:
    monkeypatch.setattr(server_index, "_BATCH", 3)
    for number in range(20, 26):
        write(f"report{number}.txt", report(number))
    put = ServerCollection.put
    sent: list[list[str]] = []

    def interrupted(collection: ServerCollection, records: list[Record]) -> None:
        if len(sent) == breaks_at:
            raise KeyboardInterrupt
        put(collection, records)
        sent.append([record.id for record in records])

    with monkeypatch.context() as patch:
        patch.setattr(ServerCollection, "put", interrupted)
        with pytest.raises(KeyboardInterrupt):
            served.ingestor.run([write("report0.txt", report(0)).parent])
    # What the server acknowledged is not pending any more; meanwhile answers are complete.
    missing, _ = IndexJournal(served.catalog.database).pending()
    assert missing
    assert not set(missing) & {name for names in sent for name in names}
    vector = asked(served, "report25 bal bel")
    assert served.index.search(vector, 5) == exactly(served, vector, 5)
    served.ingestor.run([write("report0.txt", report(0)).parent])
    assert_follows(served, server)


def test_another_stores_server_is_not_written(served: Store, server: Server, tmp_path: Path, write: Write) -> None:
    before = on_server(server)
    with Store.open(tmp_path / "other", WordEmbedder(), server=server) as other:
        with pytest.raises(StoreError, match="another store"):
            other.ingestor.run([write("late.txt", ZEBRA)])
        with pytest.raises(StoreError, match="another store"):
            other.index.rebuild()
        assert other.catalog.count_articles() == 1
        assert len(other.index.search(asked(other, "zebra"), 3)) == 1
    assert on_server(server).keys() == before.keys()
    assert_follows(served, server)


def test_from_a_folder_to_the_server_and_back(
    store: Store, server: Server, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(5):
        write(f"report{number}.txt", report(number))
    folder = write("late.txt", ZEBRA).parent
    store.ingestor.run([folder])
    store.close()
    embedder = WordEmbedder()
    with Store.open(store.home, embedder, server=server) as served:
        served.ingestor.run([folder])
        assert embedder.texts == []
        assert_follows(served, server)
    # Back in the folder: until something is written the search is exact.
    with Store.open(store.home, embedder) as back:
        assert not in_use(back)
        assert back.index.search(asked(back), 5) == exactly(back, asked(back), 5)
        assert server.url in caplog.text
        (folder / "late.txt").unlink()
        with back.catalog.writing():
            back.catalog.remove([back.catalog.article("late.txt").id])
        back.index.follow()
        assert in_use(back)
        assert back.index.fault(thorough=True) is None
    # And to the server again, which still has what was removed meanwhile.
    with Store.open(store.home, embedder, server=server) as again:
        assert any(name.startswith("late") for name in on_server(server))
        again.index.follow()
        assert_follows(again, server)


def lose_chunk(collection: ServerCollection) -> None:
    collection.delete([collection.ids(0, 1)[0]])


def gain_chunk(collection: ServerCollection) -> None:
    record = collection.page(0, 1)[0]
    collection.put([Record("stranger#000-00000000", "A stranger.", record.fields, record.vector)])


def lose_article(collection: ServerCollection) -> None:
    collection.delete([collection.ids(0, 1)[0]])


@pytest.mark.parametrize(
    ("harm", "name"),
    [(lose_chunk, CHUNKS), (gain_chunk, CHUNKS), (lose_article, ARTICLES)],
    ids=["lost", "gained", "article"],
)
def test_what_was_changed_behind_its_back_is_mended(
    served: Store, server: Server, harm: Callable[[ServerCollection], None], name: str
) -> None:
    change(server, harm, name)
    served.index.close()
    assert served.index.search(asked(served), 5) == exactly(served, asked(served), 5)
    served.index.follow()
    assert_follows(served, server)


def test_an_altered_vector_is_found_by_the_thorough_check(served: Store, server: Server) -> None:
    def alter(collection: ServerCollection) -> None:
        record = collection.page(0, 1)[0]
        collection.put([Record(record.id, record.text, record.fields, -record.vector)])

    change(server, alter)
    assert served.index.fault(thorough=False) is None
    assert "is not the catalog's" in (served.index.fault(thorough=True) or "")
    served.index.rebuild()
    assert_follows(served, server)


def test_another_embedding_model_begins_anew(served: Store, server: Server) -> None:
    with served.catalog.writing():
        served.catalog.set_meta("embedder", '{"name": "other"}')
    served.index.follow()
    assert_follows(served, server)


def test_an_unknown_database_is_named(tmp_path: Path, chroma: ChromaServer, write: Write) -> None:
    server = Server(chroma.url, database="not-there", patience_s=0.5)
    with (
        Store.open(tmp_path / "home", WordEmbedder(), server=server) as store,
        pytest.raises(StoreError, match="no database not-there"),
    ):
        store.ingestor.run([write("late.txt", ZEBRA)])


def test_a_store_without_chunks_is_followed(served: Store, server: Server) -> None:
    with served.catalog.writing():
        served.catalog.remove([article.id for article in served.catalog.articles()])
    served.index.follow()
    assert on_server(server) == on_server(server, ARTICLES) == {}
    assert served.index.search(asked(served), 5) == []


def test_as_of_a_day(served: Store, server: Server) -> None:
    # Nothing is known of when these were published.
    assert served.index.search(asked(served), 5, "2030-01-01") == []


def test_a_server_that_loses_its_folder(tmp_path: Path, write: Write, caplog: pytest.LogCaptureFixture) -> None:
    """A server of its own, since it is killed. It is away, then comes back with nothing, and is filled again."""
    for number in range(6):
        write(f"report{number}.txt", report(number))
    folder = tmp_path / "chroma" / "data"
    folder.parent.mkdir()
    with ChromaServer(folder) as chroma:
        server = Server(chroma.url, patience_s=0.5)
        with Store.open(tmp_path / "home", WordEmbedder(), server=server) as store:
            store.ingestor.run([tmp_path / "texts"])
            expected = store.index.search(asked(store), 5)
            assert expected == exactly(store, asked(store), 5)

            chroma.kill()
            assert store.index.search(asked(store), 5) == expected
            assert "does not answer" in caplog.text
            with pytest.raises(StoreError, match="the articles are safe"):
                store.ingestor.run([write("late.txt", ZEBRA)])
            assert store.index.search(asked(store, "zebra"), 1) == exactly(store, asked(store, "zebra"), 1)

            shutil.rmtree(folder)
            chroma.start()
            assert not store.index.in_use
            assert "has lost it" in caplog.text
            assert store.index.search(asked(store), 5) == exactly(store, asked(store), 5)

            store.ingestor.run([tmp_path / "texts"])
            assert_follows(store, server)
            assert store.index.search(asked(store), 5) == exactly(store, asked(store), 5)
