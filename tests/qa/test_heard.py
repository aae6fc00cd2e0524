"""What of a question is said in a text."""

import pytest

from qa.heard import Heard, Listener
from qa.polarity import Polarity
from qa.synonyms import Synonyms
from vectorstore.analysis import Analyser
from vectorstore.glossary import Entity, Glossary

GLOSSARY = Glossary([Entity(id="france", kind="place", name="France", variants=("French",))])
ANALYSER = Analyser(GLOSSARY)
ALIKE = {
    "frenchmen": {"@france": 0.9},
    "itali": {"@france": 0.9},
    "germani": {"german": 0.9},
    "canada": {"countri": 0.85},
    "indiana": {"indian": 0.5},
}


@pytest.mark.parametrize(
    ("question", "name", "there"),
    [
        ("What did Smith say?", "smith", True),
        # Another form of it.
        ("What did Germany say?", "germani", True),
        ("What did the Frenchmen say?", "frenchmen", True),
        ("What did Italy say?", "itali", False),
        # A word that vectors take for it, and a name that begins like it.
        ("What did Canada say?", "canada", False),
        ("What did Indiana say?", "indiana", False),
        # A capital makes no name of a word of known meaning.
        ("What did the Ambassador say?", "ambassador", True),
    ],
)
def test_names(question: str, name: str, there: bool) -> None:
    synonyms = Synonyms.load()
    listener = Listener(ANALYSER.tokens(question), synonyms, Polarity.load(), ALIKE, GLOSSARY)
    text = ANALYSER.tokens("The German and French envoy of an Indian country met Smith.")
    present = frozenset({*(token.term for token in text), *synonyms.marks(tuple(text))})
    likeness = {name: listener.likeness(name, present)}
    assert listener.named(name, Heard(present, likeness)) is there
