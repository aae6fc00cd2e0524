import pytest

from vectorstore.formats.reflow import reflow

FULL = "A line that is as long as the column of the page is wide, or so"


@pytest.mark.parametrize(
    ("pages", "paragraphs"),
    [
        ([f"{FULL}\n{FULL}\nends here.\n{FULL}\nagain."], [f"{FULL} {FULL} ends here.", f"{FULL} again."]),
        ([f"Heading\n{FULL}\nends."], ["Heading", f"{FULL} ends."]),
        ([f"{FULL}\n\n{FULL}"], [FULL, FULL]),
        ([f"{FULL}\nshort\nand small goes on."], [f"{FULL} short and small goes on."]),
        # A hyphen may belong to the word: nothing is taken away, and no space comes in.
        ([f"{FULL} Afghan-\nled forces."], [f"{FULL} Afghan-led forces."]),
        ([f"{FULL} coun-\ntry."], [f"{FULL} coun-try."]),
        ([f"{FULL} 2017 -\nlater."], [f"{FULL} 2017 - later."]),
        ([f"{FULL} coun\u00ad\ntry."], [f"{FULL} country."]),
        ([f"{FULL}\n• One item\n• Two\n- Three\n4. Four"], [FULL, "• One item", "• Two", "- Three", "4. Four"]),
        # Over the end of a page only before a small letter.
        ([f"{FULL}\n", "goes on.\nNext."], [f"{FULL} goes on.", "Next."]),
        ([FULL, "Next page."], [FULL, "Next page."]),
        ([f"{FULL}.", "small."], [f"{FULL}.", "small."]),
        ([FULL, "", "goes on."], [f"{FULL} goes on."]),
        (["  spaced \t out  "], ["spaced out"]),
        ([], []),
        (["\n \n"], []),
    ],
)
def test_lines_become_paragraphs(pages: list[str], paragraphs: list[str]) -> None:
    assert reflow(pages) == "\n\n".join(paragraphs)
