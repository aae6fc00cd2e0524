import hashlib
from pathlib import Path

import pytest

from vectorstore import source_state as module
from vectorstore.source_state import SourceState, source_state

SHA256 = hashlib.sha256(b"as it was").hexdigest()


@pytest.mark.parametrize(("content", "expected"), [(b"as it was", SourceState.UNCHANGED), (b"", SourceState.CHANGED)])
def test_a_file_is_compared_by_its_hash(tmp_path: Path, content: bytes, expected: SourceState) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    assert source_state(str(path), SHA256) is expected


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    assert source_state(str(tmp_path / "a.txt"), SHA256) is SourceState.GONE
    (tmp_path / "file").write_text("x")
    assert source_state(str(tmp_path / "file" / "a.txt"), SHA256) is SourceState.GONE


@pytest.mark.parametrize("path", [".", "a\0b"])
def test_what_cannot_be_read_is_unknown(path: str) -> None:
    assert source_state(path, SHA256) is SourceState.UNKNOWN


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"as it was")
    monkeypatch.setattr(module, "_LARGEST", 8)
    assert source_state(str(path), SHA256) is SourceState.UNKNOWN
