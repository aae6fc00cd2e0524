import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vectorstore.errors import StoreBusyError, StoreError
from vectorstore.writer_lock import writer_lock

HOLD = (
    "import sys; from pathlib import Path; from vectorstore.writer_lock import writer_lock\n"
    "with writer_lock(Path(sys.argv[1]), 'repair'): print('held', flush=True); sys.stdin.readline()"
)


@contextmanager
def held_elsewhere(lock: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", HOLD, str(lock)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "held\n"
        yield child
    finally:
        child.kill()
        child.communicate()


def test_who_comes_second_is_told_who_holds_it(tmp_path: Path) -> None:
    lock = tmp_path / "writer.lock"
    with held_elsewhere(lock) as child:
        pattern = (
            rf"writing to .* \(process {child.pid} on {socket.gethostname()} since \d{{4}}-\d\d-\d\d .*: repair\)\.$"
        )
        with pytest.raises(StoreBusyError, match=pattern), writer_lock(lock, "ingest"):
            pytest.fail("two hold it")
        child.communicate("\n")
    with writer_lock(lock, "ingest"):
        pass


def test_what_a_killed_holder_left_names_nobody(tmp_path: Path) -> None:
    lock, owner = tmp_path / "writer.lock", tmp_path / "writer.owner"
    with held_elsewhere(lock) as child:
        child.kill()
        child.wait()
    stale = owner.read_text("utf-8")
    assert f"process {child.pid} " in stale
    # Someone holds it by now, and has not yet said so.
    with held_elsewhere(lock):
        owner.write_text(stale, "utf-8")
        with pytest.raises(StoreBusyError) as caught, writer_lock(lock, "ingest"):
            pytest.fail("two hold it")
        assert str(child.pid) not in str(caught.value)
    with writer_lock(lock, "ingest"):
        assert owner.read_text("utf-8").startswith(f"process {os.getpid()} on ")
    assert not owner.exists()


def test_a_thread_may_take_it_again_and_another_may_not(tmp_path: Path) -> None:
    lock = tmp_path / "new" / "writer.lock"
    refused: list[str] = []

    def second() -> None:
        try:
            with writer_lock(lock, "ingest"):
                pass
        except StoreBusyError as error:
            refused.append(str(error))

    with writer_lock(lock, "prepare"):
        with writer_lock(lock, "ingest"):
            pass
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        assert "prepare" in (tmp_path / "new" / "writer.owner").read_text("utf-8")
    assert len(refused) == 1
    assert f"process {os.getpid()} on " in refused[0]


def test_it_is_given_back_after_an_interrupt(tmp_path: Path) -> None:
    lock = tmp_path / "writer.lock"
    with pytest.raises(KeyboardInterrupt), writer_lock(lock, "ingest"):
        raise KeyboardInterrupt
    assert not (tmp_path / "writer.owner").exists()
    with held_elsewhere(lock):
        pass


def test_a_place_where_none_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be written"), writer_lock(tmp_path / "file" / "writer.lock", "ingest"):
        pytest.fail("there is no such folder")
