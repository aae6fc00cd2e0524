import pytest

from qa.evaluation import patterns
from qa.evaluation.matching import AnswerText, claims_made, first_match


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("3,000", "They had 3000 fighters."),
        ("3000", "They had 3,000 fighters [1]."),
        ("three thousand", "They had 3,000 fighters."),
        ("3,000", "They had three thousand fighters."),
        ("3,000 fighters", "a high of 3,000\u00a0fighters"),
        ("12.5", "exactly 12.50, they said"),
        ("56-57%", "between 56 and 57 percent"),
        ("8,500 to 14,000", "from 8,500–14,000 troops"),
        ("29 percent", "About 29% is contested"),
        ("2017", "on 12 December, 2017"),
        ("December", "on 12 December, 2017"),
        ("December 2017", "on 12 December, 2017"),
        ("12 December", "on December 12th, 2017"),
        ("December 12, 2017", "on 12 December, 2017"),
        ("in 2017", "In 2017, they left"),
        ("end of the war", "‘End of the war’"),
        ("sar e pul", "in Sar-e-Pul province"),
        ("Taliban", "the Taliban’s news agency"),
        ("US", "U.S. troops"),
        ("forty", "a 40-strong band"),
    ],
)
def test_says(phrase: str, text: str) -> None:
    assert AnswerText.of(text).says(phrase)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("125", "It lost 12.5 of them."),
        ("12.5", "It lost 125 of them."),
        ("5", "It began in 2015."),
        ("5", "on 5 August 2015"),
        ("5", "It lost 12,5 of them."),
        ("1", "It had 3,000 fighters [1]."),
        ("300", "It had 3,000 fighters."),
        ("000", "It had 3,000 fighters."),
        ("29", "About 29% is contested."),
        ("29%", "About 29 are contested."),
        ("3", "the 3rd attack"),
        ("December 2017", "in December 2016 and 2017"),
        ("12 December 2017", "in December 2017"),
        ("12 December", "on 11 December"),
        ("50", "fifty-three"),
        ("port", "the airport"),
        ("Kabul attack", "attack in Kabul"),
        ("", "anything"),
        ("—", "anything"),
        ("a longer phrase", "a longer"),
    ],
)
def test_does_not_say(phrase: str, text: str) -> None:
    assert not AnswerText.of(text).says(phrase)


def test_first_match_prefers_aliases_and_falls_back_to_the_pattern() -> None:
    text = AnswerText.of("It killed 1,600\u00a0fighters “across” 1,400 raids [1].")
    assert first_match(text, ["sixteen hundred", "1,600"], r"1,?600") == "sixteen hundred"
    assert first_match(text, ["1,700"], r"1,?600 FIGHTERS") == r"1,?600 FIGHTERS"
    assert first_match(text, [], r'"across" 1,400') == r'"across" 1,400'
    assert first_match(text, ["1,700"], r"\b600\b.*1$") is None
    assert first_match(text, ["1,700"]) is None


def test_forbidden_claims_are_phrases_or_marked_patterns() -> None:
    text = AnswerText.of("It was founded in 2014 by Hafiz Saeed Khan.")
    assert claims_made(text, ["2014", "2015", "re:hafiz s\\w+ khan", "hafiz s\\w+ khan"]) == (
        "2014",
        "re:hafiz s\\w+ khan",
    )


def test_a_pattern_that_backtracks_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.05)
    with pytest.raises(patterns.PatternError, match="takes more than"):
        first_match(AnswerText.of("a" * 60 + "b"), [], "(a|aa)+$")


@pytest.mark.parametrize(("pattern", "why"), [("(a", "not a regular expression"), ("a*", "matches an empty text")])
def test_check_refuses_a_bad_pattern(pattern: str, why: str) -> None:
    with pytest.raises(patterns.PatternError, match=why):
        patterns.check(pattern)
