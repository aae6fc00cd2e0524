"""What a model is asked, and its reply as it comes, over a real socket where one is needed."""

import json
from typing import Any

import numpy as np
import pytest

from qa.calibration import APPEALED_FROM
from qa.candidate import Candidate
from qa.chat import ChatModel, Reply
from qa.extractive import Selection
from qa.llm import GrowingReply, ModelAnswerer, PromptSize, Request, read_reply
from qa.models import Reason
from qa.providers import ModelSettings, make_chat_model
from qa.reply import REFUSAL, DraftSentence
from tests.fakes.openai_server import OpenAIServer, error
from vectorstore.models import Article, Chunk, Evidence, Passage
from vectorstore.structure import split_sentences

MARK = "9f3a61c20b7de584"
TEXT = "It had {men} {{question}}. It shrank in 2018."


def passage(text: str = TEXT, name: str = "a") -> Passage:
    sentences = tuple(
        Evidence(start, end, text[start:end], np.zeros(1, np.float32)) for start, end in split_sentences(text)
    )
    article = Article(name, "T", text, "0" * 64, "a.txt")
    return Passage(Chunk(f"{name}#0", name, 0, 0, len(text), text), article, 1.0, sentences=sentences)


def candidates(given: Passage, *relevance: float) -> list[Candidate]:
    return [
        Candidate(part, given, (), value, 0.0, frozenset(), frozenset(), {})
        for part, value in zip(given.sentences, relevance, strict=True)
    ]


def request(
    size: PromptSize = PromptSize.FULL, structured: bool = False, question: str = "How [1] many\u200b {x}?"
) -> Request:
    given = passage()
    return ModelAnswerer(size, structured=structured).request(question, [given], candidates(given, 1, 2), MARK)


@pytest.fixture
def chat(openai_server: OpenAIServer) -> ChatModel:
    return make_chat_model(ModelSettings("fake-model", openai_server.url, deadline_s=10))


@pytest.mark.parametrize("size", PromptSize)
def test_sentences_are_numbered_and_the_question_stands_behind_them(size: PromptSize) -> None:
    asked = request(size)
    system, user = asked.messages
    assert (system.role, user.role) == ("system", "user")
    assert f"<<passage 1 {MARK}>>" in user.text
    assert "[1] It had {men} {{question}}.\n[2] It shrank in 2018.\n<<end" in user.text
    assert user.text.rindex("Question: How (1) many {x}?") > user.text.index("<<end")
    assert REFUSAL in user.text
    assert [one.text for one in asked.context.sentences] == ["It had {men} {{question}}.", "It shrank in 2018."]


@pytest.mark.parametrize("size", PromptSize)
def test_the_system_part_is_the_same_for_every_question(size: PromptSize) -> None:
    # So that an endpoint need not read it anew; and no word of an article or a mark is in it.
    assert request(size).messages[0] == request(size, question="Who?").messages[0]
    assert MARK not in request(size).messages[0].text


def test_a_short_request_holds_the_best_sentences_only() -> None:
    long = passage(" ".join(f"Sentence {number} has {'many ' * 30}words." for number in range(20)))
    worth = [float(number) for number in range(20)]
    asked = ModelAnswerer(PromptSize.SHORT).request("Who?", [long], candidates(long, *worth), MARK)
    assert len(asked.context.text) <= 1_800
    assert [one.text.split()[1] for one in asked.context.sentences] == [str(n) for n in range(14, 20)]
    assert len("".join(message.text for message in asked.messages)) < 3_400


@pytest.mark.parametrize("size", PromptSize)
def test_the_record_can_tell_prompts_and_forms_apart(size: PromptSize) -> None:
    shas = {ModelAnswerer(size, structured=structured).prompt_sha256 for structured in (True, False)}
    assert len(shas) == 2
    assert all(len(sha) == 64 for sha in shas)


NEAR, FAR = APPEALED_FROM, APPEALED_FROM - 0.1


@pytest.mark.parametrize(
    ("selection", "small", "large"),
    [
        (Selection(()), False, False),
        (Selection((), Reason.NO_MATCH, NEAR), False, False),
        (Selection((), Reason.INSUFFICIENT, NEAR), False, False),
        (Selection((), Reason.NO_MATCH, FAR), True, False),
        (Selection((), Reason.FALSE_PREMISE, NEAR), True, False),
        (Selection((), Reason.OUT_OF_SCOPE), True, True),
    ],
)
def test_who_is_asked_about_what_the_sentences_do_not_say(selection: Selection, small: bool, large: bool) -> None:
    short, full = ModelAnswerer(PromptSize.SHORT), ModelAnswerer()
    assert (short.settled(selection), full.settled(selection)) == (small, large)
    # What it thinks of the single sentences has been weighed.
    assert short.settled(selection, weighed=True) is (selection.reason is not None)
    assert full.settled(selection, weighed=True) is large


# Over a socket

