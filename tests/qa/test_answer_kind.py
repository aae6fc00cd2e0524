from pathlib import Path

import pytest

from qa.answer_kind import fits_kind, says_more
from qa.question import analyse_question
from vectorstore.analysis import Analyser
from vectorstore.glossary import Glossary

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser(Glossary.load(SEEDS / "glossary.toml"))


@pytest.mark.parametrize(
    ("question", "sentence", "fits"),
    [
        ("How many fighters fled?", "Some 40 fighters fled.", True),
        ("How many fighters fled?", "Two hundred fighters fled.", True),
        ("How many fighters fled?", "Hundreds of fighters fled.", True),
        ("How many fighters fled?", "Fighters fled in 2017.", False),
        ("How many fighters fled?", "Fighters fled on August 12.", False),
        ("How many fighters fled?", "On August 12, 12 fighters fled.", True),
        ("How old was he?", "He was 34 when he fell.", True),
        ("How old were the pupils?", "Most of the pupils were between 15 and 20.", True),
        ("How old was he?", "A 34-year-old man fell.", True),
        ("How old was he?", "He fell with 34 others.", False),
        ("How old was he?", "There were 34 when he fell.", False),
        ("How many fighters fled?", "On the one hand, fighters fled.", False),
        ("How many of the 1,600 fled?", "The 1,600 fled.", False),
        ("What share is contested?", "About 29% is contested.", True),
        ("What share is contested?", "Half of it is contested.", True),
        ("What share is contested?", "29 districts are contested.", False),
        ("How much money did they get?", "They got $500 a month.", True),
        ("How much money did they get?", "They got 500 men.", False),
        ("When was it founded?", "It was founded in January 2015.", True),
        ("When was it founded?", "It was founded on Monday.", True),
        ("When was it founded?", "It was founded last year.", True),
        ("When was it founded?", "It was founded by deserters.", False),
        ("When was it founded?", "It was founded in 1066.", True),
        ("When was it founded?", "It was founded by 1066 men.", False),
        ("On what date was it founded?", "It was founded in March 2015.", False),
        ("On what date was it founded?", "It was founded on 3 March 2015.", True),
        ("Which day was it founded?", "It was founded on Monday.", True),
        ("When in 2015 was it founded?", "It was founded in 2015.", False),
        ("When in 2015 was it founded?", "It was founded in March 2015.", True),
        ("By when must they leave?", "They are to leave within 14 months.", True),
        ("When did they leave?", "They fought for 14 months.", False),
        ("Which country's soldiers helped?", "Norwegian soldiers helped.", True),
        ("Which country's soldiers helped?", "Brave soldiers helped.", False),
        ("Where are their strongholds?", "Their strongholds are in northwestern Afghanistan.", True),
        ("Where are their strongholds?", "Their strongholds are strong.", False),
        ("Which Afghan province did they attack?", "They attacked Kunar.", True),
        ("Which Iranian province did they attack?", "They attacked Kunar.", False),
        ("Which Iranian province did they attack?", "They attacked Lalezar.", False),
        ("Which Iranian province did they attack?", "They attacked in Lalezar.", True),
        ("Which spokesman said so?", "It was Dawlat Waziri who said so.", True),
        ("Which spokesman said so?", "It was Bob Smith who said so.", True),
        ("Which spokesman said so?", "It was Guy de Lusignan who said so.", True),
        ("Which spokesman said so?", "The spokesman in Kabul said so.", False),
        ("Which spokesman said so?", "They said so in August.", False),
        ("Who is the governor of Kunar?", "Bob Smith, a spokesman for the governor of Kunar, said so.", False),
        ("Who is the governor of Kunar?", "Bob Smith, the governor of Kunar, said so.", True),
        ("Who attacked the post?", "The Taliban attacked the post.", True),
        ("Who attacked the post?", "they attacked the post.", False),
        ("Who attacked the Taliban?", "The Taliban were attacked.", False),
        ("Who attacked the Taliban?", "Angry villagers attacked the Taliban.", True),
        ("Who is attacking the Taliban?", "The Taliban is the leading force.", False),
        ("Who are the Taliban?", "The Taliban is a movement.", True),
        ("Where was the attack?", "The attack was in Kunar.", True),
        ("Where was the attack?", "the attack was bloody.", False),
        ("Where did they hide?", "they hid in the mountains.", True),
        # A group is where people come from, and where nothing happens.
        ("Where do the fighters come from?", "Most were with the Taliban before.", True),
        ("Where do the fighters come from?", "most were shepherds before.", False),
        ("Where did the fighters hide?", "They hid with the Taliban.", False),
        ("Which district did they hide in?", "they hid in the mountains.", False),
        ("Who were its founders?", "It was founded by the Taliban.", True),
        ("Which province was attacked?", "Kunar was attacked.", True),
        ("Which province was attacked?", "Afghanistan was attacked.", False),
        ("Which country was attacked?", "Afghanistan was attacked.", True),
        ("Which country did it happen in?", "It happened in Ruritania.", True),
        ("Which country did it happen in?", "It happened to Smith.", False),
        ("Which district was attacked?", "They attacked Darzab.", True),
        ("Which district was attacked?", "They attacked Kunar.", False),
        ("How long had it been quiet?", "This is its first attack since November 2019.", True),
        ("How many fled?", "This is its first attack since November 2019.", False),
        ("How long did it last?", "It was a three-year war.", True),
        ("How long did it last?", "In the last year 40 men fled.", False),
        ("How long is the bridge?", "It has 40 metres.", True),
        ("Which district was it dropped on?", "It was dropped on a hill in April.", False),
        ("Who did the Taliban surrender to?", "Some Taliban surrendered to the army.", True),
        ("Who did the Taliban surrender to?", "Some Taliban fled.", False),
        ("Who was killed?", "on Sunday, the bridge fell.", False),
        ("Which river is it?", "It lies along the Euphrates river.", True),
        ("Why did they flee?", "anything at all.", True),
        ("What is the goal?", "anything at all.", True),
    ],
)
def test_fits(question: str, sentence: str, fits: bool, analyser: Analyser) -> None:
    asked = analyse_question(question, analyser)
    assert fits_kind(asked, sentence, analyser.tokens(sentence), analyser.glossary) is fits


@pytest.mark.parametrize(
    ("question", "text", "more"),
    [
        ("Is it gaining or losing members?", "It is gaining members.", False),
        ("Is it gaining members?", "Yes, it is gaining members.", False),
        ("Is it gaining or losing members?", "It is gaining them from Iraq.", True),
        ("How many fighters fled?", "Many fighters fled to Zabul.", False),
        ("How many fighters fled?", "40 fled.", True),
    ],
)
def test_what_says_more_than_the_question(question: str, text: str, more: bool, analyser: Analyser) -> None:
    assert says_more(analyse_question(question, analyser), text, analyser) is more
