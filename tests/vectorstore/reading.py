"""Articles straight from their files, without a store."""

from pathlib import Path

from vectorstore.errors import LoadError
from vectorstore.files import find_files, read_bytes
from vectorstore.loading import load_articles
from vectorstore.models import Article

TEXT = "A headline\n\nA report of two sentences. It ends here.\n"


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path.resolve()


def load_all(*paths: Path) -> list[Article | LoadError]:
    """What is in the files and folders, failures of single files included."""
    return [each for file in find_files(paths).files for each in load_articles(file, read_bytes(file))]


def load_good(*paths: Path) -> list[Article]:
    """The same; any failure is raised."""
    good = []
    for each in load_all(*paths):
        if isinstance(each, LoadError):
            raise each
        good.append(each)
    return good