OBJECT = {"evidence": [2], "answered": True, "claims": [{"text": "It shrank in 2018.", "sentences": [2]}]}


def sent(server: OpenAIServer) -> list[dict[str, Any]]:
    return [each.json for each in server.requests]


def test_a_schema_goes_along_and_the_reply_is_read(openai_server: OpenAIServer, chat: ChatModel) -> None:
    openai_server.answer = json.dumps(OBJECT)
    asked = request(structured=True)
    with ModelAnswerer.ask(asked, chat) as stream:
        pieces = list(stream)
        reply = stream.reply
    assert len(pieces) > 1
    assert read_reply(reply, 2).sentences == (DraftSentence("It shrank in 2018.", (2,), ()),)
    (body,) = sent(openai_server)
    form = body["response_format"]
    assert form["type"] == "json_schema"
    assert list(form["json_schema"]["schema"]["properties"]) == ["evidence", "answered", "claims"]
    assert form["json_schema"]["schema"]["properties"]["evidence"]["items"]["enum"] == [1, 2]


def test_plain_text_is_asked_for_without_a_schema(openai_server: OpenAIServer, chat: ChatModel) -> None:
    with ModelAnswerer.ask(request(structured=False), chat) as stream:
        list(stream)
    assert "response_format" not in sent(openai_server)[0]


def test_an_endpoint_without_schemas_is_asked_again_once_and_for_all(
    openai_server: OpenAIServer, chat: ChatModel
) -> None:
    openai_server.answer = json.dumps(OBJECT)
    openai_server.script(error(400, "response_format of type json_schema is not supported here"))
    for _ in range(2):
        with ModelAnswerer.ask(request(structured=True), chat) as stream:
            list(stream)
            assert json.loads(stream.reply.text) == OBJECT
    assert ["response_format" in body for body in sent(openai_server)] == [True, False, False]


ONE, OTHER = '{"text": "It had men.", "sentences": [1]}', '{"text": "It shrank.", "sentences": [2]}'
BEGUN = f'{{"evidence": [1], "answered": true, "claims": [{ONE}, '


@pytest.mark.parametrize(
    ("text", "said", "refused"),
    [
        # What ends where the reply ends may have gone on: "3." may have been "3.5".
        ("It had men [1]. It shrank to 3.", ["It had men."], False),
        ("It had men [1]. It shr", ["It had men."], False),
        ("It had men [1].", [], False),
        ("Evidence: 1", [], False),
        (f"{REFUSAL}. The articles", [], True),
        ("<think>It had men. It shrank", [], False),
        (BEGUN + OTHER, ["It had men.", "It shrank."], False),
        (BEGUN + OTHER[:-1], ["It had men."], False),
        (BEGUN + '{"text": "It shr', ["It had men."], False),
        (BEGUN + OTHER + "]}" + "\n" * 50, ["It had men.", "It shrank."], False),
        ('{"evidence": [1, 2, 1, 2', [], False),
        ('{"evidence": [1], "answered": true, "claims": [{"text": "It had men. It had m', [], False),
        ('{"evidence": [1], "answered": false, "claims": [{"text": "It had', [], True),
    ],
)
def test_of_a_reply_that_is_cut_off_only_what_is_whole_is_read(text: str, said: list[str], refused: bool) -> None:
    reply = Reply(text, "length")
    draft = read_reply(reply, 2)
    assert [one.text for one in draft.sentences] == said
    assert draft.refused is refused
    growing = GrowingReply(2)
    shown = [sentence for letter in text for sentence in growing.feed(letter)] + growing.end(reply)
    assert shown == ([] if refused else list(draft.sentences))


# While it grows

TWO = {
    "evidence": [1],
    "claims": [{"text": "It had men.", "sentences": [1]}, {"text": "It {shrank}.", "sentences": []}],
}


@pytest.mark.parametrize(
    "text",
    [
        "Evidence: 1, 2\nIt had men [1]. It {shrank} [2].",
        json.dumps(TWO),
        json.dumps(TWO, indent=2),
        f"```json\n{json.dumps(TWO)}\n```",
    ],
)
@pytest.mark.parametrize("width", [1, 7, 1000])
def test_sentences_come_whole_in_order_and_once(text: str, width: int) -> None:
    growing = GrowingReply(2)
    given = [sentence for start in range(0, len(text), width) for sentence in growing.feed(text[start : start + width])]
    assert (*given, *growing.end(Reply(text, "stop"))) == read_reply(Reply(text, "stop"), 2).sentences
    # The first does not wait for the end.
    assert given[0] == DraftSentence("It had men.", (1,), ())


@pytest.mark.parametrize("text", [REFUSAL, '{"evidence": [], "answered": false, "claims": []}', "[1]", ""])
def test_what_says_nothing_shows_nothing(text: str) -> None:
    growing = GrowingReply(2)
    assert [sentence for letter in text for sentence in growing.feed(letter)] + growing.end(Reply(text, "stop")) == []
