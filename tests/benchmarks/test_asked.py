from importlib.resources import files

from qa.evaluation.dataset import default_questions, load_questions
from tests.benchmarks.asked import Asked, on_gold, questions


def test_every_gold_sentence_stands_in_an_article() -> None:
    asked = questions()
    texts = [path.read_text("utf-8") for path in files("seeds").joinpath("articles").iterdir()]
    assert len(asked) == 411
    assert [gold for each in asked for gold in each.gold if sum(gold in text for text in texts) != 1] == []
    assert [each.question for each in asked if each.answerable and not each.gold] == []


def test_none_is_a_question_of_the_set() -> None:
    ours = {question.question.lower() for question in load_questions(default_questions())}
    assert [each.question for each in questions() if each.question.lower() in ours] == []


def test_a_quote_with_other_white_space_is_the_same() -> None:
    asked = Asked(question="Where?", kind="where", answerable=True, gold=("They fled to\u00a0Zabul.",))
    assert on_gold("They fled to Zabul.", asked)
    assert not on_gold("They fled.", asked)
