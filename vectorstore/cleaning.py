"""Which spans of an article are reporting. The rest is labelled and left out of every chunk, never rewritten.

The rules look at the shape of a paragraph and its place, not at one site: a menu stands before the first prose, a
reader's comment after the last, a tag list has commas and no verb. What a paragraph says is in furniture.toml. In doubt
a paragraph is reporting.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise

from vectorstore.analysis import STOPWORDS, normalise
from vectorstore.asides import orders, strays
from vectorstore.comments import comments_begin
from vectorstore.furniture import Rules, load_rules
from vectorstore.models import Region, RegionKind
from vectorstore.structure import Span, split_paragraphs

_K = RegionKind
# A note such as "[12]" may follow.
_NOTES = r"[\"')\]]*(?: ?\[[\w ]{1,20}\])*$"
_ENDS = re.compile(r"[.!?:;]" + _NOTES)
_CLOSED = re.compile(r"[.!]" + _NOTES)
_PROSE_WORDS = 8
_HEADING_WORDS = 18
_MENU_WORDS = 4
_LONGEST_HEADLINE = 30
# So many short lines in a row are a menu or a list of links.
_RUN = 3
# No line of furniture is longer; keeps the patterns away from what they were not made for.
_FURNITURE_CHARS = 1_200
_INNER_END = re.compile(r"[a-z\d\")][.!?][\"')\]]* [\"'(]?[A-Z]")
_DATE_LINE = re.compile(r"(?:[A-Z][a-z]+,? )?(?:\d{1,2} [A-Z][a-z]+|[A-Z][a-z]+ \d{1,2}),? \d{4}:?", re.IGNORECASE)
_BULLET = re.compile(r"(?:[-*•·▪●]|\(?\d{1,2}[.)]) ")


@dataclass(frozen=True)
class Paragraph:
    """``text`` is normalised; the offsets are the original's."""

    start: int
    end: int
    text: str

    @cached_property
    def words(self) -> int:
        return len(self.text.split())

    @cached_property
    def ends(self) -> bool:
        """Whether it has closing punctuation."""
        return bool(_ENDS.search(self.text))

    @cached_property
    def is_prose(self) -> bool:
        """A sentence by its look: long enough and closed. A short question on its own line is a heading."""
        if self.runs_on:
            # More than one sentence, or longer than any headline: a page that was cut short.
            return self.words > _LONGEST_HEADLINE or bool(_INNER_END.search(self.text))
        if self.words < _PROSE_WORDS or not self.ends:
            return False
        return not (self.words <= _HEADING_WORDS and self.text.endswith("?"))

    @cached_property
    def runs_on(self) -> bool:
        """Too long for a heading, without closing punctuation, and with the small words that a clause has."""
        if self.ends or self.words <= _HEADING_WORDS:
            return False
        return sum(word.lower() in STOPWORDS for word in self.text.split()) * 5 >= self.words


Kinds = list[RegionKind | None]


def find_regions(text: str, title: str = "") -> list[Region]:
    """The spans of ``text`` that are not plain reporting, in order, without overlap; captions and asides among them."""
    rules = load_rules()
    paragraphs = [Paragraph(start, end, normalise(text[start:end])) for start, end in split_paragraphs(text)]
    # Found first, and then looked past: what stands around an aside is what it would be without it.
    asides = orders([text[paragraph.start : paragraph.end] for paragraph in paragraphs])
    kept = [paragraph for number, paragraph in enumerate(paragraphs) if number not in asides]
    kinds = _kinds(kept, title, rules)
    open_to = [n for n, kind in enumerate(kinds) if kind in (None, _K.HEADING)]
    stray = {open_to[place] for place in strays([kept[n].text for n in open_to], title)}
    if stray:
        kept = [paragraph for number, paragraph in enumerate(kept) if number not in stray]
        kinds = _kinds(kept, title, rules)
    found = dict(zip(kept, kinds, strict=True))
    labelled = ((paragraph, found.get(paragraph, _K.ASIDE)) for paragraph in paragraphs)
    return [Region(kind, paragraph.start, paragraph.end) for paragraph, kind in labelled if kind is not None]


