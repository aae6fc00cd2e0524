"""Choose the parameters of Chroma's HNSW graph: recall against an exact search, seconds to build, milliseconds to ask.

Run as ``python -m tests.benchmarks.hnsw``; ``--synthetic 0`` leaves out the slow half. ``vectorstore/index.py`` holds
the choice: the cheapest with ``LEAST_RECALL`` at 50 on real vectors. Times are ratios to those of Chroma's own default.
"""

import argparse
import hashlib
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tests.benchmarks.squad import squad_questions
from tests.benchmarks.texts import sentences
from vectorstore.embedding import Embedder, Matrix, MiniLMEmbedder
from vectorstore.index import BATCH

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration

LEAST_RECALL = 0.995
NEAREST = (10, 50)
_NAME = "vectors"


@dataclass(frozen=True, slots=True)
class Graph:
    max_neighbors: int
    ef_construction: int


# Chroma's own default comes first; it searches with ef_search 100.
DEFAULT, DEFAULT_EF_SEARCH = Graph(16, 100), 100
# What a graph of twice the edges, made with twice the care, gains on many vectors.
LARGER = Graph(32, 200)
GRID = (DEFAULT, Graph(16, 200), Graph(24, 100), Graph(24, 200), Graph(32, 100), LARGER, Graph(48, 200))
EF_SEARCH = (50, 100, 200, 300, 500)


@dataclass(frozen=True, slots=True)
class Vectors:
    """``stored`` of shape (n, dimension), ``asked`` of shape (m, dimension), rows of length 1."""

    name: str
    stored: Matrix
    asked: Matrix


@dataclass(frozen=True, slots=True)
class Measured:
    """``recall`` has one figure for each of NEAREST."""

    graph: Graph
    ef_search: int
    recall: tuple[float, ...]
    build_s: float
    query_ms: float


