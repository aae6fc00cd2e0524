"""Where the names of a claim are found."""

import pytest

from qa.verification.names import Found, NameCheck
from qa.verification.statement import Reader
from vectorstore.analysis import Analyser

HERE, ELSEWHERE, NOWHERE, NO_NAME = Found.HERE, Found.ELSEWHERE, Found.NOWHERE, Found.NO_NAME


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        # The glossary's names, what they imply, and not the other way round.
        ("They joined ISKP.", "They joined Daesh-K.", HERE),
        ("They joined ISIS.", "They joined ISIS-K.", HERE),
        ("They joined ISIS-K.", "They joined ISIS.", ELSEWHERE),
        ("It is in Afghanistan.", "It is in Darzab.", HERE),
        ("It is in Darzab.", "It is in Afghanistan.", NOWHERE),
        ("They left the Taliban.", "They left the Pakistani Taliban.", NOWHERE),
        # Other names: the last word decides, then the first ones.
        ("They met Rollo.", "They met Rollo of Norway.", HERE),
        ("They met Ganger Rollo.", "They met Rollo.", ELSEWHERE),
        ("They met Ganger Rollo.", "They met Harald Rollo.", NOWHERE),
        ("They met Harald.", "They met Rollo.", NOWHERE),
        ("They met the Scottish.", "They met in Scotland.", HERE),
        ("They met Alexios.", "They met Alexander.", NOWHERE),
        # A capitalised first word.
        ("Rollo fled.", "Men fled with Rollo.", HERE),
        ("Fighters fled.", "The fighters fled.", NO_NAME),
        ("Militants fled.", "They fled.", NO_NAME),
        ("Harald was killed.", "Rollo was killed.", NOWHERE),
    ],
)
def test_against_the_evidence(analyser: Analyser, reader: Reader, claim: str, evidence: str, expected: Found) -> None:
    nothing = reader.read("")
    check = NameCheck(analyser.glossary, reader.read(evidence), nothing, nothing, nothing, nothing)
    stated = reader.read(claim)
    assert check.find(stated, stated.names[0]) is expected


@pytest.mark.parametrize(
    ("claim", "evidence", "publisher", "titles", "before", "expected"),
    [
        ("According to Sputnik they fled.", "They fled.", "Sputnik", "", "", HERE),
        ("According to AFP they fled.", "They fled.", "Sputnik", "", "", NOWHERE),
        # Of a title only the place is as good as said.
        ("In Kunar they fled.", "They fled.", "", "War in Kunar", "", HERE),
        ("They fled the Taliban.", "They fled.", "", "The Taliban win", "", ELSEWHERE),
        # A pronoun, or what stands for one, where the claim has the name.
        ("ISIS-K has 1,100 fighters.", "They have 1,100 fighters.", "", "", "ISIS-K fled.", HERE),
        ("ISIS-K has 1,100 fighters.", "The group has 1,100 fighters.", "", "", "ISIS-K fled.", HERE),
        ("ISIS-K has 1,100 fighters.", "They have 1,100 fighters.", "", "", "ISIS-K fled the Taliban.", ELSEWHERE),
        ("Rollo had ten ships.", "He had ten ships.", "", "", "Then Rollo came.", HERE),
        ("They feared Rollo.", "They feared ships.", "", "", "Rollo came from Norway.", ELSEWHERE),
        ("They feared Harald.", "They feared him.", "", "", "Rollo came from Norway.", NOWHERE),
    ],
)
def test_against_what_the_evidence_is_read_in(
    analyser: Analyser,
    reader: Reader,
    claim: str,
    evidence: str,
    publisher: str,
    titles: str,
    before: str,
    expected: Found,
) -> None:
    check = NameCheck(
        analyser.glossary,
        reader.read(evidence),
        publisher=reader.read(publisher),
        titles=reader.read(titles),
        before=reader.read(before),
        around=reader.read(f"{before} {evidence}"),
    )
    stated = reader.read(claim)
    assert check.find(stated, stated.names[-1]) is expected
