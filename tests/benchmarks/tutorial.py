"""The plain tutorial pipeline, to compare with: character splitter, embeddings, ``Chroma.from_documents``.

Neither langchain-text-splitters nor langchain-chroma is installed for this project. ``split`` gives what
``RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)`` gives, and ``from_documents`` makes the calls of
langchain-chroma 1.1.0: all texts of a batch embedded, then upserted with random ids.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from vectorstore.embedding import Embedder
from vectorstore.model_files import MINILM_MODEL, MINILM_TOKENIZER

SIZE, OVERLAP = 1_000, 200
_SEPARATORS = ("\n\n", "\n", " ")


def load(folder: Path) -> list[Document]:
    return [
        Document(page_content=path.read_text("utf-8"), metadata={"source": str(path)})
        for path in sorted(folder.glob("*.txt"))
    ]


def split_documents(documents: Sequence[Document]) -> list[Document]:
    return [
        Document(page_content=text, metadata=document.metadata)
        for document in documents
        for text in split(document.page_content)
    ]


def split(text: str, separators: Sequence[str] = _SEPARATORS) -> list[str]:
    """Pieces of at most SIZE characters; a separator stays with what follows it."""
    at = next((place for place, each in enumerate(separators) if each in text), len(separators))
    if at < len(separators):
        first, *others = text.split(separators[at])
        pieces = [piece for piece in (first, *(separators[at] + each for each in others)) if piece]
    else:
        pieces = list(text)
    found: list[str] = []
    short: list[str] = []
    for piece in pieces:
        if len(piece) < SIZE:
            short.append(piece)
            continue
        found += _merged(short)
        short = []
        found += split(piece, separators[at + 1 :])
    return [*found, *_merged(short)]


def _merged(pieces: Sequence[str]) -> Iterator[str]:
    window: deque[str] = deque()
    total = 0
    for piece in pieces:
        if window and total + len(piece) > SIZE:
            yield from _stripped(window)
            while total > OVERLAP or (total and total + len(piece) > SIZE):
                total -= len(window.popleft())
        window.append(piece)
        total += len(piece)
    yield from _stripped(window)


def _stripped(window: deque[str]) -> Iterator[str]:
    if text := "".join(window).strip():
        yield text


class ChromaEmbeddings(Embeddings):
    """Chroma's own embedding function, with the bundled model in place of the one that it downloads.

    Batches of 32, every text padded to 256 tokens.
    """

    def __init__(self, folder: Path) -> None:
        from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2

        files = folder / ONNXMiniLM_L6_V2.EXTRACTED_FOLDER_NAME
        files.mkdir(parents=True)
        (files / "model.onnx").symlink_to(MINILM_MODEL.verified())
        (files / "tokenizer.json").symlink_to(MINILM_TOKENIZER.verified())
        for name in ("config.json", "special_tokens_map.json", "tokenizer_config.json", "vocab.txt"):
            # It wants to see them, but does not read them.
            (files / name).touch()
        self._function = ONNXMiniLM_L6_V2()
        cast(Any, self._function).DOWNLOAD_PATH = folder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[float(value) for value in vector] for vector in self._function(texts)]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


class OwnEmbeddings(Embeddings):
    """This project's embedder behind langchain's interface."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return cast(list[list[float]], self._embedder.embed(texts).tolist())

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def from_documents(documents: Sequence[Document], embeddings: Embeddings, folder: Path) -> int:
    """How many were stored."""
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
    try:
        collection = client.get_or_create_collection("langchain", embedding_function=None)
        batch = client.get_max_batch_size()
        for start in range(0, len(documents), batch):
            part = documents[start : start + batch]
            texts = [document.page_content for document in part]
            collection.upsert(
                ids=[str(uuid4()) for _ in part],
                embeddings=cast(Any, embeddings.embed_documents(texts)),
                documents=texts,
                metadatas=[document.metadata for document in part],
            )
        return collection.count()
    finally:
        cast(Any, client).close()
