from typing import Any

import pytest

from qa.evaluation.quotes import Library, QuoteScore, quote_scores

COUNTED = ("beta", "Officials counted 1,100 fighters – “not 125”.")


@pytest.mark.parametrize(
    ("text", "quote", "fidelity"),
    [
        ("They \u201cofficials counted 1,100 fighters\u201d there.", "officials counted 1,100 fighters", "exact"),
        # Other marks and hyphens, and what ends it.
        ("It says \"counted 1,100 fighters - 'not 125'.\"", "counted 1,100 fighters - 'not 125'.", "exact"),
        ('It says "The Taliban took the credit".', "The Taliban took the credit", "elsewhere"),
        ('It says "officials counted 110 fighters".', "officials counted 110 fighters", "fabricated"),
        # Not inside a longer word or number.
        ('It says "counted 1,100 fighter".', "counted 1,100 fighter", "fabricated"),
    ],
)
def test_words_in_quotation_marks(world: Any, text: str, quote: str, fidelity: str) -> None:
    answer = world.answer(text, [COUNTED])
    library = Library([article.text for article in world.articles])
    cited, said = quote_scores(answer, answer.citations, library)
    assert cited == QuoteScore(COUNTED[1], "exact")
    assert (said.text, said.fidelity) == (quote, fidelity)


@pytest.mark.parametrize("text", ["The so-called \u201ccaliphate\u201d.", 'He said "and never ended it.', "No quote."])
def test_names_and_open_marks_are_no_quotes(world: Any, text: str) -> None:
    assert quote_scores(world.answer(text), [], Library([])) == ()


def test_a_citation_that_is_not_valid_is_no_exact_quote(world: Any) -> None:
    library = Library([article.text for article in world.articles])
    (score,) = quote_scores(world.answer("?", [COUNTED]), [], library)
    assert score.fidelity == "elsewhere"
