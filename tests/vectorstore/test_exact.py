import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.vectorstore.synthetic import drop, exactly, open_catalog, put, unit_vectors
from vectorstore import exact
from vectorstore.catalog import Catalog
from vectorstore.exact import ExactSearch, leading

QUESTIONS = unit_vectors(5, seed=99)


@pytest.fixture(autouse=True)
def few_rows_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is written for a small store too."""
    monkeypatch.setattr(exact, "_LEAST", 10)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(open_catalog(tmp_path)) as opened:
        for number in range(6):
            put(opened, f"a{number}", unit_vectors(5, seed=number), f"201{number}-03" if number else None)
        yield opened


def search(catalog: Catalog) -> ExactSearch:
    return ExactSearch(catalog.path.with_name("vectors.bin"), catalog)


def agrees(searching: ExactSearch, catalog: Catalog, limit: int = 7, until: str | None = None) -> bool:
    """Whether it finds what comparing with every vector finds."""
    for vector in QUESTIONS:
        expected = exactly(catalog, vector, limit, until)
        near = searching.nearest(vector, limit, until)
        scores = sorted(
            ((n, float(row @ vector)) for n, row in catalog.vectors(near).items()), key=lambda p: (-p[1], p[0])
        )
        # More than were asked for only where they are as good as equal.
        if scores[:limit] != expected or any(score < expected[-1][1] - 3e-5 for _, score in scores):
            return False
    return True


@pytest.mark.parametrize(
    ("scores", "limit", "expected"),
    [
        ([0.1, 0.9, 0.5], 1, [1]),
        ([0.1, 0.9, 0.5], 3, [0, 1, 2]),
        ([0.1, 0.9, 0.5], 9, [0, 1, 2]),
        # Equal but for rounding.
        ([0.5, 0.500001, 0.5, 0.1], 1, [0, 1, 2]),
        ([0.5, -np.inf, 0.4], 3, [0, 2]),
        ([-np.inf, -np.inf], 1, []),
        ([-0.5, -0.7], 1, [0]),
    ],
)
def test_leading(scores: list[float], limit: int, expected: list[int]) -> None:
    assert leading(np.array(scores, np.float32), limit).tolist() == expected


@pytest.mark.parametrize("limit", [1, 7, 30, 100])
@pytest.mark.parametrize("until", [None, "2012-03-30", "2012-03-31", "1999-01-01"])
def test_it_finds_what_comparing_with_every_vector_finds(catalog: Catalog, limit: int, until: str | None) -> None:
    for _ in range(2):
        # First from the catalog alone, then from the file.
        assert agrees(search(catalog), catalog, limit, until)
    assert catalog.path.with_name("vectors.bin").stat().st_size > 30 * 4 * 16


def test_an_empty_store(tmp_path: Path) -> None:
    with closing(open_catalog(tmp_path)) as catalog:
        searching = search(catalog)
        assert searching.nearest(QUESTIONS[0], 5, None) == []
        put(catalog, "late", unit_vectors(2))
        assert agrees(searching, catalog)
        drop(catalog, "late")
        assert searching.nearest(QUESTIONS[0], 5, None) == []


def test_changes_are_followed(catalog: Catalog) -> None:
    searching = search(catalog)
    assert agrees(searching, catalog)
    rng = np.random.default_rng(5)
    for step in range(20):
        name = f"a{rng.integers(8)}"
        if rng.random() < 0.4:
            drop(catalog, name)
        else:
            put(catalog, name, unit_vectors(int(rng.integers(1, 9)), seed=100 + step))
        assert agrees(searching, catalog), step
        assert agrees(search(catalog), catalog), step
        assert searching.fault() is None


def test_an_older_state_of_the_catalog_is_searched_as_it_was(catalog: Catalog) -> None:
    with closing(open_catalog(catalog.path.parent)) as old:
        searching = search(old)
        with old.reading():
            before = [exactly(old, vector, 7) for vector in QUESTIONS]
            drop(catalog, "a1", "a2")
            put(catalog, "new", unit_vectors(20, seed=50))
            # Another reader has brought the file to the newer state.
            assert agrees(search(catalog), catalog)
            found = [set(searching.nearest(vector, 7, None)) for vector in QUESTIONS]
            assert found == [{name for name, _ in one} for one in before]
        assert agrees(searching, old)


def test_threads_at_different_states(catalog: Catalog) -> None:
    searching = search(catalog)
    assert agrees(searching, catalog)
    before = {name for name, _ in exactly(catalog, QUESTIONS[0], 7)}

    def stay() -> Generator[set[str], None, None]:
        with catalog.reading():
            while True:
                yield set(searching.nearest(QUESTIONS[0], 7, None))

    staying = stay()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(next, staying).result() == before
        put(catalog, "new", QUESTIONS)
        for _ in range(3):
            assert agrees(searching, catalog)
            assert pool.submit(next, staying).result() == before
        pool.submit(staying.close).result()


# The file


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def lengthened(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def replaced(path: Path) -> None:
    path.write_bytes(b"garbage" * 500)


def flipped(place: int) -> Callable[[Path], None]:
    def flip(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[place] ^= 0x40
        path.write_bytes(data)

    return flip


# In the magic, the store's name, the number of rows and its highest byte, the dimension, the checksum, a number, the
# checksum of an id, vectors.
FLIPS = [3, 20, 40, 47, 50, 58, 70, 8 + 56 + 30 * 8 + 7, -900, -1]
damage = pytest.mark.parametrize("harm", [cut, emptied, lengthened, replaced, *map(flipped, FLIPS)])


@damage
def test_a_damaged_file_is_noticed_and_replaced(catalog: Catalog, harm: Callable[[Path], None]) -> None:
    path = catalog.path.with_name("vectors.bin")
    assert agrees(search(catalog), catalog)
    good = path.read_bytes()
    harm(path)
    assert search(catalog).fault() == "it is damaged, or another store's"
    assert agrees(search(catalog), catalog)
    assert path.read_bytes() == good


def test_another_stores_file_is_not_used(catalog: Catalog, tmp_path: Path) -> None:
    with closing(open_catalog(tmp_path / "other")) as other:
        put(other, "other", unit_vectors(30, seed=77))
        assert agrees(search(other), other)
        path = catalog.path.with_name("vectors.bin")
        path.write_bytes(other.path.with_name("vectors.bin").read_bytes())
        assert agrees(search(catalog), catalog)
    assert search(catalog).fault() is None


def test_a_catalog_put_back_from_a_backup_gives_numbers_again(catalog: Catalog) -> None:
    catalog.close()
    backup = catalog.path.read_bytes()
    put(catalog, "first", unit_vectors(15, seed=60))
    assert agrees(search(catalog), catalog)
    catalog.close()
    for path in catalog.path.parent.glob("catalog.sqlite3*"):
        path.unlink()
    catalog.path.write_bytes(backup)
    put(catalog, "second", unit_vectors(15, seed=61))
    assert agrees(search(catalog), catalog)


def test_a_wrong_vector_under_a_right_checksum_is_found(catalog: Catalog) -> None:
    assert agrees(search(catalog), catalog)
    with catalog.writing():
        catalog.database.rows("UPDATE chunks SET vector = ? WHERE number = 7", (QUESTIONS[0].tobytes(),))
    assert search(catalog).fault() == "the vector of chunk number 7 is not the catalog's"


def test_no_room_for_the_file(catalog: Catalog) -> None:
    path = catalog.path.with_name("vectors.bin")
    (path / "in the way").mkdir(parents=True)
    searching = search(catalog)
    assert agrees(searching, catalog)
    put(catalog, "new", unit_vectors(20, seed=50))
    assert agrees(searching, catalog)
    assert [each.name for each in path.parent.glob("vectors*")] == ["vectors.bin"]


def test_a_file_that_cannot_be_mapped(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(19, "No such device")

    monkeypatch.setattr(np, "memmap", fail)
    searching = search(catalog)
    assert agrees(searching, catalog)
    put(catalog, "new", unit_vectors(20, seed=50))
    assert agrees(searching, catalog)


def test_two_processes_write_the_file_at_once(catalog: Catalog) -> None:
    code = (
        "import sys, pathlib\n"
        "from tests.vectorstore.synthetic import open_catalog, unit_vectors\n"
        "from vectorstore import exact\n"
        "exact._LEAST = 10\n"
        "home = pathlib.Path(sys.argv[1])\n"
        "for _ in range(20):\n"
        "    (home / 'vectors.bin').unlink(missing_ok=True)\n"
        "    found = exact.ExactSearch(home / 'vectors.bin', open_catalog(home)).nearest(unit_vectors(1)[0], 3, None)\n"
        "print(sorted(found))\n"
    )
    arguments = [sys.executable, "-c", code, str(catalog.path.parent)]
    running = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    expected = sorted(name for name, _ in exactly(catalog, unit_vectors(1)[0], 3))
    assert [process.communicate()[0].strip() for process in running] == [str(expected)] * 2
    assert search(catalog).fault() is None
