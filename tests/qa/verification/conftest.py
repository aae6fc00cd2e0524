"""The shipped glossary, and what reads and verifies with it."""

from importlib.resources import files
from pathlib import Path

import pytest

from qa.polarity import Polarity
from qa.verification import Verifier
from qa.verification.statement import Reader
from vectorstore.analysis import Analyser
from vectorstore.glossary import Glossary


@pytest.fixture(scope="session")
def analyser() -> Analyser:
    return Analyser(Glossary.load(Path(str(files("seeds"))) / "glossary.toml"))


@pytest.fixture(scope="session")
def reader(analyser: Analyser) -> Reader:
    return Reader(analyser, Polarity.load())


@pytest.fixture(scope="session")
def verifier(analyser: Analyser) -> Verifier:
    return Verifier(analyser)
