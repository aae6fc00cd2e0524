"""What speaks for and against a sentence, over small articles in a real store with the bundled model."""

from collections.abc import Iterator

import pytest

from qa.app import Application
from qa.candidate import Candidate, Objection
from qa.chain import AnswerChain
from qa.models import Question, Reason
from qa.settings import Settings

NEWS = """The Taliban attacked a post in Kunar in March 2018.

Some 40 fighters fled to Zabul after the attack. They were led by Omar Khan.

The ministry denied the report in 2019. Officials said that 1,600 men had surrendered in Nangarhar.
"""
OLD = """In 2015 the group tried to take Nangarhar province. But its efforts failed.

It was paid $500 a month by a trader in Herat, who was never named.
"""

FAIR = """Mayor Ada Quill opened the fair of Thornbury on Monday. Rain fell all day long. Hats were sold there.

Bread was sold by the mill. Who baked it? Quill's brother did, in one night.
"""

SAID = """Ada Byrne told reporters of rain. "We shall spare nobody who burnt the barns," she said.

The US leader wrote to barley growers. While the Taliban grow barley, the Sikhs grow beans.
"""

NAMED_FOR = "The Islamic Movement of Uzbekistan and the Pakistani Taliban lost men.\n"

DATED = """<html><head><title>Arrivals</title><meta property="article:published_time" content="2021-08-01"></head>
<body><article><p>Originally 30 men came.</p></article></body></html>
"""


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnswerChain]:
    folder = tmp_path_factory.mktemp("evidence")
    articles = {
        "news.txt": NEWS,
        "old.txt": OLD,
        "said.txt": SAID,
        "fair.txt": FAIR,
        "named.txt": NAMED_FOR,
        "dated.html": DATED,
    }
    for name, text in articles.items():
        (folder / name).write_text(text, encoding="utf-8")
    with Application(Settings(home=folder / "home", answerer="extractive")) as application:
        application.ingest([folder / name for name in articles])
        yield application.chain()


def candidate(chain: AnswerChain, question: str, words: str) -> Candidate:
    (found,) = [each for each in chain.evidence_for(question)[1] if words in each.evidence.text]
    return found


@pytest.mark.parametrize(
    ("question", "words", "objection", "there"),
    [
        ("How many fighters fled?", "40 fighters", Objection.KIND, False),
        ("How many fighters fled?", "attacked a post", Objection.KIND, True),
        ("When did the Taliban attack the post?", "attacked a post", Objection.KIND, False),
        ("When did fighters flee?", "led by Omar Khan", Objection.KIND, True),
        ("What did the Taliban attack in 2018?", "attacked a post", Objection.YEAR, False),
        ("What did the Taliban attack in 2019?", "attacked a post", Objection.YEAR, True),
        ("What was attacked between 2017 and 2019?", "attacked a post", Objection.YEAR, False),
        ("How many came in 2020?", "30 men", Objection.YEAR, False),
        ("How many came in 2021?", "30 men", Objection.YEAR, True),
        ("How many came in 2024?", "30 men", Objection.YEAR, True),
        ("What was attacked in May 2018?", "attacked a post", Objection.YEAR, True),
        ("Where did the 1,600 men surrender?", "1,600 men", Objection.NUMBER, False),
        ("Where did the 1,700 men surrender?", "1,600 men", Objection.NUMBER, True),
        ("What did the Taliban attack in Kunar?", "attacked a post", Objection.NAME, False),
        ("What did the Taliban attack in Herat?", "attacked a post", Objection.NAME, True),
        ("What did the Sikhs attack?", "attacked a post", Objection.NAME, True),
        ("Where did Omar lead them?", "led by Omar", Objection.NAME, False),
        ("Where did Hassan lead them?", "led by Omar", Objection.NAME, True),
        ("How many tanks fled?", "40 fighters", Objection.NAME, True),
        # By the surname alone.
        ("Who was Ada Quill's brother?", "Quill's brother", Objection.NAME, False),
        ("Who was Ada Marrow's brother?", "Quill's brother", Objection.NAME, True),
        ("Who in Uzbekistan lost men?", "lost men", Objection.NAME, False),
        ("Where did the Taliban lose men?", "lost men", Objection.NAME, True),
        ("What did the ministry say about the report?", "denied the report", Objection.NAME, False),
        ("What did the ministry say about the harvest?", "denied the report", Objection.NAME, True),
        ("How many fled in Zabul?", "40 fighters", Objection.PLACE, False),
        ("How many fled in Kunar?", "1,600 men", Objection.PLACE, True),
        ("Who is the Taliban's leader?", "The US leader", Objection.NAME, True),
        ("Who is the leader of the US?", "The US leader", Objection.NAME, False),
        # Who somebody is stands where he is named.
        ("Who is Omar Khan?", "led by Omar Khan", Objection.NAME, False),
        ("Who is Omar Khan?", "40 fighters", Objection.NAME, True),
    ],
)
def test_objections(chain: AnswerChain, question: str, words: str, objection: Objection, there: bool) -> None:
    assert (objection in candidate(chain, question, words).objections) is there


