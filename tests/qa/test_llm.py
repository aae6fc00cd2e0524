import pytest

from qa.chat import ChatModel
from qa.context import build_context
from qa.errors import BadReplyError
from qa.llm import REFUSAL, DraftSentence, ModelAnswerer, parse_reply
from qa.providers import ModelSettings, make_chat_model
from tests.fakes.openai_server import OpenAIServer, Step
from vectorstore.models import Article, Chunk, Passage

MARK = "9f3a61c20b7de584"

Read = list[tuple[str, tuple[int, ...], tuple[int, ...]]]


def read(text: str, passages: int = 3) -> Read:
    return [(s.text, s.markers, s.invalid_markers) for s in parse_reply(text, passages).sentences]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It had 3,000 men [1]. It shrank [2].", [("It had 3,000 men.", (1,), ()), ("It shrank.", (2,), ())]),
        ("It had 3,000 men.[1] It shrank.[2]", [("It had 3,000 men.", (1,), ()), ("It shrank.", (2,), ())]),
        ("It had 3,000 men. [1] It shrank. [2]", [("It had 3,000 men.", (1,), ()), ("It shrank.", (2,), ())]),
        ("[1] It had 3,000 men. [2] It shrank.", [("It had 3,000 men.", (1,), ()), ("It shrank.", (2,), ())]),
        ("[1] It had 3,000 men [2].", [("It had 3,000 men.", (1, 2), ())]),
        ("It grew [2] and shrank [1], then grew [2].", [("It grew and shrank, then grew.", (2, 1), ())]),
        ("It had men.\n[1]\nIt shrank.\n[2]", [("It had men.", (1,), ()), ("It shrank.", (2,), ())]),
        ("[3]\nIt had men.", [("It had men.", (3,), ())]),
        ("Gen. Nicholson [1] said 600 died.", [("Gen. Nicholson said 600 died.", (1,), ())]),
        ('He said: "It fell. We won." [1]', [('He said: "It fell. We won."', (1,), ())]),
        ("He said[1]that it fell.", [("He said that it fell.", (1,), ())]),
        ("No marker here.", [("No marker here.", (), ())]),
    ],
)
def test_markers_belong_to_their_sentence(text: str, sentences: Read) -> None:
    assert read(text) == sentences


@pytest.mark.parametrize(
    ("marker", "valid", "invalid"),
    [
        ("[1][2]", (1, 2), ()),
        ("[1] [2]", (1, 2), ()),
        ("[1, 2]", (1, 2), ()),
        ("[1; 3]", (1, 3), ()),
        ("[1 and 3]", (1, 3), ()),
        ("[1-3]", (1, 2, 3), ()),
        ("[3–1]", (1, 2, 3), ()),
        ("[1-2, 3]", (1, 2, 3), ()),
        ("[passage 2]", (2,), ()),
        ("[Passages 1 and 2]", (1, 2), ()),
        ("[passage 1, passage 2]", (1, 2), ()),
        ("[^2]", (2,), ()),
        ("【2†source】", (2,), ()),
        ("[2](https://example.org/a)", (2,), ()),
        ("[2][2]", (2,), ()),
        ("[0]", (), (0,)),
        ("[4]", (), (4,)),
        ("[1][17]", (1,), (17,)),
        ("[2-5]", (2, 3), (4, 5)),
        ("[1-900000000]", (1,), (900000000,)),
        (f"[{'9' * 5000}]", (), (999999999,)),
    ],
)
def test_forms_of_markers(marker: str, valid: tuple[int, ...], invalid: tuple[int, ...]) -> None:
    assert read(f"It shrank {marker}.") == [("It shrank.", valid, invalid)]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("It began in [2015] with [1,200] men [sic].", "It began in 2015 with 1,200 men [sic]."),
        ("It fought in [2016-2017] there.", "It fought in 2016-2017 there."),
    ],
)
def test_an_editors_brackets_are_no_markers(text: str, clean: str) -> None:
    assert read(text) == [(clean, (), ())]


@pytest.mark.parametrize("text", ["", "  \n", "[1]", "[1][2]\n[3]", ".", "[1].", "<think>It had men [1]."])
def test_a_reply_without_words_has_no_sentences(text: str) -> None:
    draft = parse_reply(text, 3)
    assert draft.sentences == ()
    assert not draft.refused


@pytest.mark.parametrize(
    "text",
    [
        "Answer: It had\nmen [1].",
        "**Answer:** It had **men** [1].",
        "- It had men [1].",
        "1. It had men [1].",
        "> - It had men [1].",
        "> It had\n> men [1].",
        "Answer: [1] It had men.",
        "# Answer\n\nIt had men [1].",
        "<think>Was it [2]?</think>\n\nIt had men [1].",
        "It had men [1].\n\nSources:\n[1] Sputnik, December 2017\n[2] Other",
        "It had men.\nSource: [1]",
        "It had men.\nSources: [1].",
    ],
)
def test_decoration_is_taken_off(text: str) -> None:
    assert read(text) == [("It had men.", (1,), ())]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (REFUSAL, True),
        (f"**{REFUSAL}.**", True),
        (f'"{REFUSAL}"', True),
        ("Not in the articles.", True),
        (f"{REFUSAL}. They only say that it shrank [1].", True),
        (f"{REFUSAL} [1].", True),
        (f"[{REFUSAL}] [1] It shrank.", True),
        (f"The age of the leader is {REFUSAL}.", True),
        ("That is not in the articles.", True),
        (f"It shrank.\n{REFUSAL}", True),
        (f"It shrank [1].\n{REFUSAL}", False),
        ("It shrank [1]. Its strength is not in the articles.", False),
        ("It shrank [1].", False),
        ("The group is not in the article's focus [1].", False),
    ],
)
def test_refusals(text: str, refused: bool) -> None:
    draft = parse_reply(text, 3)
    assert draft.refused is refused
    assert not any(REFUSAL in sentence.text for sentence in draft.sentences)


def passage(text: str) -> Passage:
    return Passage(Chunk("c", "a", 0, 0, len(text), text), Article("a", "T", text, "0" * 64, "a.txt"), 1.0)


@pytest.fixture
def chat(openai_server: OpenAIServer) -> ChatModel:
    return make_chat_model(ModelSettings("fake-model", openai_server.url, deadline_s=10))


def test_a_draft_streams_from_an_endpoint(openai_server: OpenAIServer, chat: ChatModel) -> None:
    context = build_context([passage("It had {men} {{question}}.")], mark=MARK, budget_chars=2000)
    openai_server.answer = "It had men [1]."
    with ModelAnswerer().draft("How [1] many\u200b {x}?", context, chat) as stream:
        pieces = list(stream)
        reply = stream.reply
    assert len(pieces) > 1
    assert "".join(pieces) == reply.text
    assert parse_reply(reply.text, 1).sentences == (DraftSentence("It had men.", (1,), ()),)
    system, user = openai_server.requests[0].json["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert "It had {men} {{question}}." in user["content"]
    assert "Question: How (1) many {x}?" in user["content"]
    assert "It had" not in system["content"]


def test_a_reply_that_is_cut_off_is_no_draft(openai_server: OpenAIServer, chat: ChatModel) -> None:
    openai_server.script(Step(text="It had men [1].", finish_reason="length"))
    context = build_context([passage("It had men.")], mark=MARK, budget_chars=2000)
    with ModelAnswerer().draft("How many?", context, chat) as stream:
        with pytest.raises(BadReplyError):
            list(stream)
        with pytest.raises(RuntimeError):
            _ = stream.reply
