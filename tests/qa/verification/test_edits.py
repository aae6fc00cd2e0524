"""Claims that keep to the words of their evidence, with one thing changed."""

import pytest

from qa.models import Support
from qa.verification import Mismatch, Setting, Verifier
from qa.verification.edits import Edits
from qa.verification.statement import Reader

RAID = (
    "On May 3, Afghan commandos killed 14 soldiers of the Taliban in some villages of Kunar, a province in the east, "
    "and freed at least 60 captives."
)
PRICES = "Most engines are more efficient than this one, but it is not more expensive than most."
YEARS = "In 2015 Khan founded a school in Kunar. In 2018 Dostom closed it for good."


@pytest.mark.parametrize(
    ("claim", "evidence", "mismatch"),
    [
        ("Most engines are less efficient than this one.", PRICES, Mismatch.OPPOSITE),
        ("Few engines are more efficient than this one.", PRICES, Mismatch.OPPOSITE),
        ("Most engines are not more efficient than this one.", PRICES, Mismatch.NEGATION),
        ("This one is more expensive than most engines.", PRICES, Mismatch.NEGATION),
        (RAID.replace("some villages", "all villages"), RAID, Mismatch.OPPOSITE),
        (RAID.replace("at least", "at most"), RAID, Mismatch.OPPOSITE),
        (RAID.replace("at least", "up to"), RAID, Mismatch.OPPOSITE),
        (RAID.replace("14", "60").replace("least 60", "least 14"), RAID, Mismatch.MISPLACED),
        ("In 2018 Khan founded a school in Kunar.", YEARS, Mismatch.MISPLACED),
        ("Dostom closed it for good in 2015.", YEARS, Mismatch.MISPLACED),
        ("In 2015 Dostom founded a school in Kunar.", YEARS, Mismatch.MISPLACED),
    ],
)
def test_what_turns_a_sentence_round(verifier: Verifier, claim: str, evidence: str, mismatch: Mismatch) -> None:
    verdict = verifier.verify(claim, [evidence])
    assert verdict.support is Support.UNSUPPORTED, verdict
    assert mismatch in verdict.mismatches


@pytest.mark.parametrize(
    ("claim", "mismatch", "word"),
    [
        (RAID.replace("soldiers", "horses"), Mismatch.COUNTED, "horses"),
        (RAID.replace("freed", "filmed"), Mismatch.REPLACED, "filmed"),
        (RAID.replace("captives.", "captives with ladders and heavy trucks."), Mismatch.ADDED, "ladders"),
        (RAID.replace("captives.", "captives after a heavy earthquake."), Mismatch.ADDED, "earthquake"),
    ],
)
def test_what_the_article_does_not_say_is_supported_in_part(
    verifier: Verifier, claim: str, mismatch: Mismatch, word: str
) -> None:
    verdict = verifier.verify(claim, [RAID])
    assert verdict.support is Support.PARTIAL, verdict
    assert mismatch in verdict.mismatches
    assert word in verdict.missing


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Afghan commandos killed 14 soldiers of the Taliban in some villages of Kunar on May 3.", RAID),
        ("On May 3, Afghan commandos killed fourteen soldiers of the Taliban in some villages of Kunar.", RAID),
        ("According to the article, Afghan commandos freed at least 60 captives.", RAID),
        (RAID.replace("killed", "had killed"), RAID),
        (RAID.replace(", a province in the east,", ""), RAID),
        (RAID.replace("in some villages", "in a number of villages"), RAID),
        ("A school in Kunar was founded by Khan in 2015.", YEARS),
        ("Most engines are more efficient than this one.", PRICES),
    ],
)
def test_what_changes_nothing(verifier: Verifier, claim: str, evidence: str) -> None:
    verdict = verifier.verify(claim, [evidence])
    assert verdict.support is Support.SUPPORTED, verdict


def test_another_word_is_a_synonym_where_the_two_mean_the_same(verifier: Verifier) -> None:
    claim = RAID.replace("freed", "recovered")
    assert verifier.verify(claim, [RAID]).mismatches == (Mismatch.REPLACED,)
    assert verifier.verify(claim, [RAID], similarity=0.98).support is Support.SUPPORTED
    assert verifier.verify(claim, [RAID], similarity=0.9).support is Support.PARTIAL


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (RAID, True),
        (RAID.replace(", a province in the east,", ""), True),
        ("Afghan commandos killed 14 soldiers of the Taliban on May 3.", True),
        # Words between the two are no aside: these are not said of the Taliban.
        ("Commandos killed the Taliban and freed 60 captives.", False),
        ("Afghan commandos killed 14 soldiers of Kunar.", False),
    ],
)
def test_only_left_out_or_moved(reader: Reader, claim: str, expected: bool) -> None:
    edits = Edits(reader.read(claim), reader.read(RAID), lambda index: True)
    assert edits.only_left_out_or_moved is expected


def test_a_pronoun_stands_for_what_the_sentence_before_begins_with(verifier: Verifier) -> None:
    said, before = "He was killed near Kabul in April 2017.", "Khalid led a group in Nangarhar after Omar had fled. "
    setting = Setting(before=before, around=before + said)
    assert (
        verifier.verify("Khalid was killed near Kabul in April 2017.", [said], [setting]).support is Support.SUPPORTED
    )
    assert verifier.verify("Omar was killed near Kabul in April 2017.", [said], [setting]).support is Support.PARTIAL
