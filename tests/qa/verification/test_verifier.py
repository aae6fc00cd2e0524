"""Verdicts on sentences: each kind of alteration, and what the evidence does say in other words."""

import pytest

from qa.models import Support
from qa.verification import NOTHING_CITED, VERBATIM, Mismatch, Setting, Verdict, Verifier
from qa.verification.verifier import score_of
from vectorstore.dates import PartialDate

FIGHTERS = (
    "They are believed to have around 1,100 fighters spread throughout the country, down from a high of 3,000 at the "
    "beginning of 2017."
)
KILLED = (
    "Nicholson added that the US has killed over 1,600 ISIS-K fighters across 1,400 ground operations and air strikes "
    "since March."
)
OPERATION = (
    "On August 1, the Taliban carried out a large-scale operation against ISIS in the northern province of Jawzjan "
    "defeating the terrorist group there."
)
TROOPS = (
    "The administration of US President Donald Trump significantly increased the number of troops deployed in "
    "Afghanistan: from 8,500 in early 2017 to 14,000 in early 2018."
)
RESPONSE = "The Taliban didn’t respond to the attack, or simply haven’t yet done so."
DEAD = "An assault in Sar-e-Pul province in August left around 50 dead, a suicide bombing in Kabul killed 14."
SPUTNIK = Setting(
    publisher="Sputnik",
    titles="US and Afghan special operations groups are preparing an offensive",
    before="ISIS-K has been linked to several destructive terrorist attacks. ",
    around=f"ISIS-K has been linked to several destructive terrorist attacks. {FIGHTERS}",
    published=PartialDate("2017-12"),
)

SUPPORTED = [
    ("They have around 1,100 fighters, down from 3,000 at the beginning of 2017.", FIGHTERS),
    ("At the beginning of 2017 they had a high of three thousand fighters.", FIGHTERS),
    ("ISIS-K is believed to have around 1,100 fighters.", FIGHTERS),
    ("Sputnik (December 2017) reports that ISIS-K is believed to have about 1,100 fighters.", FIGHTERS),
    ("General John Nicholson said that over 1,600 Daesh-K fighters were killed since March.", KILLED),
    ("The US killed more than 1,600 ISIS-K fighters since March 2017, according to Nicholson.", KILLED),
    ("The Taliban defeated ISIS in Jowzjan on August 1.", OPERATION),
    ("The Taliban launched a large operation against Daesh in Jawzjan.", OPERATION),
    ("US troops grew from 8,500 in early 2017 to 14,000 in early 2018.", TROOPS),
    ("The Taliban did not respond to the attack.", RESPONSE),
    ("No, the Taliban did not respond.", RESPONSE),
    ("Around 50 died in Sar-e-Pul province.", DEAD),
    ("They oppose the security forces.", "They oppose the Afghan National Defense Security Forces."),
]
ALTERED = [
    ("They have around 1,200 fighters.", FIGHTERS, Mismatch.NUMBER),
    ("They have around 1,100% more fighters.", FIGHTERS, Mismatch.NUMBER),
    ("They had 3,000 fighters at the beginning of 2016.", FIGHTERS, Mismatch.DATE),
    ("Sputnik (June 2021) reports that they have around 1,100 fighters.", FIGHTERS, Mismatch.DATE),
    ("They have around 3,000 fighters, down from 1,100 in early 2017.", FIGHTERS, Mismatch.MISPLACED),
    ("The Pentagon is believed to have around 1,100 fighters.", FIGHTERS, Mismatch.NAME),
    ("Faulkner added that the US has killed over 1,600 ISIS-K fighters since March.", KILLED, Mismatch.NAME),
    ("The US has not killed over 1,600 ISIS-K fighters since March.", KILLED, Mismatch.NEGATION),
    ("ISIS defeated the Taliban in Jawzjan on August 1.", OPERATION, Mismatch.ROLE),
    ("The Taliban was defeated by ISIS in Jawzjan.", OPERATION, Mismatch.ROLE),
    ("The Taliban carried out a large-scale operation in Jawzjan on August 31.", OPERATION, Mismatch.DATE),
    ("The operation was in the southern province of Jawzjan.", OPERATION, Mismatch.OPPOSITE),
    ("Trump significantly reduced the number of troops deployed in Afghanistan.", TROOPS, Mismatch.OPPOSITE),
    ("Troops fell from 14,000 in early 2017 to 8,500 in early 2018.", TROOPS, Mismatch.MISPLACED),
    ("The Taliban responded to the attack.", RESPONSE, Mismatch.NEGATION),
]
IN_PART = [
    ("ISIS-K was defeated in Jawzjan on August 1 in a large-scale operation.", OPERATION, Mismatch.NAME_ELSEWHERE),
    ("They are hungry fighters.", FIGHTERS, Mismatch.WORDS),
    ("The fighters are at a beginning.", FIGHTERS, Mismatch.SCATTERED),
    ("The Taliban.", OPERATION, Mismatch.WORDS),
    ("1,100", FIGHTERS, Mismatch.WORDS),
]


