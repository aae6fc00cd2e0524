"""Ingest against the plain tutorial pipeline: articles a second, the share of embedding in it, peak memory.

Run as ``python -m tests.benchmarks.ingest``; ``--articles 60 --repeats 3`` is a quick run. Every measurement is a
process of its own, each repeat takes them in another order, and the figures are medians. Clocks start after the
imports.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from unittest.mock import patch

from langchain_core.embeddings import Embeddings

from tests.benchmarks import tutorial
from tests.benchmarks.texts import articles
from vectorstore.embedding import Matrix, MiniLMEmbedder

Figures = Mapping[str, float]


def own(folder: Path, home: Path) -> Figures:
    """The program's ingest; then the embedder alone, with every text that it was given."""
    from qa.app import Application
    from qa.settings import Settings

    given: list[str] = []
    embedder = MiniLMEmbedder()
    embed = MiniLMEmbedder.embed

    def recording(self: MiniLMEmbedder, texts: Sequence[str]) -> Matrix:
        nonlocal embedder
        embedder = self
        given.extend(texts)
        return embed(self, texts)

    began = time.perf_counter(), time.process_time()
    with patch.object(MiniLMEmbedder, "embed", recording), Application(Settings(home=home)) as app:
        report = app.ingest([folder])
    figures = _since(began) | {"chunks": report.chunks, "texts": len(given)}
    began = time.perf_counter(), time.process_time()
    embedder.embed(given)
    alone = _since(began)
    return figures | {"alone": alone["seconds"], "alone_cpu": alone["cpu"]}


def plain(folder: Path, home: Path) -> Figures:
    """The tutorial's pipeline with Chroma's embedding function."""
    return _tutorial(folder, home, lambda: tutorial.ChromaEmbeddings(home / "model"))


def plain_own(folder: Path, home: Path) -> Figures:
    """The tutorial's pipeline with this project's embedder."""
    return _tutorial(folder, home, lambda: tutorial.OwnEmbeddings(MiniLMEmbedder()))


def _tutorial(folder: Path, home: Path, embeddings: Callable[[], Embeddings]) -> Figures:
    began = time.perf_counter(), time.process_time()
    documents = tutorial.split_documents(tutorial.load(folder))
    stored = tutorial.from_documents(documents, embeddings(), home / "chroma")
    return _since(began) | {"chunks": stored, "texts": stored}


def _since(began: tuple[float, float]) -> dict[str, float]:
    """Seconds on the clock and of the processor, and the peak memory of this process in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": time.perf_counter() - began[0],
        "cpu": time.process_time() - began[1],
        # Linux counts in KiB, macOS in bytes.
        "peak": peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6,
    }


PIPELINES = {"own": own, "tutorial": plain, "tutorial, own embedder": plain_own}


def _measure_apart(name: str, folder: Path) -> Figures:
    with TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.ingest", "--only", name, str(folder), home],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    figures: Figures = json.loads(done.stdout)
    print(f"{name}: {figures}", file=sys.stderr)
    return figures


def _measure_here(name: str, folder: str, home: str) -> None:
    # Neither side pays for these.
    for module in ("chromadb", "onnxruntime"):
        import_module(module)
    print(json.dumps(PIPELINES[name](Path(folder), Path(home))))


def run(count: int, repeats: int) -> dict[str, list[Figures]]:
    """Figures of every repeat, by pipeline."""
    measured: dict[str, list[Figures]] = {name: [] for name in PIPELINES}
    with TemporaryDirectory() as made:
        folder = Path(made)
        for number, text in enumerate(articles(count)):
            (folder / f"{number:05d}.txt").write_text(text, "utf-8")
        names = list(PIPELINES)
        for turn in range(repeats):
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                measured[name].append(_measure_apart(name, folder))
    return measured


def report(count: int, measured: Mapping[str, Sequence[Figures]]) -> None:
    ours = measured["own"]

    def ratio(figures: Sequence[Figures], what: str, of: str = "") -> float:
        """Within each repeat: both ran under about the same load."""
        return median(each[what] / own[of or what] for each, own in zip(figures, ours, strict=True))

    print(f"{count} articles, medians of {len(ours)} repeats; ratios are of our articles a second to theirs,")
    print("by the clock and by the processor's time, which other programs do not change as much")
    print(f"{'pipeline':24} {'articles/s':>10} {'clock':>6} {'cpu':>6} {'chunks':>7} {'texts':>7} {'peak MB':>8}")
    for name, figures in measured.items():
        speed = count / median(each["seconds"] for each in figures)
        peak = median(each["peak"] for each in figures)
        ratios = f"{ratio(figures, 'seconds'):6.2f} {ratio(figures, 'cpu'):6.2f}"
        print(f"{name:24} {speed:10.2f} {ratios} {figures[0]['chunks']:7.0f} {figures[0]['texts']:7.0f} {peak:8.0f}")
    shares = (
        f"{ratio(ours, 'seconds', 'alone'):.2f} by the clock, {ratio(ours, 'cpu', 'alone_cpu'):.2f} by the processor"
    )
    print(f"own total / embedding the same texts alone: {shares}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--only", nargs=3, metavar=("PIPELINE", "FOLDER", "HOME"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        _measure_here(*options.only)
    else:
        report(options.articles, run(options.articles, options.repeats))


if __name__ == "__main__":
    main()
