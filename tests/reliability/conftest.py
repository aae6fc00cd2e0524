"""A warm process, an embedding endpoint that counts, and a store of small articles."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.openai_server import OpenAIServer
from tests.reliability.place import Endpoint, Place
from tests.reliability.soak import FIGURES, SOAK
from tests.reliability.warm import WarmProcess, warm_process


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if SOAK:
        terminalreporter.section("reliability")
        for figures in FIGURES:
            terminalreporter.write_line(json.dumps(figures))


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmProcess]:
    with warm_process(tmp_path_factory.mktemp("children")) as process:
        yield process


@pytest.fixture
def endpoint(openai_server: OpenAIServer) -> Endpoint:
    return Endpoint(openai_server)


@pytest.fixture
def place(tmp_path: Path, warm: WarmProcess, endpoint: Endpoint) -> Place:
    """A folder for a store and one for articles, both empty."""
    return Place(tmp_path, warm, endpoint)
