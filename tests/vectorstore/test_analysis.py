import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from vectorstore.analysis import STOPWORDS, Analyser, normalise, numbers, stem
from vectorstore.glossary import Glossary
from vectorstore.models import Article

PLAIN = Analyser(Glossary())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" a\u00a0b\n\tc ", "a b c"),
        ("“a” ‘b’ «c»", '"a" \'b\' "c"'),
        ("a–b—c‑d−e…", "a-b-c-d-e..."),
        ("Café 3,000", "Café 3,000"),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected
    assert normalise(expected) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fighters fled.", [("Fighters", "fighter"), ("fled", "fled")]),
        ("3,000 and 1,600.5", [("3,000", "3000"), ("and", "and"), ("1,600.5", "1600.5")]),
        ("1,2 then 1.2.3", [("1,2", "1,2"), ("then", "then"), ("1.2.3", "1.2.3")]),
        ("56-57% on 2017-12", [("56", "56"), ("57", "57"), ("on", "on"), ("2017", "2017"), ("12", "12")]),
        ("thirty-five", [("thirty", "30"), ("five", "5")]),
        ("the men's and the elders’ U.S. plan", None),
        ("suicide-bombing", [("suicide", "suicid"), ("bombing", "bomb")]),
        # As somebody types it who has no accents.
        ("naïve café", [("naïve", "naiv"), ("café", "cafe")]),
    ],
)
def test_tokens(text: str, expected: list[tuple[str, str]] | None) -> None:
    tokens = PLAIN.tokens(text)
    assert all(text[token.start : token.end].replace("’", "'") == token.surface for token in tokens)
    if expected is None:
        expected = [("the", "the"), ("men", "men"), ("and", "and"), ("the", "the"), ("elders", "elder")]
        expected += [("U.S", "us"), ("plan", "plan")]
    assert [(token.surface, token.term) for token in tokens] == expected


def test_names_become_one_token_with_its_place(glossary: Glossary) -> None:
    analyser = Analyser(glossary)
    text = "“Islamic State–Khorasan”\u00a0lost Jawzjan’s hills."
    tokens = analyser.tokens(text)
    assert [token.term for token in tokens] == ["@isis-k", "lost", "@jowzjan", "s", "hill"]
    assert [text[token.start : token.end] for token in tokens] == [
        "Islamic State–Khorasan",
        "lost",
        "Jawzjan",
        "s",
        "hills",
    ]
    assert [token.is_entity for token in tokens] == [True, False, True, False, False]
    assert tokens[0].is_capitalised


def test_a_name_is_indexed_with_what_it_is_part_of_and_stopwords_are_not(glossary: Glossary) -> None:
    terms = Analyser(glossary).terms("When was the ISKP in Darzab?")
    assert terms == ["@isis-k", "@isis", "@darzab", "@jowzjan", "@afghanistan"]


def test_one_name_is_embedded_as_another(glossary: Glossary) -> None:
    analyser = Analyser(glossary)
    assert analyser.canonical("Who leads Daesh-K in Jawzjan?") == analyser.canonical("Who leads  ISKP in Jozjan?")
    assert analyser.canonical("Nothing “named”") == 'Nothing "named"'


def test_tokens_of_the_articles_point_at_their_words(articles: dict[str, Article], glossary: Glossary) -> None:
    analyser = Analyser(glossary)
    for article in articles.values():
        tokens = analyser.tokens(article.text)
        assert len(tokens) > 300
        assert all(first.end <= second.start for first, second in pairwise(tokens))
        for token in tokens:
            written = article.text[token.start : token.end]
            assert normalise(written) == normalise(token.surface)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("none at all", []),
        ("3,000", [3000]),
        ("three thousand", [3000]),
        ("two hundred and fifty", [250]),
        ("three hundred thousand and five", [300_005]),
        ("2.5 million", [2_500_000]),
        ("seven million people in 2014", [7_000_000, 2014]),
        ("twenty-one", [21]),
        ("one in five", [1, 5]),
        ("5 and 6", [5, 6]),
        ("twenty and five", [20, 5]),
        ("one hundred and two men", [102]),
        ("over 1,600 in 1,400 strikes", [1600, 1400]),
        ("56-57%", [56, 57]),
        ("hundreds of men", []),
        ("a thousand times", []),
        ("version 1.2.3", []),
        ("12.5", [12.5]),
    ],
)
def test_numbers(text: str, expected: list[float]) -> None:
    assert numbers(PLAIN.tokens(text)) == expected


def test_digits_and_words_agree() -> None:
    written, spoken = (numbers(PLAIN.tokens(text)) for text in ("1,600 of 14", "one thousand six hundred of fourteen"))
    assert written == spoken


@pytest.mark.parametrize(
    ("one", "other"), [("attacks", "attacked"), ("operation", "operations"), ("fighting", "fights")]
)
def test_stems(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_stems_are_the_same_from_many_threads(eager_threads: None) -> None:
    words = [
        f"{start}{end}" for start in ("organ", "relat", "hop", "attack") for end in ("izations", "ional", "ing", "ed")
    ]
    expected = list(map(stem.__wrapped__, words))
    with ThreadPoolExecutor(8) as pool:
        for _ in range(200):
            assert list(pool.map(stem.__wrapped__, words)) == expected


def test_stopwords_are_small_words_only() -> None:
    assert {"the", "of", "which"} <= STOPWORDS
    assert not {"not only", "attack", "first", "against all"} & STOPWORDS
