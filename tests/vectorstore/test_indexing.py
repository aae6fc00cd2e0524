import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.vectorstore.synthetic import drop, open_catalog, put, unit_vectors
from vectorstore.catalog import Catalog
from vectorstore.errors import IndexFault, StoreError
from vectorstore.index import ChunkCollection
from vectorstore.indexing import build, check, run_apart
from vectorstore.journal import IndexJournal


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 120 chunks with its index in folder 1. To be copied only."""
    home = tmp_path_factory.mktemp("built") / "home"
    with closing(open_catalog(home)) as catalog:
        for number in range(12):
            put(catalog, f"a{number}", unit_vectors(10, seed=number), "2017-12" if number % 2 else None)
        build(catalog, None, home / "1")
        IndexJournal(catalog.database).publish("1", "")
    return home


@pytest.fixture
def catalog(built: Path, tmp_path: Path) -> Iterator[Catalog]:
    with closing(open_catalog(shutil.copytree(built, tmp_path / "home"))) as opened:
        yield opened


@pytest.fixture
def folder(catalog: Catalog) -> Path:
    return catalog.path.with_name("1")


def contents(folder: Path) -> dict[str, bytes]:
    with closing(ChunkCollection.open_folder(folder)) as collection:
        return {name: vector.tobytes() for name, vector in collection.vectors(0, 10_000).items()}


def stored(catalog: Catalog) -> dict[str, bytes]:
    return dict(catalog.database.rows("SELECT id, vector FROM chunks"))


def close_to(found: dict[str, bytes], expected: dict[str, bytes]) -> bool:
    """Chroma scales a vector to the length 1 once more."""
    pairs = ((np.frombuffer(found[name], np.float32), np.frombuffer(expected[name], np.float32)) for name in expected)
    return found.keys() == expected.keys() and all(np.allclose(one, other, atol=1e-5) for one, other in pairs)


def test_what_is_built_is_sound(catalog: Catalog, folder: Path) -> None:
    assert check(catalog, folder) is None
    assert close_to(contents(folder), stored(catalog))


def test_an_index_built_from_another_equals_one_built_from_nothing(catalog: Catalog, folder: Path) -> None:
    drop(catalog, "a1", "a2")
    put(catalog, "a3", unit_vectors(4, seed=50))
    put(catalog, "new", unit_vectors(8, seed=51))
    # What is pending may be neither there nor as it was.
    assert check(catalog, folder) is None
    told: list[tuple[int, int]] = []
    build(catalog, folder, folder.with_name("2"), lambda done, total: told.append((done, total)))
    build(catalog, None, folder.with_name("3"))
    assert told == [(0, 12), (12, 12)]
    assert close_to(contents(folder.with_name("2")), stored(catalog))
    assert close_to(contents(folder.with_name("3")), stored(catalog))
    IndexJournal(catalog.database).publish("2", "")
    assert check(catalog, folder.with_name("2")) is None
    assert check(catalog, folder.with_name("3")) is None
    # The one that readers may still have was not touched.
    assert len(contents(folder)) == 120


def test_an_index_without_any_chunk(tmp_path: Path) -> None:
    with closing(open_catalog(tmp_path)) as catalog:
        build(catalog, None, tmp_path / "1")
        assert check(catalog, tmp_path / "1") is None


def test_absent_vectors_are_found(catalog: Catalog, folder: Path) -> None:
    with closing(ChunkCollection.open_folder(folder)) as collection:
        collection.delete(sorted(stored(catalog))[:3])
    assert check(catalog, folder) == "3 chunks have no vector"


def test_a_foreign_vector_is_found(catalog: Catalog, folder: Path) -> None:
    with closing(ChunkCollection.open_folder(folder)) as collection:
        collection.upsert(["foreign"], unit_vectors(1, seed=70))
    assert check(catalog, folder) == "the vector of foreign is not the catalog's"


def test_an_exchanged_vector_is_found(catalog: Catalog, folder: Path) -> None:
    name = sorted(stored(catalog))[60]
    with closing(ChunkCollection.open_folder(folder)) as collection:
        collection.upsert([name], unit_vectors(1, seed=71))
    assert check(catalog, folder) == f"the vector of {name} is not the catalog's"


def test_copies_of_a_text_are_no_fault(catalog: Catalog, folder: Path) -> None:
    """Of many that are equally near, Chroma and the catalog may name different ones."""
    for number in range(40):
        put(catalog, f"copy{number}", unit_vectors(10, seed=3))
    build(catalog, None, folder.with_name("2"))
    IndexJournal(catalog.database).publish("2", "")
    assert check(catalog, folder.with_name("2")) is None


def test_a_base_that_does_not_fit_is_a_fault(catalog: Catalog, folder: Path) -> None:
    with closing(ChunkCollection.open_folder(folder)) as collection:
        collection.delete(sorted(stored(catalog))[:3])
    with pytest.raises(IndexFault, match="it has 117 chunks, the catalog 120"):
        build(catalog, folder, folder.with_name("2"))


def test_a_base_that_is_gone_is_a_fault(catalog: Catalog, folder: Path) -> None:
    with pytest.raises(IndexFault):
        build(catalog, folder.with_name("no such"), folder.with_name("2"))


def test_no_room_is_told_in_one_sentence(catalog: Catalog, folder: Path) -> None:
    unreadable = folder / "more"
    unreadable.symlink_to("more")
    with pytest.raises(IndexFault, match=r"^\[Errno \d+\] [^\[]*more'$"):
        build(catalog, folder, folder.with_name("2"))


def test_an_index_is_not_made_where_one_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(IndexFault, match="1 is missing"):
        ChunkCollection.open_folder(tmp_path / "1")
    (tmp_path / "1").mkdir()
    with pytest.raises(IndexFault):
        ChunkCollection.open_folder(tmp_path / "1")


# In a process of its own


@pytest.mark.parametrize("size", [0, 2_000])
def test_a_cut_graph_is_found_apart(catalog: Catalog, folder: Path, size: int) -> None:
    os.truncate(next(folder.rglob("data_level0.bin")), size)
    assert run_apart("check", catalog, folder)


def test_it_builds_and_checks_apart(catalog: Catalog, folder: Path) -> None:
    put(catalog, "new", unit_vectors(8, seed=51))
    assert run_apart("build", catalog, folder, folder.with_name("2")) is None
    IndexJournal(catalog.database).publish("2", "")
    assert run_apart("check", catalog, folder.with_name("2")) is None
    assert close_to(contents(folder.with_name("2")), stored(catalog))


def test_a_fault_is_told_apart(catalog: Catalog, folder: Path) -> None:
    assert run_apart("check", catalog, folder.with_name("no such")) == "no such is missing"
    (folder.with_name("2")).write_text("in the way")
    assert run_apart("build", catalog, folder, folder.with_name("2")) == "File exists"


@pytest.fixture
def fake_chroma(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A chromadb of the test's own, for processes that this one starts."""
    module = tmp_path / "fake" / "chromadb" / "__init__.py"
    module.parent.mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "fake")
    return module


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGKILL"])
def test_chroma_that_ends_its_process_ends_only_that(
    catalog: Catalog, folder: Path, fake_chroma: Path, name: str
) -> None:
    fake_chroma.write_text(f"import os, signal\nos.kill(os.getpid(), signal.{name})\n")
    number = getattr(signal, name)
    assert run_apart("check", catalog, folder) == f"Chroma ended the process that looked at it (exit code -{number})"


def test_a_process_that_fails_by_itself_says_nothing_of_the_index(
    catalog: Catalog, folder: Path, fake_chroma: Path
) -> None:
    fake_chroma.write_text("raise LookupError('no room')\n")
    with pytest.raises(StoreError, match="cannot be looked at: LookupError: no room"):
        run_apart("check", catalog, folder)


def test_a_catalog_that_cannot_be_read_says_nothing_of_the_index(catalog: Catalog, folder: Path) -> None:
    catalog.database.rows("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="made by another version") as info:
        run_apart("check", catalog, folder)
    assert not isinstance(info.value, IndexFault)
