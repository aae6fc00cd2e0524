"""How old an answer is to a question about the present; from the articles' dates alone, never from today's. Pure."""

import re
from collections.abc import Sequence

from qa.event_time import event_years
from qa.models import Citation
from vectorstore.dates import PartialDate

_NOW = re.compile(
    r"\b(?:now|nowadays|currently|today|tonight|at present|at the moment|presently|these days|so far|as yet|still|yet|"
    r"(?:the )?(?:current|present|latest|most recent)|up to date|to date|any ?more|any longer)\b",
    re.IGNORECASE,
)
# A state that is asked for in the present: how many, how strong, who leads.
_PRESENT_STATE = re.compile(
    r"^\W*(?:how (?:many|much|strong|large|big|dangerous|active|powerful|weak|bad|great|serious|far)\b[^?]*?\b"
    r"(?:do|does|has|have|is|are|can)\b|"
    r"(?:who|which \w+|what \w+) (?:leads?|commands?|heads?|runs?|rules?|controls?|governs?|holds?)\b|"
    r"who (?:is|are) (?:the|its|their)\b|(?:is|are|does|do) |"
    r"what (?:is|are) the (?:size|strength|number|state|status)\b)",
    re.IGNORECASE,
)
_PAST = re.compile(r"\b(?:was|were|did|had|been|ago|last|then)\b", re.IGNORECASE)


def asks_about_now(question: str) -> bool:
    """Whether a question says that it is about the present, or asks for a state in the present tense; of no year."""
    if event_years(question, None):
        return False
    if _NOW.search(question):
        return not re.search(r"\b(?:by|until|till|up to) (?:now|then)\b.*\bhad\b", question, re.IGNORECASE)
    return bool(_PRESENT_STATE.search(question)) and not _PAST.search(question)


def age_notes(question: str, citations: Sequence[Citation]) -> tuple[str, ...]:
    """For a question about the present: of when the newest article is that the answer cites. Empty for any other."""
    if not citations or not asks_about_now(question):
        return ()
    dates = [PartialDate(citation.published) for citation in citations if citation.published]
    undated = any(citation.published is None for citation in citations)
    if not dates:
        return ("The question is about the present; no date is known of the articles that this is from.",)
    newest = max(dates, key=lambda date: (date.latest(), date.earliest()))
    rest = "; of others no date is known" if undated else ""
    return (f"The newest article that this is from is of {newest.spoken()}{rest}.",)
