"""Claims made from SQuAD 2.0: sentences that hold an answer, lightly reworded (true) and altered (not supported).

Names and numbers are found here with a few regular expressions of their own, not with the code that is measured.
"""

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.squad import SHARED, SquadQuestion, squad_questions
from vectorstore.structure import split_sentences

_NAME = re.compile(r"(?<![\w’'.-])[A-Z][\w’-]+(?: (?:of |de |von )?[A-Z][\w’-]*)*")
_NO_NAME = frozenset(
    "The A An In On At By For From To Of And But Or As It Its He She They We You I This That These Those There Their "
    "His Her January February March April May June July August September October November December Monday Tuesday "
    "Wednesday Thursday Friday Saturday Sunday When While After Before During Although However With Since If Some Many "
    "Most One Two".split()
)
_NUMBER = re.compile(r"(?<![\w.,$£€/-])\d{1,3}(?:,\d{3})+(?![\w,]*\d)|(?<![\w.,/-])\d+(?:\.\d+)?(?![\w,/-]*\d)(?!\w)")
_YEAR = re.compile(r"1\d\d\d|20\d\d")
_AUXILIARY = re.compile(r"\b(is|are|was|were|has|have|had|can|could|will|would|may|must|should)\b(?! not\b|n't)")
_PAST = re.compile(
    r"(?<=[a-z] )(?!need|seed|feed|speed|breed|bleed|indeed|exceed|proceed|succeed|hundred)([a-z]{2,}ed)\b(?= [a-z])"
)
_NEGATION = re.compile(r"(?:\b(?:not|never) |n't\b)")
_OPENING = re.compile(r"((?:In|On|At|During|After|Before|By|From|Under|Since|Until|For) [^,;:()]{3,60}), (?=[A-Za-z])")
_CLOSING = re.compile(
    r"(?<=[a-z]) ((?:in|on|during|after|since|until) (?:the )?(?!.* (?:to|in|that|and|is|was) )[^,;:()%]{3,40})\.$"
)
# What a sentence can be said without.
_AWAY = re.compile(
    r" \([^()]*\)"
    r"|, (?:which|who|where|including|such as|especially|although|while|with|and the)[^,;:()]*(?=[,.;](?:\s|$))"
    r"|(?<=[a-z]), [^,;:()]{10,}(?=\.$)|; [^;]*(?=\.$)"
    r"|(?<=[a-z]) (?:because|although|while|when|after|before|until) [^,;]*(?=\.$)"
)
_FIRST_WORDS = re.compile(
    r"^(?:However|Moreover|Furthermore|In addition|Additionally|Also|Thus|Therefore|For example|Today), "
)
_REWORDINGS = {
    "began": "started", "large": "big", "approximately": "about", "however": "though", "many": "numerous",
    "also": "too", "located": "situated", "several": "a number of", "used": "employed", "main": "chief",
    "near": "close to", "such as": "like", "because": "since", "primarily": "mainly", "within": "in",
    "known as": "called", "during": "in", "often": "frequently", "created": "made", "led": "headed",
    "important": "significant", "became": "turned into", "whole": "entire",
}  # fmt: skip
# Written apart from qa/opposites.toml, but much of it is bound to be there too.
_OPPOSITES = {
    "increased": "decreased", "increase": "decrease", "rose": "fell", "won": "lost", "victory": "defeat",
    "largest": "smallest", "large": "small", "most": "few", "more": "less", "higher": "lower", "high": "low",
    "before": "after", "first": "last", "early": "late", "north": "south", "northern": "southern", "east": "west",
    "eastern": "western", "supported": "opposed", "support": "opposition", "allowed": "forbade",
    "failed": "succeeded", "strong": "weak", "began": "ended", "accepted": "rejected", "major": "minor",
    "common": "rare", "possible": "impossible", "gained": "lost", "built": "destroyed", "public": "private",
    "agreed": "refused", "same": "different", "oldest": "newest", "best": "worst", "joined": "left",
}  # fmt: skip
_SUBJECT_QUESTION = re.compile(
    r"^(?:Who|What|Which [\w’' -]{2,30}?|What [a-z]+(?: [a-z]+)?)(?= (?:was|were|is|are|has|had|have|can|could|will|"
    r"would|may|[a-z]+ed|led|made|gave|took|won|held|became|built|wrote|began|uses?|causes?|makes?|gives?|provides?)\b)"
)

