import json
from dataclasses import replace

import pytest

from qa.app import Application
from qa.models import Answer, Conflict, Position, Question, Reason, RetrievedChunk
from qa.records import answer_from
from tests.qa.tui import fakes


def round_trip(answer: Answer) -> Answer:
    return answer_from(json.loads(json.dumps(answer.to_record())))


@pytest.mark.parametrize(
    "answer",
    [
        fakes.fighters(),
        fakes.answer("They do not say.", reason=Reason.FALSE_PREMISE, as_of="2019-03", strict=True, dropped=2),
        fakes.answer(
            "a",
            conflicts=(Conflict("fighters", (Position("one", (1, 2)), Position("two", ()))),),
            retrieved=(RetrievedChunk("c", "a", 1, 2, 0.5, None, 3),),
            notes=("n",),
            repair=("one marker added",),
            usage={"total_tokens": 12.0},
            standalone_question="s",
            read_as="r",
        ),
        fakes.answer("a", repair=()),
    ],
    ids=["answered", "abstained", "everything", "nothing repaired"],
)
def test_a_record_is_read_back(answer: Answer) -> None:
    assert round_trip(answer) == answer
    assert round_trip(answer).id == answer.id


def test_the_record_of_a_real_answer_is_read_back(application: Application) -> None:
    answer = application.chain().invoke(Question(fakes.QUESTION))
    assert answer.citations
    assert round_trip(answer) == answer


def test_what_another_version_wrote() -> None:
    record = fakes.fighters().to_record()
    newer = {**record, "mood": "calm", "sentences": [{**each, "tone": 1} for each in record["sentences"]]}
    assert answer_from(newer) == fakes.fighters()
    older = {name: value for name, value in record.items() if name not in ("read_as", "repair", "notes", "dropped")}
    assert answer_from(older) == replace(fakes.fighters())


@pytest.mark.parametrize("wrong", [{}, {"question": "q"}, {**fakes.fighters().to_record(), "status": "maybe"}])
def test_what_is_no_record(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"record|maybe"):
        answer_from(wrong)
