"""How retrieval and a whole answer slow down as the store grows.

Run as ``python -m tests.benchmarks.scale --chunks 1000 100000``; with ``--keep FOLDER`` the stores stay there, and are
used again. Each size is made and measured in a process of its own, so that its peak memory is its own. A question is
asked twice: the first time, what the search keeps of the store is not there yet. All is repeated, the sizes in turns,
and the shortest time of each question counts: what else the machine does is no part of the figures.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial, reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tests.benchmarks.synthetic import analyser, make_store, questions
from vectorstore.analysis import ANALYSIS_VERSION
from vectorstore.catalog import Catalog
from vectorstore.dense import VectorIndex
from vectorstore.embedding import MiniLMEmbedder
from vectorstore.lexicon import Lexicon
from vectorstore.ranking import Ranker
from vectorstore.retrieval import HybridRetriever

LIMIT = 3.0
_AS_OF = "2018"
_ANSWERED = 40


@dataclass(slots=True)
class Figures:
    """Of one size. ``milliseconds``: one a question, by what was timed; the first question is not in them.

    ``opening`` is what the first question took, in milliseconds, ``memory`` the peak resident set in MB.
    """

    chunks: int
    opening: float
    dense: str
    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)

    def least(self, other: "Figures") -> "Figures":
        """The shorter time of each question, and the greater memory."""
        return Figures(
            self.chunks,
            min(self.opening, other.opening),
            self.dense,
            {
                what: [min(pair) for pair in zip(times, other.milliseconds[what], strict=True)]
                for what, times in self.milliseconds.items()
            },
            {what: max(peak, other.memory[what]) for what, peak in self.memory.items()},
        )

    def percentile(self, what: str, share: float) -> float:
        return float(np.percentile(self.milliseconds[what], share))


class _Timed:
    """Stands for an object and notes how long one of its methods takes."""

    def __init__(self, target: Any, method: str, note: Callable[[float], None]) -> None:
        self._target, self._method, self._note = target, method, note

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if name != self._method:
            return found

        def timed(*values: Any) -> Any:
            began = time.perf_counter()
            try:
                return found(*values)
            finally:
                self._note((time.perf_counter() - began) * 1000)

        return timed


def measure(home: Path, asked: Sequence[str], answered: int = _ANSWERED) -> Figures:
    """Ask each question twice, once more as of a day, and some of them of the whole chain."""
    with closing(Catalog(home / "catalog.sqlite3", ANALYSIS_VERSION)) as catalog:
        with closing(VectorIndex(home / "index", catalog)) as index:
            figures = _retrieval(catalog, index, asked)
        figures.memory["retrieval"] = _peak()
    _answers(home, asked[:answered], figures)
    figures.memory["answers"] = _peak()
    return figures


def _retrieval(catalog: Catalog, index: VectorIndex, asked: Sequence[str]) -> Figures:
    legs: dict[str, list[float]] = defaultdict(list)
    lexical = catalog.lexical
    # The one attribute of the catalog that the retriever searches with.
    catalog.lexical = _Timed(lexical, "search", legs["lexical leg"].append)  # type: ignore[assignment]
    embedder, words = MiniLMEmbedder(), analyser()
    retriever = HybridRetriever(
        catalog=catalog,
        index=_Timed(index, "search", legs["dense leg"].append),
        embedder=_Timed(embedder, "embed", legs["question's embedding"].append),
        analyser=words,
        ranker=_Timed(Ranker(words, Lexicon(catalog, embedder, words)), "features", legs["ranking"].append),
    )
    # What is loaded once, whatever the size: the model, Chroma itself.
    retriever.embedder.embed(["warm"])
    opening = _timed(partial(retriever.search, asked[0], 8))
    figures = Figures(catalog.count_chunks(), opening, "Chroma" if index.in_use else "exact")
    for times, as_of in {"retrieval, first time": None, "retrieval, again": None, "retrieval, as of": _AS_OF}.items():
        for leg in legs.values():
            leg.clear()
        figures.milliseconds[times] = [_timed(partial(retriever.search, text, 8, as_of)) for text in asked[1:]]
        if times == "retrieval, again":
            figures.milliseconds |= {name: list(leg) for name, leg in legs.items()}
    catalog.lexical = lexical
    return figures


def _answers(home: Path, asked: Sequence[str], figures: Figures) -> None:
    # Here: all that the program imports would count as retrieval's memory.
    from qa.app import Application
    from qa.models import Question
    from qa.settings import Settings

    with Application(Settings(home=home)) as application:
        chain = application.chain("extractive")
        chain.invoke(Question(asked[0]))
        answers = [chain.invoke(Question(text)) for text in asked[1:]]
    for step in answers[0].timings_ms:
        figures.milliseconds[f"answer: {step}"] = [answer.timings_ms[step] for answer in answers]


def _timed(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return (time.perf_counter() - began) * 1000


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(sizes: Sequence[Figures]) -> Iterator[str]:
    """A table: a row for each thing timed, p50 and p95 of each size, and how much the last p95 is of the first."""
    small, large = sizes[0], sizes[-1]
    yield f"{'milliseconds':28}" + "".join(f"{size.chunks:>12,} chunks" for size in sizes) + f"{'ratio':>8}"
    yield f"{'':28}" + f"{'p50':>9} {'p95':>9}" * len(sizes) + f"{'p95':>8}{'n':>6}"
    for what, times in small.milliseconds.items():
        cells = "".join(f"{size.percentile(what, 50):9.1f} {size.percentile(what, 95):9.1f}" for size in sizes)
        yield f"{what:28}{cells}{large.percentile(what, 95) / small.percentile(what, 95):8.2f}{len(times):6}"
    yield f"{'first question':28}" + "".join(f"{size.opening:19.1f}" for size in sizes)
    for what in small.memory:
        yield f"{f'peak memory, {what} (MB)':28}" + "".join(f"{size.memory[what]:19.0f}" for size in sizes)
    yield f"{'dense leg through':28}" + "".join(f"{size.dense:>19}" for size in sizes)
    ratio = large.percentile("retrieval, first time", 95) / small.percentile("retrieval, first time", 95)
    yield f"retrieval p95 at {large.chunks:,} chunks is {ratio:.2f} times that at {small.chunks:,}; bound: {LIMIT:.0f}"


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep
        return
    with TemporaryDirectory() as made:
        yield Path(made)


def _apart(*arguments: str) -> Mapping[str, Any]:
    """Run a step of this program in a process of its own; what it prints is JSON."""
    done = subprocess.run([sys.executable, "-m", __spec__.name, *arguments], stdout=subprocess.PIPE, check=True)
    read: Mapping[str, Any] = json.loads(done.stdout or "{}")
    return read


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="a folder for the stores, which are used again")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.make is not None:
        make_store(chosen.make, chosen.chunks[0], MiniLMEmbedder())
        return
    if chosen.measure is not None:
        print(json.dumps(asdict(measure(chosen.measure, questions(chosen.questions)))))
        return
    with _folder(chosen.keep) as folder:
        homes = [folder / str(chunks) for chunks in chosen.chunks]
        for chunks, home in zip(chosen.chunks, homes, strict=True):
            finished = home / "finished"
            if not finished.is_file():
                began = time.monotonic()
                _apart("--make", str(home), "--chunks", str(chunks))
                finished.touch()
                print(f"{chunks:,} chunks made in {time.monotonic() - began:.0f} s", file=sys.stderr)
        rounds = [
            [Figures(**_apart("--measure", str(home), "--questions", str(chosen.questions))) for home in homes]
            for _ in range(chosen.repeats)
        ]
        sizes = [reduce(Figures.least, figures) for figures in zip(*rounds, strict=True)]
        print("\n".join(report(sizes)))


if __name__ == "__main__":
    main()
