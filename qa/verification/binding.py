"""Whether a statement ties its names and numbers to the same words as its evidence: who did what, how many of what.

"The Taliban defeated ISIS" and "ISIS defeated the Taliban" hold the same words; only what stands around each tells them
apart.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa.verification.statement import Name, Statement
from vectorstore.analysis import Token, stem

# Words that tell which way something goes.
_BINDING = frozenset(
    "from to by against over with in on at for of between before after until since into under as than".split()
)
_HAVE = frozenset("has have had".split())
_BE = frozenset("is are was were be been being get got".split())
_PARTICIPLE = re.compile(
    r"\w{2,}ed|\w+(?:wn|ught|[aeiou]ken|tten|rven|aid|ven)|built|held|led|lost|made|met|sent|shot|sold|won|found|put|set|"
    r"cut|hit|begun|sung|struck|done|seen|overrun",
    re.IGNORECASE,
)
_NUMERAL = re.compile(r"[ivx]+|jr|sr")
_WINDOW = 4
_SMALL_WORD = 0.4
_LOOSE = 0.25
# Who acts on whom says nothing where both do the same to each other.
_MUTUAL = frozenset("fight clash meet marri negoti alli compet share border talk cooper between agre".split())
_ASIDE = frozenset(
    "in at on of to into during after before near from for with under within throughout since until".split()
)
_ARTICLES = frozenset(
    ["the", "a", "an", "southern", "northern", "eastern", "western", "south", "north", "east", "west"]
)
_DIRECTIONS = frozenset("to from by against with over".split())
_PRONOUNS = frozenset("it him her them us".split())
# The verb of "did the Taliban militants defeat ISIS" has its plain form, this many words behind at most.
_AUXILIARIES = frozenset("did does do will would can could may might should must".split())
_REACH = 5
# How many words after a preposition its object may take.
_OBJECT = 6
# Who says something may stand before or after these.
_SAYING = frozenset(map(stem, "say report add tell accord state note write announce".split()))
_ROLES = ("group", "organisation", "person")


@dataclass(frozen=True, slots=True)
class Item:
    """A name or a number of a text; those of one ``kind`` can be mistaken for each other."""

    kind: str
    key: str
    first: int
    last: int


Around = Mapping[tuple[str, str], float]


@lru_cache(maxsize=4096)
def items(statement: Statement) -> tuple[Item, ...]:
    """The names, years and other numbers of a text, in order."""
    found = [Item(_kind(name), key_of(name), name.first, name.last) for name in statement.names]
    for number in statement.quantities:
        if number.firm:
            kind = "year" if number.is_year else f"number{number.unit}"
            found.append(Item(kind, f"{number.value:g}", number.first, number.last))
    return tuple(sorted(found, key=lambda item: item.first))


def key_of(name: Name) -> str:
    """What a name is compared by; a branch of a group counts as the group, since either may be called the other."""
    if name.entity is not None and name.entity.kind == "group" and name.entity.part_of is not None:
        return f"@{name.entity.part_of}"
    # "Duke William II" is no "King Harold II".
    words = [term for term in name.terms if not _NUMERAL.fullmatch(term)]
    return (words or name.terms)[-1]


def is_actor(name: Name) -> bool:
    """Whether the glossary knows it for one who acts."""
    return name.entity is not None and name.entity.kind in _ROLES


def _kind(name: Name) -> str:
    if name.entity is None:
        return "name"
    return "actor" if is_actor(name) else name.entity.kind


def worst_binding(claim: Statement, evidence: Statement) -> tuple[float, str]:
    """How much better a name or number of the claim would fit in the place of another one, and which it is.

    In [-1, 1]. For each item of the claim that the evidence holds too, the share of the words around it that the
    evidence has around the same item is taken from the share that it has around any other item of the kind. Above 0 the
    claim has probably put it in the wrong place.
    """
    there = items(evidence)
    around_there = [_around(evidence, item) for item in there]
    stated = {item.key for item in items(claim)}
    worst, which = -1.0, ""
    for item in items(claim):
        pairs = [(around, other) for around, other in zip(around_there, there, strict=True) if other.kind == item.kind]
        own = [around for around, other in pairs if _same(item, other)]
        # What the evidence does not have may stand for a pronoun of it, but not for a name that the claim has too.
        others = [around for around, other in pairs if not _same(item, other) and (own or other.key not in stated)]
        if not others:
            continue
        around = _around(claim, item)
        excess = max(_overlap(around, one) for one in others) - max((_overlap(around, one) for one in own), default=0.5)
        # Where something was may be said anywhere in a sentence.
        excess -= _LOOSE if item.kind == "place" else 0.0
        if excess > worst:
            worst, which = excess, claim.written(item.first, item.last)
    return worst, which


def _same(one: Item, other: Item) -> bool:
    return one.kind == other.kind and one.key == other.key


def _overlap(around: Around, other: Around) -> float:
    total = sum(around.values())
    return sum(min(weight, other.get(key, 0.0)) for key, weight in around.items()) / total if total else 0.0


@lru_cache(maxsize=16_384)
def _around(statement: Statement, item: Item) -> Around:
    """The words beside an item in its sentence, with the side that they stand on; nearer ones weigh more."""
    found: dict[tuple[str, str], float] = {}
    left, right = range(item.first - 1, -1, -1), range(item.last, len(statement.tokens))
    for side, other, indices in (("left", "right", left), ("right", "left", right)):
        for place, index in enumerate(_near(statement, item, indices)):
            if statement.lemmas[index] in _SAYING:
                continue
            small = statement.tokens[index].surface.lower() in _BINDING
            key = (other if passive_agent(statement, index) is not None else side, statement.lemmas[index])
            found[key] = max(found.get(key, 0.0), (_SMALL_WORD if small else 1.0) / (1 + place / 2))
    return found


def _near(statement: Statement, item: Item, indices: range) -> Iterator[int]:
    count = 0
    for index in indices:
        token = statement.tokens[index]
        if statement.sentence[index] != statement.sentence[item.first] or count == _WINDOW:
            return
        if token.surface.lower() in _BINDING or not token.is_stopword:
            count += 1
            yield index


def passive_agent(statement: Statement, verb: int) -> int | None:
    """Where the agent begins when the token is the verb of a passive with "by", as in "was heavily defeated by"."""
    tokens = statement.tokens
    if not _is_passive(statement, verb):
        return None
    for index in range(verb + 1, min(verb + 4, len(tokens) - 1)):
        if tokens[index].start - tokens[index - 1].end > 1:
            return None  # Punctuation: what follows is of another verb.
        if tokens[index].surface.lower() == "by":
            return index + 1
    return None


def swapped_roles(claim: Statement, evidence: Statement) -> str | None:
    """The actor of the claim that the evidence has in another role, or None."""
    for index in claim.content:
        verb = claim.lemmas[index]
        if verb in _MUTUAL | _SAYING or not _is_verb(claim, index):
            continue
        agent, patient = roles(claim, index)
        if agent is None or patient is None or key_of(agent) == key_of(patient):
            continue
        acting, suffering = _parts(evidence, verb, surely=_is_plain_verb(claim, index))
        if key_of(agent) in acting or key_of(patient) in suffering:
            continue
        if key_of(agent) in suffering or (key_of(patient) in acting and key_of(agent) in map(key_of, evidence.names)):
            return claim.written(agent.first, agent.last)
    return None


def suffers(claim: Statement, evidence: Statement) -> str | None:
    """One whom a question has act on those it asks for, and whom the evidence only has acted on, or None.

    "How many Americans has ISIS-K killed?", or were killed by it, where "the US has killed over 1,600 ISIS-K fighters".
    """
    for index in claim.content:
        verb = claim.lemmas[index]
        if verb in _MUTUAL | _SAYING or not _is_verb(claim, index):
            continue
        agent, patient = roles(claim, index)
        if agent is None or patient is not None:
            continue
        # Further from its subject it is another verb, or none: "what success did he have at the beginning".
        active = index <= agent.last + 1 and _after_auxiliary(claim, agent)
        if not active and passive_agent(claim, index) is None:
            continue
        acting, suffering = _parts(evidence, verb, surely=True)
        if key_of(agent) in suffering and key_of(agent) not in acting:
            return claim.written(agent.first, agent.last)
    return None


def _after_auxiliary(statement: Statement, name: Name) -> bool:
    before = [token.surface.lower() for token in statement.tokens[max(0, name.first - 2) : name.first]]
    while before and before[-1] in _ARTICLES:
        before.pop()
    return bool(before) and before[-1] in _AUXILIARIES | _HAVE


def _parts(statement: Statement, verb: str, *, surely: bool) -> tuple[list[str], list[str]]:
    """Who does it and whom it is done to, wherever the verb stands; ``surely``: where it looks like a verb."""
    found = [
        roles(statement, index)
        for index in statement.content
        if statement.lemmas[index] == verb and (not surely or _is_verb(statement, index))
    ]
    acting = [key_of(one) for one, _ in found if one is not None]
    return acting, [key_of(other) for _, other in found if other is not None]


def _is_plain_verb(statement: Statement, index: int) -> bool:
    """Whether the word is the verb of an auxiliary before it; what a subject may consist of can come between."""
    if statement.tokens[index].surface.lower().endswith("s"):
        return False
    for token in reversed(statement.tokens[max(0, index - _REACH) : index]):
        word = token.surface.lower()
        if word in _AUXILIARIES:
            return True
        if not (token.is_entity or token.is_capitalised or word in _ARTICLES or word.endswith(("ly", "s"))):
            return False
    return False


def _is_verb(statement: Statement, index: int) -> bool:
    """Whether a word looks like a verb with an object: "defeated", "defeating", "did defeat", "defeats the"."""
    if _is_plain_verb(statement, index):
        return True
    word = statement.tokens[index].surface.lower()
    if word.endswith("thing"):
        return False
    if word.endswith(("ed", "ing")) or _PARTICIPLE.fullmatch(word) or statement.lemmas[index] != stem(word):
        return True
    following = statement.tokens[index + 1].surface if index + 1 < len(statement.tokens) else ""
    return word.endswith("s") and (following in _ARTICLES or following[:1].isupper())


def misdirected(claim: Statement, evidence: Statement) -> str | None:
    """A name that a word of the claim goes to or comes from, when it goes to or comes from another in the evidence.

    "Surrendered to the Taliban", where the evidence only has "surrendered to the government".
    """
    for name in claim.names:
        place = name.first - 1
        while place > 0 and claim.tokens[place].surface.lower() in _ARTICLES:
            place -= 1
        if place < 1 or claim.tokens[place].surface.lower() not in _DIRECTIONS or claim.tokens[place - 1].is_stopword:
            continue
        way, word = claim.lemmas[place], claim.lemmas[place - 1]
        objects = [
            [token for token, number in _after(evidence, index + 2) if number == evidence.sentence[index]]
            for index in range(len(evidence.tokens) - 1)
            if evidence.lemmas[index] == word
            and evidence.lemmas[index + 1] == way
            # "Which attacks does it link to ISIS?" may say what "ISIS was linked to several attacks" says.
            and not (_is_passive(evidence, index) and key_of(name) in _names_before(evidence, index))
        ]
        known = {key_of(other) for other in evidence.names}
        if objects and key_of(name) in known and not any(_mentions(part, name, evidence) for part in objects):
            return claim.written(name.first, name.last)
    return None


def _names_before(statement: Statement, index: int) -> set[str]:
    same = statement.sentence[index]
    return {key_of(name) for name in statement.names if name.last <= index and statement.sentence[name.first] == same}


def _is_passive(statement: Statement, verb: int) -> bool:
    tokens = statement.tokens
    return _PARTICIPLE.fullmatch(tokens[verb].surface) is not None and any(
        token.surface.lower() in _BE for token in tokens[max(0, verb - 3) : verb]
    )


def _after(statement: Statement, first: int) -> Iterable[tuple[Token, int]]:
    """The tokens of an object, each with its sentence."""
    part = slice(first, first + _OBJECT)
    return zip(statement.tokens[part], statement.sentence[part], strict=True)


def _mentions(part: Sequence[Token], name: Name, evidence: Statement) -> bool:
    last_word = re.findall(r"\w+", name.entity.name if name.entity else name.terms[-1])[-1].lower()
    if any(token.term == stem(last_word) for token in part):
        return True
    names = {
        key_of(other)
        for other in evidence.names
        for token in part
        if token in evidence.tokens[other.first : other.last]
    }
    return key_of(name) in names or any(token.surface.lower() in _PRONOUNS for token in part[:2])


def roles(statement: Statement, verb: int) -> tuple[Name | None, Name | None]:
    """The nearest actors before and after a verb of the same sentence, the other way round in a passive.

    After a comma an "-ing" form belongs to the subject of the sentence, which is its first actor.
    """
    actors = [
        name
        for name in statement.names
        if (name.entity is None or is_actor(name))
        and not _is_aside(statement, name)
        and statement.sentence[name.first] == statement.sentence[verb]
    ]
    before = [name for name in actors if name.last <= verb]
    after = [name for name in actors if name.first > verb and name.first - verb <= 2 * _WINDOW]
    if statement.lemmas[verb] == "lead" and [each.surface for each in statement.tokens[verb + 1 : verb + 2]] == ["to"]:
        after = []  # "Information leading to X" leads nobody.
    if statement.tokens[verb].surface.endswith("ing") and before:
        return before[0], _first(after)
    by = passive_agent(statement, verb)
    if by is not None:
        return _first([name for name in actors if name.first >= by]), before[-1] if before else None
    return before[-1] if before else None, _first(after)


def _is_aside(statement: Statement, name: Name) -> bool:
    """Whether a preposition makes the name a place, a time or a part of another name: "In Wales", "of York"."""
    before = [token.surface.lower() for token in statement.tokens[max(0, name.first - 3) : name.first]]
    while before and before[-1] in _ARTICLES:
        before.pop()
    return bool(before) and before[-1] in _ASIDE


def _first(names: Sequence[Name]) -> Name | None:
    return names[0] if names else None
