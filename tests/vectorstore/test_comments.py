import pytest

from vectorstore.comments import comments_begin
from vectorstore.furniture import load_rules

SAID = "The head of the council said on Monday that the bridge would be rebuilt."
PLAIN = "The river is high in spring and carries wood from the upper valley."
MINE = "I think you should all be ashamed of what was done to that valley."


def begin(*lines: str) -> int:
    prose = [line in (SAID, PLAIN, MINE) for line in lines]
    return comments_begin(lines, prose, load_rules().comments)[0]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], 0),
        ([SAID, PLAIN, SAID], 3),
        # A heading, and the same word above comments.
        ([SAID, PLAIN, "Discussion", SAID, PLAIN], 5),
        ([SAID, PLAIN, "Discussion", MINE, MINE], 2),
        ([SAID, PLAIN, "Discussion", "Anna", "2 days ago", SAID, "Reply", "1 day ago", PLAIN, "Reply"], 2),
        ([SAID, PLAIN, "Comments", SAID, PLAIN, SAID], 6),
        ([SAID, PLAIN, "Comments", PLAIN, PLAIN], 2),
        # Only comment systems say so, and their readers may write like reporters.
        ([SAID, PLAIN, "Leave a comment", SAID, PLAIN, SAID], 2),
        ([SAID, PLAIN, "Leave a comment"], 2),
        # At the top of a page, and before any prose.
        ([SAID, "5 Comments", PLAIN, PLAIN, SAID], 5),
        (["5 Comments", SAID, PLAIN], 3),
        ([SAID, "5 Comments", PLAIN, SAID, "5 Comments", "Anna", "2 days ago", MINE, "Reply"], 4),
        # One sign alone is none.
        ([SAID, PLAIN, "March 3, 2022 at 4:12 pm", PLAIN], 4),
        # The first comment begins above the line that gives it away.
        ([SAID, PLAIN, "2 days ago", MINE, "Reply", "1 day ago", MINE, "Reply"], 2),
        # An author who says "I" as well.
        ([MINE, PLAIN, MINE, "Discussion", MINE, PLAIN, MINE], 7),
    ],
)
def test_where_comments_begin(lines: list[str], expected: int) -> None:
    assert begin(*lines) == expected


def test_words_inside_quotation_marks_are_not_the_readers() -> None:
    quoted = '"I think you should leave," the mayor told the guests of the wedding.'
    lines = [SAID, PLAIN, "Comments", quoted, quoted]
    assert comments_begin(lines, [True, True, False, True, True], load_rules().comments)[0] == len(lines)


def test_lines_of_a_comment_system_are_told_wherever_they_stand() -> None:
    lines = ["12 comments", SAID, "Leave a comment", SAID, PLAIN, SAID, SAID, PLAIN, SAID]
    prose = [line in (SAID, PLAIN) for line in lines]
    assert comments_begin(lines, prose, load_rules().comments) == (len(lines), frozenset({0, 2}))
