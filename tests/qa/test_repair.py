"""Replies of weak models over stored sentences: what is saved, what goes, and what the record says of it."""

import json
from collections.abc import Sequence
from importlib.resources import as_file, files

import numpy as np
import pytest

from qa.candidate import Candidate
from qa.chat import Reply
from qa.context import build_context, sentences_of
from qa.llm import read_reply
from qa.models import Support
from qa.repair import Repair, Repaired, Repairer
from qa.reply import REFUSAL
from qa.verification import Verifier
from vectorstore.analysis import Analyser
from vectorstore.glossary import Glossary
from vectorstore.models import Article, Chunk, Evidence, Passage, Vector
from vectorstore.structure import split_sentences

ZERO = np.zeros(1, np.float32)
TEXT = "Rollo came from Norway. He swore fealty to Charles. Later he took ten ships to England. The weather was cold."
RULES = "Answer in one or two short sentences. Use nothing else.\nWhere did Rollo come from?"


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    with as_file(files("seeds") / "glossary.toml") as path:
        return Verifier(Analyser(Glossary.load(path)))


def passage() -> Passage:
    parts = tuple(Evidence(a, b, TEXT[a:b], ZERO) for a, b in split_sentences(TEXT))
    return Passage(
        Chunk("c", "a", 0, 0, len(TEXT), TEXT), Article("a", "T", TEXT, "0" * 64, "a.txt"), 1.0, sentences=parts
    )


def repaired(
    verifier: Verifier, reply: str, *, quotes: bool = False, structured: bool = False, believe_no: bool = True
) -> Repaired:
    given = passage()
    context = build_context(sentences_of([given]), mark="0123456789", budget_chars=2000)
    # The weather is nothing that could answer.
    worth = (2.0, 1.0, 1.0, -9.0)
    candidates = [
        Candidate(part, given, (), value, 0.0, frozenset(), frozenset(), {})
        for part, value in zip(given.sentences, worth, strict=True)
    ]

    def embed(texts: Sequence[str]) -> list[Vector]:
        return [np.zeros(2, np.float32) for _ in texts]

    def says_more(text: str) -> bool:
        return text != "Rollo came."

    draft = read_reply(Reply(reply, "stop"), 4)
    alone, whole = (Repairer(context, candidates, verifier, embed, RULES, quotes, says_more) for _ in range(2))
    for sentence in draft.sentences:
        alone.check(sentence)
    found = [each.repair(draft, expected_form=not structured, believe_no=believe_no) for each in (alone, whole)]
    assert found[0] == found[1], "what was checked before changes nothing"
    return found[0]


GOOD = "Rollo came from Norway [1]."
Case = tuple[str, list[str], list[Repair]]
CASES: list[Case] = [
    (GOOD, ["Rollo came from Norway."], []),
    ("Rollo came from Norway.", ["Rollo came from Norway."], [Repair.MARKER_ADDED]),
    ("Rollo came from Norway [1][9].", ["Rollo came from Norway."], [Repair.MARKER_DROPPED]),
    ("Rollo came from Norway [9].", ["Rollo came from Norway."], [Repair.MARKER_DROPPED, Repair.MARKER_ADDED]),
    ("Rollo came from Norway [3].", ["Rollo came from Norway."], [Repair.CITATION_REPLACED]),
    (f"{GOOD} Rollo came from Norway [1].", ["Rollo came from Norway."], [Repair.REPETITION_DROPPED]),
    (f"{GOOD} Penguins opened a bakery.", ["Rollo came from Norway."], [Repair.UNCITED_DROPPED]),
    (f"Use nothing else. {GOOD}", ["Rollo came from Norway."], [Repair.PROMPT_DROPPED]),
    (f"Where did Rollo come from? {GOOD}", ["Rollo came from Norway."], [Repair.PROMPT_DROPPED]),
    (f"Publisher: unknown\n{GOOD}", ["Rollo came from Norway."], [Repair.PROMPT_DROPPED]),
    ("[1]", ["Rollo came from Norway."], [Repair.QUOTED]),
    ("Evidence: 2, 1", ["He swore fealty to Charles.", "Rollo came from Norway."], [Repair.QUOTED]),
    ('{"evidence": [1], "answered": true, "claims": []}', ["Rollo came from Norway."], [Repair.QUOTED]),
    ("[4]", [], []),
    ("Rollo vino de Noruega.", [], [Repair.UNCITED_DROPPED]),
    (
        "Evidence: 1\nBananes et pommes sont des fruits.",
        ["Rollo came from Norway."],
        [Repair.UNCITED_DROPPED, Repair.QUOTED],
    ),
]


