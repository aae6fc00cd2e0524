import json

import pytest

from qa.reply import DraftSentence
from qa.structured import looks_structured, read_structured, reply_schema, whole_claims

GOOD = '{"evidence": [1, 3], "answered": true, "claims": [{"text": "It had men.", "sentences": [1]}]}'
MEN = (DraftSentence("It had men.", (1,), ()),)


def test_the_schema_names_no_sentence_that_is_not_there() -> None:
    schema = reply_schema(3)
    claim = schema["properties"]["claims"]["items"]
    assert claim["properties"]["sentences"]["items"] == {"type": "integer", "enum": [1, 2, 3]}
    assert next(iter(schema["properties"])) == "evidence"
    # What OpenAI's strict mode asks for.
    for each in (schema, claim):
        assert each["required"] == list(each["properties"])
        assert each["additionalProperties"] is False


@pytest.mark.parametrize("text", [GOOD, f"```json\n{GOOD}\n```", f"\n {GOOD}", f"{GOOD}\n{GOOD}", f"{GOOD} I hope so."])
def test_a_reply_is_read(text: str) -> None:
    assert looks_structured(text)
    draft = read_structured(text, 3)
    assert draft is not None
    assert (draft.sentences, draft.refused, draft.evidence) == (MEN, False, (1, 3))


@pytest.mark.parametrize(
    ("claims", "sentences"),
    [
        ([{"text": "It had men.", "sentences": ["1"]}], MEN),
        ([{"text": "It had men.", "sentences": 1}], MEN),
        ([{"text": "It had men [1].", "sentences": []}], MEN),
        ([{"text": "It had men [1].", "sentences": [1, 1]}], MEN),
        (["It had men [1]."], MEN),
        (
            [{"text": "It had men.", "sentences": [1, 9, -2, True, None, 1.5, {}]}],
            (DraftSentence("It had men.", (1,), (9, -2)),),
        ),
        ([{"text": "One. Two.", "sentences": [2]}], (DraftSentence("One.", (2,), ()), DraftSentence("Two.", (2,), ()))),
        ([{"text": "", "sentences": [1]}, {"text": "[1]"}, {"sentences": [1]}, None, 7, []], ()),
        ("It had men.", ()),
        (None, ()),
    ],
)
def test_what_is_in_it_is_taken_with_suspicion(claims: object, sentences: tuple[DraftSentence, ...]) -> None:
    draft = read_structured(json.dumps({"evidence": [], "claims": claims}), 3)
    assert draft is not None
    assert draft.sentences == sentences


@pytest.mark.parametrize(
    ("given", "evidence"), [([3, 1, 4, 0], (3, 1)), ("2", (2,)), (None, ()), ({"a": 1}, ()), (["x", [1]], ())]
)
def test_evidence_that_is_there(given: object, evidence: tuple[int, ...]) -> None:
    draft = read_structured(json.dumps({"evidence": given}), 3)
    assert draft is not None
    assert draft.evidence == evidence


@pytest.mark.parametrize("answered", [True, False, None, "no"])
def test_only_false_refuses(answered: object) -> None:
    draft = read_structured(json.dumps({"evidence": [], "answered": answered, "claims": []}), 3)
    assert draft is not None
    assert draft.refused is (answered is False)


@pytest.mark.parametrize("cut", range(0, len(GOOD), 7))
def test_a_broken_object_gives_its_whole_claims_or_nothing(cut: int) -> None:
    draft = read_structured(GOOD[:cut], 3)
    whole = list(whole_claims(GOOD[:cut]))
    assert draft is None if not whole else (draft is not None and draft.sentences == MEN)


@pytest.mark.parametrize("text", ["", "It had men [1].", "[1]", '{"a": 1}', "{}", "{", '"claims": [{', "[" * 100_000])
def test_no_object_is_none(text: str) -> None:
    assert read_structured(text, 3) is None


def test_deep_nesting_is_no_crash() -> None:
    assert read_structured('{"claims": [' + '{"a":' * 100_000, 3) is None
