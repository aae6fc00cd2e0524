import pytest

from vectorstore.formats.plain import read_markdown, read_text

TEXT = "First line\r\n\r\n# A heading\r\n\nText\u00a0here.\n"


def test_text_is_verbatim() -> None:
    draft = read_text(TEXT.encode(), "a.txt")
    assert (draft.text, draft.title, draft.encoding) == (TEXT, "First line", "utf-8 (strict)")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (TEXT, "A heading"),
        ("## Second\n\n# The *first* level #\n\n# Another", "The *first* level"),
        ("Intro\r# Heading\rText.", "Heading"),
        ("```sh\n# a comment\n```\n# Heading\n", "Heading"),
        ("```\n# never closed", "```"),
        ("```\n~~~\n# inside\n```\n  # About C# ##\n", "About C#"),
        ("# " + " " * 100_000 + "x\n\n# Next", "Next"),
        ("#hashtag only\n\nText.", "#hashtag only"),
        ("No heading.\n\nText.", "No heading."),
        ("# \u200b\n\nText.", "#"),
    ],
)
def test_markdown_is_verbatim_and_its_title_the_first_heading(text: str, title: str) -> None:
    draft = read_markdown(text.encode(), "a.md")
    assert (draft.text, draft.title) == (text, title)
