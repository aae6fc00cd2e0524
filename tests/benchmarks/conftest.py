"""The SQuAD 2.0 paragraphs as a store, for tests; skipped where shared/data is absent."""

from collections.abc import Iterator, Sequence

import pytest

from tests.benchmarks import squad
from tests.benchmarks.squad import SHARED, Bench, squad_store
from vectorstore.ingest import Ingestor
from vectorstore.preparing import Preparer, Sentence


class _Bare(Preparer):
    """Leaves out what retrieval does not look at, and what takes most of the time to embed."""

    def sentences(self, offset: int, text: str) -> list[Sentence]:
        return []

    def words(self, texts: Sequence[str]) -> dict[str, str]:
        return {}


class _PassagesOnly(Ingestor):
    preparer = _Bare


@pytest.fixture(scope="session")
def squad_passages() -> Iterator[Bench]:
    """A store in which passages are found as ever, without their sentences."""
    if not (SHARED / "squad2" / "passages.jsonl").is_file():
        pytest.skip(f"needs {'/'.join(SHARED.parts[-2:])}/squad2 beside the repository")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(squad, "Ingestor", _PassagesOnly)
        with squad_store() as bench:
            yield bench
