"""What runs in a forked child (see warm.py). Each function returns an exit code."""

import json
import sys
import time
from pathlib import Path


def command(*arguments: str) -> int:
    """The command line itself."""
    from qa.cli import main

    return main(list(arguments))


def indexed_vectors(folder: str) -> int:
    """Print the ids of a Chroma folder's records with their vectors, one JSON object; the folder is altered."""
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(path=folder, settings=Settings(anonymized_telemetry=False))
    (collection,) = client.list_collections()
    found = collection.get(include=["embeddings"])
    vectors = found["embeddings"]
    assert vectors is not None
    sys.stdout.write(
        json.dumps({name: [float(x) for x in row] for name, row in zip(found["ids"], vectors, strict=True)})
    )
    return 0


def open_and_count(home: str, at: float) -> int:
    """Open a store at a moment by the monotonic clock, and count its generation up."""
    from vectorstore.analysis import ANALYSIS_VERSION
    from vectorstore.catalog import Catalog

    while time.monotonic() < at:
        pass
    catalog = Catalog(Path(home) / "catalog.sqlite3", ANALYSIS_VERSION)
    with catalog.writing():
        catalog.set_meta("generation", str(catalog.generation + 1))
    catalog.close()
    return 0


def answer(questions: str, until: float, pause_s: float) -> int:
    """Answer the lines of a file in turn, once or until a moment: a JSON object an answer, or with what went wrong."""
    from qa.app import Application
    from qa.models import Question
    from qa.settings import Settings

    asked = Path(questions).read_text("utf-8").splitlines()
    number = 0
    with Application(Settings()) as application:
        while number < len(asked) if until == 0 else time.monotonic() < until:
            began = time.monotonic()
            told: dict[str, object] = {"question": asked[number % len(asked)], "began": began}
            try:
                found = application.chain("extractive").invoke(Question(asked[number % len(asked)]))
                told |= {"record": found.to_record()}
            except Exception as error:  # noqa: BLE001 - each one is a finding, and the reader reads on
                told |= {"error": repr(error)}
            sys.stdout.write(json.dumps({**told, "ended": time.monotonic()}) + "\n")
            number += 1
            time.sleep(pause_s)
    return 0


def ingest_and_die(home: str, articles: str, event: str, number: int) -> int:
    """Ingest under the fake embedder; kill -9 at an event: ``embed``, ``commit`` (just before it), ``committed``."""
    import os
    import signal
    from collections.abc import Iterator
    from contextlib import contextmanager

    from tests.vectorstore.fakes import Store, WordEmbedder
    from vectorstore.database import Database

    left = {event: number}
    write = Database.writing

    def at(what: str) -> None:
        left[what] = left.get(what, 0) - 1
        if left[what] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def writing(database: Database) -> Iterator[None]:
        with write(database):
            yield
            at("commit")
        at("committed")

    Database.writing = writing  # type: ignore[method-assign,assignment]
    with Store.open(Path(home), WordEmbedder(before=lambda texts: at("embed"))) as store:
        store.ingestor.run([Path(articles)])
    return 0
