"""What contradicts a question's premise. The names are made up, so that no glossary of the subject is needed."""

import pytest

from qa.polarity import Polarity
from qa.premise import Premise
from qa.question import analyse_question
from qa.synonyms import Synonyms
from vectorstore.analysis import Analyser
from vectorstore.glossary import Entity, Glossary
from vectorstore.lexicon import Lexicon
from vectorstore.models import Vector


class _Alike(Lexicon):
    """Words are alike when they are the same: no store is needed."""

    def __init__(self) -> None:
        self._vectors: dict[str, Vector] = {}

    def likeness(self, asked: object, there: object) -> dict[str, dict[str, float]]:
        assert isinstance(asked, dict)
        assert isinstance(there, dict)
        return {term: {term: 1.0} if term in there else {} for term in asked}


ANALYSER = Analyser(
    Glossary(
        [
            Entity(id="reds", kind="group", name="Reds"),
            Entity(id="blues", kind="group", name="Blues"),
            Entity(id="greens", kind="group", name="Greens"),
            Entity(id="ministry", kind="organisation", name="War Ministry"),
            Entity(id="norway", kind="place", name="Norway"),
            Entity(id="bergen", kind="place", name="Bergen", part_of="norway"),
            Entity(id="peru", kind="place", name="Peru"),
        ]
    )
)
PREMISE = Premise(ANALYSER, _Alike(), Polarity.load(), Synonyms.load())


@pytest.mark.parametrize(
    ("question", "text", "contradicted"),
    [
        ("How did the Reds beat the Blues in May?", "In May the Blues defeated the Reds.", True),
        (
            "Why are the Reds held in a house and not in a jail?",
            "The Reds are in a house, since the jail is full.",
            False,
        ),
        ("Why have fines not deterred the Reds?", "Fines deterred few of the Reds.", False),
        ("Why was the gate not closed?", "The gate was left open for the Reds.", False),
        ("Why did the Reds welcome the deal?", "The deal was rejected by the Reds.", True),
        ("Why are the Reds weak?", "The Reds are strong.", True),
        ("Why are the Reds weak?", "In the strong days of the Reds they held the town.", False),
        ("Since when have the Reds been leading the town?", "He offered money for news leading to the Reds.", False),
        ("How did the Reds beat the Blues in May?", "In May the Reds defeated the Blues.", False),
        ("How did the Reds beat the Blues in May?", "In May the Blues were defeated by the Reds.", False),
        ("Did the Reds beat the Blues in May?", "In May the Blues defeated the Reds.", False),
        ("Did the Reds beat the Blues or lose?", "In May the Blues defeated the Reds.", False),
        ("How did the Greens come to found the Reds?", "The Reds were founded by former members of the Blues.", True),
        ("How did the Blues come to found the Reds?", "The Reds were founded by former members of the Blues.", False),
        ("Why did the War Ministry confirm it?", "The War Ministry denied it.", True),
        ("What did the War Ministry confirm?", "The War Ministry denied it.", False),
        ("Who refused to act until Smith approved it?", "He refused to do a thing until Smith approved it.", False),
        ("Why did the Reds not leave the town?", "The Reds left; they leave every town in May.", True),
        ("Why did the Reds hold all of the town?", "The Reds hold just a sliver of the town.", True),
        ("Why did the Reds hold all of the town?", "The Reds hold all of the town.", False),
        ("Which Reds routed the Blues in May?", "The Greens defeated the Blues in May.", True),
        ("Which Reds routed the Blues in May?", "The Greens and the Reds defeated the Blues in May.", False),
        ("Why did the Reds blame the Greens?", "The Greens blamed the Reds for the fire.", True),
        ("Why did the Reds blame the Greens?", "The Greens said that the Reds blamed them.", False),
        ("How many Greens have the Reds killed?", "The Blues have killed 40 Reds.", True),
        ("How many Blues have the Reds killed?", "The Reds have killed 40 Blues.", False),
        ("How many Reds were killed?", "The Blues have killed 40 Reds.", False),
        ("How many Reds surrendered to the Blues?", "Later 250 of the Blues had surrendered to the Greens.", True),
        ("How many Reds surrendered to the Blues?", "Later 250 of the Reds had surrendered to the Blues.", False),
        ("Who defeated the Reds?", "The Reds were defeated by the Blues.", False),
        ("Who was defeated by the Reds?", "The Blues were defeated by the Reds.", False),
        ("Which fires did the Greens link to the Reds?", "The Reds have been linked to several fires.", False),
        ("Why did 250 Reds give up?", "In May 250 Blues surrendered.", True),
        ("Why did 250 Reds give up?", "In May 250 Reds surrendered.", False),
        ("Why did 250 Reds give up?", "In May 250 fighters surrendered.", False),
        ("How did the storm kill 60 villagers?", "The storm killed 60 soldiers.", True),
        ("How did the storm kill 60 villagers?", "The storm killed 60 women and wounded 40 soldiers.", False),
        ("How did the storm kill 60 villagers?", "The storm killed 60 people and 40 soldiers.", False),
        ("Why did the Reds slash the garrison?", "A truce may allow the Reds to increase the garrison.", False),
        # Who does something is not told by what they have never done themselves.
        ("Who supports the Reds?", "A creed was never supported by the Reds.", False),
        ("Who supports the Reds?", "The Blues oppose the Reds.", True),
        ("Why do the Greens support the Reds?", "A creed was never supported by the Reds.", False),
        ("What makes the Reds so popular?", "Most people dislike the Reds.", True),
        ("Why did the Reds slash the garrison?", "The Reds increased the garrison.", True),
        ("Why did the activity of the Reds decline?", "The activity of the Reds is increasing.", True),
        ("Why did the activity of the Reds decline?", "The Blues are opposing the expansion of the Reds.", False),
    ],
)
def test_contradicted(question: str, text: str, contradicted: bool) -> None:
    assert PREMISE.contradicted(analyse_question(question, ANALYSER), text) is contradicted


