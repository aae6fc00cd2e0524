"""A question that leans on the one before, made to stand alone: "And in 2018?", "who said that?", "how many of them?".

Only earlier questions are read, never their answers: what an answer said is no evidence, and a name that came up only
there has to be asked for by itself.
"""

import re

from qa.asked_time import asked_times
from qa.models import Conversation
from vectorstore.analysis import ASKING, Analyser, Token
from vectorstore.dates import PartialDate
from vectorstore.glossary import Entity

_OPENING = re.compile(
    r"^\W*(?:(?:and|but|so|or|then|also|ok(?:ay)?)\b[\s,]*)*(?P<about>(?:what|how) about\b\s*)?", re.IGNORECASE
)
_ASKING_WORD = re.compile(
    r"^\W*(?P<word>(?:since |by |until )?when|where|why|how|who|whom|whose|which|what)(?: (?:exactly|else))?"
    r"(?: (?:was|is|were|did) (?:that|this|it)(?: happen)?)?\W*$",
    re.IGNORECASE,
)
# What asks in a question, and the auxiliary after it; the rest is what it is about.
_LEAD = re.compile(
    r"^\W*(?:how (?:many|much|large|big|strong|old|long|far|often)|"
    r"(?:what|which) (?:number|share|percentage|proportion|amount) of|"
    r"(?:in|on|by|from|of|to|with|at) (?:which|what|whom)|how|what|which|whom?|whose|when|where|why)\b"
    r"(?:\s+(?:did|do|does|is|are|was|were|has|have|had|can|could|will|would))?\s*",
    re.IGNORECASE,
)
_YES_NO = re.compile(r"^\W*(?:did|do|does|is|are|was|were|has|have|had|can|could|will|would)\b", re.IGNORECASE)
_PERSON = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.IGNORECASE)
_THING = re.compile(r"\b(?:it|its|they|them|their|theirs)\b", re.IGNORECASE)
_PLACE = re.compile(r"(?<=\s)there(?=\s*[?.!]?$)", re.IGNORECASE)
_WHOLE = re.compile(
    r"\b(?:that|this|those|these)(?=\s*[?.!,]|\s*$)|\b(?:of|about) (?:that|this|those|these|them|it)\b", re.IGNORECASE
)
# "There is" and "it is said that" point at nothing.
_IDLE = re.compile(r"\bit (?:is|was) \w+ (?:that|to)\b|\bit (?:take|seem|appear|mean)", re.IGNORECASE)
_OWNING = re.compile(r"(?:his|hers?|its|theirs?)$", re.IGNORECASE)
# "... when they fastened it", "a class that it is in": what is meant stands before.
_SUBORDINATE = re.compile(
    r"\b(?:when|if|that|which|because|while|since|after|before|where|whose|for|as|than|until)\s+(?:\w+\s+)?$",
    re.IGNORECASE,
)
_KINDS = {
    "person": ("person",),
    "thing": ("group", "organisation", "weapon"),
    "place": ("place",),
}
# The auxiliary after what is asked for: "fighters did ISIS-K have", "foreign fighters are in Darzab".
_AUXILIARY = re.compile(r"(?<=\w)\s+(?:did|do|does|is|are|was|were)\s+", re.IGNORECASE)
_WHO = re.compile(r"^\W*who\s+(?!(?:is|was|are|were|did|do|does)\b)", re.IGNORECASE)
# The words before a time that belong to it.
_BEFORE_TIME = re.compile(
    r"(?:\b(?:in|at|by|on|during|since|after|before|until|from|around|the|beginning|start|middle|end|early|mid|late|of)"
    r"[\s-]+)+$",
    re.IGNORECASE,
)
# So many words are no question by themselves.
_SHORT = 6
# Only to see whether there is a relative time.
_ANY_DAY = PartialDate("2000")
_PREPOSITION = re.compile(r"^(?:in|at|for|from|on|with|by|to|of|about|near|around)\s+", re.IGNORECASE)


def leans(question: str, analyser: Analyser) -> bool:
    """Whether a question cannot be understood by itself."""
    opening = _OPENING.match(question)
    body = (question[opening.end() :] if opening else question).strip().rstrip("?!. ")
    if opening and opening["about"] and len(body.split()) <= _SHORT:
        return True
    if not _IDLE.search(body) and any(_points_back(body, match, analyser) for match in _pointers(body)):
        return True
    if _ASKING_WORD.match(body) or _other_time(body, "") is not None:
        return True
    begins = opening is not None and bool(opening.group().strip(" \t\"'“‘"))
    content = _content(body, analyser)
    named = all(token.is_entity or token.is_number for token in content)
    short = len(content) <= 2 and len(body.split()) <= _SHORT
    return short and not _asks(body) and bool(content) and (begins or named or bool(_PREPOSITION.match(body)))


def _pointers(body: str) -> list[re.Match[str]]:
    return [match for pattern in (_PERSON, _THING, _PLACE, _WHOLE) for match in pattern.finditer(body)]


def _points_back(body: str, pointer: re.Match[str], analyser: Analyser) -> bool:
    """Whether nothing before a pronoun in the question itself can be what it stands for."""
    before = [token for token in analyser.tokens(body) if token.end <= pointer.start()]
    if any(token.is_entity or (token.is_capitalised and token.start and not token.is_stopword) for token in before):
        return False
    content = [token for token in before if not token.is_stopword and token.term not in ASKING]
    owning = _OWNING.match(body, pointer.start(), pointer.end())
    rest = body[pointer.end() :].partition(",")[2]
    if owning and any(token.is_entity for token in analyser.tokens(rest)):
        return False
    inside = owning or _SUBORDINATE.search(body[: pointer.start()])
    return not (content and inside)


