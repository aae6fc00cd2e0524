"""What the line for files to add suggests."""

from pathlib import Path

import pytest

from qa.tui.screens.add import suggestion


def test_what_is_suggested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "articles").mkdir()
    for name in ("apple.txt", "articles/one.txt", "artefact.txt", "articles/two\x1b.txt"):
        (tmp_path / name).write_text("")
    assert suggestion(f"{tmp_path}/arti") == f"{tmp_path}/articles/"
    assert suggestion(f"{tmp_path}/a") == f"{tmp_path}/apple.txt"
    assert suggestion(f"{tmp_path}/articles/o") == f"{tmp_path}/articles/one.txt"
    monkeypatch.chdir(tmp_path)
    assert suggestion("art") == "artefact.txt"
    for nothing in ("", f"{tmp_path}/", f"{tmp_path}/x", f"{tmp_path}/none/x", f"{tmp_path}/articles/t", "~nobody/x"):
        assert suggestion(nothing) is None