@pytest.mark.parametrize(
    ("question", "text", "flatly"),
    [
        ("When did the War Ministry confirm that the Reds had left?", "War Ministry denied this.", True),
        ("When did the War Ministry confirm that the Reds had left?", "War Ministry confirmed this.", False),
        ("When did the War Ministry confirm that the Reds had left?", "The Reds denied this.", False),
        ("Did the War Ministry confirm that the Reds had left?", "War Ministry denied this.", False),
        ("When did it confirm that the Reds had left?", "It denied this.", False),
        ("How did the Reds lose ground in Norway?", "The Reds gained land in Norway.", True),
        ("How did the Reds lose ground in Norway?", "The Reds gained land in Bergen.", True),
        ("How did the Reds lose ground in Norway?", "The Reds gained land in Peru.", False),
        # Their activity, not they; and what others work against.
        ("Why did Reds activity fall?", "Reds expanded.", False),
        ("Why did the Reds decline?", "The Blues oppose the Reds expansion.", False),
        ("How did the Reds succeed?", "The Reds thwarted a raid.", False),
        ("How did the Reds succeed?", "The Reds failed.", True),
    ],
)
def test_flat_denials(question: str, text: str, flatly: bool) -> None:
    assert PREMISE.flatly(analyse_question(question, ANALYSER), text, touches=False) is flatly


@pytest.mark.parametrize(
    ("question", "text", "not_done"),
    [
        ("Why did the Reds respond to the raid?", "The Reds didn’t respond to the raid.", True),
        ("When did the Reds launch a raid?", "So far the Reds have not yet launched a raid.", True),
        ("Why did the Reds respond to the raid?", "The Blues did not respond to the raid.", False),
        ("Why did the Reds respond to the raid?", "The Reds responded, and not by words.", False),
        ("Why did the Reds not respond to the raid?", "The Reds did not respond to the raid.", False),
        ("Did the Reds respond to the raid?", "The Reds did not respond to the raid.", False),
        ("When did the Reds claim the raid?", "The raid was not claimed by anyone.", True),
        ("When did the Reds claim the raid?", "No group has claimed the raid.", True),
        ("When did the Reds claim the raid?", "The raid was not claimed by the Blues.", False),
        ("Who has been announced as the successor?", "The chief is dead, and no successor has been announced.", True),
        ("Who has not been announced as the successor?", "No successor has been announced.", False),
        ("Who has been announced as the successor?", "No price has been announced.", False),
        ("Why do the Reds cooperate with the Blues?", "It finds no sign of cooperation between the two.", True),
        ("Why do the Reds fight the Blues?", "It finds no sign of cooperation between the two.", False),
    ],
)
def test_what_was_not_done_is_taken_for_granted_in_vain(question: str, text: str, not_done: bool) -> None:
    assert PREMISE.flatly(analyse_question(question, ANALYSER), text, touches=True) is not_done
    assert PREMISE.flatly(analyse_question(question, ANALYSER), text, touches=False) is False


@pytest.mark.parametrize(
    ("question", "text", "alike", "otherwise"),
    [
        ("What is the second part of the plan?", "The first part of the plan is a bridge.", True, True),
        ("What is the second part of the plan?", "The first part of the plan is a bridge.", False, False),
        ("What is the first part of the plan?", "The first part of the plan is a bridge.", True, False),
        ("Is it the second part of the plan?", "The first part of the plan is a bridge.", True, False),
        ("What do the Reds not depend on?", "The Reds depend on bread.", False, True),
        ("Who holds the land that is not contested?", "The contested land is poor.", False, False),
        ("What do the Reds not depend on?", "The Reds do not depend on bread.", False, False),
        ("What do the Reds depend on?", "The Reds do not depend on bread.", True, False),
        ("Why are the Reds reluctant to fight?", "The Reds fight for bread.", True, True),
        (
            "Why are the Reds reluctant to fight?",
            "The Reds are disinterested in war: the Blues fight better.",
            True,
            False,
        ),
    ],
)
def test_of_an_opposite(question: str, text: str, alike: bool, otherwise: bool) -> None:
    assert PREMISE.otherwise(analyse_question(question, ANALYSER), text, alike=alike) is otherwise