def standalone(question: str, conversation: Conversation, analyser: Analyser) -> str | None:
    """The question with what it leans on put in from the earlier ones; None when it stands alone or nothing fits."""
    if not conversation.questions or not leans(question, analyser):
        return None
    earlier = conversation.questions[-1]
    opening = _OPENING.match(question)
    body = question[opening.end() if opening else 0 :].strip().rstrip("?!. ")
    if not body:
        return None
    if (word := _ASKING_WORD.match(body)) is not None:
        joined = ": " if _LEAD.match(earlier) else " "
        return _finished(f"{word['word'].capitalize()}{joined}{_topic(earlier)}")
    if (moved := _other_time(body, earlier)) is not None:
        return _finished(moved)
    if not _asks(body):
        return _finished(_other_name(body, earlier, analyser))
    return _finished(_resolved(body, conversation, analyser))


def _finished(text: str) -> str:
    text = " ".join(text.split()).rstrip("?!. ")
    return f"{text[:1].upper()}{text[1:]}?"


def _content(text: str, analyser: Analyser) -> list[Token]:
    return [token for token in analyser.tokens(text) if not token.is_stopword and token.term not in ASKING]


def _asks(body: str) -> bool:
    return bool(_LEAD.match(body) or _YES_NO.match(body))


def _topic(earlier: str) -> str:
    """What a question is about, without the words that ask; a yes/no question as it is."""
    text = earlier.strip().rstrip("?!. ")
    if _YES_NO.match(text):
        return text[:1].lower() + text[1:]
    return _AUXILIARY.sub(" ", _LEAD.sub("", text, count=1), count=1)


def _other_time(body: str, earlier: str) -> str | None:
    """The earlier question about another time, when all that is new is a time."""
    named = asked_times(body, None) or asked_times(body, _ANY_DAY)
    if not named or _asks(body):
        return None
    rest = (_BEFORE_TIME.sub("", body[: named[0].start]) + body[named[-1].end :]).strip(" ,")
    if rest:
        return None
    text = earlier.strip().rstrip("?!. ")
    old = asked_times(text, _ANY_DAY)
    if not old:
        return f"{text} {_with_preposition(body)}"
    before, after = _BEFORE_TIME.sub("", text[: old[0].start]), text[old[0].end :]
    return f"{before} {_with_preposition(body)}{after}"


def _with_preposition(phrase: str) -> str:
    return f"in {phrase}" if phrase[:1].isdigit() else phrase


def _other_name(body: str, earlier: str, analyser: Analyser) -> str:
    """The earlier question about another name, in place of one of its kind if there is one."""
    phrase = _PREPOSITION.sub("", body)
    text = earlier.strip().rstrip("?!. ")
    new = [token for token in analyser.tokens(phrase) if token.is_entity]
    if new:
        kind = _entity(new[0], analyser).kind
        for token in reversed([token for token in analyser.tokens(text) if token.is_entity]):
            if _entity(token, analyser).kind == kind and token.term != new[0].term:
                start = token.start - len(_article(text[: token.start]))
                return f"{text[:start]}{phrase}{text[token.end :]}"
    return f"{text} {body}" if _PREPOSITION.match(body) else f"{text}, {body}"


def _article(before: str) -> str:
    match = re.search(r"\bthe\s+$", before, re.IGNORECASE)
    return match.group() if match else ""


def _resolved(body: str, conversation: Conversation, analyser: Analyser) -> str:
    """With names in place of pronouns; with the earlier question's subject where none is to be had."""
    for pattern, wanted in ((_PERSON, "person"), (_THING, "thing"), (_PLACE, "place")):
        match = pattern.search(body)
        if match is None or _WHOLE.search(body) or (wanted != "person" and not _content(body, analyser)):
            continue
        name = _last_name(conversation, wanted, match.group().lower(), analyser)
        if name is not None:
            owns = _OWNING.match(body, match.start(), match.end()) and name[-2:] != "'s"
            put = f"in {name}" if wanted == "place" else f"{name}'s" if owns else name
            return f"{body[: match.start()]}{put}{body[match.end() :]}"
    topic = _topic(conversation.questions[-1])
    whole = _WHOLE.search(body)
    if whole is None:
        return f"{body}: {topic}"
    kept = f"{whole.group().split()[0]} the " if " " in whole.group() else f"{whole.group()} about "
    return f"{body[: whole.start()]}{kept}{topic}{body[whole.end() :]}"


def _last_name(conversation: Conversation, wanted: str, pronoun: str, analyser: Analyser) -> str | None:
    """The first such name of the last question that has one, with its article; of a person that it does not name, what
    it asks of him."""
    kinds = _KINDS[wanted] + (("place",) if pronoun in ("it", "its") else ())
    for number, question in enumerate(reversed(conversation.questions)):
        tokens = [token for token in analyser.tokens(question) if token.is_entity]
        found = min(
            (token for token in tokens if _entity(token, analyser).kind in kinds),
            key=lambda token: (_entity(token, analyser).kind == "place", token.start),
            default=None,
        )
        if wanted == "person" and number == 0 and (who := _WHO.match(question)):
            return f"the one who {question[who.end() :].rstrip('?!. ')}"
        if found is not None:
            return f"{_article(question[: found.start])}{question[found.start : found.end]}"
    return None


def _entity(token: Token, analyser: Analyser) -> Entity:
    return analyser.glossary.by_id[token.term[1:]]
