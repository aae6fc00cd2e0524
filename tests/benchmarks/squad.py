"""The SQuAD 2.0 paragraphs of shared/data as a store of articles, for calibration and regression figures."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from vectorstore.analysis import ANALYSIS_VERSION, Analyser
from vectorstore.catalog import Catalog
from vectorstore.dense import VectorIndex
from vectorstore.embedding import MiniLMEmbedder
from vectorstore.glossary import Glossary
from vectorstore.ingest import Ingestor
from vectorstore.lexicon import Lexicon
from vectorstore.retrieval import HybridRetriever

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@dataclass(frozen=True, slots=True)
class SquadQuestion:
    """``answers`` are (start, end) in the passage's text; none for a question that it does not answer."""

    text: str
    passage: str
    answers: tuple[tuple[int, int], ...]

    @property
    def title(self) -> str:
        """The article of the passage; splits are by it."""
        return self.passage.split("#", maxsplit=1)[0]


def squad_questions() -> list[SquadQuestion]:
    """In the file's order. Raises FileNotFoundError where shared/data is absent."""
    lines = (SHARED / "squad2" / "questions.jsonl").read_text("utf-8").splitlines()
    return [
        SquadQuestion(
            text=record["question"],
            passage=record["passage_id"],
            answers=tuple((item["start"], item["start"] + len(item["text"])) for item in record["answers"]),
        )
        for record in map(json.loads, lines)
    ]


@dataclass(frozen=True, slots=True)
class Bench:
    catalog: Catalog
    retriever: HybridRetriever
    analyser: Analyser
    embedder: MiniLMEmbedder
    lexicon: Lexicon


@contextmanager
def squad_store() -> Iterator[Bench]:
    """Every paragraph as an article, its id the passage's (with ``#`` as ``.``), through the real ingest."""
    lines = (SHARED / "squad2" / "passages.jsonl").read_text("utf-8").splitlines()
    with TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "texts").mkdir()
        manifest = []
        for number, record in enumerate(map(json.loads, lines)):
            (home / "texts" / f"{number:04d}.txt").write_text(record["text"], "utf-8")
            title = json.dumps(record["title"].replace("_", " "))
            article_id = json.dumps(article_of(record["id"]))
            manifest.append(f'[[article]]\nid = {article_id}\nfile = "{number:04d}.txt"\ntitle = {title}\n')
        (home / "texts" / "catalog.toml").write_text("\n".join(manifest), "utf-8")
        analyser, embedder = Analyser(Glossary()), MiniLMEmbedder()
        catalog = Catalog(home / "catalog.sqlite3", ANALYSIS_VERSION)
        index = VectorIndex(home / "index", catalog)
        Ingestor(catalog, index, embedder, analyser, home / "writer.lock").run([home / "texts"])
        retriever = HybridRetriever.over(catalog, index, embedder, analyser)
        yield Bench(catalog, retriever, analyser, embedder, Lexicon(catalog, embedder, analyser))
        index.close()
        catalog.close()


def article_of(passage: str) -> str:
    """The article id of a passage."""
    return passage.replace("#", ".")
