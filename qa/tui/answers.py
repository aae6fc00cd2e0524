"""An answer as content: its markers, the state of each sentence, and the quiet line under it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.style import Style

from qa.models import Answer, Conflict, Sentence, Status, Support
from qa.tui.text import BAD, DOUBTFUL, GOOD, MARKER, PENDING, PENDING_SIGN, counted, joined, one_line, safe

LIMIT = 20_000
_MARKERS = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_TRAIL = re.compile(rf"(?:\s*{_MARKERS.pattern})*")

_SUPPORT = {
    # No blank before it, so that it never begins a line of its own.
    Support.SUPPORTED: ("✓", GOOD),
    Support.PARTIAL: (" ≈ partly supported", DOUBTFUL),
    Support.UNSUPPORTED: (" ✗ not supported", BAD),
}
NOT_KEPT = " ✗ not kept"
# Why is what the abstention's own sentence says.
REFUSAL = "∅ Not answered"


@dataclass(frozen=True, slots=True)
class _Insert:
    at: int
    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Check:
    """What the verification says of the sentence that ends at a place in the draft; None: it will not be kept so."""

    at: int
    sentence: Sentence | None


def draft(line: str, checks: Sequence[Check] = ()) -> Content:
    """A line as it streams in, made safe before: each sentence with its state as far as that is known.

    The markers of what is not checked yet are dimmed and have a sign.
    """
    parts: list[Content] = []
    at = 0
    for check in checks:
        parts += [*_pending(line[at : check.at]), _checked(check.sentence)]
        at = check.at
    return Content("").join([*parts, *_pending(line[at:])])


def _pending(text: str) -> Iterator[Content]:
    at = 0
    for match in _MARKERS.finditer(text):
        yield Content(text[at : match.start()])
        yield Content(match[0] + PENDING_SIGN).stylize(PENDING)
        at = match.end()
    yield Content(text[at:])


def _checked(sentence: Sentence | None) -> Content:
    if sentence is None:
        return Content(NOT_KEPT).stylize(BAD)
    markers = "".join(f"[{number}]" for number in sentence.citations)
    said, style = _state(sentence)
    # As it will stand in the answer, so that nothing moves when that comes.
    return Content(f" {markers}" if markers else "").stylize(MARKER) + Content(said).stylize(style)


def final(answer: Answer) -> Content:
    """The verified answer. A sentence that cannot be found in its text is listed after it, not left out."""
    text = safe(answer.answer, LIMIT).plain
    inserts, missing = _states(text, answer.sentences)
    shown = _with_markers(text, {citation.marker for citation in answer.citations}, inserts)
    for sentence in missing:
        said, style = _state(sentence)
        shown = Content("\n").join([shown, safe(sentence.text, LIMIT) + Content(said).stylize(style)])
    return shown


def verdict(answer: Answer) -> str:
    """What the verification came to, in words; empty for an answer without sentences."""
    total = len(answer.sentences)
    doubtful = sum(sentence.support is not Support.SUPPORTED for sentence in answer.sentences)
    if not total or answer.status is Status.ABSTAINED:
        return ""
    if not doubtful:
        # A quotation that supports itself is no news.
        return "✓ checked against the quoted words" if answer.answerer == "llm" else ""
    return f"✗ {doubtful} of {counted(total, 'sentence')} not fully supported"


def quiet_line(answer: Answer, seconds: float) -> str:
    """Verdict, answerer, model, time and tokens. ``seconds`` is used where the answer has no time."""
    total = answer.timings_ms.get("total")
    spent = seconds if total is None else total / 1000
    quoted = "quoted word for word, no model" if answer.citations else "no model"
    by = f"written by {answer.model or 'a model'}" if answer.answerer == "llm" else quoted
    tokens = int(answer.usage.get("total_tokens", 0))
    time = f"{spent:.1f} s" if spent >= 1 else f"{spent * 1000:.0f} ms"
    read_as = f"read as “{one_line(answer.understood, 120)}”" if answer.understood != answer.question else ""
    return joined([read_as, verdict(answer), one_line(by, 80), time, counted(tokens, "token") if tokens else ""])


def disagreement(conflict: Conflict, known: set[int]) -> Content:
    """What sources state differently, one position a line; ``known`` are the markers that have a passage."""
    lines = [Content("≠ Sources differ: ").stylize(DOUBTFUL) + safe(conflict.about, 500)]
    for position in conflict.positions:
        markers = "".join(f" [{number}]" for number in position.citations)
        lines.append(Content("  • ") + safe(position.claim, 2_000) + _with_markers(markers, known, []))
    return Content("\n").join(lines)


def _state(sentence: Sentence) -> tuple[str, str]:
    if not sentence.citations and sentence.support is Support.UNSUPPORTED:
        return " ✗ no source", BAD
    return _SUPPORT[sentence.support]


def _states(text: str, sentences: tuple[Sentence, ...]) -> tuple[list[_Insert], list[Sentence]]:
    """Where each sentence's state goes: behind the sentence and the markers that follow it."""
    bare, origin = _without_markers(text)
    inserts: list[_Insert] = []
    missing: list[Sentence] = []
    cursor = 0
    for sentence in sentences:
        wanted = _without_markers(safe(sentence.text).plain)[0].strip()
        found = bare.find(wanted, cursor)
        if found < 0 or not wanted:
            missing.append(sentence)
            continue
        cursor = found + len(wanted)
        trail = _TRAIL.match(text, origin[cursor - 1] + 1)
        inserts.append(_Insert(trail.end() if trail else origin[cursor - 1] + 1, *_state(sentence)))
    return inserts, missing


def _without_markers(text: str) -> tuple[str, list[int]]:
    """``text`` less its markers and the blanks before them, and the place of each character left."""
    kept: list[int] = []
    at = 0
    for match in re.finditer(rf"[ \t]*{_MARKERS.pattern}", text):
        kept.extend(range(at, match.start()))
        at = match.end()
    kept.extend(range(at, len(text)))
    return "".join(text[place] for place in kept), kept


def _with_markers(text: str, known: set[int], inserts: list[_Insert]) -> Content:
    parts: list[Content] = []
    at = 0
    for insert in [*inserts, _Insert(len(text), "", "")]:
        parts.extend(_pieces(text[at : insert.at], known))
        parts.append(Content(insert.text).stylize(insert.style))
        at = insert.at
    return Content("").join(parts)


def _pieces(text: str, known: set[int]) -> Iterator[Content]:
    at = 0
    for match in _MARKERS.finditer(text):
        yield Content(text[at : match.start()])
        numbers = [int(number) for number in match[1].split(",")]
        for number in numbers:
            if number in known:
                # The number travels with the text, so that a click on it can open its passage.
                style = Style.from_meta({"marker": number})
                yield Content(f"[{number}]").stylize(MARKER).stylize(style)
            else:
                yield Content(f"[{number}: no such passage]").stylize(BAD)
        at = match.end()
    yield Content(text[at:])
