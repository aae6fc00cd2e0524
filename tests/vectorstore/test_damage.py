"""Every file of the index cut, flipped, exchanged or gone: searches stay right, it is found, and mended."""

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.reliability.soak import only_in_a_soak, record
from tests.vectorstore.synthetic import exactly, open_catalog, open_index, put, unit_vectors
from vectorstore.analysis import Analyser
from vectorstore.catalog import Catalog
from vectorstore.glossary import Glossary
from vectorstore.index import ChunkCollection
from vectorstore.indexing import check
from vectorstore.journal import IndexJournal
from vectorstore.repairing import repair

ARTICLES, CHUNKS = 10, 30
QUESTIONS = unit_vectors(3, seed=99)
# The graph's, whose folder has a name of Chroma's own.
FILES = ["chroma.sqlite3", "data_level0.bin", "header.bin", "length.bin", "link_lists.bin", "index_metadata.pickle"]
Harm = Callable[[Path], None]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 300 chunks with its index. To be copied only."""
    home = tmp_path_factory.mktemp("whole") / "home"
    with closing(open_catalog(home)) as catalog, closing(open_index(home, catalog)) as index:
        for number in range(ARTICLES):
            put(catalog, f"a{number}", unit_vectors(CHUNKS, seed=number), "2017-12")
        index.follow()
    return home


@pytest.fixture
def catalog(whole: Path, tmp_path: Path) -> Iterator[Catalog]:
    with closing(open_catalog(shutil.copytree(whole, tmp_path / "home"))) as opened:
        yield opened


def cut(size: float) -> Harm:
    return lambda path: os.truncate(path, int(path.stat().st_size * size))


def garbage(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(max(path.stat().st_size, 100)))


def flip(seed: int) -> Harm:
    def harm(path: Path) -> None:
        data, chosen = bytearray(path.read_bytes()), random.Random(f"{seed} {path.name}")
        data[chosen.randrange(len(data))] ^= 1 << chosen.randrange(8)
        path.write_bytes(data)

    return harm


def file_of(home: Path, name: str) -> Path | None:
    published = (folder for folder in (home / "index").iterdir() if folder.name.isdigit())
    return next((path for folder in published for path in folder.rglob(name)), None)


def is_right(home: Path, catalog: Catalog) -> bool:
    """Whether a new reader finds, bit for bit, what comparing with every vector finds."""
    with closing(open_index(home, catalog)) as reader:
        return all(
            reader.search(vector, 10, until) == exactly(catalog, vector, 10, until)
            for vector in QUESTIONS
            for until in (None, "2017-12-31", "2017-12-30")
        )


def is_mended(home: Path, catalog: Catalog) -> bool:
    """Whether the published index has the catalog's ids and vectors, and is used."""
    published = IndexJournal(catalog.database).published
    assert published is not None
    place = home / "index" / published.place
    with closing(ChunkCollection.open_folder(place)) as collection:
        found = collection.vectors(0, 100_000)
    stored = {
        name: np.frombuffer(row, np.float32) for name, row in catalog.database.rows("SELECT id, vector FROM chunks")
    }
    same = found.keys() == stored.keys() and all(np.allclose(found[name], stored[name], atol=1e-6) for name in stored)
    with closing(open_index(home, catalog)) as reader:
        return same and reader.in_use and reader.fault(thorough=False) is None and is_right(home, catalog)