def real_vectors(embedder: Embedder, questions: int = 1_000) -> Vectors:
    """Sentences and neighbouring pairs of sentences, asked with SQuAD questions. Kept in the temporary folder."""
    single = sentences()
    pairs = [f"{first} {second}" for first, second in zip(single, single[1:], strict=False)]
    texts = list(dict.fromkeys([*single, *pairs]))
    asked = [question.text for question in squad_questions()]
    asked = asked[:: max(1, len(asked) // questions)][:questions]
    return Vectors(f"{len(texts)} real", _kept(texts, embedder), _kept(asked, embedder))


def _kept(texts: Sequence[str], embedder: Embedder) -> Matrix:
    digest = hashlib.sha256("\n".join([embedder.identity.fingerprint, *texts]).encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"isisk-qa-vectors-{digest}.npy"
    if not path.exists():
        print(f"embedding {len(texts)} texts into {path}", file=sys.stderr)
        np.save(path, embedder.embed(texts))
    return np.asarray(np.load(path), np.float32)


def synthetic_vectors(count: int, questions: int = 1_000, dimension: int = 384) -> Vectors:
    """Clusters of about 100 around random directions; asked for what lies as near to a stored one as its neighbours."""
    random = np.random.default_rng(0)
    centres = _unit(random.standard_normal((max(1, count // 100), dimension), np.float32))

    def near(points: Matrix) -> Matrix:
        return _unit(points + 0.7 / dimension**0.5 * random.standard_normal(points.shape, np.float32))

    stored = near(centres[random.integers(0, len(centres), count)])
    asked = near(stored[random.choice(count, min(count, questions), replace=False)])
    return Vectors(f"{count} synthetic", stored, asked)


def _unit(matrix: Matrix) -> Matrix:
    return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), np.float32)


def exact(vectors: Vectors, limit: int) -> list[list[int]]:
    """Rows of the nearest stored vectors for each asked one, best first."""
    found: list[list[int]] = []
    for start in range(0, len(vectors.asked), 100):
        scores = vectors.asked[start : start + 100] @ vectors.stored.T
        found += np.argsort(-scores, axis=1, kind="stable")[:, :limit].tolist()
    return found


def recall(found: Sequence[Sequence[int]], wanted: Sequence[Sequence[int]], k: int) -> float:
    """Mean share of the true first k that are among the first k found."""
    return sum(len(set(a[:k]) & set(b[:k])) for a, b in zip(found, wanted, strict=True)) / (k * len(wanted))


def measure(vectors: Vectors, graphs: Sequence[Graph], ef_search: Sequence[int], builds: int = 1) -> list[Measured]:
    """Every graph is built, the fastest of ``builds`` times counting, and asked with every ``ef_search``."""
    wanted = exact(vectors, max(NEAREST))
    measured = []
    for graph in graphs:
        with ExitStack() as stack:
            times = []
            for _ in range(builds):
                folder = stack.enter_context(tempfile.TemporaryDirectory())
                began = time.perf_counter()
                _build(folder, vectors.stored, graph)
                times.append(time.perf_counter() - began)
            for width in ef_search:
                found, query_ms = _ask(folder, vectors.asked, width)
                figures = tuple(recall(found, wanted, k) for k in NEAREST)
                measured.append(Measured(graph, width, figures, min(times), query_ms))
                print(vectors.name, measured[-1], file=sys.stderr)
    return measured


@contextmanager
def _opened(folder: str) -> "Iterator[ClientAPI]":
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(path=folder, settings=Settings(anonymized_telemetry=False))
    with closing(cast(Any, client)):
        yield client


def _build(folder: str, stored: Matrix, graph: Graph) -> None:
    with _opened(folder) as client:
        hnsw: CreateHNSWConfiguration = {
            "space": "cosine",
            "max_neighbors": graph.max_neighbors,
            "ef_construction": graph.ef_construction,
            "sync_threshold": BATCH,
        }
        collection = client.create_collection(_NAME, embedding_function=None, configuration={"hnsw": hnsw})
        for start in range(0, len(stored), BATCH):
            rows = stored[start : start + BATCH]
            collection.upsert([str(row) for row in range(start, start + len(rows))], cast(Any, rows))


def _ask(folder: str, asked: Matrix, ef_search: int) -> tuple[list[list[int]], float]:
    """What is found for each row, and the median milliseconds of a query."""
    with _opened(folder) as client:
        client.get_collection(_NAME, embedding_function=None).modify(configuration={"hnsw": {"ef_search": ef_search}})
    # Only a graph that is opened anew takes it.
    with _opened(folder) as client:
        collection = client.get_collection(_NAME, embedding_function=None)
        found, times = [], []
        for vector in asked:
            began = time.perf_counter()
            reply = collection.query(query_embeddings=[cast(Any, vector)], n_results=max(NEAREST), include=[])
            times.append(time.perf_counter() - began)
            found.append([int(name) for name in reply["ids"][0]])
    return found, 1_000 * float(np.median(times))


def cheapest(measured: Sequence[Measured]) -> Measured | None:
    """The least work, by ``max_neighbors * ef_construction`` and then ``ef_search``, that has LEAST_RECALL at 50."""
    enough = [each for each in measured if each.recall[-1] >= LEAST_RECALL]
    return min(
        enough,
        key=lambda each: (each.graph.max_neighbors * each.graph.ef_construction, each.ef_search),
        default=None,
    )


def report(vectors: Vectors, measured: Sequence[Measured]) -> None:
    base = next(each for each in measured if each.graph == DEFAULT and each.ef_search == DEFAULT_EF_SEARCH)
    recalls = " ".join(f"{f'recall@{k}':>9}" for k in NEAREST)
    print(f"{vectors.name} vectors, {len(vectors.asked)} queries")
    print(f"{'max_neighbors':>13} {'ef_construction':>15} {'ef_search':>9} {recalls} {'build':>6} {'query':>6}")
    for each in measured:
        figures = " ".join(f"{figure:9.4f}" for figure in each.recall)
        ratios = f"{each.build_s / base.build_s:6.2f} {each.query_ms / base.query_ms:6.2f}"
        graph = each.graph
        print(f"{graph.max_neighbors:13} {graph.ef_construction:15} {each.ef_search:9} {figures} {ratios}")
    print(f"build and query 1.00: {base.build_s:.1f} s, {base.query_ms:.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--synthetic", type=int, default=100_000, help="how many synthetic vectors; 0 for none")
    count = parser.parse_args().synthetic
    real = real_vectors(MiniLMEmbedder())
    measured = measure(real, GRID, EF_SEARCH, builds=3)
    report(real, measured)
    choice = cheapest(measured)
    print(f"cheapest with recall@{NEAREST[-1]} of {LEAST_RECALL} on real vectors: {choice}")
    if count:
        synthetic = synthetic_vectors(count)
        graphs = dict.fromkeys([DEFAULT, *([choice.graph] if choice else []), LARGER])
        report(synthetic, measure(synthetic, tuple(graphs), EF_SEARCH))


if __name__ == "__main__":
    main()