def _kinds(paragraphs: Sequence[Paragraph], title: str, rules: Rules) -> Kinds:
    kinds: Kinds = [_furniture(paragraph, rules) for paragraph in paragraphs]
    _mark_comments(paragraphs, kinds, rules)
    _mark_repeats(paragraphs, kinds, normalise(title).casefold())
    _mark_captions(paragraphs, kinds, rules)
    _mark_timeline(paragraphs, kinds)
    listed = _listed(paragraphs, kinds, rules)
    _mark_tags(paragraphs, kinds, listed)
    _mark_short(paragraphs, kinds, listed)
    return kinds


def reporting_spans(text: str, regions: list[Region]) -> list[Span]:
    """The paragraphs of ``text`` that no region covers."""
    covered = {(region.start, region.end) for region in regions}
    return [span for span in split_paragraphs(text) if span not in covered]


def _furniture(paragraph: Paragraph, rules: Rules) -> RegionKind | None:
    if len(paragraph.text) > _FURNITURE_CHARS:
        return None
    return next((kind for kind, pattern in rules.furniture if pattern.fullmatch(paragraph.text)), None)


def _mark_comments(paragraphs: Sequence[Paragraph], kinds: Kinds, rules: Rules) -> None:
    """From the first comment on the page belongs to its readers; a comment system's own lines are never reporting."""
    prose = [kind is None and paragraph.is_prose for paragraph, kind in zip(paragraphs, kinds, strict=True)]
    lines = [paragraph.text for paragraph in paragraphs]
    begin, own = comments_begin(lines, prose, rules.comments)
    for number in range(len(paragraphs)):
        if (number >= begin or number in own) and kinds[number] is not _K.FORM:
            kinds[number] = _K.COMMENTS


def _mark_repeats(paragraphs: Sequence[Paragraph], kinds: Kinds, title: str) -> None:
    seen: set[str] = set()
    for number, paragraph in enumerate(paragraphs):
        folded = paragraph.text.casefold()
        if kinds[number] is None and folded in seen and paragraph.words > 3:
            kinds[number] = _K.REPEAT
        elif kinds[number] is None and folded == title and not paragraph.is_prose:
            kinds[number] = _K.HEADING
        seen.add(folded)


def _mark_captions(paragraphs: Sequence[Paragraph], kinds: Kinds, rules: Rules) -> None:
    for number, paragraph in enumerate(paragraphs):
        short = paragraph.words <= rules.caption_words
        if kinds[number] is None and short and rules.caption.fullmatch(paragraph.text):
            kinds[number] = _K.CAPTION


def _mark_timeline(paragraphs: Sequence[Paragraph], kinds: Kinds) -> None:
    """Dates that head a paragraph each are headings; a single one is the page's own."""
    heads = [
        number
        for number, (paragraph, following) in enumerate(pairwise(paragraphs))
        if kinds[number] is _K.STAMP
        and _DATE_LINE.fullmatch(paragraph.text)
        and kinds[number + 1] is None
        and following.is_prose
    ]
    if len(heads) > 1:
        for number in heads:
            kinds[number] = _K.HEADING


