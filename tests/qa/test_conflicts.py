"""Over a small store: who is found to differ with whom, and what is said of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.app import Application
from qa.chain import AnswerChain
from qa.models import Answer, Question, Status
from qa.settings import Settings

ARTICLES = {
    "owl": (
        ("Owl Post", "2018-03", None),
        "40 foxes fled the Redwood forest. The Redwood forest lies in the province of Aldmark. "
        "The fox population of the Redwood forest is growing.",
    ),
    "hen": (
        ("Hen Times", "2019-05-02", None),
        "Seventy foxes fled the Redwood forest, officials counted. "
        "The Redwood forest lies in the province of Bertland. The fox population of the Redwood forest is shrinking.",
    ),
    "mirror": (
        ("Mirror", "2018-03", "Owl Post"),
        "As we hear, the foxes left the forest at night, and 9 owls with them. In all 55 foxes fled.",
    ),
    "wolves": (
        ("Owl Post", "2017", None),
        "Mayor Ann Dale said that 12 wolves died in Greyvale. "
        "According to the Greyvale Hunters, 30 wolves died in Greyvale. "
        "Bears have returned to Blackmoor, some newspapers wrote. The Forest Ministry denied\u00a0this.",
    ),
    "bears": (("Hen Times", None, None), "Bears have returned to Blackmoor in great numbers."),
    "lamps": (
        ("Owl Post", "2016", None),
        "The dealers of Ashcombe earned 300,000 dollars a year from lamps. "
        "Jan Holt, who heads their guild, puts it at no more than 60,000 dollars a year.",
    ),
    "cranes": (("Owl Post", "2016", None), "Cranes nested at Silverlake for the first time last year."),
    "cranes2": (("Hen Times", "2018", None), "Cranes nested at Silverlake for the first time in 2015."),
    "cranes3": (("Mirror", "2018", None), "Cranes nested at Silverlake for the first time in 2011."),
    "mill": (
        ("Owl Post", "2014", None),
        "The old mill of Brannock is open to visitors in winter. Carl Voss is the leader of the Fernhill band.",
    ),
    "mill2": (
        ("Hen Times", "2015", None),
        "The old mill of Brannock is not open to visitors in winter. "
        "The leader of the Fernhill band played in the snow for Mayor Otto Brand.",
    ),
    "allies": (
        ("Owl Post", "2019", None),
        "ISIS-K and the Taliban are bitter rivals in the valley. Al-Qaeda and the Taliban are allies, elders said. "
        "The village choir of Oakham was founded by Ida Lund. "
        "Pike have returned to Harrow Lake, some newspapers wrote. The Forest Ministry denied that a boat had sunk.",
    ),
    "allies2": (
        ("Hen Times", "2020", None),
        "The Taliban fired rockets at the governor and his allies in the valley. ISIS-K looked on. "
        "Al-Qaeda and the Taliban are rivals, elders said. "
        "The village choir of Oakham was founded by Max Stone. Pike have returned to Harrow Lake in great numbers.",
    ),
}


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnswerChain]:
    folder: Path = tmp_path_factory.mktemp("conflicts")
    manifest = []
    for name, ((publisher, published, origin), text) in ARTICLES.items():
        (folder / f"{name}.txt").write_text(text, "utf-8")
        lines = [f'id = "{name}"', f'file = "{name}.txt"', f'title = "News of {name}"', f'publisher = "{publisher}"']
        lines += [f'published = "{published}"', 'published_basis = "stated"'] if published else []
        lines += [f'origin = "{origin}"'] if origin else []
        manifest.append("\n".join(["[[article]]", *lines]))
    (folder / "catalog.toml").write_text("\n\n".join(manifest), "utf-8")
    with Application(Settings(home=folder / "home")) as application:
        application.ingest([folder])
        yield application.chain("extractive")


def claims(answer: Answer) -> list[str]:
    return [position.claim for conflict in answer.conflicts for position in conflict.positions]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        # Figures; the republished report of one outlet is not another source. The newest comes first.
        (
            "How many foxes fled the Redwood forest?",
            [
                "Hen Times, 2019-05-02: Seventy foxes fled the Redwood forest, officials counted.",
                "Owl Post, 2018-03: 40 foxes fled the Redwood forest.",
            ],
        ),
        (
            "In which province does the Redwood forest lie?",
            [
                "Hen Times, 2019-05-02: The Redwood forest lies in the province of Bertland.",
                "Owl Post, 2018-03: The Redwood forest lies in the province of Aldmark.",
            ],
        ),
        (
            "Is the fox population of the Redwood forest growing?",
            [
                "Hen Times, 2019-05-02: The fox population of the Redwood forest is shrinking.",
                "Owl Post, 2018-03: The fox population of the Redwood forest is growing.",
            ],
        ),
        (
            "Is the fox population of the Redwood forest growing or shrinking?",
            [
                "Hen Times, 2019-05-02: The fox population of the Redwood forest is shrinking.",
                "Owl Post, 2018-03: The fox population of the Redwood forest is growing.",
            ],
        ),
        # Two speakers in one report.
        (
            "How many wolves died in Greyvale?",
            [
                "Owl Post, 2017, citing Greyvale Hunters: "
                "According to the Greyvale Hunters, 30 wolves died in Greyvale.",
                "Owl Post, 2017, citing Mayor Ann Dale: Mayor Ann Dale said that 12 wolves died in Greyvale.",
            ],
        ),
        # A denial with what it denies; an undated source comes last.
        (
            "Have bears really returned to Blackmoor?",
            [
                "Owl Post, 2017, citing Forest Ministry: The Forest Ministry denied this.",
                "Hen Times, date unknown: Bears have returned to Blackmoor in great numbers.",
            ],
        ),
        # "Last year" in an article of 2016 is 2015.
        (
            "When did cranes first nest at Silverlake?",
            [
                "Mirror, 2018: Cranes nested at Silverlake for the first time in 2011.",
                "Owl Post, 2016: Cranes nested at Silverlake for the first time last year.",
            ],
        ),
        ("What fled the Redwood forest?", []),
        # A denial that says itself what is denied.
        ("Have pike really returned to Harrow Lake?", []),
        # Said the other way round: a conflict for who asks whether it is so, not for who asks something else.
        (
            "Is the old mill of Brannock open to visitors in winter?",
            [
                "Hen Times, 2015: The old mill of Brannock is not open to visitors in winter.",
                "Owl Post, 2014: The old mill of Brannock is open to visitors in winter.",
            ],
        ),
        ("What can visitors see in Brannock in winter?", []),
        # Another figure, put in the place of the one just before.
        (
            "How much money a year did the dealers of Ashcombe earn from lamps?",
            [
                "Owl Post, 2016: The dealers of Ashcombe earned 300,000 dollars a year from lamps.",
                "Owl Post, 2016: Jan Holt, who heads their guild, puts it at no more than 60,000 dollars a year.",
            ],
        ),
        # Two founders; but a name that stands in another report of the same band does not lead it.
        (
            "Who founded the village choir of Oakham?",
            [
                "Hen Times, 2020: The village choir of Oakham was founded by Max Stone.",
                "Owl Post, 2019: The village choir of Oakham was founded by Ida Lund.",
            ],
        ),
        ("Who is the leader of the Fernhill band?", []),
        # The same two as alternatives: both answer already, and stay as the positions.
        (
            "Was the village choir of Oakham founded by Ida Lund or by Max Stone?",
            [
                "Hen Times, 2020: The village choir of Oakham was founded by Max Stone.",
                "Owl Post, 2019: The village choir of Oakham was founded by Ida Lund.",
            ],
        ),
        # The opposite of the same two; but the allies of somebody else say nothing of these.
        (
            "Are Al-Qaeda and the Taliban allies?",
            [
                "Hen Times, 2020: Al-Qaeda and the Taliban are rivals, elders said.",
                "Owl Post, 2019: Al-Qaeda and the Taliban are allies, elders said.",
            ],
        ),
        ("Are ISIS-K and the Taliban allies?", []),
    ],
)
def test_positions(chain: AnswerChain, question: str, expected: list[str]) -> None:
    assert claims(chain.invoke(Question(question))) == expected


def test_all_positions_are_cited_and_said(chain: AnswerChain) -> None:
    answer = chain.invoke(Question("How many foxes fled the Redwood forest?"))
    assert answer.status is Status.ANSWERED
    quotes = {citation.marker: citation.quote for citation in answer.citations}
    (conflict,) = answer.conflicts
    assert conflict.about == "How many foxes fled the Redwood forest?"
    for position in conflict.positions:
        (marker,) = position.citations
        assert position.claim.endswith(quotes[marker])
        assert f"[{marker}]" in answer.answer


def test_what_was_not_published_yet_is_no_position(chain: AnswerChain) -> None:
    assert claims(chain.invoke(Question("How many foxes fled the Redwood forest?", as_of="2019-05-01"))) == []
    assert len(claims(chain.invoke(Question("How many foxes fled the Redwood forest?", as_of="2019-05-02")))) == 2


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        # Of the two positions one is a companion of the best sentence, which itself is neither.
        ("Is ISIS-K growing or declining?", ["explainer-2021-08", "mintpress-2018-08"]),
        ("What country lies across the border from Jowzjan?", ["new-arab-2017-12-12", "sputnik-2017-12"]),
        (
            "Did fighters from Syria and Iraq move to Afghanistan?",
            ["mintpress-2018-08", "new-arab-2017-12-12", "sputnik-2017-12"],
        ),
        # One figure, two deeds.
        ("How many ISIS members surrendered or were captured in Jawzjan in August 2018?", []),
        # What attacks and what defends is not what is asked.
        ("Was there any reaction of the Taliban to the attack?", []),
        ("When did ISIS-K emerge?", []),
        # At one place, and at another; and those whom others killed.
        ("How many people has ISIS-K killed?", []),
        # Both say 2015, and a caption takes no side.
        ("Was IS-K founded in 2015 or in 2014?", []),
        ("Has IS-K become weaker or stronger since 2017?", []),
        (
            "Do the Taliban attack the Kabul government or work together with it?",
            ["explainer-2021-08", "mintpress-2018-08"],
        ),
        # The denial is of another matter.
        ("Is ISIS-K finished as a fighting force?", []),
    ],
)
def test_positions_in_the_shipped_articles(application: Application, question: str, expected: list[str]) -> None:
    answer = application.chain("extractive").invoke(Question(question))
    article = {citation.marker: citation.article_id for citation in answer.citations}
    assert answer.status is Status.ANSWERED
    assert (
        sorted(
            article[marker] for each in answer.conflicts for position in each.positions for marker in position.citations
        )
        == expected
    )
