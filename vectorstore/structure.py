"""Lines, paragraphs and sentences of a text as spans of it; nothing is copied or changed."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

Span = tuple[int, int]

# A full stop after one of these does not end a sentence.
_ABBREVIATIONS = frozenset(
    "gen lt col maj capt sgt cpl adm brig cmdr mr mrs ms dr prof sen rep gov pres st jr sr hon rev amb supt det insp "
    "vs etc inc ltd co corp bros dept univ no nos vol fig approx est al cf eg ie "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun".split()
)
_TERMINAL = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)")
_OPENERS = "\"'“‘«([—–-"
_WRAPPED_MIN, _WRAPPED_MAX = 45, 100
# The longest quotation that is not cut, in characters: two or three sentences.
_WHOLE = 200
# How far around a mark its word and what follows are looked for: a paragraph may be a whole book.
_NEAR = 80


def _stripped(text: str, start: int, end: int) -> Span | None:
    """The span without the white space around it, or None when nothing else is in it."""
    while start < end and _is_blank(text[start]):
        start += 1
    while end > start and _is_blank(text[end - 1]):
        end -= 1
    return (start, end) if start < end else None


def _is_blank(character: str) -> bool:
    # A byte order mark and zero-width characters are blank to a reader, but no white space to Python.
    return character.isspace() or character in "\ufeff\u200b\u2060"


def split_lines(text: str) -> list[Span]:
    """The non-blank lines, without surrounding white space."""
    spans = []
    start = 0
    for line in text.splitlines(keepends=True):
        if span := _stripped(text, start, start + len(line)):
            spans.append(span)
        start += len(line)
    return spans


def split_paragraphs(text: str) -> list[Span]:
    """One span a paragraph: a line, or a block of hard-wrapped lines.

    News text as it is saved has one paragraph a line. Lines that were wrapped at a column are joined again: a block
    without blank lines in which every line but the last is between 45 and 100 characters long, and more than one
    line runs on (no closing punctuation at its end, or a small letter at the start of the next).
    """
    spans: list[Span] = []
    block: list[Span] = []
    for line in split_lines(text):
        if block and text.count("\n", block[-1][1], line[0]) > 1:
            spans.extend(_unwrap(text, block))
            block = []
        block.append(line)
    spans.extend(_unwrap(text, block))
    return spans


def _unwrap(text: str, block: list[Span]) -> list[Span]:
    if len(block) < 3 or not all(_WRAPPED_MIN <= end - start <= _WRAPPED_MAX for start, end in block[:-1]):
        return block
    runs_on = sum(
        text[this[1] - 1] not in '.!?:"”' or text[following[0]].islower() for this, following in pairwise(block)
    )
    return [(block[0][0], block[-1][1])] if runs_on * 2 >= len(block) - 1 else block


def split_sentences(text: str) -> list[Span]:
    """One span a sentence, in order.

    A short quotation that is opened and closed inside a paragraph is not cut, so that the words and who said them stay
    together; a long one, as in an interview, would be a paragraph and no sentence. A paragraph's end always ends a
    sentence.
    """
    return [span for start, end in split_paragraphs(text) for span in _sentences(text, start, end)]


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    quoted = [(opening, closing) for opening, closing in quotations(text, start, end) if closing - opening <= _WHOLE]
    begin = start
    for match in _TERMINAL.finditer(text, start, end):
        stop = match.end()
        if stop >= end:
            break
        place = bisect_left(quoted, (match.start(), 0)) - 1
        if place >= 0 and stop <= quoted[place][1]:
            continue
        if _ends_sentence(text, begin, match.start(), stop, end):
            if span := _stripped(text, begin, stop):
                yield span
            begin = stop
    if span := _stripped(text, begin, end):
        yield span


def _ends_sentence(text: str, begin: int, mark: int, stop: int, end: int) -> bool:
    rest = text[stop : min(end, stop + _NEAR)].lstrip()
    following = rest.lstrip(_OPENERS)[:1]
    if following and following.islower():
        return False
    if text[mark] != ".":
        return True
    # "K" in "IS-K." is no initial: a hyphen belongs to the word.
    word = re.search(r"[\w.-]*$", text[max(begin, mark - _NEAR) : mark])
    before = word.group() if word else ""
    if before.lower().rstrip(".") in _ABBREVIATIONS:
        # "No. 5" and "Aug. 1" go on; "he said no. The", "in Aug. The" and "etc. The" do not.
        return before.lower() in {"etc", "inc", "ltd", "co", "corp", "al"} or (
            before.lower() in _BEFORE_NUMBERS and not following.isdigit()
        )
    # An initial or a dotted abbreviation such as "U.S." goes on before a name; it may end a sentence before "The".
    if re.fullmatch(r"(?:[A-Za-z]\.)*[A-Za-z]", before):
        return bool(_STARTS.match(rest))
    return True


_BEFORE_NUMBERS = frozenset(
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun no nos".split()
)
# Words that begin a sentence more often than a name; "A." and "I." are initials.
_STARTS = re.compile(
    r"[\"'“‘(]?(?:The|A|An|In|It|I|We|You|He|She|They|His|Her|Its|Their|But|This|That|These|Those|There|On|At|And|As|For|"
    r"If|When|While|After|Before|Since|Then|Some|Many|Most|Both)\b(?!\.)"
)


def quotations(text: str, start: int, end: int) -> list[Span]:
    """Spans between a pair of double quotation marks; an unpaired mark opens nothing."""
    spans = []
    opening: int | None = None
    for position in range(start, end):
        character = text[position]
        if character == "“" or (character == '"' and opening is None):
            opening = position
        elif character in '”"' and opening is not None:
            spans.append((opening, position))
            opening = None
    return spans
