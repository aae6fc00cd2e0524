"""The shipped data, read once, and what a person marked as page furniture when reading the five articles."""

import json
import re
import tomllib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

Record = dict[str, Any]

_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[^\W_]+")

# 1-based lines that are not reporting: crawl clock, menus, headlines, read time, donation bars, link and tag
# lists, comment forms, reader comments, source lines. Captions, summaries and section headings are reporting.
FURNITURE: dict[str, frozenset[int]] = {
    "sputnik-2017-12": frozenset([*range(1, 5), *range(31, 38)]),
    "new-arab-2017-12-12": frozenset([1, 3, 5, 6, 41]),
    "southfront-2020-02": frozenset([*range(1, 11), *range(45, 66)]),
    "explainer-2021-08": frozenset([1, 58, 59, 60]),
    "mintpress-2018-08": frozenset([4, 13, 14]),
}


@pytest.fixture(scope="session")
def seeds() -> Path:
    return Path(str(files("seeds")))


@pytest.fixture(scope="session")
def catalog(seeds: Path) -> list[Record]:
    articles: list[Record] = tomllib.loads((seeds / "catalog.toml").read_text(encoding="utf-8"))["article"]
    return articles


@pytest.fixture(scope="session")
def entities(seeds: Path) -> list[Record]:
    table: list[Record] = tomllib.loads((seeds / "glossary.toml").read_text(encoding="utf-8"))["entity"]
    return table


@pytest.fixture(scope="session")
def texts(seeds: Path, catalog: list[Record]) -> dict[str, str]:
    """Article id -> the whole file, newlines untouched."""
    return {article["id"]: (seeds / article["file"]).read_bytes().decode("utf-8") for article in catalog}


@pytest.fixture(scope="session")
def questions(seeds: Path) -> list[Record]:
    lines = (seeds / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def furniture(texts: dict[str, str]) -> dict[str, list[tuple[int, int]]]:
    """Article id -> the spans of its furniture lines, in code points."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for article_id, text in texts.items():
        start = 0
        spans[article_id] = []
        for number, line in enumerate(text.split("\n"), 1):
            if number in FURNITURE[article_id] and line.strip():
                spans[article_id].append((start, start + len(line)))
            start += len(line) + 1
    return spans


@pytest.fixture(scope="session")
def reporting(texts: dict[str, str]) -> dict[str, str]:
    """Article id -> its text without the furniture lines."""
    return {
        article_id: "\n".join(
            line for number, line in enumerate(text.split("\n"), 1) if number not in FURNITURE[article_id]
        )
        for article_id, text in texts.items()
    }


@pytest.fixture(scope="session")
def holds() -> Callable[[str, str], bool]:
    """holds(text, words): whether the words stand in the text as whole tokens, in any case."""

    def tokens(text: str) -> str:
        return f" {' '.join(_TOKEN.findall(text.casefold()))} "

    return lambda text, words: tokens(words) in tokens(text)
