"""Other ways to say a sentence that leave true what was true; and what the two ways of making claims share.

Names and numbers are found with a few regular expressions of their own, not with the code that is measured.
"""

import re
from collections.abc import Callable, Iterator

from vectorstore.structure import split_sentences

NAME = re.compile(r"(?<![\w’'.-])[A-Z][\w’-]+(?: (?:of |de |von )?[A-Z][\w’-]*)*")
_NO_NAME = frozenset(
    "The A An In On At By For From To Of And But Or As It Its He She They We You I This That These Those There Their "
    "His Her January February March April May June July August September October November December Monday Tuesday "
    "Wednesday Thursday Friday Saturday Sunday When While After Before During Although However With Since If Some Many "
    "Most One Two Is All Several Early Earlier Other Others According Following Such Only Even Like Both Each "
    "Another".split()
)
_OPENING = re.compile(r"((?:In|On|At|During|After|Before|By|From|Under|Since|Until|For) [^,;:()]{3,60}), (?=[A-Za-z])")
_CLOSING = re.compile(
    r"(?<=[a-z])(?<!ing) ((?:in|on|during|after|since|until) (?:the )?(?!.* (?:to|in|that|and|is|was) )"
    r"[^,;:()%]{3,40})\.$"
)
# What a sentence can be said without.
_AWAY = re.compile(
    r" \([^()]*\)"
    r"|, (?:which|who|where|including|such as|especially|although|while|with|and the)[^,;:()]*(?=[,.;](?:\s|$))"
    r"|(?<=[a-z]), [^,;:()]{10,}(?=\.$)|; [^;]*(?=\.$)"
    r"|(?<=[a-z]) (?:because|although|while|when|after|before|until) [^,;]*(?=\.$)"
)
_FRAGMENT = re.compile(
    r"(?:In|On|At|During|After|Before|By|From|Under|Since|Until|For) [^,]*(?:, (?:in|at|during) [^,]*)?\."
)
_FIRST_WORDS = re.compile(
    r"^(?:However|Moreover|Furthermore|In addition|Additionally|Also|Thus|Therefore|For example|Today), "
)
_SYNONYMS = {
    "began": "started", "large": "big", "approximately": "about", "however": "though", "many": "numerous",
    "also": "too", "located": "situated", "several": "a number of", "used": "employed", "main": "chief",
    "near": "close to", "such as": "like", "because": "since", "primarily": "mainly", "within": "in",
    "known as": "called", "during": "in", "often": "frequently", "created": "made", "led": "headed",
    "important": "significant", "became": "turned into", "whole": "entire", "due to": "because of",
    "attempted": "tried", "established": "set up", "nearly": "almost", "constructed": "built", "obtain": "get",
    "commonly": "usually", "purpose": "aim", "remained": "stayed", "selected": "chosen", "required": "needed",
    "huge": "enormous", "previous": "earlier", "assist": "help", "allowed": "let", "showed": "demonstrated",
    "received": "got", "entire": "whole", "initially": "at first", "subsequently": "later", "famous": "well-known",
}  # fmt: skip
_PARTICIPLES = {
    "wrote": "written", "gave": "given", "took": "taken", "began": "begun", "chose": "chosen", "drove": "driven",
    "led": "led", "built": "built", "held": "held", "made": "made", "won": "won", "found": "found", "lost": "lost",
    "brought": "brought", "sold": "sold", "sent": "sent",
}  # fmt: skip
_PASTS = {participle: past for past, participle in _PARTICIPLES.items()}
_VERB = r"(?!need|indeed)[a-z]{2,}ed"
_REST = (
    r"(?P<rest>(?:,? (?:in|on|at|after|during|for|to|as|from|with|until|between|before|when|because|while) "
    r"(?!.* by ).*)?)\."
)
_OF_OPENING = r"(?P<opening>(?:(?:In|On|At|During|After) [^,;:()]{3,40}, )?)"
_STOPS = (
    "in|on|at|after|during|for|to|as|from|with|by|and|or|who|which|that|between|until|before|was|were|is|had|when|"
    "because|while|against|into|based"
)
_WORDS = rf"(?: (?!(?:{_STOPS}) |[a-z]+ing )[\w’'-]+)"
_PASSIVE = re.compile(
    rf"{_OF_OPENING}(?P<patient>(?!It |They |He |She )[\w’'-]+(?: (?!by |was |were |which |that |who )[\w’'-]+){{0,6}})"
    rf" (?:was|were) (?P<verb>{_VERB}|{'|'.join(_PASTS)}) by "
    rf"(?P<agent>(?:the |a |an |his |[A-Z])[\w’'-]*{_WORDS}{{0,5}}){_REST}"
)
_ACTIVE = re.compile(
    rf"{_OF_OPENING}(?P<agent>(?:[Tt]he |A )?[A-Z][\w’'-]*(?: (?:of )?[A-Z][\w’'-]*)*) "
    rf"(?P<verb>{_VERB}|{'|'.join(_PARTICIPLES)}) (?P<patient>(?:the |a |an |its |[A-Z])[\w’'-]*{_WORDS}{{0,5}}){_REST}"
)
_SUBJECT = re.compile(rf"(?P<name>(?:The )?{NAME.pattern})(?=,| (?:was|is|were|are|had|has|{_VERB})\b)")
_PRONOUN = re.compile(r"(?:He|She|They|It) (?=[a-z]+\b)")
_FRAMES = ("According to the article, ", "The article says that ", "It is reported that ")
_SMALL_NUMBERS = "two three four five six seven eight nine ten".split()
_MORE_NUMBERS = {"11": "eleven", "12": "twelve", "15": "fifteen", "20": "twenty", "30": "thirty", "100": "one hundred"}


