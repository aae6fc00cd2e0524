"""``doctor --deep`` and ``--repair`` on a store of the shipped articles."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from qa.app import Application
from qa.doctor import Check
from qa.models import Question, Status
from qa.settings import Settings
from vectorstore.embedding import MiniLMEmbedder
from vectorstore.errors import StoreBusyError, StoreError
from vectorstore.writer_lock import writer_lock

DEEP = ["catalog", "lexical index", "vector index", "vectors.bin", "article files"]


def looked_at(application: Application) -> dict[str, Check]:
    return {check.name: check for check in application.doctor(deep=True)}


def test_a_sound_store_damaged_and_mended_without_a_model(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Application(Settings(home=home)) as application:
        checks = looked_at(application)
        assert [name for name in checks if name in DEEP] == DEEP
        assert all(check.ok for check in checks.values())
        assert checks["article files"].detail == "all 5 are as they were read"
    next((home / "index").rglob("data_level0.bin")).write_bytes(b"garbage")
    (home / "vectors.bin").write_bytes(b"garbage")
    with closing(sqlite3.connect(home / "catalog.sqlite3")) as connection, connection:
        connection.execute("DELETE FROM lexical WHERE rowid = 1")
        connection.execute("UPDATE files SET path = path || '.gone' WHERE path LIKE '%000%.txt'")
        connection.execute("UPDATE articles SET file = file || '.gone' WHERE file LIKE '%000%.txt'")
        connection.execute("UPDATE files SET sha256 = 'x' WHERE path LIKE '%001%'")
    with Application(Settings(home=home)) as application:
        checks = looked_at(application)
        assert [name for name, check in checks.items() if not check.ok] == DEEP[1:4]
        assert all("run `isisk-qa doctor --repair`" in checks[name].detail for name in DEEP[1:4])
        assert "of 5: 1 changed since they were read" in checks["article files"].detail
        assert "1 gone" in checks["article files"].detail
        # Rightly answered meanwhile.
        answer = application.chain().invoke(Question("When was ISIS-K founded?"))
        assert answer.status is Status.ANSWERED
        monkeypatch.setattr(MiniLMEmbedder, "embed", pytest.fail)
        assert len(application.repair()) == 4
        assert application.repair() == []
        assert all(check.ok for check in looked_at(application).values())
        monkeypatch.undo()
        assert application.chain().invoke(Question("When was ISIS-K founded?")).citations == answer.citations


def test_a_damaged_catalog_is_told_in_one_sentence(home: Path) -> None:
    with closing(sqlite3.connect(home / "catalog.sqlite3")) as connection, connection:
        connection.execute("UPDATE chunks SET end = end + 100000 WHERE number <= 5")
    with Application(Settings(home=home)) as application:
        checks = looked_at(application)
        assert not checks["catalog"].ok
        assert checks["catalog"].detail.endswith(
            "and 2 more: put a backup in its place, or move the store away and ingest again"
        )
        assert "vector index" not in checks
        with pytest.raises(StoreError, match="which nothing can mend"):
            application.repair()


def test_nothing_is_mended_while_another_writes(home: Path) -> None:
    def mend() -> None:
        with Application(Settings(home=home)) as application:
            application.repair()

    # The lock is a thread's.
    with writer_lock(home / "writer.lock", "testing"), ThreadPoolExecutor(1) as pool:
        with pytest.raises(StoreBusyError, match="testing"):
            pool.submit(mend).result()
    mend()


def test_an_empty_store_is_sound(tmp_path: Path) -> None:
    with Application(Settings(home=tmp_path)) as application:
        assert all(check.ok for check in application.doctor())
        assert all(check.ok for check in application.doctor(deep=True))
        assert application.repair() == []
