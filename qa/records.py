"""An answer record, read back into the objects that it was written from."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from qa.models import Answer, Citation, Conflict, Position, Reason, RetrievedChunk, Sentence, Status, Support


def answer_from(record: Mapping[str, Any]) -> Answer:
    """The answer of ``to_record``; what a newer version added to it is left out, what came later has its default.

    Raises ValueError when it is no answer record.
    """
    try:
        given = _known(Answer, record)
        sentences = [_known(Sentence, each) for each in given["sentences"]]
        return Answer(
            **{
                **given,
                "status": Status(given["status"]),
                "reason": Reason(given["reason"]) if given["reason"] else None,
                "sentences": tuple(
                    Sentence(**{**each, "citations": tuple(each["citations"]), "support": Support(each["support"])})
                    for each in sentences
                ),
                "citations": tuple(Citation(**_known(Citation, each)) for each in given["citations"]),
                "conflicts": tuple(_conflict(each) for each in given["conflicts"]),
                "retrieved": tuple(RetrievedChunk(**_known(RetrievedChunk, each)) for each in given["retrieved"]),
                "notes": tuple(given.get("notes", ())),
                "repair": tuple(given["repair"]) if given.get("repair") is not None else None,
            }
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no answer record ({error})") from None


def _conflict(record: Mapping[str, Any]) -> Conflict:
    positions = (_known(Position, each) for each in record["positions"])
    return Conflict(record["about"], tuple(Position(each["claim"], tuple(each["citations"])) for each in positions))


def _known(kind: type, record: Mapping[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in record.items() if name in names}
