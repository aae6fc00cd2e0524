"""The chain as a Runnable, without a model."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from langchain_core.runnables import Runnable

from qa.app import Application
from qa.chain import AnswerChain
from qa.errors import QuestionError
from qa.models import (
    PassagesFound,
    Question,
    Status,
    TextDelta,
)
from tests.qa.chains import FIGHTERS, FOUNDED, OVENS, check_order, record

SEVERAL = [FIGHTERS, FOUNDED, OVENS]


@pytest.fixture(scope="module")
def chain(application: Application) -> AnswerChain:
    return application.chain()


@pytest.fixture(scope="module")
def alone(chain: AnswerChain) -> list[dict[str, Any]]:
    """The records of SEVERAL, each asked by itself."""
    return [record(chain.invoke(question)) for question in SEVERAL]


def test_it_is_a_runnable(chain: AnswerChain, alone: list[dict[str, Any]]) -> None:
    assert isinstance(chain, Runnable)
    assert record((chain | (lambda answer: answer)).invoke(FIGHTERS)) == alone[0]


def test_two_runs_give_equal_records(chain: AnswerChain, alone: list[dict[str, Any]]) -> None:
    assert [record(chain.invoke(question)) for question in SEVERAL] == alone


def test_batch(chain: AnswerChain, alone: list[dict[str, Any]]) -> None:
    assert [record(answer) for answer in chain.batch(SEVERAL)] == alone


def test_a_batch_can_return_its_errors(chain: AnswerChain, alone: list[dict[str, Any]]) -> None:
    results: list[Any] = chain.batch([Question(""), FOUNDED], return_exceptions=True)
    assert isinstance(results[0], QuestionError)
    assert record(results[1]) == alone[1]


@pytest.mark.parametrize("number", range(len(SEVERAL)))
def test_stream_ends_with_the_same_answer(chain: AnswerChain, alone: list[dict[str, Any]], number: int) -> None:
    events = list(chain.stream(SEVERAL[number]))
    answer = check_order(events)
    assert record(answer) == alone[number]
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == answer.answer
    found = events[0]
    assert isinstance(found, PassagesFound)
    assert [passage.chunk.id for passage in found.passages] == [chunk.chunk_id for chunk in answer.retrieved]


async def test_astream(chain: AnswerChain, alone: list[dict[str, Any]]) -> None:
    assert record(check_order([event async for event in chain.astream(FIGHTERS)])) == alone[0]


async def test_ainvoke_and_abatch(chain: AnswerChain, alone: list[dict[str, Any]]) -> None:
    assert record(await chain.ainvoke(FIGHTERS)) == alone[0]
    assert [record(answer) for answer in await chain.abatch(SEVERAL)] == alone


async def test_many_at_once(chain: AnswerChain, alone: list[dict[str, Any]]) -> None:
    answers = await asyncio.gather(*(chain.ainvoke(question) for question in SEVERAL * 4))
    assert [record(answer) for answer in answers] == alone * 4


def test_threads_that_each_make_a_chain(application: Application, alone: list[dict[str, Any]]) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda question: application.chain().invoke(question), SEVERAL * 4))
    assert [record(answer) for answer in answers] == alone * 4


def test_a_stream_that_is_left_early_does_no_harm(chain: AnswerChain, alone: list[dict[str, Any]]) -> None:
    events = chain.stream(FIGHTERS)
    assert isinstance(next(events), PassagesFound)
    events.close()  # type: ignore[attr-defined]
    assert record(chain.invoke(FIGHTERS)) == alone[0]


def test_the_record_says_who_answered(chain: AnswerChain) -> None:
    answer = chain.invoke(FIGHTERS)
    assert (answer.answerer, answer.model, answer.prompt_sha256, answer.usage) == ("extractive", None, None, {})
    assert answer.index_generation > 0
    assert answer.timings_ms["total"] >= max(answer.timings_ms["retrieval"], answer.timings_ms["evidence"])


def test_white_space_around_a_question_is_nothing(chain: AnswerChain, alone: list[dict[str, Any]]) -> None:
    assert record(chain.invoke(Question(f"\n  {FIGHTERS.text} \t"))) == alone[0]


# As of a date


@pytest.mark.parametrize(
    ("as_of", "allowed"),
    [
        ("2017-11", set()),
        ("2017-12-11", set()),
        # What is only known to be of December may be of its last day.
        ("2017-12-12", {"new-arab-2017-12-12"}),
        ("2017", {"sputnik-2017-12", "new-arab-2017-12-12"}),
        ("2018", {"sputnik-2017-12", "new-arab-2017-12-12", "mintpress-2018-08"}),
    ],
)
def test_as_of_uses_nothing_that_was_published_later(chain: AnswerChain, as_of: str, allowed: set[str]) -> None:
    answer = chain.invoke(Question(FIGHTERS.text, as_of))
    used = {chunk.article_id for chunk in answer.retrieved} | {citation.article_id for citation in answer.citations}
    assert used <= allowed
    assert answer.as_of == as_of
    assert ("3,000" in answer.answer) == ("sputnik-2017-12" in allowed)


def test_as_of_before_every_article_says_so(chain: AnswerChain) -> None:
    answer = chain.invoke(Question(FIGHTERS.text, "2017-11"))
    assert answer.status is Status.ABSTAINED
    assert "by 2017-11" in answer.answer


# What cannot be asked


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (Question(""), "empty"),
        (Question(" \n\t"), "empty"),
        (Question("?!"), "empty"),
        (Question("why " * 5_000), "2,000"),
        (Question("x\ud800"), "UTF-8"),
        (Question("Who?", "soon"), "As-of"),
        (Question("Who?", "2020-13"), "As-of"),
        (Question("Who?", ""), "As-of"),
    ],
)
def test_questions_that_are_refused(chain: AnswerChain, question: Question, says: str) -> None:
    for ask in (chain.invoke, lambda asked: list(chain.stream(asked))):
        with pytest.raises(QuestionError, match=says) as caught:
            ask(question)
        assert "\n" not in str(caught.value)
