"""Hostile text through every place where text of others is shown, on a terminal; what arrives is only what we mean."""

import os
import re

import pytest

from tests.qa.tui.terminal import renditions, terminal

# What Textual itself sends: cursor, colours, modes, their queries, the keyboard protocol, and the pointer's shape.
MEANT = re.compile(
    rb"\x1b\[[0-9;]*[mHJK]|\x1b\[\?[0-9;]+[hl]|\x1b\[\?[0-9]+\$p|\x1b\[[<>=]?[0-9;]*u|\x1b\]22;[a-z-]*\x1b\\|\x1b\]22;[a-z-]*\x07"
)
UNSEEN = re.compile(
    r"[\x00-\x07\x0b-\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)

PROGRAM = "from tests.qa.tui.fuzzing import main; main()"


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}] if os.environ.get("SOAK") else [{}])
def test_nothing_but_what_is_meant_reaches_the_terminal(environment: dict[str, str]) -> None:
    with terminal(program=PROGRAM, **environment) as term:
        term.until(lambda: "› THE END" in term.text())
        term.type("\x11")
        assert term.finish() == 0, term.raw[-2_000:]
        assert term.is_sane()
    text = MEANT.sub(b"", term.raw).decode()
    assert [match[0] for match in UNSEEN.finditer(text)] == []
    assert 5 not in renditions(term.raw)
    assert set(re.findall(rb"\x1b\[\?(\d+)h", term.raw)) <= {
        b"1049", b"1000", b"1003", b"1006", b"1015", b"1004", b"2004", b"2026", b"2048", b"25", b"7"
    }  # fmt: skip
