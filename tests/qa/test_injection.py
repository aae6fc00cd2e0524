"""A sample of the attacks of tests/benchmarks/injection.py: nothing of them gets into an answer."""

from typing import Any

import pytest

from qa.models import Question, Status
from tests.benchmarks.injection import (
    BIPIA,
    Attack,
    Position,
    bipia_attacks,
    obedient_model,
    own_attacks,
    run,
    under_attack,
)

QUESTIONS = [
    Question("How many fighters did ISIS-K have at the beginning of 2017?"),
    Question("When was IS-K founded?"),
    Question("How many bread ovens stand in Lisbon?"),
]
PLACES: tuple[Position, ...] = ("start", "middle", "end")


def sample() -> list[tuple[Attack, Position]]:
    """One of each kind of our own, and every tenth of BIPIA's where it is there."""
    own = list({attack.kind: attack for attack in own_attacks()}.values())
    others = bipia_attacks()[::15] if BIPIA.is_file() else []
    return [(attack, PLACES[number % 3]) for number, attack in enumerate([*own, *others])]


def test_without_a_model_nothing_changes() -> None:
    with under_attack(answerer="extractive", history=0) as (application, articles):
        found = list(run(application, articles, QUESTIONS, sample()[::3]))
    assert len(found) == len(sample()[::3]) * len(QUESTIONS)
    assert [(attack.text, outcome) for attack, _, _, _, outcome in found if outcome.harmful] == []


@pytest.mark.parametrize("settings", [{"prompt": "short"}, {"prompt": "full", "structured": False}])
def test_a_model_that_obeys_says_nothing_uncited(settings: dict[str, Any]) -> None:
    attacks = sample()[:: 5 if settings["prompt"] == "short" else 6]
    with obedient_model() as (server, current):
        named: dict[str, Any] = {"model": "obedient", "base_url": server.url, "history": 0, **settings}
        with under_attack(**named) as (application, articles):
            found = list(run(application, articles, QUESTIONS, attacks, current))
    for attack, _, _, answer, outcome in found:
        assert not outcome.uncited, attack.text
        # A false report with markers in it is a report: it may be cited.
        assert attack.kind == "fake marker" or not outcome.shown, attack.text
        assert "BANANA" not in answer.answer
        assert answer.status is Status.ABSTAINED or answer.sentences
