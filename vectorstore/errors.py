"""What can go wrong with the store.

VectorStoreError
├── LoadError           a file that cannot be read as an article
├── ManifestError       a catalog.toml or glossary.toml that is not valid
├── EmbeddingError      the embedding model is missing, altered or unreachable
├── IdentityError       the store was made with another embedding model
├── StoreError          the catalog or the index cannot be opened or written
│   ├── StoreBusyError  another process is writing
│   └── IndexFault      Chroma failed; the catalog is searched instead
│       ├── IndexInUse  another process holds its database
│       └── ServerUnreachable  its server does not answer, and may later
└── UnknownArticleError no such article in the store

Every message is one sentence that tells a person what to do.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


class VectorStoreError(Exception):
    """Base of everything this package raises on purpose."""


class LoadError(VectorStoreError):
    """A file that cannot be read as an article."""


class ManifestError(VectorStoreError):
    """A catalog.toml or glossary.toml that is not valid."""


class EmbeddingError(VectorStoreError):
    """The embedding model is missing, altered or unreachable."""


class IdentityError(VectorStoreError):
    """The store was made with another embedding model."""


class StoreError(VectorStoreError):
    """The catalog or the index cannot be opened or written."""


class StoreBusyError(StoreError):
    """Another process is writing."""


class IndexFault(StoreError):
    """Chroma failed; the catalog is searched instead."""


class IndexInUse(IndexFault):
    """Another process holds the index's database; nothing is wrong with it."""


class ServerUnreachable(IndexFault):
    """The server does not answer, and may later."""


class UnknownArticleError(VectorStoreError):
    """No such article in the store."""


def first_problem(error: "ValidationError") -> str:
    """Where a file is not as it should be, and why, on one line."""
    problem = error.errors()[0]
    return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
