"""--strict: sentences that the articles do not support are dropped whole; and the replacing of citations."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pydantic import SecretStr

from qa.app import Application
from qa.cli import main
from qa.commands.common import make_application
from qa.models import Answer, Question, Reason, Status, Support
from qa.render import render_markdown, render_text
from qa.settings import Settings
from tests.fakes.openai_server import OpenAIServer

FIGHTERS = Question("How many fighters did ISIS-K have at the beginning of 2017?")
TRUE = "At the beginning of 2017, ISIS-K had about 3,000 fighters."
FALSE = "At the beginning of 2017, ISIS-K had about 75,000 fighters."
NO_SUCH = "Penguins opened 12 bakeries in Lisbon."


@pytest.fixture
def strict(application: Application, openai_server: OpenAIServer) -> Iterator[Application]:
    with made(application.settings.home, openai_server.url, strict=True) as strict:
        yield strict


def made(home: Path, url: str, *, strict: bool) -> Application:
    key = SecretStr("sk-of-the-tests")
    return Application(Settings(home=home, model="fake-model", base_url=url, api_key=key, strict=strict))


def test_an_unsupported_sentence_goes_with_its_citations(strict: Application, openai_server: OpenAIServer) -> None:
    openai_server.answer = f"{FALSE} [1] {TRUE} [1] [2] [3]"
    answer = strict.chain().invoke(FIGHTERS)
    assert (answer.status, answer.strict, answer.dropped) == (Status.ANSWERED, True, 1)
    assert [sentence.text for sentence in answer.sentences] == [TRUE]
    assert FALSE not in answer.answer
    cited = {marker for sentence in answer.sentences for marker in sentence.citations}
    assert cited == {citation.marker for citation in answer.citations}
    for rendered in (render_text(answer), render_markdown(answer)):
        assert "One sentence was left out: not supported by the articles." in rendered


def test_when_nothing_remains_it_abstains_and_says_so(strict: Application, openai_server: OpenAIServer) -> None:
    openai_server.answer = f"{FALSE} [1] {NO_SUCH} [2]"
    answer = strict.chain().invoke(FIGHTERS)
    # The other one cites nothing that it has a word in common with, and is never shown.
    assert (answer.status, answer.reason, answer.dropped) == (Status.ABSTAINED, Reason.INSUFFICIENT, 1)
    assert answer.repair is not None
    assert "uncited_dropped" in answer.repair
    assert (answer.sentences, answer.citations, answer.conflicts) == ((), (), ())
    assert "is left out" in answer.answer
    assert "75,000" not in answer.answer
    assert render_text(answer).count("left out") == 1


def test_without_it_the_sentence_stays_and_is_marked(application: Application, openai_server: OpenAIServer) -> None:
    openai_server.answer = f"{TRUE} [1] {FALSE} [1]"
    with made(application.settings.home, openai_server.url, strict=False) as lenient:
        answer = lenient.chain().invoke(FIGHTERS)
    assert [sentence.support for sentence in answer.sentences] == [Support.SUPPORTED, Support.UNSUPPORTED]
    assert (answer.strict, answer.dropped) == (False, 0)
    assert "left out" not in render_text(answer)


def test_extractive_answers_lose_nothing(application: Application, strict: Application) -> None:
    lenient, strictly = (each.chain("extractive").invoke(FIGHTERS) for each in (application, strict))
    assert said(strictly) == said(lenient)
    assert strictly.dropped == 0


def said(answer: Answer) -> tuple[object, ...]:
    return answer.answer, answer.sentences, answer.citations


@pytest.mark.parametrize(
    ("arguments", "variable", "strict"),
    [
        (["ask", "When?"], "", False),
        (["ask", "When?", "--strict"], "", True),
        (["ask", "When?"], "1", True),
        (["eval", "run", "--out", "no-such-folder", "--strict"], "", True),
    ],
)
def test_it_becomes_a_setting(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], variable: str, strict: bool
) -> None:
    monkeypatch.setenv("ISISK_QA_STRICT", variable)
    found: list[bool] = []

    def make(model: str | None) -> Application:
        found.append(make_application(model).settings.strict)
        raise click.exceptions.Exit(0)

    assert main(arguments, make) == 0
    assert found == [strict]
