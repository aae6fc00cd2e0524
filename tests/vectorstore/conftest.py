"""Stores for the tests: the shipped articles under the real model, made once, and small ones under a fake."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from tests.vectorstore.fakes import Store, WordEmbedder
from tests.vectorstore.reading import load_good
from tests.vectorstore.synthetic import open_index
from vectorstore.catalog import Catalog
from vectorstore.dense import VectorIndex
from vectorstore.embedding import MiniLMEmbedder
from vectorstore.glossary import Glossary
from vectorstore.models import Article

SEEDS = Path(str(files("seeds")))


@pytest.fixture(scope="session")
def seeds() -> Path:
    return SEEDS


@pytest.fixture(scope="session")
def articles() -> dict[str, Article]:
    """The shipped articles by id."""
    return {article.id: article for article in load_good(SEEDS / "articles")}


@pytest.fixture(scope="session")
def glossary() -> Glossary:
    return Glossary.load(SEEDS / "glossary.toml")


@pytest.fixture(scope="session")
def minilm() -> MiniLMEmbedder:
    return MiniLMEmbedder()


@pytest.fixture(scope="session")
def shipped_home(tmp_path_factory: pytest.TempPathFactory, minilm: MiniLMEmbedder, glossary: Glossary) -> Path:
    """A folder with the store of the shipped articles. For reading; ``shipped_copy`` is for writing."""
    home = tmp_path_factory.mktemp("shipped")
    with Store.open(home, minilm, glossary) as store:
        store.ingestor.run([SEEDS / "articles"])
    return home


@pytest.fixture(scope="session")
def shipped(shipped_home: Path, minilm: MiniLMEmbedder, glossary: Glossary) -> Iterator[Store]:
    with Store.open(shipped_home, minilm, glossary) as store:
        yield store


@pytest.fixture
def shipped_copy(shipped_home: Path, tmp_path: Path, minilm: MiniLMEmbedder, glossary: Glossary) -> Iterator[Store]:
    shutil.copytree(shipped_home, tmp_path / "copy")
    with Store.open(tmp_path / "copy", minilm, glossary) as store:
        yield store


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def store(tmp_path: Path, embedder: WordEmbedder) -> Iterator[Store]:
    """An empty store under the fake embedder."""
    with Store.open(tmp_path / "home", embedder) as opened:
        yield opened


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """write(name, text): a file in the folder ``texts``; without a text, one made from the name."""

    def make(name: str, text: str | None = None) -> Path:
        path = tmp_path / "texts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((text or sample(name)).encode())
        return path

    return make


def sample(name: str) -> str:
    """Four paragraphs in which only the name differs between files."""
    return "\n\n".join(
        f"{part} report of {name} says that {number} fighters left the valley on Monday, officials told the station."
        for number, part in enumerate(("The first", "A second", "The third", "The last"), 40)
    )


@pytest.fixture
def index(catalog: Catalog) -> Iterator[VectorIndex]:
    """Of the catalog that a test file makes."""
    with closing(open_index(catalog.path.parent, catalog)) as opened:
        opened.follow()
        yield opened
