"""An answer record as plain text, Markdown or JSON; shared by the command line, the TUI and reports."""

import json
import re
import shlex
import textwrap
from collections.abc import Mapping

from qa.models import Answer, Citation, Position, Sentence, Support
from qa.terminal import escape_json, sanitise
from vectorstore.dates import PartialDate
from vectorstore.source_state import SourceState

_NOTES = {
    Support.SUPPORTED: "",
    Support.PARTIAL: "(partly supported)",
    Support.UNSUPPORTED: "(not supported by the articles)",
}
FILE_NOTES = {
    SourceState.CHANGED: "the file has changed since it was read",
    SourceState.GONE: "the file is gone",
}
_INDENT = "    "
_MARKERS = re.compile(r"(?:\s*\[\d+\])*")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|~&$])|^[ \t]*(?:([#+=-])|(\d+)(?=[.)]))?", re.MULTILINE)


def render_json(answer: Answer) -> str:
    """The record as one line of JSON in the order of its fields, without a line end.

    Characters outside ASCII stand as they are; those that are unsafe in a terminal or end a line are escaped.
    """
    return escape_json(json.dumps(answer.to_record(), ensure_ascii=False))


def render_text(answer: Answer, width: int | None = None, states: Mapping[str, SourceState] | None = None) -> str:
    """The answer, then where sources differ, then one entry for each citation; safe for a terminal.

    ``width`` is in columns; None leaves lines as long as they are. ``states`` are those of the articles' files, by
    article; one that is not as it was read is said to be so.
    """
    blocks = [_fill(annotated(answer), width)]
    if answer.understood != answer.question:
        blocks.insert(0, _fill(f"Read as: {_one_line(answer.understood)}", width))
    if dropped := _dropped(answer):
        blocks.append(_fill(dropped, width))
    if answer.as_of:
        blocks.append(_fill(f"Only articles published up to {PartialDate(answer.as_of).spoken()} were used.", width))
    blocks += [_fill(_one_line(note), width) for note in answer.notes]
    for conflict in answer.conflicts:
        lines = [_fill(f"Sources differ on {_one_line(conflict.about)}:", width)]
        lines += [_fill(_position(position), width, "  - ", "    ") for position in conflict.positions]
        blocks.append("\n".join(lines))
    if answer.citations:
        blocks.append("Sources")
    for citation in answer.citations:
        changed = FILE_NOTES.get((states or {}).get(citation.article_id, SourceState.UNKNOWN))
        entry = f"[{citation.marker}] {described(citation)}{f' ({changed})' if changed else ''}"
        lines = [
            _fill(entry, width, "", _INDENT),
            _fill(f"“{sanitise(citation.quote)}”", width, _INDENT, _INDENT),
            _INDENT + opening_command(citation),
        ]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def render_markdown(answer: Answer) -> str:
    """The question as a heading, the answer, where sources differ, each quote and its source; inert text."""
    blocks = [f"## {_escaped(_one_line(answer.question))}", _with_markers(annotated(answer))]
    if dropped := _dropped(answer):
        blocks.append(f"*{dropped}*")
    if answer.as_of:
        blocks.append(f"*Only articles published up to {PartialDate(answer.as_of).spoken()} were used.*")
    blocks += [f"*{_escaped(_one_line(note))}*" for note in answer.notes]
    for conflict in answer.conflicts:
        blocks.append(f"### Sources differ on {_escaped(_one_line(conflict.about))}")
        blocks.append("\n".join(f"- {_with_markers(_position(position))}" for position in conflict.positions))
    if answer.citations:
        blocks.append("### Sources")
    for citation in answer.citations:
        quote = _escaped(sanitise(citation.quote)).replace("\n", "\n> ")
        place = f"{_escaped(_one_line(citation.article_id))}, characters {citation.start} to {citation.end}"
        blocks.append(f"**[{citation.marker}]** {_escaped(described(citation))}")
        blocks.append(f"> {quote}\n>\n> {place}")
    return "\n\n".join(blocks)


def annotated(answer: Answer) -> str:
    """The answer's text with a note in words after each sentence that its citations do not fully support."""
    notes = [_NOTES[sentence.support] for sentence in answer.sentences]
    if not any(notes):
        return sanitise(answer.answer)
    pieces: list[str] = []
    at = 0
    for sentence, note in zip(answer.sentences, notes, strict=True):
        found = answer.answer.find(sentence.text, at)
        if found < 0:
            return sanitise(" ".join(_rebuilt(*pair) for pair in zip(answer.sentences, notes, strict=True)))
        markers = _MARKERS.match(answer.answer, found + len(sentence.text))
        end = markers.end() if markers else len(answer.answer)
        pieces.append(answer.answer[at:end] + (f" {note}" if note else ""))
        at = end
    return sanitise("".join(pieces) + answer.answer[at:])


def _dropped(answer: Answer) -> str:
    """What is said where a strict answer lacks some of its sentences; where it lacks all of them it says so itself."""
    if not answer.dropped or not answer.sentences:
        return ""
    few = "One sentence was" if answer.dropped == 1 else f"{answer.dropped} sentences were"
    return f"{few} left out: not supported by the articles."


def described(citation: Citation) -> str:
    """A citation's article in one line: title, publisher, date, and the date's basis unless it is stated."""
    publisher = _one_line(citation.publisher or "publisher unknown")
    return f"{_one_line(citation.title)} — {publisher}, {_dated(citation)}"


def opening_command(citation: Citation) -> str:
    """The command that prints the quoted words from the stored article."""
    article = shlex.quote(_one_line(citation.article_id))
    return f"isisk-qa show {article} --start {citation.start} --end {citation.end}"


def _dated(citation: Citation) -> str:
    if citation.published is None:
        return "date unknown"
    date = PartialDate(citation.published).spoken()
    basis = _one_line(citation.published_basis)
    if basis == "stated":
        return date
    return f"{date} (date {basis})" if basis.startswith("inferred") else f"{date} (date: {basis})"


def _position(position: Position) -> str:
    return " ".join([_one_line(position.claim), *_brackets(position.citations)])


def _rebuilt(sentence: Sentence, note: str) -> str:
    return " ".join([sentence.text, *_brackets(sentence.citations), *([note] if note else [])])


def _brackets(markers: tuple[int, ...]) -> list[str]:
    return ["".join(f"[{marker}]" for marker in markers)] if markers else []


def _one_line(text: str) -> str:
    # A line end in a title could otherwise forge an entry of its own.
    return re.sub(r"[ \t\n]+", " ", sanitise(text)).strip()


def one_line_markdown(text: str) -> str:
    """Text as one line of Markdown that stands for itself, also in the cell of a table."""
    return _escaped(_one_line(text))


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    # Leading spaces go: four of them would make a code block, in which an escape is shown as it stands.
    sign, number = match[1] or match[2], match[3]
    return f"\\{sign}" if sign else f"{number}\\" if number else ""


def _with_markers(text: str) -> str:
    return re.sub(r"\\\[(\d+)\\\]", r"**[\1]**", _escaped(text))


def _fill(text: str, width: int | None, first: str = "", following: str = "") -> str:
    lines = text.split("\n")
    indents = [first] + [following] * (len(lines) - 1)
    if width is None:
        return "\n".join(indent + line if line else "" for indent, line in zip(indents, lines, strict=True))
    return "\n".join(
        textwrap.fill(
            line,
            width=max(width, 20),
            initial_indent=indent,
            subsequent_indent=following,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for indent, line in zip(indents, lines, strict=True)
    )
