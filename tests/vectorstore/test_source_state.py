import hashlib
from contextlib import closing
from pathlib import Path

import pytest

from tests.vectorstore.synthetic import open_catalog, put, unit_vectors
from vectorstore import source_state as module
from vectorstore.source_state import SourceState, source_state, source_states

SHA256 = hashlib.sha256(b"as it was").hexdigest()


@pytest.mark.parametrize(("content", "expected"), [(b"as it was", SourceState.UNCHANGED), (b"", SourceState.CHANGED)])
def test_a_file_is_compared_by_its_hash(tmp_path: Path, content: bytes, expected: SourceState) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    assert source_state(str(path), SHA256) is expected


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    assert source_state(str(tmp_path / "a.txt"), SHA256) is SourceState.GONE


def test_a_file_whose_folder_is_not_there_was_rather_moved(tmp_path: Path) -> None:
    assert source_state(str(tmp_path / "checkout" / "a.txt"), SHA256) is SourceState.UNKNOWN
    (tmp_path / "file").write_text("x")
    assert source_state(str(tmp_path / "file" / "a.txt"), SHA256) is SourceState.UNKNOWN


@pytest.mark.parametrize("path", [".", "a\0b"])
def test_what_cannot_be_read_is_unknown(path: str) -> None:
    assert source_state(path, SHA256) is SourceState.UNKNOWN


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"as it was")
    monkeypatch.setattr(module, "_LARGEST", 8)
    assert source_state(str(path), SHA256) is SourceState.UNKNOWN


def test_the_states_of_articles_files(tmp_path: Path) -> None:
    with closing(open_catalog(tmp_path)) as catalog:
        put(catalog, "kept", unit_vectors(2))
        put(catalog, "broken-off", unit_vectors(2))
        path = tmp_path / "kept.txt"
        path.write_text(catalog.article("kept").text)
        with catalog.writing():
            catalog.database.rows("PRAGMA defer_foreign_keys = ON")
            catalog.database.rows("UPDATE files SET path = ? WHERE path = 'texts/kept.txt'", (str(path),))
            catalog.database.rows("UPDATE articles SET file = ?, path = ? WHERE id = 'kept'", (str(path), f"{path}#1"))
            catalog.database.rows("UPDATE files SET sha256 = '' WHERE path = 'texts/broken-off.txt'")
        asked = ["kept", "broken-off", "absent", "kept"]
        assert source_states(catalog, asked) == {"kept": SourceState.UNCHANGED, "broken-off": SourceState.UNKNOWN}
        path.write_text("Something else.")
        assert source_states(catalog, ["kept"]) == {"kept": SourceState.CHANGED}
        path.unlink()
        assert source_states(catalog, ["kept"]) == {"kept": SourceState.GONE}