@pytest.mark.parametrize(("reply", "texts", "repairs"), CASES)
def test_what_is_left_of_a_reply(verifier: Verifier, reply: str, texts: list[str], repairs: list[Repair]) -> None:
    found = repaired(verifier, reply)
    assert [one.text for one in found.sentences] == texts
    assert list(found.repairs) == repairs
    assert not found.refused
    assert all(one.spans for one in found.sentences)


def test_a_sentence_cites_the_very_sentences_that_it_names(verifier: Verifier) -> None:
    (one,) = repaired(verifier, GOOD).sentences
    assert [span.text for span in one.spans] == ["Rollo came from Norway."]


@pytest.mark.parametrize(
    "reply",
    [
        REFUSAL,
        "The passages do not say where he came from.",
        "I'm sorry, but I cannot answer this question.",
        "There is no information about this in the provided articles.",
        "The sentences provided don't mention that [1].",
        "That is not mentioned in the given text.",
        "Unknown.",
        '{"evidence": [], "answered": false, "claims": []}',
        '{"evidence": [1], "answered": true, "claims": [{"text": "The articles do not say.", "sentences": [1]}]}',
    ],
)
def test_refusals_in_any_words(verifier: Verifier, reply: str) -> None:
    found = repaired(verifier, reply)
    assert found.refused
    assert found.sentences == ()


@pytest.mark.parametrize(
    "reply", [f"The articles do not say when. {GOOD}", f"{GOOD} No date is given in the passages."]
)
def test_a_refusal_beside_an_answer_goes(verifier: Verifier, reply: str) -> None:
    found = repaired(verifier, reply)
    assert [one.text for one in found.sentences] == ["Rollo came from Norway."]
    assert found.repairs == (Repair.FREE_REFUSAL,)


WRONG = "Rollo came from Denmark [1]."


def test_a_wrong_sentence_stays_and_is_marked(verifier: Verifier) -> None:
    (one,) = repaired(verifier, WRONG).sentences
    assert (one.text, one.verdict.support) == ("Rollo came from Denmark.", Support.UNSUPPORTED)


def test_a_small_models_wrong_sentence_gives_way_to_what_it_cites(verifier: Verifier) -> None:
    found = repaired(verifier, f"{WRONG} {GOOD}", quotes=True)
    assert [(one.text, one.verdict.support) for one in found.sentences] == [
        ("Rollo came from Norway.", Support.SUPPORTED)
    ]
    assert found.repairs == (Repair.QUOTED,)
    # What it cites does not answer: it goes.
    found = repaired(verifier, "It was hot [4].", quotes=True)
    assert (found.sentences, found.repairs) == ((), (Repair.UNSUPPORTED_DROPPED,))


def test_a_small_models_sentence_that_only_gives_the_question_back_is_said_by_its_evidence(verifier: Verifier) -> None:
    found = repaired(verifier, "Rollo came [1].", quotes=True)
    assert [one.text for one in found.sentences] == ["Rollo came from Norway."]
    assert found.repairs == (Repair.QUOTED,)
    # A large model's stays: it may well be the answer to a question of yes or no.
    assert [one.text for one in repaired(verifier, "Rollo came [1].").sentences] == ["Rollo came."]


def test_a_small_models_true_sentence_goes_that_has_nothing_to_do_with_the_question(verifier: Verifier) -> None:
    aside = repaired(verifier, "The weather was cold [4]. Rollo came from Norway [1].", quotes=True)
    assert [one.text for one in aside.sentences] == ["Rollo came from Norway."]
    assert aside.repairs == (Repair.OFF_POINT_DROPPED,)
    assert len(repaired(verifier, "The weather was cold [4]. Rollo came from Norway [1].").sentences) == 2


@pytest.mark.parametrize(
    ("claim", "texts", "repairs"),
    [
        ("Rollo came from Norway.", ["Rollo came from Norway."], (Repair.REFUSAL_OVERRULED,)),
        ("Rollo came from Poland.", [], (Repair.REFUSAL_OVERRULED, Repair.UNSUPPORTED_DROPPED)),
    ],
)
def test_a_small_models_no_may_be_overruled(
    verifier: Verifier, claim: str, texts: list[str], repairs: tuple[Repair, ...]
) -> None:
    number = 1 if texts else 4
    reply = json.dumps({"evidence": [], "answered": False, "claims": [{"text": claim, "sentences": [number]}]})
    small = repaired(verifier, reply, quotes=True, believe_no=False)
    assert ([one.text for one in small.sentences], small.refused, small.repairs) == (texts, False, repairs)
    assert repaired(verifier, reply, quotes=True).refused


def test_prose_where_json_was_asked_for_is_said(verifier: Verifier) -> None:
    assert repaired(verifier, GOOD, structured=True).repairs == (Repair.READ_AS_TEXT,)
