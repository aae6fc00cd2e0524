"""Fixtures for every test: nothing leaves this machine, and the person's own settings do not matter."""

import gc
import ipaddress
import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qa.app import Application
from qa.evaluation.dataset import default_questions, load_questions
from qa.evaluation.run import run_evaluation
from qa.models import Question
from qa.settings import Settings
from tests.fakes.chroma_server import ChromaServer
from tests.fakes.openai_server import OpenAIServer
from vectorstore.ingest import IngestReport
from vectorstore.pipeline import Progress


def pytest_collection_finish() -> None:
    """Measured: a third of what the terminal UI's tests take is collecting garbage, again and again among what stays.

    What was imported is no garbage, and is not looked at again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


class NetworkBlocked(RuntimeError):
    """A test tried to leave this machine. No OSError, so that no code takes it for a network that is down."""


def _is_local(address: Any) -> bool:
    host = address[0] if isinstance(address, tuple) else address
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> None:
    """A shell's job in the background ignores it, and so would every process that a test starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Block every connection that is not to this machine, and every look-up of a name.

    Names under .invalid (RFC 2606) fail as they would with a name server, without asking one.
    """
    connect, connect_ex, sendto = socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto
    getaddrinfo = socket.getaddrinfo

    def check(sock: socket.socket, address: Any) -> None:
        if sock.family != socket.AF_UNIX and not _is_local(address):
            raise NetworkBlocked(f"blocked a connection to {address!r}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(self, address)
        return connect_ex(self, address)

    def guarded_sendto(self: socket.socket, data: Any, *rest: Any) -> int:
        check(self, rest[-1])
        return sendto(self, data, *rest)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if name and not _is_local((name,)):
            raise NetworkBlocked(f"blocked a look-up of {name!r}")
        return getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket.socket, "sendto", guarded_sendto)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget keys, endpoints, proxies and tracing that the environment may name."""
    _forget_settings(monkeypatch)


def _forget_settings(patch: pytest.MonkeyPatch) -> None:
    prefixes = ("ISISK_QA_", "OPENAI_", "LANGSMITH_", "LANGCHAIN_")
    for name in list(os.environ):
        if name.startswith(prefixes) or name.lower().endswith("_proxy"):
            patch.delenv(name)


@dataclass(frozen=True)
class Prepared:
    """A folder with the shipped articles under the bundled model, which nobody has open, and how it got there."""

    home: Path
    report: IngestReport | None
    progress: list[Progress]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """What a first use makes. To be copied only."""
    home = tmp_path_factory.mktemp("prepared") / "home"
    progress: list[Progress] = []
    with pytest.MonkeyPatch.context() as patch:
        _forget_settings(patch)
        with Application(Settings(home=home)) as application:
            return Prepared(home, application.prepare(progress.append), progress)


@pytest.fixture
def home(prepared: Prepared, tmp_path: Path) -> Path:
    """A store of the shipped articles of the test's own."""
    return shutil.copytree(prepared.home, tmp_path / "home")


@pytest.fixture(scope="session")
def application(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The program over the shipped articles, without a model; shared, so for reading only."""
    copy = shutil.copytree(prepared.home, tmp_path_factory.mktemp("shared") / "home")
    with pytest.MonkeyPatch.context() as patch:
        _forget_settings(patch)
        settings = Settings(home=copy)
    with Application(settings) as opened:
        yield opened


@dataclass(frozen=True)
class WholeRun:
    """A run over the whole shipped question set, without a model; ``cpu_s`` of processor time after a warm-up."""

    out: Path
    cpu_s: float


@pytest.fixture(scope="session")
def whole_run(application: Application, tmp_path_factory: pytest.TempPathFactory) -> WholeRun:
    """For reading only."""
    out = tmp_path_factory.mktemp("whole") / "run"
    application.chain("extractive").invoke(Question("How many fighters did ISIS-K have?"))
    began = time.process_time()
    run_evaluation(application, load_questions(default_questions()), answerer="extractive", out=out)
    return WholeRun(out, time.process_time() - began)


@pytest.fixture
def openai_server() -> Iterator[OpenAIServer]:
    """A running fake endpoint; see tests/fakes/openai_server.py for what it can be told to do."""
    with OpenAIServer().running() as server:
        yield server


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    """A server with nothing in it, in a process of its own."""
    with ChromaServer(tmp_path_factory.mktemp("chroma") / "data") as server:
        yield server