def names(text: str) -> list[re.Match[str]]:
    """What is surely a name: capitalised, and no first word of a sentence."""
    starts = {start for start, _ in split_sentences(text)}
    return [
        match
        for match in NAME.finditer(text)
        if match.group() not in _NO_NAME and (match.start() not in starts or " " in match.group())
        and match.group().split()[0] not in _NO_NAME
    ]  # fmt: skip


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """Without the capital of a sentence's first word, where that is no name."""
    return text[:1].lower() + text[1:] if text.split()[0] in _NO_NAME - {"I"} else text


def _shorter(sentence: str) -> Iterator[str]:
    for match in _AWAY.finditer(sentence):
        rest = sentence[: match.start()] + sentence[match.end() :]
        # What is left of an opening phrase is no sentence.
        if len(rest.split()) >= 5 and not _FRAGMENT.fullmatch(rest):
            yield rest
    if opening := _FIRST_WORDS.match(sentence):
        yield capital(sentence[opening.end() :])


def _reordered(sentence: str) -> Iterator[str]:
    """ "In 1066, they won." <-> "They won in 1066." """
    if (match := _OPENING.match(sentence)) and sentence.endswith("."):
        opening = match.group(1)
        yield f"{capital(sentence[match.end() : -1])} {opening[0].lower()}{opening[1:]}."
    if closing := _CLOSING.search(sentence):
        yield f"{capital(closing.group(1))}, {small(sentence[: closing.start()])}."


def _reworded(sentence: str) -> Iterator[str]:
    claim = sentence
    for word, other in _SYNONYMS.items():
        claim = re.sub(rf"(?<=[\w,] ){word}\b(?= [a-z])", other, claim)
    if claim != sentence:
        yield claim


def _figures(sentence: str) -> Iterator[str]:
    """Numbers written in another way: "3,000" as "3000" or "three thousand", "two" as "2", "percent" as "%"."""
    claim = re.sub(r"(?<=\d),(?=\d{3})", "", sentence)
    claim = re.sub(r"(?<=\d) (?:percent|per cent)\b", "%", claim)
    claim = re.sub(r"(?<=\d) km\b", " kilometres", claim)
    for value, word in enumerate(_SMALL_NUMBERS, 2):
        claim = re.sub(rf"(?<=[a-z] ){word}(?= [a-z])", str(value), claim)
        claim = re.sub(rf"(?<=[a-z] ){value},?000(?= [a-z])", f"{word} thousand", claim)
        claim = re.sub(rf"(?<=[a-z] ){value}(?= [a-z])", word, claim) if claim == sentence else claim
    for digits, word in _MORE_NUMBERS.items():
        claim = re.sub(rf"(?<=[a-z] ){digits}(?= [a-z])", word, claim)
    if claim != sentence:
        yield claim


def _voice(sentence: str) -> Iterator[str]:
    """ "England was conquered by William." <-> "William conquered England." """
    if match := _PASSIVE.fullmatch(sentence):
        verb = _PASTS.get(match["verb"], match["verb"])
        claim = f"{match['agent']} {verb} {small(match['patient'])}{match['rest']}."
    elif (match := _ACTIVE.fullmatch(sentence)) and match["agent"] not in _NO_NAME:
        verb = _PARTICIPLES.get(match["verb"], match["verb"])
        be = "were" if re.search(r"[^s]s$", match["patient"]) else "was"
        claim = f"{match['patient']} {be} {verb} by {small(match['agent'])}{match['rest']}."
    else:
        return
    yield capital(match["opening"] + claim)


def _framed(sentence: str) -> Iterator[str]:
    if _FRAGMENT.fullmatch(sentence):
        return
    if sentence.split()[0] in _NO_NAME or sentence.split()[1][:1].isupper():
        yield _FRAMES[len(sentence) % len(_FRAMES)] + small(sentence)


REWORDINGS: dict[str, Callable[[str], Iterator[str]]] = {
    "shorter": _shorter, "reordered": _reordered, "reworded": _reworded, "figures": _figures, "voice": _voice,
    "framed": _framed,
}  # fmt: skip


def named(sentence: str, before: str) -> str | None:
    """ "He agreed to it." as "Rollo agreed to it.", where the sentence before begins with Rollo."""
    pronoun, subject = _PRONOUN.match(sentence), _SUBJECT.match(before)
    if not pronoun or not subject or subject["name"] in _NO_NAME or subject["name"].split()[0] in _NO_NAME - {"The"}:
        return None
    return f"{subject['name']} {sentence[pronoun.end() :]}"
