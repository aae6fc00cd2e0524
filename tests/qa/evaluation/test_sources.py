import dataclasses
import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from qa.evaluation.sources import Sources
from qa.models import Citation


@pytest.fixture
def citation(world: Any) -> Citation:
    made: Citation = world.citation(1, "beta", "“not 125”")
    return made


def test_a_verbatim_slice_is_valid(citation: Citation) -> None:
    assert Sources().problem(citation) is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"quote": '"not 125"'}, "quote differs from the text"),
        ({"quote": ""}, "quote differs from the text"),
        ({"start": 0}, "quote differs from the text"),
        ({"end": 10_000}, "offsets outside the text"),
        ({"start": -3}, "offsets outside the text"),
        ({"start": 9, "end": 9, "quote": ""}, "offsets outside the text"),
        ({"sha256": "0" * 64}, "file is not the cited version"),
        ({"path": "no/such/file.txt"}, "file cannot be read"),
        ({"path": "nul\0byte"}, "file cannot be read"),
    ],
)
def test_each_way_to_be_wrong(citation: Citation, change: dict[str, Any], problem: str) -> None:
    assert Sources().problem(dataclasses.replace(citation, **change)) == problem


def test_it_is_the_file_that_counts_not_the_store(citation: Citation) -> None:
    path = Path(citation.path)
    path.write_bytes(path.read_bytes().replace(b"125", b"126"))
    assert Sources().problem(citation) == "file is not the cited version"


def test_offsets_count_code_points_and_line_ends_stay(tmp_path: Path, citation: Citation) -> None:
    data = "é\r\n\u00a0x\r\n🙂y".encode()
    path = tmp_path / "ends.txt"
    path.write_bytes(data)
    here = dataclasses.replace(citation, path=str(path), sha256=hashlib.sha256(data).hexdigest())
    assert Sources().problem(dataclasses.replace(here, start=4, end=9, quote="x\r\n🙂y")) is None


def test_a_file_that_is_not_utf8_cannot_be_read(tmp_path: Path, citation: Citation) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes(b"caf\xe9")
    assert Sources().problem(dataclasses.replace(citation, path=str(path))) == "file cannot be read"


def test_a_relative_path_is_of_the_shipped_corpus(citation: Citation) -> None:
    shipped = "articles/000_18e8cb0073947491.txt"
    data = Path(str(files("seeds").joinpath(shipped))).read_bytes()
    text = data.decode("utf-8")
    start = text.index("3,000")
    here = dataclasses.replace(
        citation,
        path=shipped,
        sha256=hashlib.sha256(data).hexdigest(),
        start=start,
        end=start + 5,
        quote="3,000",
    )
    assert Sources().problem(here) is None
