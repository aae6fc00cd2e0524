"""A question that names two answers, "money or military pressure?", as two questions, and which sentence is whose."""

import re
from collections.abc import Sequence, Set

from qa.calibration import SELECTION
from qa.candidate import Candidate

_OR = re.compile(r",? or (?:else |rather |instead )?", re.IGNORECASE)
# "A or not", "someone else", "a day or two": no two answers.
_EMPTY = re.compile(r"^(?:not|no|someone else|somebody else|others?|more|less|two|so|both|neither)\b", re.IGNORECASE)
_ASIDE = re.compile(r"^(?P<stem>[^:,–—]{8,}[:,–—]) *(?P<list>[^:]+)$")
_SHORT = 5
_CLEFT = re.compile(
    r"^(?P<stem>\W*(?:is|was) it) (?P<one>.+?),? or (?P<other>.+?) (?P<rest>(?:that|who|which) .+)$", re.IGNORECASE
)
_YES_NO = re.compile(r"^\W*(?:is|are|was|were|did|do|does|has|have|had|can|could|will|would)\b", re.IGNORECASE)
# "How many fled or were caught?" and "when did A or B come?" ask for one figure or time.
_MEASURED = re.compile(
    r"^\W*(?:how (?:many|much|often|long|old|far)|when|(?:what|which) (?:number|year|date))\b", re.IGNORECASE
)
_STARTS_ALIKE = re.compile(
    r"^(?:on|in|at|by|for|with|from|to|as|the|an?|alongside|against|because of|due to|under|before|after|its|their|his|"
    r"her)\b",
    re.IGNORECASE,
)
# "Did the US defeat them, or did the Taliban?"
_NAME = r"(?:the )?[A-Z][\w-]*(?: [A-Z][\w-]*)*"
_SAME_DEED = re.compile(rf"^\W*(?P<does>\w+) {_NAME}(?P<rest> .+?),? or (?i:(?P=does)) (?P<other>{_NAME})$")
# "Is it gaining members or losing them?"
_PRONOUN = re.compile(r"\b(?:them|it|him|her)$", re.IGNORECASE)


def alternatives(question: str) -> tuple[str, str] | None:
    """The question with the first answer alone, and with the second; None where it does not name just two."""
    text = question.strip().rstrip("?!. ")
    parts = _OR.split(text)
    if len(parts) != 2 or _EMPTY.match(parts[1].strip()) or _MEASURED.match(text):
        return None
    before, second = parts[0].strip(), parts[1].strip()
    cleft = _CLEFT.match(text)
    if cleft is not None:
        stem, rest = cleft["stem"], cleft["rest"]
        return f"{stem} {cleft['one']} {rest}?", f"{stem} {cleft['other']} {rest}?"
    same_deed = _SAME_DEED.match(f"{before} or {second}")
    if same_deed is not None:
        return f"{before}?", f"{same_deed['does']} {same_deed['other']}{same_deed['rest']}?"
    if _YES_NO.match(second) and _YES_NO.match(text):
        return f"{before}?", f"{second[0].upper()}{second[1:]}?"
    aside = _ASIDE.match(before)
    if aside is not None and aside["stem"].endswith(","):
        # A comma sets much else off: only short answers are taken for two.
        aside = aside if max(len(aside["list"].split()), len(second.split())) <= _SHORT else None
    if aside is not None:
        stem, first = aside["stem"].rstrip(":,–— "), aside["list"].strip()
    elif _YES_NO.match(text):
        stem, first = _split_as(before, second)
    else:
        return None  # "When did men from Iraq or Syria come?"
    what = first.partition(" ")[2]
    if not first or len(second.split()) > 10:
        return None
    return f"{stem} {first}?", f"{stem} {_PRONOUN.sub(lambda _: what, second) if what else second}?"


def _split_as(before: str, second: str) -> tuple[str, str]:
    """Where the first answer begins: at a word of the kind that the second begins with, else as long as that is."""
    words = before.split()
    if _STARTS_ALIKE.match(second):
        places = [index for index, word in enumerate(words) if index and _STARTS_ALIKE.match(word)]
        if places:
            place = places[-1]
            while place - 1 in places:
                place -= 1
            return " ".join(words[:place]), " ".join(words[place:])
    size = min(len(second.split()), max(1, len(words) - 2))
    return " ".join(words[:-size]), " ".join(words[-size:])


# How much more it counts that a sentence is of its own side than how well it answers.
_SIDE = 2.0
_CLOSER = 0.055


def worth_for(item: Candidate, for_other_side: Candidate) -> float:
    """How well a sentence answers its own side's question, and how much better than the other's; a logit.

    What speaks against it on one side only does not count: the one answer's names need not stand beside the other's.
    """
    against = sum(SELECTION.costs[each.value] for each in item.objections & for_other_side.objections)
    return item.relevance - against + _SIDE * (item.relevance - for_other_side.relevance)


def says_both(item: Candidate, own: Sequence[Set[str]]) -> bool:
    """Whether a sentence has words of either answer: it takes no side."""
    said = {token.term for token in item.tokens}
    return all(not said.isdisjoint(each) for each in own)


def bears_on(item: Candidate, for_other_side: Candidate, own: Set[str]) -> bool:
    """Whether a sentence says something of its own side's answer, in its words or by what it means.

    A name or a number must stand in it.
    """
    given = {term for term in own if term.startswith("@") or term.isdecimal()}
    if given:
        return not given.isdisjoint(token.term for token in item.tokens)
    closer = item.features["similarity"] - for_other_side.features["similarity"]
    return not own or bool(item.covered & own) or closer >= _CLOSER
