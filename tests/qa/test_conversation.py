"""Through the chain: questions that lean on an earlier one, misspelt words, and relative times."""

from dataclasses import replace

import pytest

from qa.app import Application
from qa.chain import AnswerChain
from qa.models import Conversation, Question

FIGHTERS = Question("How many fighters did ISIS-K have at the beginning of 2017?")


@pytest.fixture(scope="module")
def chain(application: Application) -> AnswerChain:
    return application.chain()


def test_a_follow_up_is_answered_as_the_question_that_it_means(chain: AnswerChain) -> None:
    alone = chain.invoke(Question("Who founded ISIS-K?"))
    answer = chain.invoke(Question("and who founded it?", earlier=(FIGHTERS.text,)))
    assert answer.question == "and who founded it?"
    assert answer.standalone_question == "Who founded ISIS-K?"
    assert (answer.answer, answer.citations) == (alone.answer, alone.citations)
    assert answer.understood == "Who founded ISIS-K?"


def test_a_question_that_stands_alone_has_nothing_of_the_one_before(chain: AnswerChain) -> None:
    alone = chain.invoke(Question("When was IS-K founded?"))
    answer = chain.invoke(Question("When was IS-K founded?", earlier=(FIGHTERS.text,)))
    assert replace(answer, timings_ms=alone.timings_ms) == alone
    assert answer.standalone_question is None


def test_a_repaired_word_is_in_the_record(chain: AnswerChain) -> None:
    answer = chain.invoke(Question("What happened in Jowzjn?"))
    assert answer.question == "What happened in Jowzjn?"
    assert answer.read_as == answer.understood == "What happened in Jowzjan?"
    assert chain.invoke(FIGHTERS).read_as is None


def test_last_year_counts_from_the_day_that_is_asked_as_of(chain: AnswerChain) -> None:
    question = "How many fighters did ISIS-K have at the beginning of last year?"
    assert chain.evidence_for(question, "2018-12-31")[0].years == (2017,)


def test_the_application_takes_a_conversation(application: Application) -> None:
    history = Conversation((FIGHTERS.text,))
    assert application.answer("who founded it?", history).standalone_question == "Who founded ISIS-K?"
