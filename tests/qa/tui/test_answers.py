import pytest

from qa.models import Conflict, Position, Sentence, Support
from qa.tui.answers import Check, disagreement, draft, final, quiet_line, verdict
from qa.tui.text import BAD, DOUBTFUL, GOOD, MARKER, PENDING
from tests.qa.tui import fakes

FULL, PART, NONE = Support.SUPPORTED, Support.PARTIAL, Support.UNSUPPORTED


@pytest.mark.parametrize(
    ("text", "sentences", "shown"),
    [
        (
            "One. [1] Two. [2]",
            [("One.", 1, FULL), ("Two.", 2, PART)],
            "One. [1]✓ Two. [2] ≈ partly supported",
        ),
        ("One [1]. Two [1][2].", [("One.", 1, FULL), ("Two.", 2, FULL)], "One [1].✓ Two [1][2].✓"),
        ("One. [1, 2]", [("One.", 1, NONE)], "One. [1][2] ✗ not supported"),
        ("One.", [("One.", None, NONE)], "One. ✗ no source"),
        ("One. [9]", [("One.", 9, NONE)], "One. [9: no such passage] ✗ not supported"),
        ("One. One. [1]", [("One.", 1, PART), ("One.", 1, FULL)], "One. ≈ partly supported One. [1]✓"),
        ("* One. [1]\n* Two. [2]", [("One.", 1, FULL), ("Two.", 2, FULL)], "* One. [1]✓\n* Two. [2]✓"),
        ("Something else.", [("One.", 1, NONE)], "Something else.\nOne. ✗ not supported"),
        ("\x1b[2J One. [1]", [("\x1b[2J One.", 1, FULL)], "\ufffd[2J One. [1]✓"),
        (
            "[/foo] [@click=app.quit] [1]",
            [("[/foo] [@click=app.quit]", 1, FULL)],
            "[/foo] [@click=app.quit] [1]✓",
        ),
        ("No sentences. [1]", [], "No sentences. [1]"),
    ],
)
def test_each_sentence_is_followed_by_its_state(
    text: str, sentences: list[tuple[str, int | None, Support]], shown: str
) -> None:
    told = tuple(
        Sentence(said, () if marker is None else (marker,), support, 0.5) for said, marker, support in sentences
    )
    answer = fakes.answer(text, told, fakes.fighters().citations)
    assert final(answer).plain == shown


def test_states_and_markers_have_their_styles() -> None:
    content = final(fakes.fighters())
    styled = {content.plain[span.start : span.end]: span.style for span in content.spans if span.style}
    kinds = {(content.plain[span.start : span.end], span.style) for span in content.spans}
    assert {("[1]", MARKER), ("[2]", MARKER), ("✓", GOOD), (" ≈ partly supported", DOUBTFUL)} <= kinds
    assert BAD not in styled.values()


def test_a_marker_carries_its_number() -> None:
    content = final(fakes.fighters())
    place = content.plain.index("[2]")
    metas = [span.style.meta for span in content.spans if span.start == place and not isinstance(span.style, str)]
    assert metas == [{"marker": 2}]


def test_the_markers_of_a_draft_are_pending() -> None:
    content = draft("One. [1] Two. [2, 3][4] Th")
    assert content.plain == "One. [1]… Two. [2, 3]…[4]… Th"
    styled = [(content.plain[s.start : s.end], s.style) for s in content.spans]
    assert styled == [(f"[{number}]…", PENDING) for number in ("1", "2, 3", "4")]


def test_a_draft_has_the_states_that_are_known() -> None:
    full, none = Sentence("One.", (1, 2), FULL, 0.9), Sentence("Two.", (), NONE, 0.1)
    text = "One. Two. Three. Fo [4]"
    content = draft(text, [Check(4, full), Check(9, none), Check(16, None)])
    assert content.plain == "One. [1][2]✓ Two. ✗ no source Three. ✗ not kept Fo [4]…"
    styled = [(content.plain[s.start : s.end], s.style) for s in content.spans]
    assert styled == [
        (" [1][2]", MARKER), ("✓", GOOD), (" ✗ no source", BAD), (" ✗ not kept", BAD), ("[4]…", PENDING)
    ]  # fmt: skip


def test_a_very_long_answer_is_cut() -> None:
    assert len(final(fakes.answer("x" * 100_000)).plain) < 21_000


@pytest.mark.parametrize(
    ("supports", "said"),
    [
        ([], ""),
        ([FULL], "✓ checked against the quoted words"),
        ([FULL, PART], "✗ 1 of 2 sentences not fully supported"),
        ([NONE], "✗ 1 of 1 sentence not fully supported"),
    ],
)
def test_verdict(supports: list[Support], said: str) -> None:
    sentences = tuple(Sentence("x", (1,), support, 0.5) for support in supports)
    assert verdict(fakes.answer("x", sentences, answerer="llm")) == said


def test_a_quotation_is_not_said_to_support_itself() -> None:
    assert verdict(fakes.answer("x", (Sentence("x", (1,), FULL, 1.0),))) == ""


def test_quiet_line_names_answerer_model_time_and_tokens() -> None:
    assert quiet_line(fakes.answer("x"), 9.0) == "no model · 12 ms"
    written = fakes.answer("x", answerer="llm", model="some\x1b[31m-model", usage={"total_tokens": 1200}, timings_ms={})
    assert quiet_line(written, 3.21) == "written by some\ufffd[31m-model · 3.2 s · 1,200 tokens"


def test_disagreement() -> None:
    conflict = Conflict("the number", (Position("1,100", (1,)), Position("3,000 [x]", (2, 3))))
    assert disagreement(conflict, {1, 2}).plain == (
        "≠ Sources differ: the number\n  • 1,100 [1]\n  • 3,000 [x] [2] [3: no such passage]"
    )