TRUE_KINDS = ("same", "shorter", "reordered", "reworded", "figures", "combined")
HARD_KINDS = ("answered", "answered wrongly", "another sentence")


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim and the sentence that it was made from, in one case of three with a neighbour.

    ``title`` is the article's, ``passage`` all of the sentence's paragraph.
    """

    title: str
    passage: str
    evidence: str
    claim: str
    kind: str

    @property
    def supported(self) -> bool:
        return self.kind in TRUE_KINDS or self.kind == "answered"


def squad_pairs(seed: int = 20) -> list[Pair]:
    """All claims, in the order of the questions; the same for the same seed."""
    random_ = random.Random(seed)
    lines = (SHARED / "squad2" / "passages.jsonl").read_text("utf-8").splitlines()
    texts = {record["id"]: record["text"] for record in map(json.loads, lines)}
    pairs: list[Pair] = []
    seen: set[str] = set()
    questions = [question for question in squad_questions() if question.answers]
    for question in questions:
        passage = texts[question.passage]
        evidence = next(
            passage[start:end] for start, end in split_sentences(passage) if start <= question.answers[0][0] < end
        )
        wider = _wider(evidence, passage, random_)
        for kind, claim in (*_from_question(question, passage, questions, random_),):
            pairs.append(Pair(question.title, passage, random_.choice((evidence, evidence, wider)), claim, kind))
        if evidence not in seen and len(evidence.split()) > 4:
            seen.add(evidence)
            others = [passage[start:end] for start, end in split_sentences(passage)]
            others = [other for other in others if other != evidence]
            if others:
                pairs.append(Pair(question.title, passage, random_.choice(others), evidence, "another sentence"))
            made = dict.fromkeys((kind, claim) for kind, claim in _from_sentence(evidence, passage, random_))
            pairs += [
                Pair(question.title, passage, random_.choice((evidence, evidence, wider)), claim, kind)
                for kind, claim in made
            ]
    return pairs


def _wider(sentence: str, passage: str, random_: random.Random) -> str:
    """The sentence with the one before or after it, as a citation may be."""
    spans = split_sentences(passage)
    place = next(number for number, (start, end) in enumerate(spans) if passage[start:end] == sentence)
    other = min(max(0, place + random_.choice((-1, 1))), len(spans) - 1)
    return passage[spans[min(place, other)][0] : spans[max(place, other)][1]]


def _from_sentence(sentence: str, passage: str, random_: random.Random) -> Iterator[tuple[str, str]]:
    first = {kind: list(make(sentence)) for kind, make in _TRUE.items()}
    true = {"same": [sentence], **first}
    true["combined"] = [
        further
        for kind, claims in first.items()
        for claim in claims
        for other, make in _TRUE.items()
        if other != kind
        for further in make(claim)
    ]
    for kind, claims in true.items():
        yield from ((kind, claim) for claim in claims)
    bases = [claim for claims in true.values() for claim in claims]
    for kind, alter in _FALSE.items():
        # Each round on a rewording of its own, so that an altered claim is not told by being otherwise verbatim.
        for _ in range(3):
            altered = alter(random_.choice(bases), sentence, passage, random_)
            if altered is not None and altered not in bases:
                yield kind, altered


def _shorter(sentence: str) -> Iterator[str]:
    for match in _AWAY.finditer(sentence):
        rest = sentence[: match.start()] + sentence[match.end() :]
        if len(rest.split()) >= 5:
            yield rest
    if opening := _FIRST_WORDS.match(sentence):
        yield _capital(sentence[opening.end() :])


def _reordered(sentence: str) -> Iterator[str]:
    """ "In 1066, they won." <-> "They won in 1066." """
    if (match := _OPENING.match(sentence)) and sentence.endswith("."):
        opening = match.group(1)
        yield f"{_capital(sentence[match.end() : -1])} {opening[0].lower()}{opening[1:]}."
    if closing := _CLOSING.search(sentence):
        yield f"{_capital(closing.group(1))}, {_small(sentence[: closing.start()])}."


def _reworded(sentence: str) -> Iterator[str]:
    claim = sentence
    for word, other in _REWORDINGS.items():
        claim = re.sub(rf"(?<=[\w,] ){word}\b(?= [a-z])", other, claim)
    if claim != sentence:
        yield claim


def _figures(sentence: str) -> Iterator[str]:
    """Numbers written in another way: "3,000" as "3000" or "three thousand", "two" as "2"."""
    small = "two three four five six seven eight nine ten".split()
    claim = re.sub(r"(?<=\d),(?=\d{3})", "", sentence)
    for value, word in enumerate(small, 2):
        claim = re.sub(rf"(?<=[a-z] ){word}(?= [a-z])", str(value), claim)
        claim = re.sub(rf"(?<=[a-z] ){value},000(?= [a-z])", f"{word} thousand", claim)
        claim = re.sub(rf"(?<=[a-z] ){value}(?= [a-z])", word, claim) if claim == sentence else claim
    if claim != sentence:
        yield claim


_TRUE = {"shorter": _shorter, "reordered": _reordered, "reworded": _reworded, "figures": _figures}


def _numbers(text: str, years: bool) -> list[re.Match[str]]:
    return [match for match in _NUMBER.finditer(text) if bool(_YEAR.fullmatch(match.group())) == years]


def _number(claim: str, sentence: str, passage: str, random_: random.Random, years: bool = False) -> str | None:
    """One number for another of the passage, or for one nearby."""
    places = _numbers(claim, years)
    if not places:
        return None
    place = random_.choice(places)
    old = place.group()
    others = {match.group() for match in _numbers(passage, years)} - {
        match.group() for match in _numbers(sentence, years)
    }
    if others and random_.random() < 0.5:
        new = random_.choice(sorted(others))
    else:
        value = float(old.replace(",", ""))
        step = random_.choice((1, 2, 3, 10) if years else (1, 2, 5, max(1, round(value * 0.3))))
        changed = value + random_.choice((-1, 1)) * step
        changed = changed if changed > 0 else value + step
        new = f"{changed:,.0f}" if "," in old else f"{changed:.{len(old.partition('.')[2])}f}"
        if new in re.findall(r"[\d.,]*\d", sentence):
            return None
    return claim[: place.start()] + new + claim[place.end() :]


def _year(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    return _number(claim, sentence, passage, random_, years=True)


def _number_swapped(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    """Two numbers in each other's place; not the two of a range, and not what counts neighbours in a list."""
    return _swapped(claim, [_numbers(claim, years) for years in (False, True)], random_)


