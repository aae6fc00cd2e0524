"""A store on a small disk that fills up, as one script, since only the processes inside a mount see it.

Prints the steps as JSON, and leaves the store of the end beside the disk.
"""

import json
import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from tests.reliability.place import QUESTION, Endpoint, Place
from tests.reliability.soak import length
from tests.reliability.warm import Ended, warm_process

ROOM = (300_000, 60_000, 150_000)


class Elsewhere(Endpoint):
    """The endpoint of the process that started this one."""

    def __init__(self) -> None:
        """Nothing is served here."""

    @property
    def env(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name.startswith("ISISK_QA_EMBEDDING_")}


def main(disk: Path, folder: Path) -> None:
    steps: list[tuple[str, Ended]] = []
    with warm_process(folder / "small-disk-children") as warm:
        place = Place(folder, warm, Elsewhere(), disk / "home")
        place.revisions = dict.fromkeys(range(4), 0)

        def step(name: str, *arguments: str | Path) -> None:
            steps.append((name, place.start(*arguments).wait()))

        ask = ("ask", "--json", "--answerer", "extractive", QUESTION)
        step("ingest", "ingest", place.articles)
        for number in range(length(2, 20)):
            place.write(*range(4, 20))
            fill(disk, ROOM[number % len(ROOM)])
            step("full", "ingest", place.articles)
            step("ask on the full disk", *ask)
            (disk / "ballast").unlink()
            step("ask", *ask)
        step("ingest with room", "ingest", place.articles)
        shutil.copytree(place.home, folder / "from-disk")
    sys.stdout.write(json.dumps([{"step": name, "ended": asdict(ended)} for name, ended in steps]))


def fill(disk: Path, room: int) -> None:
    """Leave so many bytes."""
    space = os.statvfs(disk)
    with (disk / "ballast").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, space.f_bavail * space.f_frsize - room)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
