import numpy as np
import pytest

from qa.conflicts import find_conflicts
from qa.evidence import Candidate, Objection
from qa.models import Citation, Conflict
from qa.question import analyse_question
from vectorstore.analysis import Analyser
from vectorstore.dates import PartialDate
from vectorstore.glossary import Glossary
from vectorstore.models import Article, Chunk, Evidence, Passage

ANALYSER = Analyser(Glossary())
HOW_MANY = "How many foxes fled?"

# A source, when it was published, and what it says.
Said = tuple[str | None, str | None, str]


def conflicts(question: str, *said: Said, objections: frozenset[Objection] = frozenset()) -> tuple[Conflict, ...]:
    candidates, citations = [], []
    for number, (publisher, published, text) in enumerate(said, 1):
        date = PartialDate(published) if published else None
        article = Article(f"a{number}", "T", text, "0" * 64, "a.txt", publisher=publisher, published=date)
        passage = Passage(Chunk(f"c{number}", article.id, 0, 0, len(text), text), article, 1.0)
        evidence = Evidence(0, len(text), text, np.zeros(1, dtype=np.float32))
        candidates.append(
            Candidate(evidence, passage, ANALYSER.tokens(text), 1.0, 1.0, frozenset(), objections, {}),
        )
        citations.append(
            Citation(
                marker=number,
                article_id=article.id,
                title="T",
                publisher=publisher,
                published=published,
                published_basis="stated",
                path="a.txt",
                sha256="0" * 64,
                start=0,
                end=len(text),
                quote=text,
            )
        )
    return find_conflicts(analyse_question(question, ANALYSER), candidates, citations)


def markers(found: tuple[Conflict, ...]) -> list[tuple[int, ...]]:
    return [position.citations for conflict in found for position in conflict.positions]


@pytest.mark.parametrize(
    ("question", "said", "expected"),
    [
        (HOW_MANY, [("Owl", "2018", "40 foxes fled."), ("Hen", "2019", "70 foxes fled.")], [(2,), (1,)]),
        (HOW_MANY, [("Owl", "2019", "40 foxes fled."), ("Hen", "2018", "Seventy fled.")], [(1,), (2,)]),
        # One source that gave another figure later.
        (HOW_MANY, [("Owl", "2018", "40 foxes fled."), ("Owl", "2019", "70 foxes fled.")], [(2,), (1,)]),
        # The same figure, in digits and in words.
        (HOW_MANY, [("Owl", "2018", "40 foxes fled."), ("Hen", "2019", "Forty foxes fled.")], []),
        # One report has two figures, the other agrees with one of them.
        (HOW_MANY, [("Owl", "2018", "40 foxes and 9 owls fled."), ("Hen", "2019", "40 fled.")], []),
        # One source on one date is one voice.
        (HOW_MANY, [("Owl", "2018", "40 foxes fled."), ("Owl", "2018", "70 owls fled.")], []),
        # A year is no figure of its own.
        (HOW_MANY, [("Owl", "2018", "40 foxes fled."), ("Hen", "2019", "Foxes fled in 2017.")], []),
        # Nor is what the question says.
        ("How many of the 500 foxes fled?", [("Owl", "2018", "Of 500, 40."), ("Hen", "2019", "500 foxes.")], []),
        ("When did foxes flee?", [("Owl", "2018", "They fled in 2011."), ("Hen", "2019", "In 2012.")], [(2,), (1,)]),
        ("When did foxes flee?", [("Owl", "2018", "40 fled in 2011."), ("Hen", "2019", "70 in 2011.")], []),
        ("Why did foxes flee?", [("Owl", "2018", "40 foxes fled."), ("Hen", "2019", "70 foxes fled.")], []),
        (HOW_MANY, [("Owl", "2018", "40 foxes fled.")], []),
        (HOW_MANY, [], []),
    ],
)
def test_positions(question: str, said: list[Said], expected: list[tuple[int, ...]]) -> None:
    assert markers(conflicts(question, *said)) == expected


def test_what_something_speaks_against_is_no_position() -> None:
    said: list[Said] = [("Owl", "2018", "40 foxes fled."), ("Hen", "2019", "70 foxes fled.")]
    assert conflicts(HOW_MANY, *said, objections=frozenset({Objection.YEAR})) == ()


def test_a_position_names_its_source_and_its_date() -> None:
    (conflict,) = conflicts(HOW_MANY, (None, None, "40\nfoxes   fled."), ("Hen", "2019-02", "70 fled."))
    assert conflict.about == HOW_MANY
    assert [position.claim for position in conflict.positions] == [
        "Hen, 2019-02: 70 fled.",
        "publisher unknown, date unknown: 40 foxes fled.",
    ]
