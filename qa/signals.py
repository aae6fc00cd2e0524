"""What of a question's structure a sentence answers to: whose number, whose deed, whose reason."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from qa.question import Kind, QuestionAnalysis, months_in, years_in
from qa.synonyms import Synonyms
from vectorstore.analysis import Token, stem

_CAUSE = re.compile(
    r"\bbecause\b|\bdue to\b|\bowing to\b|\bthanks to\b|\bsince\b|\bas a result\b|\breasons?\b|\bcaus(?:e[sd]?|ing)\b|"
    r"\bexplain(?:s|ed)?\b|\bled to\b|\bfactors?\b|\bbased on\b|\bafter\b|\bso that\b|\b(?:in order|aim\w*|attempt\w*|seek\w*|"
    r"hop\w+|want\w*|plan\w*|meant|designed|intended|efforts?|goals?|are|is|was|were) to\b|\baim\w* (?:at|for)\b|\bin the hope\b|"
    r"\bpromise|\bdissatisf|\bfor the\b|\bfear",
    re.IGNORECASE,
)  # fmt: skip
_PURPOSE = re.compile(r"\b(?:purpose|aims?|goals?|objectives?|intentions?|what for|reasons?|why|motives?)\b", re.IGNORECASE)
_QUANTITY = re.compile(
    r"\bhow (?:strong|deadly|severe|heavy|big|large|numerous|bloody|costly)\b|\bwhat (?:\w+ )?(?:losses|casualties|toll|size|strength|cost)\b|"
    r"\bsize of\b|\bin numbers\b|\bhow did the (?:size|number|strength)\b",
    re.IGNORECASE,
)  # fmt: skip
_PRONOUN = re.compile(
    r"^\W*(?:he|she|it|they|this|these|those|his|her|its|their|that|both|such|the group|the movement|the attack)\b",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d")
# How many words around a number tell what it counts.
_BESIDE = 6
_COUNTED_WITHIN = 4


@dataclass(frozen=True, slots=True)
class Focus:
    """What a question turns on.

    ``relation`` are its terms that are neither names nor numbers; ``counted`` those of what is counted; ``verb`` what the
    one who is asked for did; ``events`` the meanings of what befell those who are counted.
    """

    relation: tuple[str, ...]
    counted: tuple[str, ...]
    verb: str | None
    events: frozenset[int]
    quantity: bool
    purpose: bool


_COUNTED = re.compile(r"\bhow many ((?:[\w'’.-]+ ){0,3}?[\w'’.-]+)", re.IGNORECASE)
_WHO_DID = re.compile(r"\bwho (?:\w+ly )?(?:has |have |had |was |were |is |are )?(\w+)", re.IGNORECASE)


def read_focus(question: QuestionAnalysis, synonyms: Synonyms) -> Focus:
    """Read off the question's words."""
    content = [token for token in question.tokens if not token.is_stopword and token.term in question.terms]
    relation = tuple(
        dict.fromkeys(
            token.term
            for token in content
            if not token.is_entity and not token.is_number and token.term not in question.names and not months_in(token.surface)
        )
    )
    meanings = synonyms.meanings(question.tokens)
    events = frozenset().union(*meanings.values()) & synonyms.events if meanings else frozenset()
    did = _WHO_DID.search(question.text)
    verb = stem(did.group(1).lower()) if did else None
    return Focus(
        relation=relation,
        counted=question.head,
        verb=verb if verb in relation else None,
        events=events,
        quantity=bool(_QUANTITY.search(question.text)),
        purpose=question.kind is Kind.REASON or bool(_PURPOSE.search(question.text)),
    )


def lacks_cause(focus: Focus, text: str) -> bool:
    """Whether a reason is asked for and no word of the sentence gives one."""
    return focus.purpose and not _CAUSE.search(text)


def refers_back(text: str) -> bool:
    """Whether the sentence begins with a word for what the one before it spoke of."""
    return bool(_PRONOUN.match(text))


def agent_named(focus: Focus, tokens: Sequence[Token], alike: Mapping[str, float]) -> bool:
    """Whether the sentence says by whom the deed was done: "was founded by former members"."""
    if focus.verb is None:
        return False
    for index, token in enumerate(tokens):
        if token.term == focus.verb or alike.get(token.term, 0.0) >= 0.5:
            if any(after.surface.lower() == "by" for after in tokens[index + 1 : index + 4]):
                return True
    return False


def other_event(focus: Focus, tokens: Sequence[Token], meanings: Mapping[str, Set[int]], events: frozenset[int], text: str) -> bool:
    """Whether each number of the sentence tells of something that the question does not ask after.

    1,600 killed are no answer to how many there are, nor to how many surrendered.
    """
    years = {str(year) for year in years_in(text)}
    found = False
    for index, token in enumerate(tokens):
        if not token.is_number or token.surface in years or token.term in ("0", "1"):
            continue
        found = True
        beside = tokens[max(0, index - _BESIDE) : index + _BESIDE + 1]
        here = {meaning for other in beside for meaning in meanings.get(other.term, ())} & events
        if focus.events <= here if focus.events else not here:
            return False
        if focus.events & here:
            return False
    return found
