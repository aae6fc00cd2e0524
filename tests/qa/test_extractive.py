"""Selection over made-up candidates. What is fitted is read from qa/calibration.py: fitting it again breaks nothing."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pytest

from qa.calibration import ANSWERS, SELECTION
from qa.candidate import Candidate, Objection
from qa.extractive import Selection, of_either, select, worth
from qa.models import Reason
from qa.premise import Against
from qa.question import QuestionAnalysis, analyse_question
from qa.refusals import Coverage
from vectorstore.analysis import Analyser
from vectorstore.glossary import Glossary
from vectorstore.models import Article, Chunk, Evidence, Passage

VECTOR = np.zeros(1, dtype=np.float32)
GOOD = 10.0
SURE, ENOUGH, UNSURE = (SELECTION.answerable_from + more for more in (5, 0.1, -0.1))
COVERAGE = Coverage(years=frozenset({2015}), published=frozenset({2017, 2021}))


def analysed(text: str) -> QuestionAnalysis:
    return analyse_question(text, Analyser(Glossary()))


QUESTION = analysed("Where do red foxes sleep?")


def features(answers: float) -> dict[str, float]:
    """Those with which a lone sentence without objections answers with this logit."""
    return dict.fromkeys(ANSWERS.weights, 0.0) | {
        "similarity": (answers - ANSWERS.bias) / ANSWERS.weights["similarity"]
    }


def candidate(
    text: str,
    relevance: float,
    *objections: Objection,
    article: str = "a",
    source: str = "Fox News",
    answers: float = SURE,
    recall: float = 1.0,
    caption: bool = False,
) -> Candidate:
    """A sentence in a chunk of its own."""
    chunk = Chunk(f"{article}-{text}", article, 0, 100, 100 + len(text), text, caption=caption)
    passage = Passage(chunk, Article(article, "T", "." * 100 + text, "0" * 64, "a.txt", publisher=source), 1.0)
    return Candidate(
        evidence=Evidence(100, 100 + len(text), text, VECTOR),
        passage=passage,
        tokens=Analyser(Glossary()).tokens(text),
        relevance=relevance,
        recall=recall,
        covered=frozenset(),
        objections=frozenset(objections),
        features=features(answers),
    )


def chosen(
    *candidates: Candidate, question: QuestionAnalysis = QUESTION, against: Mapping[Against, str] = MappingProxyType({})
) -> Selection:
    """``against``: the text of the one that stands against the question, by how it does."""
    return select(
        question,
        candidates,
        COVERAGE,
        lambda asked, item, how: item.evidence.text == against.get(how),
    )


def texts(selection: Selection) -> list[str]:
    return [item.evidence.text for item in selection.sentences]


FAR = SELECTION.margin + SELECTION.other_source + 1


def test_the_best_comes_first_and_what_is_far_below_stays_out() -> None:
    selection = chosen(candidate("Poor.", GOOD - FAR), candidate("Best.", GOOD))
    assert (texts(selection), selection.reason) == (["Best."], None)


def test_what_is_nearly_as_good_joins_up_to_the_most() -> None:
    selection = chosen(*(candidate(f"S{number}.", GOOD - number / 100) for number in range(6)))
    assert texts(selection) == [f"S{number}." for number in range(SELECTION.most)]


@pytest.mark.parametrize(
    ("one", "other"),
    [("a", "b"), ("b", "a")],
)
def test_ties_are_broken_by_article_and_place(one: str, other: str) -> None:
    first = candidate("One.", GOOD, article=one)
    second = candidate("Other.", GOOD, article=other)
    assert chosen(first, second) == chosen(second, first)
    assert chosen(first, second).sentences[0].passage.article.id == "a"


JUST_TOO_FAR = GOOD - SELECTION.margin - 0.01


def test_another_source_may_be_a_little_worse() -> None:
    best = candidate("Best.", GOOD)
    assert texts(chosen(best, candidate("Other.", JUST_TOO_FAR, source="Wolf"))) == ["Best.", "Other."]
    assert texts(chosen(best, candidate("Same.", JUST_TOO_FAR, article="z"))) == ["Best."]


@pytest.mark.parametrize("objection", list(Objection))
def test_each_objection_costs(objection: Objection) -> None:
    against = candidate("Against.", GOOD, objection)
    assert worth(against) == GOOD - SELECTION.costs[objection.value]
    assert worth(against) < GOOD
    assert texts(chosen(against, candidate("For.", GOOD - SELECTION.costs[objection.value] / 2)))[0] == "For."


@pytest.mark.parametrize(
    ("question", "candidates", "reason"),
    [
        (QUESTION, [], Reason.NO_MATCH),
        (QUESTION, [candidate("Poor.", GOOD, answers=UNSURE, recall=0.1)], Reason.NO_MATCH),
        (QUESTION, [candidate("Close.", GOOD, answers=UNSURE)], Reason.INSUFFICIENT),
        (QUESTION, [candidate("Of another.", GOOD, Objection.NAME, answers=UNSURE)], Reason.NO_MATCH),
        (analysed("Where did foxes sleep in 2031?"), [], Reason.OUT_OF_RANGE),
        (
            analysed("Where did foxes sleep in 2031?"),
            [candidate("Poor.", GOOD, answers=UNSURE)],
            Reason.OUT_OF_RANGE,
        ),
        (analysed("Where did foxes sleep in 2015?"), [], Reason.NO_MATCH),
        (analysed("Write a poem about foxes."), [candidate("Fine.", GOOD)], Reason.OUT_OF_SCOPE),
    ],
)
def test_why_there_is_no_answer(question: QuestionAnalysis, candidates: list[Candidate], reason: Reason) -> None:
    made = chosen(*candidates, question=question)
    assert (made.sentences, made.reason) == ((), reason)


def test_who_did_it_is_not_answered_by_what_names_nobody() -> None:
    nobody = candidate("Foxes were fed.", GOOD, Objection.KIND, answers=SURE - ANSWERS.weights["kind"])
    assert chosen(nobody, question=analysed("Who fed the foxes?")).reason is Reason.INSUFFICIENT
    assert texts(chosen(nobody, question=analysed("When did foxes eat?"))) == ["Foxes were fed."]


def test_exactly_sure_enough_is_sure_enough() -> None:
    assert chosen(candidate("Just.", GOOD, answers=SELECTION.answerable_from + 1e-9)).reason is None


def test_what_contradicts_the_question_is_shown_alone() -> None:
    selection = chosen(
        candidate("Not so.", GOOD), candidate("Also.", GOOD - 0.01), against={Against.PREMISE: "Not so."}
    )
    assert (texts(selection), selection.reason) == (["Not so."], Reason.FALSE_PREMISE)


def test_what_contradicts_the_question_joins_no_answer() -> None:
    selection = chosen(
        candidate("So.", GOOD), candidate("Not so.", GOOD - 0.01), candidate("Also.", GOOD - 0.02),
        against={Against.PREMISE: "Not so."},
    )  # fmt: skip
    assert (texts(selection), selection.reason) == (["So.", "Also."], None)


def test_what_is_said_of_an_opposite_is_no_answer() -> None:
    selection = chosen(
        candidate("The first.", GOOD), candidate("Also.", GOOD - 0.01), against={Against.OTHERWISE: "The first."}
    )
    assert (texts(selection), selection.reason) == ([], Reason.INSUFFICIENT)


@pytest.mark.parametrize("answers", [UNSURE, ENOUGH])
def test_a_flat_denial_counts_however_far_down_it_stands(answers: float) -> None:
    best = candidate("Best.", GOOD, answers=answers)
    selection = chosen(best, candidate("Denied.", GOOD - FAR), against={Against.FLATLY: "Denied."})
    assert (texts(selection), selection.reason) == (["Denied."], Reason.FALSE_PREMISE)


def test_what_another_sentence_denies_takes_no_sure_answer_back() -> None:
    selection = chosen(candidate("Best.", GOOD), candidate("Denied.", GOOD - FAR), against={Against.FLATLY: "Denied."})
    assert (texts(selection), selection.reason) == (["Best."], None)


def test_a_poor_sentence_contradicts_nothing() -> None:
    poor = candidate("Poor.", GOOD, answers=UNSURE, recall=0.1)
    assert chosen(poor, against={Against.PREMISE: "Not so."}).reason is Reason.NO_MATCH


def test_a_caption_that_lacks_what_is_asked_for_leads_no_answer() -> None:
    says = candidate("Forty came.", GOOD)
    assert texts(chosen(candidate("Photo.", GOOD + 2.5, Objection.KIND, caption=True), says))[0] == "Forty came."
    assert texts(chosen(candidate("Photo.", GOOD + 2.5, caption=True), says))[0] == "Photo."
    assert texts(chosen(candidate("Text.", GOOD + 2.5, Objection.KIND), says))[0] == "Text."


def test_of_two_answers_the_best_for_each() -> None:
    nothing = Selection((), Reason.NO_MATCH, confidence=9.0)
    one = Selection((candidate("Grows.", GOOD, article="a"), candidate("More.", GOOD, article="b")), confidence=1.0)
    other = Selection((candidate("Shrinks.", GOOD, article="c"), candidate("Less.", GOOD, article="d")), confidence=2.0)
    assert of_either([nothing, nothing]) is None
    both = of_either([one, nothing, other])
    assert both is not None
    assert (texts(both), both.reason, both.confidence) == (["Shrinks.", "Grows.", "Less."], None, 2.0)
    assert of_either([one, nothing]) == one
    # Each question has scored the same sentences anew.
    same = of_either([one, Selection((candidate("Grows.", GOOD + 1, article="a"),), confidence=0.5)])
    assert same is not None
    assert texts(same) == ["Grows.", "More."]