def _names(text: str) -> list[re.Match[str]]:
    starts = {start for start, _ in split_sentences(text)}
    return [
        match
        for match in _NAME.finditer(text)
        if match.group() not in _NO_NAME and (match.start() not in starts or " " in match.group())
        and match.group().split()[0] not in _NO_NAME
    ]  # fmt: skip


def _name(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    """A name for another of the passage that has no word in common with the sentence."""
    here = set(re.findall(r"\w+", sentence.lower()))
    names = {match.group() for match in _names(passage)}
    others = sorted(name for name in names if not any(_akin(word, here) for word in name.lower().split()))
    places = _names(claim)
    if not others or not places:
        return None
    place = random_.choice(places)
    return claim[: place.start()] + random_.choice(others) + claim[place.end() :]


def _akin(word: str, words: set[str]) -> bool:
    """Whether a word may stand for one of the others: "Norman" and "Normandy"."""
    return any(word[:4] == other[:4] for other in words)


def _roles(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    return _swapped(claim, [_names(claim)], random_)


def _swapped(claim: str, groups: Sequence[Sequence[re.Match[str]]], random_: random.Random) -> str | None:
    """Two of a group in each other's place, with a verb or a preposition between them and no list."""
    options = [
        (one, other)
        for group in groups
        for place, one in enumerate(group)
        for other in group[place + 1 :]
        if one.group() != other.group() and not _akin(one.group().lower(), {other.group().lower()})
        and len(re.findall(r"\b[a-z]{2,}\b", between := claim[one.end() : other.start()])) >= 2
        and not re.search(r"\b(?:and|or|between|with|like|as)\b|[–—]", between)
    ]  # fmt: skip
    if not options:
        return None
    one, other = random_.choice(options)
    return claim[: one.start()] + other.group() + claim[one.end() : other.start()] + one.group() + claim[other.end() :]


def _negation_added(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    places = [(match.end(), " not") for match in _AUXILIARY.finditer(claim)]
    past = _PAST.search(claim)
    if places:
        position, words = random_.choice(places)
        return claim[:position] + words + claim[position:]
    if past:
        return f"{claim[: past.start()]}never {claim[past.start() :]}"
    return None


def _negation_removed(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    match = _NEGATION.search(claim)
    if match is None or re.match(r"not (?:only|just|merely|necessarily)|never mind", claim[match.start() :]):
        return None
    return claim[: match.start()] + claim[match.end() :]


def _opposite(claim: str, sentence: str, passage: str, random_: random.Random) -> str | None:
    both = {**_OPPOSITES, **{other: word for word, other in _OPPOSITES.items()}}
    places = [match for match in re.finditer(r"\b[a-z]+\b", claim) if match.group() in both]
    places = [match for match in places if both[match.group()] not in sentence]
    if not places:
        return None
    place = random_.choice(places)
    return claim[: place.start()] + both[place.group()] + claim[place.end() :]


_FALSE = {
    "number": _number, "year": _year, "number swapped": _number_swapped, "name": _name, "roles": _roles,
    "negation added": _negation_added, "negation removed": _negation_removed, "opposite": _opposite,
}  # fmt: skip


def _from_question(
    question: SquadQuestion, passage: str, questions: Sequence[SquadQuestion], random_: random.Random
) -> Iterator[tuple[str, str]]:
    """ "Who led the Norse?" with its answer as a sentence, and with the answer to another question of the passage."""
    match = _SUBJECT_QUESTION.match(question.text)
    if match is None:
        return
    rest = question.text[match.end() :].rstrip(" ?")
    start, end = question.answers[0]
    yield "answered", f"{_capital(passage[start:end])}{rest}."
    others = sorted(
        {
            passage[start:end]
            for other in questions
            if other.passage == question.passage and other.text.split()[0] == question.text.split()[0]
            for start, end in other.answers[:1]
        }
        - {passage[start:end] for start, end in question.answers}
    )
    others = [other for other in others if not {*other.lower().split()} & {*passage[start:end].lower().split()}]
    if others:
        yield "answered wrongly", f"{_capital(random_.choice(others))}{rest}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _small(text: str) -> str:
    """Without the capital of a sentence's first word, where that is no name."""
    return text[:1].lower() + text[1:] if text.split()[0] in _NO_NAME - {"I"} else text
