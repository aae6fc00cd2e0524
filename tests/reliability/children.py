"""What runs in a forked child (see warm.py). Each function returns an exit code."""

import sys


def command(*arguments: str) -> int:
    """The command line itself."""
    from qa.cli import main

    return main(list(arguments))


def missing_vectors(folder: str) -> int:
    """Print the ids of a Chroma folder's records with their vectors, one JSON object; the folder is altered."""
    import json

    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(path=folder, settings=Settings(anonymized_telemetry=False))
    (collection,) = client.list_collections()
    found = collection.get(include=["embeddings"])
    vectors = found["embeddings"]
    assert vectors is not None
    sys.stdout.write(json.dumps({name: [float(x) for x in row] for name, row in zip(found["ids"], vectors, strict=True)}))
    return 0
