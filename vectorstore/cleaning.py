"""Which spans of an article are reporting. The rest is labelled and left out of every chunk, never rewritten.

The rules look at the shape of a paragraph and its place, not at one site: a menu stands before the first prose, a
reader's comment after the last, a tag list has commas and no verb.
"""

import re
from dataclasses import dataclass

from vectorstore.models import Region, RegionKind
from vectorstore.structure import Span, split_paragraphs

_K = RegionKind

# A paragraph that matches as a whole is furniture, wherever it stands.
_FURNITURE: tuple[tuple[RegionKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (_K.STAMP, r"\d{1,2}[:.]\d{2}\s*(?:am|pm)?\s*\(?(?:GMT|UTC|BST|CET|E[SD]T|P[SD]T).{0,40}"),
        (_K.DONATION, r"[$€£]?\s*\d[\d.,]*\s*[$€£]"),
        (_K.DONATION, r"[$€£]\s*\d[\d.,]*(?:\s*(?:raised|of|goal|/).{0,40})?"),
        (
            _K.DONATION,
            r"(?:please\s+)?(?:support|donate|donate to|contribute to|become a (?:patron|member|supporter) of)\s+(?:us|now|today|here|our (?:work|journalism|site)|[A-Z]\S+(?:\s[A-Z]\S+)?)[.!]?",
        ),
        (_K.DONATION, r"(?:make a )?donat(?:e|ion)s?[.!]?"),
        (_K.SHARE, r"(?:get )?short url.{0,40}"),
        (
            _K.SHARE,
            r"(?:share|tweet|email|print|copy link|copied|save|bookmark|like|pin it|whatsapp|telegram|facebook|twitter|reddit|linkedin)(?:[\s|,/·•]+(?:share|tweet|email|print|copy link|save|like|pin it|whatsapp|telegram|facebook|twitter|x|reddit|linkedin|this(?: article| story)?|on|via|to))*[.!]?",
        ),
        (_K.SHARE, r"(?:follow|like|find|join|subscribe to) us (?:on|at|via)\b.{0,80}"),
        (
            _K.SHARE,
            r"(?:sign up|subscribe|register)\b.{0,20}\b(?:newsletter|updates|alerts|channel|e-?mail)\b.{0,80}",
        ),
        (
            _K.MENU,
            r"(?:\d+ min(?:ute)?s? read|listen live|watch live|live|advertisement|skip to (?:main )?content|home|menu|search|log ?in|sign in|back to top|read more|continue reading|click to (?:see|view|enlarge).{0,30})",
        ),
        (
            _K.LINKS,
            r"(?:related|read (?:also|more|next)|see also|also read|more on this|recommended|most (?:read|popular)|trending|you may also like|you might also like|further reading)(?: (?:news|stories|articles|posts|topics|content))?\s*:?.{0,0}",
        ),
        (
            _K.LINKS,
            r"(?:read (?:also|more|next)|see also|also read|related|watch|must read)\s*:\s*\S.{0,160}",
        ),
        (_K.TAGS, r"(?:tags?|topics?|keywords?|filed under|categor(?:y|ies)|labels?)\s*:.*"),
        (_K.SOURCE_LINE, r"(?:source|via|credit)s?\s*[|:].{0,120}"),
        (_K.SOURCE_LINE, r"the post .{1,200} (?:appeared first|first appeared) on .{1,80}"),
        (
            _K.SOURCE_LINE,
            r"(?:this (?:article|story|report) (?:was )?(?:originally|first) (?:appeared|published).{0,160})",
        ),
        (
            _K.SOURCE_LINE,
            r"(?:with )?(?:\w+ and )?agencies(?: (?:have )?contributed to this (?:report|article|story))?\.?",
        ),
        (_K.SOURCE_LINE, r"(?:©|\(c\)|copyright\b).{0,160}"),
        (_K.SOURCE_LINE, r"(?:all rights reserved|reprinted with permission).{0,80}"),
        (
            _K.STAMP,
            r"(?:published|updated|posted|last (?:updated|modified))?\s*(?:on|:)?\s*(?:\w+day,?\s+)?(?:\d{1,2}(?:st|nd|rd|th)?\s+[A-Z][a-z]+,?\s+\d{4}|[A-Z][a-z]+\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}|\d{4}-\d\d-\d\d)(?:[\s,|-]*\d{1,2}:\d{2}.{0,12})?",
        ),
        (_K.FORM, r".{0,60}your e-?mail address will not be published.{0,80}"),
        (_K.FORM, r".{0,40}required fields are marked.{0,20}"),
    )
)

