"""Negations that one text has and the other has not."""

import pytest

from qa.verification.negation import negation_clash
from qa.verification.statement import Reader


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        ("The Taliban responded.", "The Taliban didn’t respond to the attack.", "not responded"),
        ("The Taliban did not respond.", "The Taliban responded.", "not"),
        ("They never took the city.", "They took the city.", "never"),
        ("He met them.", "He denied that he met them.", "not met"),
        ("They took the city.", "They failed to take the city.", "not took"),
        ("It launched attacks.", "It has yet to launch attacks.", "not launched"),
        # One negation does not stand for another.
        ("It was not common and not used.", "It was common and not used.", "not"),
        ("It was common and not used.", "It was never common and not used.", "not common"),
        # Agreement, in the same words or in others.
        ("The Taliban did not respond.", "The Taliban didn't respond.", None),
        ("They did not respond.", "They did not fully respond.", None),
        ("They killed no civilians.", "They did not kill civilians.", None),
        ("They did not succeed.", "Their efforts failed.", None),
        ("He denied the reports.", "He denies this.", None),
        # What is left out takes its negation along.
        ("It was used in mines.", "It was used in mines, but not on railways.", None),
        ("The efforts went on.", "The efforts went on without support.", None),
        ("Nothing.", "Something.", None),
    ],
)
def test_negation_clash(reader: Reader, claim: str, evidence: str, expected: str | None) -> None:
    assert negation_clash(reader.read(claim), reader.read(evidence)) == expected
