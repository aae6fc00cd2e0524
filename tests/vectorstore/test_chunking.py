import random
from itertools import pairwise

import pytest

from vectorstore.asides import told
from vectorstore.chunking import MAX_WORDS, MIN_WORDS, chunk_article
from vectorstore.cleaning import find_regions
from vectorstore.models import Article, Chunk, Region, RegionKind
from vectorstore.structure import split_paragraphs, split_sentences


def article_of(text: str) -> Article:
    return Article("a", "Title", text, "0" * 64, "/articles/a.txt")


def words(text: str) -> int:
    return len(text.split())


def sentence(length: int) -> str:
    return " ".join(["The", *["valley"] * (length - 2), "slept."])


def check(article: Article, regions: list[Region], chunks: list[Chunk]) -> None:
    """What holds of every cutting."""
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    assert all(first.end <= second.start for first, second in pairwise(chunks))
    kept = [region for region in regions if region.kind.reporting]
    asides = [region for region in regions if region.kind is RegionKind.ASIDE]
    for chunk in chunks:
        assert article.text[chunk.start : chunk.end] == chunk.text != ""
        assert chunk.text == chunk.text.strip()
        assert words(told(chunk, asides)) <= MAX_WORDS or chunk.caption
        assert not any(
            region.kind.excluded and region.start < chunk.end and chunk.start < region.end for region in regions
        )
        assert chunk.caption == any((region.start, region.end) == (chunk.start, chunk.end) for region in kept)
        assert chunk.caption or not any(region.start < chunk.end and chunk.start < region.end for region in kept)
        # An aside lies inside a chunk, with reporting before and after it, or outside.
        assert not any(a.start <= chunk.start < a.end or a.start < chunk.end <= a.end for a in asides)
    # Nothing is lost: what no region covers is in a chunk, and captions are.
    covered = [(region.start, region.end) for region in regions if not region.kind.reporting]
    for start, end in split_paragraphs(article.text):
        if (start, end) not in covered:
            inside = "".join(article.text[max(start, c.start) : min(end, c.end)] for c in chunks if c.start < end)
            assert "".join(inside.split()) == "".join(article.text[start:end].split())


@pytest.mark.parametrize(
    ("paragraphs", "expected"),
    [
        ([30], [30]),
        ([90, 90], [180]),
        ([90, 91], [90, 91]),
        ([60, 60, 60, 60], [120, 120]),
        # A short rest is shared out.
        ([170, 20], [170, 20]),
        ([100, 70, 20], [100, 90]),
        ([50] * 5, [100, 150]),
    ],
)
def test_neighbours_are_joined_towards_the_range(paragraphs: list[int], expected: list[int]) -> None:
    article = article_of("\n\n".join(sentence(length) for length in paragraphs))
    assert [words(chunk.text) for chunk in chunk_article(article, [])] == expected


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    article = article_of(" ".join(sentence(40) for _ in range(10)))
    chunks = chunk_article(article, [])
    check(article, [], chunks)
    ends = {end for _, end in split_sentences(article.text)}
    assert [chunk.end in ends for chunk in chunks] == [True] * len(chunks)
    assert all(MIN_WORDS <= words(chunk.text) <= MAX_WORDS for chunk in chunks)


@pytest.mark.parametrize(
    "text",
    [
        " ".join(["valley"] * 1_000),
        "\u00a0 ".join(["valley"] * 500) + ".",
        "x" * 10_000,
        "word " * 100 + "x" * 5_000 + " word" * 100,
    ],
)
def test_an_endless_sentence_is_cut_at_white_space_or_by_length(text: str) -> None:
    article = article_of(text)
    chunks = chunk_article(article, [])
    check(article, [], chunks)
    assert len(chunks) > 1
    assert all(len(chunk.text) <= 20 * MAX_WORDS for chunk in chunks)


def test_headings_start_a_chunk_and_are_its_context() -> None:
    text = "Title\n\nOne sentence here.\n\nPart two\n\nAnother sentence here.\n\nTags: a\n\nThe last one."
    article = article_of(text)
    paragraphs = split_paragraphs(text)
    regions = [
        Region(RegionKind.HEADING, *paragraphs[0]),
        Region(RegionKind.HEADING, *paragraphs[2]),
        Region(RegionKind.TAGS, *paragraphs[4]),
    ]
    chunks = chunk_article(article, regions)
    check(article, regions, chunks)
    assert [(chunk.heading, chunk.text) for chunk in chunks] == [
        ("Title", "One sentence here."),
        ("Part two", "Another sentence here."),
        ("Part two", "The last one."),
    ]


def test_a_caption_is_a_chunk_of_its_own() -> None:
    text = "One sentence here.\n\nPhoto: a bridge\n\nAnother sentence here."
    article = article_of(text)
    regions = [Region(RegionKind.CAPTION, *split_paragraphs(text)[1])]
    chunks = chunk_article(article, regions)
    check(article, regions, chunks)
    assert [(chunk.text, chunk.caption) for chunk in chunks] == [
        ("One sentence here.", False),
        ("Photo: a bridge", True),
        ("Another sentence here.", False),
    ]


def test_ids_are_those_of_the_text_and_its_place() -> None:
    article = article_of(sentence(100) + "\n\n" + sentence(100))
    first, second = chunk_article(article, [])
    assert first.id.startswith("a#000-")
    assert second.id.startswith("a#001-")
    assert first.id.split("-")[1] == second.id.split("-")[1]
    assert chunk_article(article, []) == [first, second]
    changed = article_of(sentence(101) + "\n\n" + sentence(100))
    assert chunk_article(changed, [])[0].id != first.id


def test_nothing_gives_nothing() -> None:
    assert chunk_article(article_of(" \n "), []) == []
    text = "Share"
    assert chunk_article(article_of(text), [Region(RegionKind.SHARE, 0, 5)]) == []


SPACES = (" ", " ", " ", "\u00a0", "  ", " \u00a0")
BREAKS = ("\n\n", "\n", "\r\n\r\n", "\n \n\u00a0\n")
WORDS = ("Kabul", "the", "IS-K", "“quoted”", "Gen.", "U.S.", "3,000", "naïve", "–", "he", "x" * 40, "said.", "left?")


@pytest.mark.parametrize("seed", range(40))
def test_any_text_with_any_regions_keeps_the_rules(seed: int) -> None:
    chance = random.Random(seed)
    text = ""
    for _ in range(chance.randint(1, 25)):
        length = chance.choice((1, 5, 20, 60, 150, 400))
        text += "".join(chance.choice(WORDS) + chance.choice(SPACES) for _ in range(chance.randint(1, length)))
        text += chance.choice(BREAKS)
    regions = [
        Region(chance.choice(list(RegionKind)), *span) for span in split_paragraphs(text) if chance.random() < 0.3
    ]
    article = article_of(text)
    check(article, regions, chunk_article(article, regions))


def test_shipped_articles(articles: dict[str, Article]) -> None:
    for article in articles.values():
        regions = find_regions(article.text, article.title)
        chunks = chunk_article(article, regions)
        check(article, regions, chunks)
        long_enough = [words(chunk.text) >= MIN_WORDS for chunk in chunks if not chunk.caption]
        assert sum(long_enough) >= len(long_enough) - 2
