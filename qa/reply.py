"""Reads a model's reply in plain text: the evidence that it names, then sentences with their markers, or a refusal.

What a reply claims is only read here. Whether it holds, and what it cites, is decided against stored data
elsewhere.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vectorstore.structure import split_sentences

REFUSAL = "NOT IN THE ARTICLES"

_WIDEST_SPAN = 50
_NUMBER = r"(?:(?:passages?|sentences?|sources?|articles?|documents?)\s*)?[#^]?[0-9]+"
_MARKER = re.compile(
    rf"[\[【]\s*(?P<numbers>{_NUMBER}(?:\s*(?:[,;/&–—-]|and|to)\s*{_NUMBER})*)\s*(?:†[^\]】]*)?[\]】]"
    r"(?:\((?:https?:|#)[^)\s]*\))?",
    re.I,
)
_SPAN = re.compile(r"(?P<first>[0-9]+)(?:\s*(?:[–—-]|to)\s*[^0-9,;/&]*(?P<last>[0-9]+))?")
# Years and figures in brackets are an editor's insertion, as in "in [2017]", and no markers.
_INSERTED = re.compile(r"[\[【]\s*((?:19|20)\d\d(?:\s*[–—-]\s*(?:19|20)\d\d)?|\d{1,3}(?:,\d{3})+)\s*[\]】]", re.A)

_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.I | re.S)
_BULLET = re.compile(r"(?:[-*•‣]\s+|\d{1,2}[.)]\s+)")
_EMPHASIS = re.compile(r"\*\*|__|`")
_LABEL = re.compile(r"(?:the )?(?:final )?(?:answer|response)\s*:\s*", re.I)
_SOURCES = re.compile(r"\W*(?:sources?|references?|citations?)\s*:\W*", re.I)
_EVIDENCE = re.compile(
    r"\W*(?:evidence|relevant sentences?)\s*:(?P<numbers>(?:[\s\d,;&/\[\]–-]|and\b|none\b)*)\.?\s*", re.I
)
_REFUSED = re.compile(rf"\W*{REFUSAL}\b[^\w\[【“]*", re.I)


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence as the model wrote it, less its markers; no sentence has the ``invalid_markers``."""

    text: str
    markers: tuple[int, ...]
    invalid_markers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply, read. ``refused``: it says that the articles do not answer, whatever stands beside that.

    ``evidence`` are the sentences that it names as bearing on the question, or names beside no words.
    """

    sentences: tuple[DraftSentence, ...]
    refused: bool
    evidence: tuple[int, ...] = ()


def read_text(text: str, count: int) -> Draft:
    """Read a reply over ``count`` numbered sentences.

    Markers belong to the sentence that they stand in or after, or before when a line begins with one. A
    reply of nothing but markers has no sentences.
    """
    evidence: list[int] = []
    drafts: list[tuple[str, list[int]]] = []
    early: list[int] = []
    said_no = refused_first = False
    for given in _lines(_THOUGHT.sub("", text)):
        line = given
        if named := _EVIDENCE.match(line):
            evidence.extend(_numbers(named["numbers"]))
            line = _LABEL.sub("", line[named.end() :], count=1)
        said_no = said_no or REFUSAL.lower() in line.lower()
        at_start = _REFUSED.match(line)
        refused_first = refused_first or (at_start is not None and not drafts)
        rest = line[at_start.end() :] if at_start else line
        if REFUSAL in rest:
            continue
        sentences, loose = _read_line(rest)
        if loose and drafts:
            drafts[-1][1].extend(loose)
        else:
            early.extend(loose)
        drafts.extend(sentences)
    if drafts:
        drafts[0][1][:0] = early
    else:
        evidence.extend(early)
    found = tuple(draft_sentence(words, numbers, count) for words, numbers in drafts)
    cited = any(sentence.markers for sentence in found)
    named_well = tuple(number for number in dict.fromkeys(evidence) if 1 <= number <= count)
    return Draft(found, refused=refused_first or (said_no and not cited), evidence=named_well)


def tidy(text: str) -> list[tuple[str, list[int]]]:
    """The sentences of a text that should be one, each with the markers it holds all the same."""
    return [sentence for line in _lines(_THOUGHT.sub("", text)) for sentence in _read_line(line)[0]]


def _lines(text: str) -> Iterator[str]:
    """Paragraphs and list items without Markdown; a list of sources at the end is left out."""
    pending = ""
    for raw in [*text.splitlines(), ""]:
        line = _EMPHASIS.sub("", raw.lstrip("> ")).strip()
        # Some models wrap their lines.
        if pending and line[:1].islower():
            pending = f"{pending} {line}"
            continue
        if pending:
            yield pending
        pending = ""
        if _SOURCES.fullmatch(line + ":") or _SOURCES.fullmatch(line):
            return
        if line and not raw.lstrip().startswith("#"):
            item = _BULLET.sub("", line, count=1) if _BULLET.match(line) else line
            pending = _LABEL.sub("", item, count=1) if _LABEL.match(item) else item


def _read_line(line: str) -> tuple[list[tuple[str, list[int]]], list[int]]:
    """The sentences of a line with their numbers, and the numbers of a line that has no sentence."""
    line = _INSERTED.sub(r"\1", line)
    clean, marks = _without_markers(line)
    if _SOURCES.match(clean):
        words = _SOURCES.sub("", clean, count=1)
        return [], [] if _has_words(words) else [number for _, numbers in marks for number in numbers]
    spans = [(start, end) for start, end in split_sentences(clean) if _has_words(clean[start:end])]
    if not spans:
        return [], [number for _, numbers in marks for number in numbers]
    leading = marks and marks[0][0] == 0 and _has_words(clean[marks[-1][0] :])
    owned: list[list[int]] = [[] for _ in spans]
    for position, numbers in marks:
        if leading:
            owner = next((n for n, (start, _) in enumerate(spans) if start >= position), len(spans) - 1)
        else:
            owner = max((n for n, (start, _) in enumerate(spans) if start < position), default=0)
        owned[owner].extend(numbers)
    return [(" ".join(clean[start:end].split()), owned[n]) for n, (start, end) in enumerate(spans)], []


def _without_markers(line: str) -> tuple[str, list[tuple[int, list[int]]]]:
    """The line without markers, and for each where in that text it stood, with its numbers."""
    clean, done = "", 0
    marks: list[tuple[int, list[int]]] = []
    for match in _MARKER.finditer(line):
        clean = (clean + line[done : match.start()]).rstrip()
        marks.append((len(clean), list(_numbers(match["numbers"]))))
        done = match.end()
        if clean and line[done : done + 1].isalnum():
            clean += " "
    return clean + line[done:].rstrip(), marks


def _numbers(listed: str) -> Iterator[int]:
    for span in _SPAN.finditer(listed):
        # No passage has a number of more than nine digits, and int() refuses thousands of them.
        first, last = int(span["first"][:9]), int((span["last"] or span["first"])[:9])
        first, last = min(first, last), max(first, last)
        yield from range(first, last + 1) if last - first <= _WIDEST_SPAN else (first, last)


def draft_sentence(text: str, numbers: Iterable[int], count: int) -> DraftSentence:
    """A sentence with its markers, those that are no number of a sentence apart."""
    distinct = list(dict.fromkeys(numbers))
    return DraftSentence(
        text,
        markers=tuple(number for number in distinct if 1 <= number <= count),
        invalid_markers=tuple(number for number in distinct if not 1 <= number <= count),
    )


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)
