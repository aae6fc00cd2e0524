"""No room left: one clear sentence, a store that still answers, and one that goes on once there is room."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reliability.inspection import look, look_at_copy
from tests.reliability.place import Place, no_defect
from tests.reliability.soak import length, record
from tests.reliability.warm import PATIENCE_S, ROOT, Ended, program_environment


def assert_refused(ended: Ended) -> None:
    """Exit code 1, and besides the progress one sentence."""
    assert ended.code == 1, ended
    assert no_defect(ended), ended.err
    said = [line for line in ended.err.splitlines() if not line.startswith(("reading articles: ", "index: "))]
    assert len(said) == 1, ended.err
    assert said[0].startswith("isisk-qa: ")
    assert said[0].endswith(".")


def test_a_limit_on_the_size_of_files(place: Place) -> None:
    place.write(*range(4))
    place.ingest()
    refused = 0
    sizes = [path.stat().st_size for path in place.home.rglob("*") if path.is_file()]
    limits = [16_384, 65_536, max(sizes), *(max(sizes) + 65_536 * step for step in range(1, length(5, 40)))]
    for number, limit in enumerate(limits):
        place.write(*range(4, 12))
        before = look(place.home)
        ended = place.start_ingest(max_file_bytes=limit).wait()
        if ended.code:
            refused += 1
            assert_refused(ended)
        after = look_at_copy(place.home, place.folder / "scratch")
        assert {row[0] for row in before.chunks.values()} <= {row[0] for row in after.chunks.values()}
        place.ask()
        if number % 2:
            place.ingest()
    place.assert_complete()
    assert refused >= 3
    record("ingests under a limit on the size of files", limits=len(limits), refused_clearly=refused, unanswered=0)


def test_a_first_ingest_under_a_limit(place: Place) -> None:
    place.write(*range(4))
    for limit in (4_096, 65_536):
        assert_refused(place.start_ingest(max_file_bytes=limit).wait())
    place.assert_complete()


def test_a_small_disk(place: Place) -> None:
    place.write(*range(4))
    disk = place.folder / "disk"
    disk.mkdir()
    # Mounted in a namespace of its own, it is gone with the process, however that ends.
    mounted = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    script = 'mount -t tmpfs -o size=16m none "$1" && shift && exec "$@"'
    if shutil.which("unshare") is None or subprocess.run([*mounted, script, "-", disk, "true"], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    program = [sys.executable, "-m", "tests.reliability.small_disk", str(disk), str(place.folder)]
    done = subprocess.run(
        [*mounted, script, "-", str(disk), *program],
        env=program_environment(**place.endpoint.env),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    steps = [(step["step"], Ended(**step["ended"])) for step in json.loads(done.stdout)]
    refused = 0
    for step, ended in steps:
        if step.startswith("full"):
            assert_refused(ended)
            refused += 1
        else:
            assert ended.code == 0, (step, ended.err)
    assert refused
    place.home = place.folder / "from-disk"
    found, expected = look(place.home), place.clean()
    assert (found.chunks, found.pending) == (expected.chunks, 0)
    place.assert_indexed(found)
    record("ingests on a full disk of 16 MB", ingests=refused, refused_clearly=refused, unanswered=0)


def test_the_checks_can_fail(tmp_path: Path) -> None:
    """A defect's message is not a clear one."""
    with pytest.raises(AssertionError):
        assert_refused(Ended(1, 0, 0, "", "isisk-qa: something went wrong that should not have (OSError); see log"))
    with pytest.raises(AssertionError):
        assert_refused(Ended(1, 0, 0, "", "isisk-qa: one.\nisisk-qa: two.\n"))
