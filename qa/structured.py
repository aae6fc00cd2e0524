"""The form of a reply as a JSON schema, and reading what came of it: whole, in part, or not at all."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from qa.reply import Draft, DraftSentence, draft_sentence, tidy

MOST_CLAIMS, MOST_EVIDENCE = 4, 6
_MOST_NUMBERS = 3
_FENCE = re.compile(r"\A\s*```(?:json)?\s*|\s*```\s*\Z", re.I)
_UNANSWERED = re.compile(r'\A[^[{]*\{[^{]*"answered"\s*:\s*false\b')
_CLAIMS = re.compile(r'"claims"\s*:\s*\[')


def reply_schema(sentences: int) -> dict[str, Any]:
    """The schema of a reply over sentences 1 to ``sentences``: evidence first, then whether it answers, then claims.

    Of what is in JSON Schema only what OpenAI, vLLM and llama.cpp all take is used.
    """
    number = {"type": "integer", "enum": list(range(1, sentences + 1))}
    claim = _object(
        text={"type": "string"}, sentences={"type": "array", "items": number, "minItems": 1, "maxItems": _MOST_NUMBERS}
    )
    return _object(
        evidence={"type": "array", "items": number, "maxItems": MOST_EVIDENCE},
        answered={"type": "boolean"},
        claims={"type": "array", "items": claim, "maxItems": MOST_CLAIMS},
    )


def _object(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def looks_structured(text: str) -> bool:
    """Whether a reply, or the beginning of one, is meant to be JSON."""
    return _FENCE.sub("", text).lstrip().startswith("{")


def read_structured(text: str, sentences: int) -> Draft | None:
    """Read a reply in JSON; None when it is not the object that was asked for.

    Of an object that breaks off or is not valid, the claims that are whole are read. Whatever types they should be,
    what is in them is taken with suspicion: a number may be a string, and a sentence may hold markers of its own.
    """
    body = _FENCE.sub("", text).strip()
    try:
        read, _ = json.JSONDecoder().raw_decode(body)
    except (ValueError, RecursionError):
        read = {"claims": list(whole_claims(body)), "answered": not _UNANSWERED.search(body)}
        if not read["claims"] and read["answered"]:
            return None
    if not isinstance(read, dict) or not {"claims", "evidence"} & read.keys():
        return None
    claims = read.get("claims")
    found = [one for claim in (claims if isinstance(claims, list) else []) for one in claim_sentences(claim, sentences)]
    evidence = tuple(number for number in _numbers(read.get("evidence")) if 1 <= number <= sentences)
    return Draft(tuple(found), refused=read.get("answered") is False, evidence=evidence)


def whole_claims(text: str) -> Iterator[Any]:
    """The claims of a reply that may still be growing, up to the first that is not whole."""
    start = _CLAIMS.search(text)
    at = start.end() if start else len(text)
    decoder = json.JSONDecoder()
    while (begin := text.find("{", at)) >= 0 and not text[at:begin].strip(" \t\r\n,"):
        try:
            claim, at = decoder.raw_decode(text, begin)
        except (ValueError, RecursionError):
            return
        yield claim


def claim_sentences(claim: object, sentences: int) -> Iterator[DraftSentence]:
    """What a claim says, sentence by sentence."""
    said = claim.get("text") if isinstance(claim, dict) else claim
    numbers = _numbers(claim.get("sentences")) if isinstance(claim, dict) else []
    for text, own in tidy(said if isinstance(said, str) else ""):
        yield draft_sentence(text, [*own, *numbers], sentences)


def _numbers(value: object) -> list[int]:
    values = value if isinstance(value, list) else [value]
    return [
        int(one)
        for one in values
        if (isinstance(one, int) and not isinstance(one, bool))
        or (isinstance(one, str) and re.fullmatch(r"\d{1,9}", one))
    ]
