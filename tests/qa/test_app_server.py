"""The whole program over a real Chroma server: one that is killed, and one behind a proxy that wants credentials."""

import base64
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from qa.app import Application
from qa.errors import SettingsError
from qa.models import Answer, Question, Status
from qa.settings import Settings
from tests.conftest import Prepared
from tests.fakes.chroma_server import ChromaServer
from tests.fakes.gate import Gate
from tests.reliability.soak import length, record
from vectorstore.errors import StoreError
from vectorstore.serving.address import TENANT

QUESTIONS = (
    "When was IS-K founded?",
    "How many fighters did ISIS-K have at the beginning of 2017?",
    "Who won the cup?",
)
TOKEN = "s3cret-token"
PATIENCE_S = 2.0
LOGIN = "someone:s3cret-password"


@pytest.fixture(scope="module")
def writer(chroma: ChromaServer, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with the catalog of what is on the server."""
    home = shutil.copytree(prepared.home, tmp_path_factory.mktemp("writer") / "home")
    settings = Settings(home=home, store=chroma.url, store_patience_s=1.0)
    with Application(settings) as application:
        application.repair()
    return settings


def essence(answer: Answer) -> tuple[object, ...]:
    return answer.status, answer.answer, answer.citations, answer.retrieved, answer.index_generation


def answers(application: Application) -> list[tuple[object, ...]]:
    chain = application.chain()
    return [essence(chain.invoke(Question(text))) for text in QUESTIONS]


def test_the_answers_are_those_of_the_embedded_store(writer: Settings, application: Application) -> None:
    with Application(writer) as served:
        assert served.note is None
        assert {check.name: check.ok for check in served.doctor()}["vector index"]
        assert answers(served) == answers(application)


def test_a_machine_without_the_catalog_asks_and_cites(writer: Settings, tmp_path: Path) -> None:
    settings = writer.model_copy(update={"home": tmp_path / "elsewhere"})
    with Application(settings) as reader, Application(writer) as served:
        assert reader.prepare() is None
        assert "by meaning only" in (reader.note or "")
        assert reader.articles() == served.articles()
        answer = reader.chain().invoke(Question("When was IS-K founded?"))
        assert answer.status is Status.ANSWERED
        assert "January 2015" in answer.answer
        assert answer.index_generation == served.chain().invoke(Question("When was IS-K founded?")).index_generation
        for citation in answer.citations:
            text = reader.article(citation.article_id).text
            assert text[citation.start : citation.end] == citation.quote
        assert all(check.ok for check in reader.doctor())
        with pytest.raises(StoreError, match="another store"):
            reader.ingest([tmp_path])
    with Application(settings) as reader:
        assert "by meaning only" in (reader.note or "")


def test_a_store_that_is_a_folder_takes_the_place_of_home(prepared: Prepared, tmp_path: Path) -> None:
    copy = shutil.copytree(prepared.home, tmp_path / "copy")
    with Application(Settings(home=tmp_path / "home", store=str(copy))) as application:
        assert application.settings.home == copy
        assert len(application.articles()) == 5
    assert not (tmp_path / "home").exists()


# Credentials


@pytest.mark.parametrize(
    ("given", "header", "value"),
    [
        ({"store_token": TOKEN}, "Authorization", f"Bearer {TOKEN}"),
        ({"store_token": TOKEN}, "X-Chroma-Token", TOKEN),
        ({"store_auth": LOGIN}, "Authorization", f"Basic {base64.b64encode(LOGIN.encode()).decode()}"),
    ],
)
def test_credentials_open_the_gate(
    chroma: ChromaServer, writer: Settings, tmp_path: Path, given: dict[str, str], header: str, value: str
) -> None:
    secrets = {name: SecretStr(secret) for name, secret in given.items()}
    with Gate(chroma.port, wanted=(header, value)).open() as gate:
        settings = Settings(home=tmp_path, store=gate.url, store_patience_s=1.0)
        with Application(settings) as closed, pytest.raises(StoreError, match="refuses the credentials") as caught:
            closed.articles()
        assert "s3cret" not in str(caught.value)
        with Application(settings.model_copy(update=secrets)) as opened:
            assert len(opened.articles()) == 5
        assert f"/tenants/{TENANT}/databases/default_database/" in gate.seen[-1][0]


def test_tenant_and_database_are_passed_on(chroma: ChromaServer, tmp_path: Path) -> None:
    with Gate(chroma.port).open() as gate:
        settings = Settings(home=tmp_path, store=gate.url, store_tenant="tenant-x", store_database="database-y")
        with Application(settings) as application, pytest.raises(StoreError, match="database-y of a tenant tenant-x"):
            application.articles()
        assert gate.seen[0][0].startswith("GET /api/v2/tenants/tenant-x/databases/database-y/collections/")


@pytest.mark.parametrize("given", [{"store_token": TOKEN}, {"store_auth": LOGIN}])
def test_credentials_do_not_travel_in_the_open(tmp_path: Path, given: dict[str, str]) -> None:
    secrets = {name: SecretStr(secret) for name, secret in given.items()}
    settings = Settings(home=tmp_path, store="http://192.0.2.1:8000").model_copy(update=secrets)
    with Application(settings) as application, pytest.raises(SettingsError, match="unencrypted") as caught:
        application.articles()
    assert "s3cret" not in str(caught.value)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate, and is not installed")
    pair = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-out", pair[0], "-keyout", pair[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return pair


def test_over_https_to_a_certificate_that_is_trusted_only(
    chroma: ChromaServer,
    writer: Settings,
    tmp_path: Path,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Gate(chroma.port, certificate=certificate).open() as gate:
        settings = Settings(home=tmp_path / "home", store=gate.url, store_patience_s=5.0)
        began = time.monotonic()
        with Application(settings) as application, pytest.raises(StoreError, match=r"certificate .* not trusted"):
            application.articles()
        assert time.monotonic() - began < 5.0
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        with Application(settings) as application:
            assert len(application.articles()) == 5


# A server that is killed


class Killer(threading.Thread):
    """Kills and restarts a server so many times, with a while between; ``done`` when it runs for good."""

    def __init__(self, chroma: ChromaServer, times: int) -> None:
        super().__init__(daemon=True)
        self._chroma = chroma
        self._times = times
        # Once for each round of questions: between two kills at least one is asked.
        self.asked = threading.Semaphore(0)
        self.done = threading.Event()

    def run(self) -> None:
        try:
            for number in range(self._times):
                # Now and then it is back before anybody's patience ends, and now and then it is not.
                self.asked.acquire()
                time.sleep(0.5)
                self._chroma.kill()
                time.sleep((0.0, 2.0)[number % 2])
                self._chroma.start()
        finally:
            self.done.set()


def test_while_the_server_is_killed_and_restarted_each_question_is_answered_or_refused(
    writer: Settings, prepared: Prepared, application: Application, tmp_path: Path
) -> None:
    """With the catalog all are answered, always alike; without it some are refused, and the answers are all alike."""
    restarts = length(2, 20)
    home = shutil.copytree(prepared.home, tmp_path / "home")
    expected = answers(application)
    with ChromaServer(tmp_path / "data") as chroma:
        settings = Settings(home=home, store=chroma.url, store_patience_s=PATIENCE_S)
        elsewhere = settings.model_copy(update={"home": tmp_path / "elsewhere"})
        with Application(settings) as served, Application(elsewhere) as reader:
            served.repair()
            calm = answers(reader)
            killer = Killer(chroma, restarts)
            killer.start()
            slowest, answered, number = 0.0, 0, 0
            refused: list[str] = []
            while not killer.done.is_set():
                place = number % len(QUESTIONS)
                number += 1
                began = time.monotonic()
                assert essence(served.chain().invoke(Question(QUESTIONS[place]))) == expected[place]
                slowest = max(slowest, time.monotonic() - began)
                began = time.monotonic()
                try:
                    assert essence(reader.chain().invoke(Question(QUESTIONS[place]))) == calm[place]
                    answered += 1
                except StoreError as error:
                    refused.append(str(error))
                slowest = max(slowest, time.monotonic() - began)
                killer.asked.release()
                time.sleep(0.2)
            killer.join()
            assert number >= restarts
            assert all(f"The Chroma server at {chroma.url}" in problem for problem in refused)
            # A question without the catalog makes a handful of requests, of which each may take a second more.
            assert slowest < PATIENCE_S + 20
            assert answers(served) == expected
            assert answers(reader) == calm
            assert {check.name: check.ok for check in served.doctor()}["vector index"]
            record(
                "kill -9 of the Chroma server while it is asked",
                kills=restarts,
                answered_with_catalog=number,
                answered_without=answered,
                refused_clearly=len(refused),
                slowest_s=round(slowest, 1),
                patience_s=PATIENCE_S,
            )
