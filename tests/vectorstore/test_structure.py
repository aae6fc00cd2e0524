from itertools import pairwise

import pytest

from vectorstore.models import Article
from vectorstore.structure import split_lines, split_paragraphs, split_sentences


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


def paragraphs(text: str) -> list[str]:
    return [text[start:end] for start, end in split_paragraphs(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\u00a0\n\t", []),
        ("One line", ["One line"]),
        ("One.\nTwo.\n\nThree.", ["One.", "Two.", "Three."]),
        ("One.\r\n\r\nTwo.\r\n", ["One.", "Two."]),
        ("  indented \u00a0\n\u00a0next", ["indented", "next"]),
        ("\ufeffTitle\nText.\u200b", ["Title", "Text."]),
        ("a\x0bb\x0cc\u2028d\x85e", ["a", "b", "c", "d", "e"]),
    ],
)
def test_paragraphs_are_lines(text: str, expected: list[str]) -> None:
    assert paragraphs(text) == expected


WRAPPED = (
    "The fighters came down from the hills at night and took the\n"
    "three villages by the river, where nobody had expected them\n"
    "before the spring."
)


def test_lines_wrapped_at_a_column_are_one_paragraph() -> None:
    assert paragraphs(f"A headline\n\n{WRAPPED}\n\nThe end.") == ["A headline", WRAPPED, "The end."]
    crlf = WRAPPED.replace("\n", "\r\n")
    assert paragraphs(f"{crlf}\r\n\r\nThe end.") == [crlf, "The end."]


@pytest.mark.parametrize(
    "block",
    [
        # Two lines only, a line that is too short, and lines that are sentences.
        "\n".join(WRAPPED.splitlines()[:2]),
        WRAPPED.replace("three villages", "\nthree villages", 1).replace("from the hills at night and took the", "."),
        "\n".join(
            f"The {nth} attack of the year was reported by the station on Monday." for nth in ("1st", "2nd", "3rd")
        ),
    ],
)
def test_other_lines_stay_paragraphs(block: str) -> None:
    assert paragraphs(block) == [line for line in block.splitlines() if line]


def test_lines_skip_blank_ones_and_trim() -> None:
    text = "  a \n\n\tb\n"
    assert [text[start:end] for start, end in split_lines(text)] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He fled. She stayed.", ["He fled.", "She stayed."]),
        ("Really?! Yes… No!", ["Really?!", "Yes…", "No!"]),
        ("It is IS-K. Many fled.", ["It is IS-K.", "Many fled."]),
        ("Gen. Mohammad Radmanish spoke. He left.", ["Gen. Mohammad Radmanish spoke.", "He left."]),
        ("Lt. Col. Kone Faulkner and Mr. Smith left.", ["Lt. Col. Kone Faulkner and Mr. Smith left."]),
        ("John W. Nicholson left. J. K. Khan stayed.", ["John W. Nicholson left.", "J. K. Khan stayed."]),
        ("In the U.S. Army he served. The U.S. The man", ["In the U.S. Army he served.", "The U.S.", "The man"]),
        ("U.S.-led forces left.", ["U.S.-led forces left."]),
        ("It was Vitamin K. Then he slept.", ["It was Vitamin K.", "Then he slept."]),
        ("So did I. They left.", ["So did I.", "They left."]),
        ("J. A. Khan and I. A. Rahman met.", ["J. A. Khan and I. A. Rahman met."]),
        ("On Aug. 1 it began. It ended in Aug. Then", ["On Aug. 1 it began.", "It ended in Aug.", "Then"]),
        ("No. 5 was hit. He said no. The rest left.", ["No. 5 was hit.", "He said no.", "The rest left."]),
        ("Arms, cash, etc. The rest is lost.", ["Arms, cash, etc.", "The rest is lost."]),
        ("The US and Co., however, left.", ["The US and Co., however, left."]),
        ("It cost 3.5 million. Then 3,000. Next.", ["It cost 3.5 million.", "Then 3,000.", "Next."]),
        ("They left at 5 p.m. on Monday. Nobody saw.", ["They left at 5 p.m. on Monday.", "Nobody saw."]),
        ("What? he asked. Nothing.", ["What? he asked.", "Nothing."]),
        ("He fled.\u00a0She stayed.", ["He fled.", "She stayed."]),
        ("(He fled.) She stayed.", ["(He fled.)", "She stayed."]),
        ("“We left. They stayed,” he said. Done.", ["“We left. They stayed,” he said.", "Done."]),
        ('"We left. They stayed," he said. Done.', ['"We left. They stayed," he said.', "Done."]),
        ("He said: “We left.” Then he slept.", ["He said: “We left.”", "Then he slept."]),
        ("He said “we left. They stayed.", ["He said “we left.", "They stayed."]),
        ("A heading\nA sentence. Another", ["A heading", "A sentence.", "Another"]),
        ("First.\r\nSecond.\r\n", ["First.", "Second."]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_long_quotation_is_cut_and_a_short_one_is_not() -> None:
    long = [f"“{'We went on for days. ' * 5}".rstrip(), "Nobody helped us " + "at all " * 20 + "then.”"]
    assert sentences(f"{' '.join(long)} He wept.") == [
        "“We went on for days.", *["We went on for days."] * 4, long[1], "He wept."
    ]  # fmt: skip
    assert sentences("“We went on. Nobody helped us.” He wept.") == ["“We went on. Nobody helped us.”", "He wept."]


def test_sentences_of_the_articles_lose_nothing(articles: dict[str, Article]) -> None:
    for article in articles.values():
        spans = split_sentences(article.text)
        assert all(first[1] <= second[0] for first, second in pairwise(spans))
        between = [article.text[a[1] : b[0]] for a, b in zip([(0, 0), *spans], spans, strict=False)]
        assert "".join(between).strip() == ""


def test_a_book_on_one_line_is_split() -> None:
    assert len(split_sentences('He said "we go. They stay" and left. ' * 10_000)) == 10_000
    assert sentences("x" * 500_000 + ". Then") == ["x" * 500_000 + ".", "Then"]