@pytest.mark.parametrize(("claim", "evidence"), SUPPORTED)
def test_what_the_evidence_says_in_other_words_is_supported(verifier: Verifier, claim: str, evidence: str) -> None:
    verdict = verifier.verify(claim, [evidence], [SPUTNIK])
    assert verdict.support is Support.SUPPORTED, verdict
    assert verdict.score >= 0.65


@pytest.mark.parametrize(("claim", "evidence", "mismatch"), ALTERED)
def test_an_alteration_is_unsupported(verifier: Verifier, claim: str, evidence: str, mismatch: Mismatch) -> None:
    verdict = verifier.verify(claim, [evidence], [SPUTNIK])
    assert verdict.support is Support.UNSUPPORTED
    assert mismatch in verdict.mismatches
    assert verdict.score <= 0.1


@pytest.mark.parametrize(("claim", "evidence", "mismatch"), IN_PART)
def test_partial_at_best(verifier: Verifier, claim: str, evidence: str, mismatch: Mismatch) -> None:
    verdict = verifier.verify(claim, [evidence])
    assert verdict.support is not Support.SUPPORTED
    assert mismatch in verdict.mismatches
    assert not any(each.decisive for each in verdict.mismatches)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (FIGHTERS, VERBATIM),
        (FIGHTERS.removesuffix("."), VERBATIM),
        (f'"{FIGHTERS}"', VERBATIM),
        ("down from a high of 3,000 at the beginning of 2017", VERBATIM),
        ("3,000 at the beginning", VERBATIM),
        ("", NOTHING_CITED),
        ("It is so.", NOTHING_CITED),
    ],
)
def test_word_for_word(verifier: Verifier, claim: str, expected: Verdict) -> None:
    assert verifier.verify(claim, [FIGHTERS]) == expected


def test_one_sentence_of_a_span_is_word_for_word_too(verifier: Verifier) -> None:
    assert verifier.verify(RESPONSE.replace("’", "'"), [f"{KILLED} {RESPONSE}"]) == VERBATIM


def test_words_cut_out_of_a_negation_are_not_supported(verifier: Verifier) -> None:
    verdict = verifier.verify("the group attacked the city", ["He denied that the group attacked the city."])
    assert verdict.support is Support.UNSUPPORTED
    assert verdict.mismatches == (Mismatch.NEGATION,)


def test_several_spans_support_together(verifier: Verifier) -> None:
    claim = "The US has killed over 1,600 fighters, and the Taliban did not respond to the attack."
    assert verifier.verify(claim, [KILLED]).support is Support.UNSUPPORTED
    assert verifier.verify(claim, [KILLED, RESPONSE]).support is Support.SUPPORTED


def test_nothing_cited(verifier: Verifier) -> None:
    assert verifier.verify(FIGHTERS, []) == NOTHING_CITED


def test_missing_is_what_the_claim_has_and_the_evidence_has_not(verifier: Verifier) -> None:
    verdict = verifier.verify("In 2016 Zawahiri had 5,000 brave fighters.", [FIGHTERS])
    assert verdict.missing == ("2016", "5,000", "Zawahiri", "brave")


def test_similarity_lifts_what_is_said_in_other_words(verifier: Verifier) -> None:
    claim = "Roughly 1,100 gunmen remained nationwide, compared with 3,000 at the start of 2017."
    assert verifier.verify(claim, [FIGHTERS]).support is Support.PARTIAL
    assert verifier.verify(claim, [FIGHTERS], similarity=0.85).score > verifier.verify(claim, [FIGHTERS]).score


def test_scores_rise_with_what_speaks_for_a_sentence() -> None:
    assert score_of(1.0, None) > 0.65 > score_of(0.7, None) > 0.3 > score_of(0.3, None)
    assert score_of(0.8, 0.9) > score_of(0.8, 0.5) > score_of(0.5, 0.5)


def test_the_same_question_has_the_same_answer(verifier: Verifier) -> None:
    first = verifier.verify(SUPPORTED[0][0], [FIGHTERS], [SPUTNIK])
    assert all(verifier.verify(SUPPORTED[0][0], [FIGHTERS], [SPUTNIK]) == first for _ in range(3))