def test_a_sentence_that_fits_has_no_objection(chain: AnswerChain) -> None:
    assert candidate(chain, "How many fighters fled after the attack?", "40 fighters").objections == frozenset()


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How many fighters fled after the attack?", "40 fighters"),
        ("What did the ministry deny?", "denied the report"),
        ("How much was the group paid a month?", "$500 a month"),
        ("How many men gave up in Nangarhar?", "1,600 men"),
    ],
)
def test_the_sentence_that_answers_is_the_most_relevant(chain: AnswerChain, question: str, words: str) -> None:
    assert words in chain.evidence_for(question)[1][0].evidence.text


def test_who_reads_of_an_attempt_reads_that_it_failed(chain: AnswerChain) -> None:
    answer = chain.invoke(Question("When did the group try to take Nangarhar province?"))
    assert [each.text for each in answer.sentences][:2] == [
        "In 2015 the group tried to take Nangarhar province.",
        "But its efforts failed.",
    ]


def test_who_said_it_is_named_beside_the_words(chain: AnswerChain) -> None:
    answer = chain.invoke(Question("Who promised to spare nobody who burnt the barns?"))
    assert [each.text for each in answer.sentences] == [
        "Ada Byrne told reporters of rain.",
        '"We shall spare nobody who burnt the barns," she said.',
    ]


def test_one_held_against_another_tells_a_difference(chain: AnswerChain) -> None:
    differing = candidate(chain, "How do the Taliban and the Sikhs differ?", "grow beans")
    assert differing.features["contrasts"] == 1
    assert candidate(chain, "What do the Taliban grow?", "grow beans").features["contrasts"] == 0


def test_the_one_who_is_asked_about_and_the_deed(chain: AnswerChain) -> None:
    question = "Did the Taliban attack the barns?"
    assert candidate(chain, question, "attacked a post").features["acts"] == 1
    assert candidate(chain, question, "burnt the barns").features["acts"] == 0


def test_candidates_are_sentences_in_order_of_relevance(chain: AnswerChain) -> None:
    found = chain.evidence_for("How many fighters fled after the attack?")[1]
    assert [each.relevance for each in found] == sorted((each.relevance for each in found), reverse=True)
    for each in found:
        text = each.passage.article.text
        assert text[each.evidence.start : each.evidence.end] == each.evidence.text
        assert 0 <= each.recall <= 1
    assert len({each.evidence.text for each in found}) == len(found)


def test_words_that_mean_the_same_are_covered(chain: AnswerChain) -> None:
    assert "flee" in candidate(chain, "Where did fighters flee?", "fighters fled").covered
    assert "bakeri" not in candidate(chain, "Where did the bakery flee?", "fighters fled").covered


def test_the_opposite_of_what_is_asked_is_about_the_same(chain: AnswerChain) -> None:
    assert "confirm" in candidate(chain, "Was the report confirmed?", "denied the report").covered
    assert "confirm" not in candidate(chain, "Was the report confirmed or denied?", "attacked a post").covered


def test_a_sentence_that_refers_back_is_as_near_as_what_it_refers_to(chain: AnswerChain) -> None:
    question = "Who led the fighters that fled to Zabul?"
    before, after = candidate(chain, question, "40 fighters"), candidate(chain, question, "led by Omar")
    assert after.features["referred"] == before.features["similarity"] > 0
    assert before.features["referred"] == 0


def test_how_far_a_sentence_stands_out_is_counted_from_the_usual_one(chain: AnswerChain) -> None:
    found = chain.evidence_for("How many fighters fled after the attack?")[1]
    stands = [each.features["stands"] for each in found]
    assert sum(stands) == pytest.approx(0, abs=1e-4)
    assert sum(value**2 for value in stands) == pytest.approx(len(stands), rel=1e-4)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Why did the ministry confirm the report in 2019?", Reason.FALSE_PREMISE),
        ("How did the group succeed in taking Nangarhar province in 2015?", Reason.FALSE_PREMISE),
        ("Did the ministry confirm the report in 2019?", None),
        ("What did the ministry deny in 2019?", None),
        ("Did the ministry confirm or deny the report in 2019?", None),
    ],
)
def test_a_contradicted_premise(chain: AnswerChain, question: str, reason: Reason | None) -> None:
    answer = chain.invoke(Question(question))
    assert answer.reason is reason
    assert answer.citations


def test_a_question_states_nothing(chain: AnswerChain) -> None:
    found = [each.evidence.text for each in chain.evidence_for("Who baked the bread?")[1]]
    assert "Who baked it?" not in found
    assert any("Quill's brother did" in text for text in found)


def test_what_follows_a_question_is_read_with_it(chain: AnswerChain) -> None:
    assert candidate(chain, "Who baked the bread?", "Quill's brother did").features["referred"] > 0
    assert candidate(chain, "Who baked the bread?", "Hats were sold").features["referred"] == 0


@pytest.mark.parametrize(
    ("question", "answers", "speaks_of_it"),
    [
        ("Who was in charge of the fighters that escaped to Zabul?", "led by Omar Khan", "attacked a post"),
        ("What was the outcome of the attempt on Nangarhar?", "efforts failed", "tried to take"),
        ("What was the weather like at the fair of Thornbury?", "Rain fell", "opened the fair"),
    ],
)
def test_a_question_is_drawn_to_what_answers_it(
    chain: AnswerChain, question: str, answers: str, speaks_of_it: str
) -> None:
    drawn, other = candidate(chain, question, answers), candidate(chain, question, speaks_of_it)
    assert drawn.features["query"] > other.features["query"]
