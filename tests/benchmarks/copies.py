"""How well copies of a text are told from others on its subject: chooses THRESHOLD and BANDS of vectorstore/copies.py.

    python -m tests.benchmarks.copies

Copies are made of each text in four ways; the other texts on its subject are those of the same Wikipedia article
(SQuAD 2.0 of shared/data, in runs of paragraphs) and, for the shipped articles, one another.
"""

import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from itertools import combinations, groupby
from pathlib import Path

import numpy as np

from tests.benchmarks.squad import SHARED
from vectorstore.copies import MIN_WORDS, THRESHOLD, bands, fingerprint, similarity

PARAGRAPHS = 3


def texts() -> dict[str, list[str]]:
    """Texts of 50 words and more by subject."""
    lines = (SHARED / "squad2" / "passages.jsonl").read_text("utf-8").splitlines()
    found: dict[str, list[str]] = {}
    for title, group in groupby(map(json.loads, lines), key=lambda record: str(record["title"])):
        paragraphs = [str(record["text"]) for record in group]
        runs = (paragraphs[start : start + PARAGRAPHS] for start in range(0, len(paragraphs), PARAGRAPHS))
        found[title] = [text for run in runs if len((text := "\n\n".join(run)).split()) >= MIN_WORDS]
    shipped = sorted(Path(str(files("seeds"))).glob("articles/*.txt"))
    found["ISIS-K"] = [path.read_text("utf-8") for path in shipped]
    return found


def with_byline(words: list[str], rng: random.Random) -> list[str]:
    byline = f"By a staff writer of paper {rng.randrange(1000)} | Published on Monday, updated on Tuesday | 3 min read"
    return [*byline.split(), *words, *"Sign up for our newsletter to get the news each morning".split()]


def half(words: list[str], rng: random.Random) -> list[str]:
    return words[: max(MIN_WORDS, len(words) // 2)]


def changed(share: float) -> Callable[[list[str], random.Random], list[str]]:
    def change(words: list[str], rng: random.Random) -> list[str]:
        return [rng.choice(words) if rng.random() < share else word for word in words]

    return change


COPIES: dict[str, Callable[[list[str], random.Random], list[str]]] = {
    "byline and footer added": with_byline,
    "second half cut off": half,
    "5% of the words changed": changed(0.05),
    "10% of the words changed": changed(0.1),
}


def shares(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[float, bool]]:
    """The estimated similarity of each pair, and whether it has a band in common."""
    for one, other in pairs:
        mine, theirs = fingerprint(one, []).signature, fingerprint(other, []).signature
        if mine is not None and theirs is not None:
            yield float(similarity(mine, [theirs])[0]), not set(bands(mine)).isdisjoint(bands(theirs))


def row(name: str, pairs: Sequence[tuple[str, str]]) -> str:
    found = list(shares(pairs))
    values = np.array([share for share, _ in found])
    linked = float(np.mean([near and share >= THRESHOLD for share, near in found]))
    candidates = float(np.mean([near for _, near in found]))
    low, middle, high = np.percentile(values, [1, 50, 99])
    return f"{name:28} {len(found):6} {low:6.2f} {middle:6.2f} {high:6.2f} {candidates:11.4f} {linked:8.4f}"


def main() -> None:
    subjects = texts()
    rng = random.Random(7)
    print(f"{'pairs':28} {'n':>6} {'p1':>6} {'p50':>6} {'p99':>6} {'candidates':>11} {'linked':>8}")
    every = [text for group in subjects.values() for text in group]
    for name, make in COPIES.items():
        print(row(name, [(text, " ".join(make(text.split(), rng))) for text in every]))
    print(row("others on the subject", [pair for group in subjects.values() for pair in combinations(group, 2)]))
    print(row("any others", [tuple(rng.sample(every, 2)) for _ in range(20_000)]))  # type: ignore[misc]


if __name__ == "__main__":
    sys.exit(main())
