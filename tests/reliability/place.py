"""A store and the articles that go into it, worked on through the command line only."""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes.openai_server import OpenAIServer
from tests.reliability import corpus
from tests.reliability.inspection import Contents, index_folder, look
from tests.reliability.warm import Child, Ended, WarmProcess

QUESTION = "How many people reached the northern village on Monday?"


class Endpoint:
    """The fake endpoint as an embedder. ``before`` is called with the texts of each request, in its thread."""

    def __init__(self, server: OpenAIServer) -> None:
        self.server = server
        self.before: Callable[[Sequence[str]], None] = lambda texts: None
        server.answer = self._answer

    def _answer(self, request: dict[str, Any]) -> str:
        self.before(request.get("input", ()))
        return ""

    @property
    def env(self) -> dict[str, str]:
        return {"ISISK_QA_EMBEDDING_MODEL": "fake-embedding", "ISISK_QA_EMBEDDING_BASE_URL": self.server.url}

    @property
    def calls(self) -> int:
        return len(self.server.requests)

    def embedded(self, since: int = 0) -> set[str]:
        """The markers of the articles whose texts were asked for, from the call with this number on."""
        # A client that was killed while it sent leaves a request without texts.
        asked = (request.json.get("input", ()) for request in self.server.requests[since:])
        return corpus.markers(text for texts in asked for text in texts)


class Place:
    """``home`` is the store's folder, ``articles`` what is ingested."""

    def __init__(self, folder: Path, warm: WarmProcess, endpoint: Endpoint, home: Path | None = None) -> None:
        self.folder = folder
        self.home = home or folder / "home"
        self.articles = folder / "articles"
        self.warm = warm
        self.endpoint = endpoint
        self.revisions: dict[int, int] = {}

    def write(self, *numbers: int, items: int | None = None) -> None:
        """New articles, or the next revisions of old ones; ``items`` makes them bulletins."""
        self.articles.mkdir(exist_ok=True)
        for number in numbers:
            revision = self.revisions[number] = self.revisions.get(number, -1) + 1
            text = corpus.article(number, revision) if items is None else corpus.bulletin(number, revision, items)
            (self.articles / f"report{number:04d}.txt").write_text(text, "utf-8")

    def start(self, *arguments: str | Path, **more: Any) -> Child:
        return self.warm.command(self.home, *arguments, env=self.endpoint.env, **more)

    def start_ingest(self, *options: str, **more: Any) -> Child:
        return self.start("ingest", *options, self.articles, **more)

    def ingest(self) -> Ended:
        """To the end, which must be a good one."""
        ended = self.start_ingest().wait()
        assert ended.code == 0, ended.err
        return ended

    def ask(self, question: str = QUESTION) -> dict[str, Any]:
        """The record that a reader with nothing in memory gives; it must be one, and agree with the catalog."""
        ended = self.start("ask", "--json", "--answerer", "extractive", question).wait()
        assert ended.code == 0, ended.err
        record: dict[str, Any] = json.loads(ended.out)
        contents = look(self.home)
        assert record["index_generation"] == contents.generation
        for found in record["retrieved"]:
            assert (found["start"], found["end"]) == contents.chunks[found["chunk_id"]][2:4]
        assert bool(record["retrieved"]) == bool(contents.chunks)
        return record

    def indexed(self) -> dict[str, list[float]]:
        """What the published Chroma folder holds, read from a copy by a process of its own."""
        copy = self.folder / "index-copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(index_folder(self.home), copy)
        ended = self.warm.start("indexed_vectors", str(copy)).wait()
        assert ended.code == 0, ended.err
        vectors: dict[str, list[float]] = json.loads(ended.out)
        return vectors

    def clean(self) -> Contents:
        """What an undisturbed ingest of these articles makes."""
        other = Place(self.folder, self.warm, self.endpoint, self.folder / "clean-home")
        shutil.rmtree(other.home, ignore_errors=True)
        other.ingest()
        return look(other.home)

    def assert_complete(self) -> None:
        """A last ingest, and all is as if nothing had ever happened: each chunk once, and no vector missing."""
        self.ingest()
        found, expected = look(self.home), self.clean()
        assert found.texts == expected.texts
        assert found.chunks == expected.chunks
        assert found.sentences == expected.sentences
        assert found.pending == 0
        self.assert_indexed(found)
        self.ask()

    def assert_indexed(self, contents: Contents) -> None:
        indexed = self.indexed()
        assert indexed.keys() == contents.chunks.keys()
        for name, row in contents.chunks.items():
            assert indexed[name] == pytest.approx(np.frombuffer(row[-1], np.float32).tolist(), abs=1e-6)


def sizes(folder: Path, name: str) -> dict[str, int]:
    """The files of that name below a folder."""
    found = {}
    for path, _, names in os.walk(folder):
        if name in names:
            with suppress(FileNotFoundError):
                found[path] = (Path(path) / name).stat().st_size
    return found


def no_defect(ended: Ended) -> bool:
    """Whether what a person saw on stderr is meant for persons."""
    return not any(mark in ended.err for mark in ("Traceback", "should not have", "Exception", "Error:"))
