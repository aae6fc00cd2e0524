"""The composition root over real stores."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest
from pydantic import SecretStr

from qa import shipped
from qa.app import Application
from qa.errors import SettingsError
from qa.models import Question, Status
from qa.settings import AnswererName, Settings
from qa.shipped import leave_to_owner
from tests.conftest import Prepared
from tests.fakes.openai_server import OpenAIServer
from vectorstore.errors import StoreBusyError, UnknownArticleError, VectorStoreError
from vectorstore.pipeline import Progress
from vectorstore.writer_lock import writer_lock

SHIPPED = ["new-arab-2017-12-12", "sputnik-2017-12", "mintpress-2018-08", "southfront-2020-02", "explainer-2021-08"]
FOXES = "Nine red foxes were seen in Lisbon in 2016, an officer told the station on Monday."


@pytest.fixture
def foxes(tmp_path: Path) -> Path:
    path = tmp_path / "foxes.txt"
    path.write_text(FOXES, encoding="utf-8")
    return path


def test_making_one_touches_nothing(tmp_path: Path) -> None:
    with Application(Settings(home=tmp_path / "home")):
        pass
    assert not (tmp_path / "home").exists()


def test_the_first_use_reads_the_shipped_articles(prepared: Prepared, home: Path) -> None:
    report = prepared.report
    assert report is not None
    assert (report.added, report.replaced, report.unchanged, report.failures) == (5, 0, 0, ())
    files = [step for step in prepared.progress if step.phase == "embedding"]
    assert [(step.done, step.total) for step in files] == [(number, 5) for number in range(6)]
    with Application(Settings(home=home)) as application:
        assert len(application.chunks()) == report.chunks > 0
        assert application.prepare() is None


def test_the_articles_are_sorted_by_date(application: Application) -> None:
    ids = [article.id for article in application.articles()]
    assert sorted(ids[:2]) == sorted(SHIPPED[:2])
    assert ids[2:] == SHIPPED[2:]


@pytest.mark.parametrize(
    ("reference", "article_id"),
    [
        ("sputnik-2017-12", "sputnik-2017-12"),
        ("mint", "mintpress-2018-08"),
        ("002_b7f1bd472f71024f.txt", "southfront-2020-02"),
    ],
)
def test_an_article_by_reference(application: Application, reference: str, article_id: str) -> None:
    assert application.article(reference).id == article_id


@pytest.mark.parametrize("reference", ["", "s", "nothing", "../002_b7f1bd472f71024f.txt", "%", "sputnik-2017-12 "])
def test_an_unknown_or_ambiguous_reference(application: Application, reference: str) -> None:
    with pytest.raises(UnknownArticleError) as caught:
        application.article(reference)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("model", "configured", "asked", "answerer"),
    [
        (None, "auto", None, "extractive"),
        (None, "auto", "auto", "extractive"),
        ("m", "auto", None, "llm"),
        ("m", "extractive", None, "extractive"),
        ("m", "extractive", "llm", "llm"),
        ("m", "llm", "extractive", "extractive"),
        ("m", "extractive", "auto", "llm"),
        (None, "llm", None, "llm"),
    ],
)
def test_who_answers(
    tmp_path: Path, model: str | None, configured: AnswererName, asked: AnswererName | None, answerer: str
) -> None:
    application = Application(Settings(home=tmp_path, model=model, answerer=configured))
    assert application.answerer(asked) == answerer


def test_a_model_that_is_not_configured(application: Application) -> None:
    with pytest.raises(SettingsError, match="ISISK_QA_MODEL"):
        application.chain("llm")


def test_a_key_is_not_sent_unencrypted(application: Application) -> None:
    key = "sk-secret-key"
    settings = Settings(
        home=application.settings.home, model="m", base_url="http://192.0.2.1/v1", api_key=SecretStr(key)
    )
    with Application(settings) as other, pytest.raises(SettingsError) as caught:
        other.chain()
    assert key not in str(caught.value)


def test_ones_own_article_is_found_next_to_the_shipped(home: Path, foxes: Path) -> None:
    question = Question("How many red foxes were seen in Lisbon?")
    with Application(Settings(home=home)) as application:
        assert application.chain().invoke(question).status is Status.ABSTAINED
        assert application.ingest([foxes]).added == 1
        # The same Application sees it at once.
        answer = application.chain().invoke(question)
    assert [citation.quote for citation in answer.citations] == [FOXES]
    with Application(Settings(home=home)) as reopened:
        assert reopened.ingest([foxes]).unchanged == 1
        assert reopened.prepare() is None
        assert reopened.chain().invoke(question).answer == answer.answer


def test_a_store_of_ones_own_is_not_given_the_shipped(tmp_path: Path, foxes: Path) -> None:
    with Application(Settings(home=tmp_path / "own")) as application:
        application.ingest([foxes])
        assert application.prepare() is None
        assert len(application.articles()) == 1


STORY = (
    "{} red foxes were seen in Lisbon in 2016, an officer told the station on Monday. The animals came down from the "
    "hills after a dry summer, and most of them stayed near the river, where the kitchens of the old town leave their "
    "waste. Nobody was hurt. The city asked its people to close their bins at night and to keep their dogs on a leash "
    "until the rain comes back, which may take until the end of October this year."
)


@pytest.mark.parametrize("copied", [True, False])
def test_what_copies_of_one_report_say_differently_is_no_conflict_of_sources(tmp_path: Path, copied: bool) -> None:
    """An editor's slip in a copy; two reports of their own that differ are one."""
    folder = tmp_path / "texts"
    folder.mkdir()
    other = STORY.format("Fourteen") if copied else "Fourteen red foxes were seen in Lisbon in 2016, a guard said."
    (folder / "owl.txt").write_text(STORY.format("Nine"), encoding="utf-8")
    (folder / "hen.txt").write_text(other, encoding="utf-8")
    entries = (f'[[article]]\nid = "{name}"\nfile = "{name}.txt"\npublisher = "{name}"\n' for name in ("owl", "hen"))
    (folder / "catalog.toml").write_text("".join(entries), encoding="utf-8")
    with Application(Settings(home=tmp_path / "home")) as application:
        assert application.ingest([folder]).copies == copied
        answer = application.chain().invoke(Question("How many red foxes were seen in Lisbon?"))
        assert {article.source for article in application.articles()} == ({"hen"} if copied else {"owl", "hen"})
    assert answer.status is Status.ANSWERED
    assert len(answer.conflicts) == (not copied)