def _listed(paragraphs: Sequence[Paragraph], kinds: Kinds, rules: Rules) -> set[int]:
    """Items of the article's own lists: lines after a colon, after a label such as "Key points", or with bullets.

    A label is among them. After the last prose only a whole sentence with a colon counts, since "Latest:" does not
    announce reporting.
    """
    prose = [number for number, paragraph in enumerate(paragraphs) if kinds[number] is None and paragraph.is_prose]
    last = prose[-1] if prose else -1
    stops = _stops([kind is None and not p.ends and not p.runs_on for p, kind in zip(paragraphs, kinds, strict=True)])
    listed: set[int] = set()
    for number, paragraph in enumerate(paragraphs):
        if kinds[number] is not None or number in listed:
            continue
        items = range(number + 1, stops[number + 1])
        label = bool(rules.lists.fullmatch(paragraph.text.rstrip(" :")))
        colon = paragraph.text.endswith(":") and (paragraph.is_prose or number < last)
        bullets = paragraph.is_prose and number < last and all(_BULLET.match(paragraphs[item].text) for item in items)
        if items and (label or colon or bullets):
            listed.update(items if paragraph.is_prose else [number, *items])
        elif colon and number < last and paragraphs[number + 1].text[:1] in "\"'":
            # "He said in a statement:" belongs to the quotation after it.
            listed.add(number)
    return listed


def _stops(belongs: Sequence[bool]) -> list[int]:
    """For each place the first one from it on that does not belong; one item more than given."""
    stops = [len(belongs)]
    for number in reversed(range(len(belongs))):
        stops.append(stops[-1] if belongs[number] else number)
    return stops[::-1]


def _mark_tags(paragraphs: Sequence[Paragraph], kinds: Kinds, listed: set[int]) -> None:
    for number, paragraph in enumerate(paragraphs):
        items = [item.split() for item in re.split(r"[,|•·#;]", paragraph.text) if item.strip()]
        if kinds[number] is None and number not in listed and len(items) >= 4 and not paragraph.ends:
            # Names run to five words; a clause of a sentence is longer.
            kinds[number] = _K.TAGS if max(map(len, items)) <= 5 else None


def _mark_short(paragraphs: Sequence[Paragraph], kinds: Kinds, listed: set[int]) -> None:
    """What is short and no closed sentence: a menu before the prose, links after it, headings within."""
    prose = [n for n, paragraph in enumerate(paragraphs) if kinds[n] is None and paragraph.is_prose]
    if not prose:
        return
    reporting = set(prose) | listed
    for number, paragraph in enumerate(paragraphs):
        # A paragraph that lost its full stop goes on where reporting was.
        if kinds[number] is None and number - 1 in reporting and paragraph.runs_on:
            reporting.add(number)
    first, last = prose[0], max(reporting)
    headlines = _headlines(paragraphs, [n for n in range(first) if kinds[n] is None and n not in reporting])
    runs = _run_lengths(
        [
            kinds[n] in (None, _K.LINKS, _K.MENU) and n not in reporting and not paragraph.ends
            for n, paragraph in enumerate(paragraphs)
        ]
    )
    for number, paragraph in enumerate(paragraphs):
        if kinds[number] is not None or number in reporting:
            continue
        if number > last:
            kinds[number] = _K.LINKS if not _CLOSED.search(paragraph.text) else None
        elif runs[number] >= _RUN:
            kinds[number] = _K.LINKS if number > first else _K.HEADING if number in headlines else _K.MENU
        elif paragraph.words <= _HEADING_WORDS and (not paragraph.ends or paragraph.text.endswith((":", "?"))):
            is_menu = number < first and paragraph.words <= _MENU_WORDS
            kinds[number] = _K.MENU if is_menu else _K.HEADING


def _headlines(paragraphs: Sequence[Paragraph], above: Sequence[int]) -> set[int]:
    """The last lines above the article that are longer than a menu's: its title, and what stands below that."""
    longer = [number for number in above if paragraphs[number].words > _MENU_WORDS]
    found = set(longer[-1:])
    while found and min(found) - 1 in longer:
        found.add(min(found) - 1)
    return found


def _run_lengths(belongs: Sequence[bool]) -> list[int]:
    """For each place that belongs, how many do in one run around it."""
    lengths: list[int] = []
    for there, run in groupby(belongs):
        size = len(list(run))
        lengths += [size if there else 0] * size
    return lengths
