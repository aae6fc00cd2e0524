"""Who did what to whom, and how many of what."""

import pytest

from qa.verification.binding import misdirected, suffers, swapped_roles, worst_binding
from qa.verification.statement import Reader

DEFEAT = "The Taliban carried out an operation against ISIS in Jawzjan, defeating the group."


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        ("ISIS defeated the Taliban.", "The Taliban defeated ISIS.", "ISIS"),
        ("ISIS defeated the Taliban.", "ISIS was defeated by the Taliban.", "ISIS"),
        ("The Taliban was defeated by ISIS.", "The Taliban defeated ISIS.", "ISIS"),
        ("ISIS defeated the Taliban.", DEFEAT, "ISIS"),
        ("ISIS-K defeated the Taliban.", "The Taliban defeated ISIS.", "ISIS-K"),
        ("Taliban fighters were defeated by Daesh.", "ISIS was heavily defeated by Taliban units.", "Daesh"),
        # The same, in the same order or turned round.
        ("The Taliban defeated ISIS.", "The Taliban defeated ISIS.", None),
        ("The Taliban defeated ISIS.", "ISIS was defeated by the Taliban.", None),
        ("ISIS was defeated by the Taliban.", "The Taliban defeated Daesh.", None),
        ("The Taliban defeated ISIS.", DEFEAT, None),
        # Both do it, or neither is an actor.
        ("ISIS fought the Taliban.", "The Taliban fought ISIS.", None),
        ("In Iraq ISIS lost.", "ISIS lost in Iraq.", None),
        ("AFP reported that ISIS had fled.", "ISIS had fled, AFP reported.", None),
    ],
)
def test_swapped_roles(reader: Reader, claim: str, evidence: str, expected: str | None) -> None:
    assert swapped_roles(reader.read(claim), reader.read(evidence)) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many soldiers has ISIS killed?", "ISIS"),
        ("How many soldiers were killed by ISIS?", "ISIS"),
        ("How many soldiers did the Taliban kill?", None),
        ("How many soldiers were killed by the Taliban?", None),
        ("How many ISIS men were killed?", None),
    ],
)
def test_suffers(reader: Reader, question: str, expected: str | None) -> None:
    assert suffers(reader.read(question), reader.read("The Taliban killed 40 ISIS fighters.")) == expected


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        ("They surrendered to the Taliban.", "They surrendered to the army. The Taliban fled.", "Taliban"),
        ("They fled from ISIS.", "They fled from the Taliban and not ISIS-K alone.", None),
        ("They surrendered to the Afghan government.", "They surrendered to the government.", None),
        ("They surrendered to the Taliban.", "The Taliban came, and they surrendered to them.", None),
        ("They fled to Iraq.", "They fled.", None),
    ],
)
def test_misdirected(reader: Reader, claim: str, evidence: str, expected: str | None) -> None:
    assert misdirected(reader.read(claim), reader.read(evidence)) == expected


@pytest.mark.parametrize(
    ("claim", "evidence", "misplaced"),
    [
        ("100 were killed and 153 others were injured.", "153 were killed and 100 others were injured.", True),
        ("153 were killed and 100 injured.", "153 members were killed and 100 others were injured.", False),
        ("It rose from 14,000 to 8,500.", "It rose from 8,500 in early 2017 to 14,000 in early 2018.", True),
        ("It rose from 8,500 to 14,000.", "It rose from 8,500 in early 2017 to 14,000 in early 2018.", False),
        ("Troops numbered 8,500 in early 2018.", "Troops: 14,000 in early 2018, 8,500 in early 2017.", True),
        ("Rollo swore fealty to Charles.", "Rollo agreed to swear fealty to Charles.", False),
        ("Charles swore fealty to Rollo.", "Rollo agreed to swear fealty to Charles.", True),
        ("Harald was the leader of Norway.", "Rollo was the leader of Norway.", True),
    ],
)
def test_worst_binding(reader: Reader, claim: str, evidence: str, misplaced: bool) -> None:
    excess, _ = worst_binding(reader.read(claim), reader.read(evidence))
    assert (excess > 0.25) is misplaced
