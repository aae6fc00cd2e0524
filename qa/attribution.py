"""Who says a sentence: the person, office or outlet that a report names for it, so that a quoted claim stays theirs."""

import re
from functools import lru_cache

from vectorstore.models import Evidence, Passage
from vectorstore.structure import quotations, split_paragraphs

_VERB = (
    r"(?:said|says|say|told|report(?:s|ed)?|claim(?:s|ed)?|admit(?:s|ted)|den(?:y|ies|ied)|confirm(?:s|ed)|announce[sd]|"
    r"add(?:s|ed)|note[sd]?|warn(?:s|ed)|state[sd]|acknowledge[sd]|insist(?:s|ed)|declare[sd]|estimate[sd]?|argue[sd]?|"
    r"accuse[sd]?|suggest(?:s|ed)|wrote|writes|disput(?:es|ed)|reject(?:s|ed)|blame[sd]?)"
)
_END = r"(?<!\bGen)(?<!\bLt)(?<!\bCol)(?<!\bMaj)(?<!\bSgt)(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bSt)\.(?:\s|$)"
# A few words, at least one with a capital; what stands in commas behind it ("a spokesman,") is left out.
_WHO = r"(?P<who>(?:[\w.'’-]+ ){0,7}?[\w.'’-]+(?:, [A-Z][\w.'’-]*(?: [\w.'’-]+){0,3}(?=,))?)"
_PATTERNS = (
    re.compile(rf"\b[Aa]ccording to {_WHO}(?=[,;:–—]|{_END}|$| (?:that|in|on|who|which|and (?-i:[a-z]))\b)"),
    re.compile(rf"[\"”’',] (?!told){_VERB} {_WHO}(?=[,;]|{_END}|$| (?:in|on|at|after|during|who)\b)"),
    re.compile(rf"[,?!][\"”’] {_WHO}(?:,[^,]{{1,60}},)? (?:also |later )?{_VERB}\b"),
    re.compile(
        rf"(?:^|, |; )(?:but |and |while )?{_WHO}(?:,[^,]{{1,60}},)? (?:has |have |had |also |later )?{_VERB}\b"
    ),
)
_PRONOUN = re.compile(
    rf"\b(?:he|she|they)(?: (?:also|later))? {_VERB}\b|\b{_VERB} (?:he|she|they)\b|^According to (?:him|her|them)\b",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^(?:the|a|an|on \w+|but|and|while|however|press reports from)\b[, ]*", re.IGNORECASE)
# A clause that is no name: it holds a verb, or begins as no name does.
_CLAUSE = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|this|that|contributed)\b|^(?:as|in|if|it|they|when)\b", re.IGNORECASE
)
_WHEN = re.compile(r" (?:on|in|at|during) \S+$")
_SPEAKS_FOR_NOBODY = re.compile(
    r"^(?:it|that|this|there|which|who|he|she|they|him|her|them|we|i|you|what|as|some|many|most|the reports?|reports?|"
    r"according to .*|"
    r"sources?|others?|media leaks)$",
    re.IGNORECASE,
)
_LOOKED_BACK = 2


# A question meets the same sentences again and again.
@lru_cache(maxsize=20_000)
def speaker_in(text: str) -> str | None:
    """The one whom the sentence itself names as saying it; None where it names nobody."""
    plain = " ".join(text.split())
    for pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            who = _WHEN.sub("", _LEADING.sub("", match["who"])).strip(" ,.")
            named = any(part[:1].isupper() for part in who.split())
            if named and not _CLAUSE.search(who) and not _SPEAKS_FOR_NOBODY.match(who):
                return who
    return None


def speaker(passage: Passage, evidence: Evidence) -> str | None:
    """``speaker_in``; for "he said" and for words of a quotation, that of the sentence that names him."""
    naming = naming_sentence(passage, evidence)
    return speaker_in(evidence.text if naming is None else naming.text)


def naming_sentence(passage: Passage, evidence: Evidence) -> Evidence | None:
    """The sentence that names whose words these are, where they do not: "he said", or words of a quotation.

    That is another of the same quotation, or one just before.
    """
    if speaker_in(evidence.text):
        return None
    together = _quoted_with(passage, evidence)
    if not (together or _PRONOUN.search(evidence.line) or evidence.text.lstrip()[:1] in '“"'):
        return None
    start = min((part.start for part in together), default=evidence.start)
    before = [part for part in passage.sentences if part.start < start][-_LOOKED_BACK:]
    return next((part for part in (*reversed(together), *reversed(before)) if speaker_in(part.text)), None)


def _quoted_with(passage: Passage, evidence: Evidence) -> list[Evidence]:
    """The other sentences of a quotation that is longer than this one."""
    text, offset = passage.chunk.text, passage.chunk.start
    for paragraph in split_paragraphs(text):
        for opening, closing in quotations(text, *paragraph):
            first, last = offset + opening, offset + closing
            if first < evidence.end and evidence.start <= last and not evidence.start <= first <= last <= evidence.end:
                return [
                    part for part in passage.sentences if part.start <= last and first < part.end and part != evidence
                ]
    return []


def same_voice(one: str | None, other: str | None) -> bool:
    """Whether two names can be one speaker's: "Gen. John Nicholson" and "Nicholson"."""
    if one is None or other is None:
        return one == other
    first, second = ({word for word in re.findall(r"\w{3,}", name) if word[0].isupper()} for name in (one, other))
    return bool(first & second) or one == other