# From such a paragraph on, the page belongs to its readers, provided that prose came before it.
_COMMENTS = re.compile(
    r"notify of|(?:newest|oldest)?\s*most voted|inline feedbacks|view all comments|community standards.{0,20}|"
    r"leave a (?:comment|reply)|post (?:a )?comments?|add (?:a )?comment|write a comment|join the (?:discussion|conversation)|"
    r"(?:reader |user )?comments?(?:\s*\(?\d+\)?|\s*:|\s+section)?|\d+ (?:comments?|replies|responses|thoughts on .*)|discussion|"
    r"(?:sort by|sorted by)\b.{0,30}|(?:log ?in|sign in|register) (?:to|or).{0,20}comment.{0,20}|"
    r"would love your thoughts.{0,40}|disqus|what do you think\?.{0,40}|readers'? (?:comments|opinions|views).{0,20}",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"(?:top |cover |feature[d]? )?(?:photo|image|picture|illustration|graphic|file photo)\s*[|:–-].*|"
    r".*\[(?:getty|afp|ap|reuters|epa|anadolu|twitter|file|screenshot)[^\]]*\]|"
    r".*\((?:getty|afp|ap|reuters|epa|file|photo|image|photograph)\b[^)]*\)|"
    r".*\|\s*(?:photo|image)\s*[|:].*|.*\b(?:photo|image|photograph)\s*(?:by|credit|courtesy|\||:|©).*|"
    r"(?:an?|the|this)\b[^.!?]{0,80}\b(?:photo|photograph|image|picture|video grab|screenshot)\b[^.!?]{0,80}\.?",
    re.IGNORECASE,
)
_ILLUSTRATION = re.compile(
    r"(?:illustrative|illustration|stock|representational) (?:image|photo).{0,60}", re.IGNORECASE
)
_ENDS = re.compile(r"[.!?…:;][\"'”’»)\]]*$")
_PROSE_WORDS = 8
_HEADING_WORDS = 18


@dataclass(frozen=True, slots=True)
class _Paragraph:
    start: int
    end: int
    text: str

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def is_prose(self) -> bool:
        """A sentence by its look: long enough and closed. A short question on its own line is a heading."""
        if self.words < _PROSE_WORDS or not _ENDS.search(self.text):
            return False
        return not (self.words <= _HEADING_WORDS and self.text.endswith("?"))


def find_regions(text: str, title: str = "") -> list[Region]:
    """The spans of ``text`` that are not plain reporting, in order, without overlap; captions among them."""
    paragraphs = [_Paragraph(start, end, text[start:end]) for start, end in split_paragraphs(text)]
    kinds: list[RegionKind | None] = [_furniture(paragraph) for paragraph in paragraphs]
    _mark_comments(paragraphs, kinds)
    _mark_repeats(paragraphs, kinds, title)
    _mark_captions(paragraphs, kinds)
    _mark_tags(paragraphs, kinds)
    _mark_short(paragraphs, kinds)
    return [
        Region(kind, paragraph.start, paragraph.end)
        for paragraph, kind in zip(paragraphs, kinds, strict=True)
        if kind is not None
    ]


def reporting_spans(text: str, regions: list[Region]) -> list[Span]:
    """The paragraphs of ``text`` that no region covers."""
    covered = {(region.start, region.end) for region in regions}
    return [span for span in split_paragraphs(text) if span not in covered]