def test_the_files_are_those_that_are_harmed_here(whole: Path) -> None:
    names = {path.name for path in (whole / "index").rglob("*") if path.is_file()}
    assert names <= {*FILES}
    assert len(names) >= 5


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "harm",
    [cut(0.5), cut(0.0), garbage, Path.unlink, *map(flip, range(4))],
    ids=["half", "empty", "garbage", "deleted", "flip-0", "flip-1", "flip-2", "flip-3"],
)
def test_a_file_of_the_index(catalog: Catalog, name: str, harm: Harm, request: pytest.FixtureRequest) -> None:
    home = catalog.path.parent
    path = file_of(home, name)
    if path is None or not path.stat().st_size:
        pytest.skip("Chroma keeps nothing in it for an index of this kind")
    articles = catalog.articles()
    harm(path)
    assert is_right(home, catalog)
    with closing(open_index(home, catalog)) as index:
        fault = index.fault(thorough=False)
        if name == "chroma.sqlite3" and "flip" in request.node.callspec.id and fault is None:
            # A byte that nothing uses: all that is read is as it was.
            assert index.in_use
            assert check(catalog, home / "index" / "1") is None
        else:
            assert name in str(fault)
        # What the next ingest does, also when it brings no article.
        index.follow()
    assert is_mended(home, catalog)
    assert catalog.articles() == articles


def test_a_folder_of_the_index(catalog: Catalog) -> None:
    home = catalog.path.parent
    for name in ("data_level0.bin", "chroma.sqlite3"):
        path = file_of(home, name)
        assert path is not None
        shutil.rmtree(path.parent)
        assert is_right(home, catalog)
        with closing(open_index(home, catalog)) as index:
            assert index.fault(thorough=False)
            index.follow()
        assert is_mended(home, catalog)
    shutil.rmtree(home / "index")
    assert is_right(home, catalog)
    with closing(open_index(home, catalog)) as index:
        index.follow()
    assert is_mended(home, catalog)


@pytest.mark.parametrize(("name", "harm"), [("data_level0.bin", cut(0.5)), ("chroma.sqlite3", Path.unlink)])
def test_doctor_mends_it_too(catalog: Catalog, name: str, harm: Harm) -> None:
    home = catalog.path.parent
    path = file_of(home, name)
    assert path is not None
    harm(path)
    with closing(open_index(home, catalog)) as index:
        done = repair(home, catalog, index, Analyser(Glossary()))
        assert [sentence.partition("(")[0] for sentence in done] == [
            "The vector index was made anew ",
            "Left behind and now cleared away: set-aside.",
        ]
        assert name in done[0]
    assert is_mended(home, catalog)


def test_an_index_that_is_harmed_while_it_is_open(catalog: Catalog) -> None:
    """What Chroma has in memory it goes on with; a new reader looks again."""
    home = catalog.path.parent
    with closing(open_index(home, catalog)) as reader:
        before = [reader.search(vector, 10) for vector in QUESTIONS]
        assert reader.in_use
        for name in FILES:
            if (path := file_of(home, name)) is not None and name != "chroma.sqlite3":
                garbage(path)
        assert [reader.search(vector, 10) for vector in QUESTIONS] == before
    assert is_right(home, catalog)


@only_in_a_soak
def test_a_larger_index_is_looked_through_in_seconds(tmp_path: Path) -> None:
    """20,000 chunks: each file harmed in each way is found in under 10 s, and mended once at the end."""
    home = tmp_path / "home"
    with closing(open_catalog(home)) as catalog:
        for number in range(200):
            put(catalog, f"a{number}", unit_vectors(100, seed=number), "2017-12")
        with closing(open_index(home, catalog)) as index:
            index.follow()
            slowest, harmed = 0.0, 0
            for name in FILES:
                path = file_of(home, name)
                if path is None or not path.stat().st_size:
                    continue
                good = path.read_bytes()
                for harm in (cut(0.5), cut(0.0), garbage, Path.unlink, *map(flip, range(4))):
                    harm(path)
                    began = time.monotonic()
                    fault = index.fault(thorough=False)
                    slowest, harmed = max(slowest, time.monotonic() - began), harmed + 1
                    if fault is None:
                        assert name == "chroma.sqlite3"
                        assert check(catalog, path.parent) is None
                    assert is_right(home, catalog)
                    path.write_bytes(good)
                assert index.fault(thorough=False) is None
            assert slowest < 10
            record("files of an index of 20,000 chunks harmed", harmed=harmed, unseen=0, slowest_s=round(slowest, 2))
            shutil.rmtree(next((home / "index").rglob("data_level0.bin")).parent)
            index.follow()
        assert is_mended(home, catalog)