def test_what_was_removed_does_not_come_back_by_itself(home: Path) -> None:
    with Application(Settings(home=home)) as application:
        with pytest.raises(UnknownArticleError):
            application.remove([SHIPPED[0], "nothing"])
        assert len(application.articles()) == 5
        assert [article.id for article in application.remove(SHIPPED)] == SHIPPED
        assert application.prepare() is None
        assert (application.articles(), application.chunks()) == ([], [])


def test_the_last_of_ones_own_makes_no_room_for_the_shipped(tmp_path: Path, foxes: Path) -> None:
    with Application(Settings(home=tmp_path / "own")) as application:
        application.ingest([foxes])
        application.remove(["foxes.txt"])
        assert application.prepare() is None
        assert application.articles() == []


def test_a_first_use_waits_for_another_one(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "new")
    steps: list[Progress] = []
    with ThreadPoolExecutor(1) as pool, Application(settings) as application, Application(settings) as first:
        with writer_lock(settings.home / "writer.lock", "ingest of the shipped articles"):
            waiting = pool.submit(application.prepare, steps.append)
            while not steps:
                assert not waiting.done()
                sleep(0.01)
            leave_to_owner(first._catalog)
        assert waiting.result() is None
        assert application.articles() == []
    assert steps[0].phase.startswith("waiting")


def test_a_first_use_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "PATIENCE_S", 0.0)
    settings = Settings(home=tmp_path / "new")
    lock = writer_lock(settings.home / "writer.lock", "ingest")
    with ThreadPoolExecutor(1) as pool, Application(settings) as application, lock:
        waiting = pool.submit(application.prepare)
        with pytest.raises(StoreBusyError, match="Another process is writing"):
            waiting.result()


def test_files_that_cannot_be_read_leave_the_store_as_it_was(home: Path, tmp_path: Path) -> None:
    binary = tmp_path / "binary.txt"
    binary.write_bytes(b"\x00\xff\xfe\x01" * 500)
    with Application(Settings(home=home)) as application:
        before = application.chunks()
        report = application.ingest([binary])
        assert [failure.path for failure in report.failures] == [str(binary)]
        with pytest.raises(VectorStoreError):
            application.ingest([tmp_path / "missing.txt"])
        assert application.chunks() == before
        assert application.chain().invoke(Question("When was IS-K founded?")).status is Status.ANSWERED


def test_a_closed_application_opens_again(home: Path) -> None:
    application = Application(Settings(home=home))
    for _ in range(2):
        assert application.chain().invoke(Question("When was IS-K founded?")).status is Status.ANSWERED
        application.close()
    application.close()


def test_doctor_says_what_is_well(application: Application, openai_server: OpenAIServer) -> None:
    settings = Settings(home=application.settings.home, model="fake-model", base_url=openai_server.url)
    with Application(settings) as other:
        checks = {check.name: check for check in other.doctor()}
    assert all(check.ok for check in checks.values()), checks
    assert "5 articles" in checks["store"].detail
    assert len(checks) >= 5