def _furniture(paragraph: _Paragraph) -> RegionKind | None:
    for kind, pattern in _FURNITURE:
        if pattern.fullmatch(paragraph.text):
            return kind
    return RegionKind.MENU if _ILLUSTRATION.fullmatch(paragraph.text) else None


def _mark_comments(paragraphs: list[_Paragraph], kinds: list[RegionKind | None]) -> None:
    prose = 0
    for number, paragraph in enumerate(paragraphs):
        if kinds[number] is None and paragraph.is_prose:
            prose += 1
        if prose and (_COMMENTS.fullmatch(paragraph.text) or kinds[number] is RegionKind.FORM):
            for rest in range(number, len(paragraphs)):
                kinds[rest] = kinds[rest] if kinds[rest] is RegionKind.FORM else RegionKind.COMMENTS
            return


def _mark_repeats(paragraphs: list[_Paragraph], kinds: list[RegionKind | None], title: str) -> None:
    seen: set[str] = set()
    for number, paragraph in enumerate(paragraphs):
        folded = " ".join(paragraph.text.split()).casefold()
        if kinds[number] is None and folded in seen:
            kinds[number] = RegionKind.REPEAT
        elif kinds[number] is None and title and folded == " ".join(title.split()).casefold():
            kinds[number] = RegionKind.HEADING
        seen.add(folded)


def _mark_captions(paragraphs: list[_Paragraph], kinds: list[RegionKind | None]) -> None:
    for number, paragraph in enumerate(paragraphs):
        if kinds[number] is None and paragraph.words <= 60 and _CAPTION.fullmatch(paragraph.text):
            kinds[number] = RegionKind.CAPTION


def _mark_tags(paragraphs: list[_Paragraph], kinds: list[RegionKind | None]) -> None:
    for number, paragraph in enumerate(paragraphs):
        items = [item.split() for item in re.split(r"[,|•·#;]", paragraph.text) if item.strip()]
        if kinds[number] is None and len(items) >= 4 and not _ENDS.search(paragraph.text):
            # Names run to five words; a clause of a sentence is longer.
            kinds[number] = RegionKind.TAGS if max(map(len, items)) <= 5 else None


def _mark_short(paragraphs: list[_Paragraph], kinds: list[RegionKind | None]) -> None:
    """What is short and not a closed sentence: a menu before the prose, links after it, headings and captions within."""
    prose = [n for n, paragraph in enumerate(paragraphs) if kinds[n] is None and paragraph.is_prose]
    if not prose:
        return
    first, last = prose[0], prose[-1]
    for number, paragraph in enumerate(paragraphs):
        if kinds[number] is not None or paragraph.is_prose:
            continue
        if number > last:
            kinds[number] = RegionKind.LINKS if not _closed(paragraph) else None
        elif _run_length(paragraphs, kinds, number) >= 3:
            kinds[number] = RegionKind.MENU if number < first else RegionKind.LINKS
        elif paragraph.words <= _HEADING_WORDS and (
            not _ENDS.search(paragraph.text) or paragraph.text.endswith((":", "?"))
        ):
            is_menu = number < first and paragraph.words <= 4
            kinds[number] = RegionKind.MENU if is_menu else RegionKind.HEADING


def _closed(paragraph: _Paragraph) -> bool:
    """A short closing sentence such as "Both men denied it." is reporting; a headline has no full stop."""
    return bool(re.search(r"[.!…][\"'”’»)\]]*$", paragraph.text))


def _run_length(paragraphs: list[_Paragraph], kinds: list[RegionKind | None], number: int) -> int:
    """How many unclosed short paragraphs stand in one run around this one."""

    def short(position: int) -> bool:
        return (
            0 <= position < len(paragraphs)
            and kinds[position] in (None, RegionKind.LINKS, RegionKind.MENU)
            and not paragraphs[position].is_prose
            and not _ENDS.search(paragraphs[position].text)
        )

    low = high = number
    while short(low - 1):
        low -= 1
    while short(high + 1):
        high += 1
    return high - low + 1
