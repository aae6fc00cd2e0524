"""Of another place than is asked about; years are tested with tests/qa/test_evidence.py."""

import pytest

from qa.time_and_place import elsewhere, places
from vectorstore.analysis import Analyser
from vectorstore.glossary import Entity, Glossary

GLOSSARY = Glossary(
    [
        Entity(id="norway", kind="place", name="Norway"),
        Entity(id="oslo", kind="place", name="Oslo", part_of="norway"),
        Entity(id="bergen", kind="place", name="Bergen", part_of="norway"),
        Entity(id="owls", kind="group", name="Owls"),
    ]
)
ANALYSER = Analyser(GLOSSARY)


@pytest.mark.parametrize(
    ("question", "before", "sentence", "other"),
    [
        ("How many died in Oslo?", "", "Forty died in Bergen.", True),
        ("How many died in Oslo?", "", "Forty died in Oslo and Bergen.", False),
        ("How many died in Norway?", "", "Forty died in Bergen.", False),
        # Norway is where Oslo is.
        ("How many died in Oslo?", "", "Forty died in Norway.", False),
        ("How many died in Oslo?", "", "Forty died.", False),
        ("How many died in Oslo?", "A train stopped near the town of Bergen.", "Forty died.", True),
        ("How many died in Oslo?", "A train stopped near Bergen.", "Forty died in Oslo.", False),
        # One that acts is nowhere.
        ("How many died in Oslo?", "", "Bergen counted forty.", False),
        ("How many did Oslo count?", "", "Forty died in Bergen.", False),
        ("In what town were Oslo men seen?", "", "They were seen in Bergen.", False),
        ("How many died?", "", "Forty died in Bergen.", False),
    ],
)
def test_elsewhere(question: str, before: str, sentence: str, other: bool) -> None:
    asked, ahead, said = (ANALYSER.tokens(text) for text in (question, before, sentence))
    assert elsewhere(asked, said, ahead, GLOSSARY) is other


def test_places_are_no_groups() -> None:
    assert [place.id for place in places(ANALYSER.tokens("Owls of Oslo"), GLOSSARY)] == ["oslo"]
