"""What of a question's structure a sentence answers to: whose number, whose deed, whose reason."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from qa.question import Kind, QuestionAnalysis, counted_words, months_in, years_in
from qa.synonyms import Synonyms, mark
from vectorstore.analysis import Token, stem

_CAUSE = re.compile(
    r"\b(?:because|due to|owing to|thanks to|since|as a result|reasons?|caus(?:e[sd]?|ing)|explain(?:s|ed)?|led to|"
    r"factors?|based on|after|so that|in the hope|fears?|aim\w* (?:at|for))\b|"
    r"\b(?:in order|aim\w*|attempt\w*|seek\w*|hop\w+|want\w*|plan\w*|meant|designed|intended|efforts?|goals?|is|are)"
    r" to\b",
    re.IGNORECASE,
)
_PURPOSE = re.compile(
    r"\b(?:purpose|aims?|goals?|objectives?|intentions?|what for|reasons?|why|motives?)\b", re.IGNORECASE
)
_QUANTITY = re.compile(
    r"\bhow (?:strong|deadly|severe|heavy|big|large|numerous|bloody|costly)\b|"
    r"\bwhat (?:\w+ )?(?:losses|casualties|toll|size|strength|cost)\b|\bsize of\b|\bin numbers\b|"
    r"\bhow did the (?:size|number|strength)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"^\W*(?:he|she|it|they|this|these|those|his|her|its|their|that|both|such|the group|the movement|the attack)\b",
    re.IGNORECASE,
)
# Words that help to ask and say little of what is asked for.
_GENERIC = frozenset(
    map(
        stem,
        "toward towards across among around made make makes use used get give given go went take took come "
        "came put let thing things kind kinds sort sorts way ways part role question someone something "
        "besides apart whether roughly exactly like really thought considered view happened happen occur "
        "occurred place manage managed still actually main mainly become became according near behind".split(),
    )
)
_LIGHT = 0.4
_ROLES = frozenset(map(stem, "leader chief head commander president minister spokesman governor emir founder".split()))
# How many words around a number tell what it counts.
_BESIDE = 6
_COUNTED_WITHIN = 4


@dataclass(frozen=True, slots=True)
class Focus:
    """What a question turns on.

    ``relation`` are its terms that are neither names nor numbers; ``counted`` those of what is counted; ``verb`` what
    the one who is asked for did; ``events`` the meanings of what befell those who are counted; ``quantity``,
    ``purpose`` and ``counts`` say whether it asks for figures in other words, for a reason or an aim, and for a number;
    ``identity`` and ``saying``, whether it asks who or what somebody is, and what the one it names first has said;
    ``contrast`` and ``speaker``, whether it asks how two differ, and who has said something. ``topic`` are the terms of
    what somebody is asked to have spoken about; ``actor`` is who is asked to have done something, yes or no, and
    ``deed`` what.
    """

    relation: tuple[str, ...]
    counted: tuple[str, ...]
    verb: str | None
    events: frozenset[int]
    quantity: bool
    purpose: bool
    counts: bool
    identity: bool
    saying: bool
    contrast: bool
    topic: tuple[str, ...]
    speaker: bool
    actor: str | None
    deed: str | None


# How long something is or lasts: nobody is counted.
_MEASURES = re.compile(r"\bhow (?:long|old|far|tall|high|often)\b", re.IGNORECASE)
_IDENTITY = re.compile(r"^\W*(?:who|what)(?:['’]s| is| are| was| were)\b", re.IGNORECASE)
_SAYING = re.compile(
    r"^\W*(?:what|how)\b.*\b(?:say|said|tell|told|report\w*|note[sd]?|confirm\w*|claim\w*|promise\w*|admit\w*|announce\w*|warn\w*|comment\w*|state[ds]?|"
    r"remark\w*|declare\w*|described?)\b",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"^\W*who\b(?: \w+){0,2}? (?:said|says|told|tells|claim(?:s|ed)|announced|promised|warned|admitted|denied|"
    r"confirmed|stated|insisted|reported|suggested|vowed|threatened)\b",
    re.IGNORECASE,
)
_TOPIC = re.compile(r"\b(?:about|regarding|concerning|on the (?:subject|topic) of)\b(.+)$", re.IGNORECASE)
_DIFFER = re.compile(
    r"\b(?:differ\w*|distinguish\w*|sets? .* apart|contrasts?|compare[sd]?|comparison)\b", re.IGNORECASE
)
_CONTRAST = re.compile(
    r"\b(?:while|whereas|unlike|(?:in|by) contrast|on the other hand|differ\w*|oppos(?:ing|ed|ite)|in comparison)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\bhow many ((?:[\w'’.-]+ ){0,3}?[\w'’.-]+?)(?= (?:did|do|does|were|was|are|is|have|has|had|will|would|can|could|"
    r"may|might|in|at|on|of|by|from|to|and|died|left|surrendered|gave|fled|joined|with|there|under|killed|who|that)\b|[?,;:.]|$)|"
    r"\b(\w+) (?:killed|died|dead|deaths|casualties|injured|wounded|hurt|captured|arrested)\b|"
    r"\bwhat (?:is|was) the (?:\w+ )?(population)\b",
    re.IGNORECASE,
)
_NOBODY = frozenset(
    "were was are is been be people many and left men persons who reported the of in estimated total".split()
)
_WHO_DID = re.compile(r"\bwho (?:\w+ly )?(?:has |have |had |was |were |is |are )?(\w+)", re.IGNORECASE)


def read_focus(question: QuestionAnalysis, synonyms: Synonyms) -> Focus:
    """Read off the question's words."""
    content = [token for token in question.tokens if not token.is_stopword and token.term in question.terms]
    relation = tuple(
        dict.fromkeys(
            token.term
            for token in content
            if not token.is_entity
            and not token.is_number
            and token.term not in question.names
            and not months_in(token.surface)
        )
    )
    meanings = synonyms.meanings(question.tokens)
    events = frozenset().union(*meanings.values()) & synonyms.events if meanings else frozenset()
    did = _WHO_DID.search(question.text)
    verb = stem(did.group(1).lower()) if did else None
    actor, deed = _deed(question, relation)
    about = _TOPIC.search(question.text)
    return Focus(
        relation=relation,
        counted=_counted(question),
        verb=verb if verb in relation else None,
        events=events,
        quantity=bool(_QUANTITY.search(question.text)),
        purpose=question.kind is Kind.REASON or bool(_PURPOSE.search(question.text)),
        counts=question.kind is Kind.NUMBER and not _MEASURES.search(question.text),
        identity=not relation and bool(_IDENTITY.match(question.text)),
        saying=question.kind is Kind.OTHER and bool(_SAYING.match(question.text)),
        speaker=question.kind is Kind.ACTOR and bool(_SPEAKER.match(question.text)),
        actor=actor,
        deed=deed,
        contrast=bool(_DIFFER.search(question.text)),
        topic=tuple(token.term for token in content if about is not None and token.start >= about.start(1)),
    )


# "Has it been beaten?", "is it big?"; "is it growing?" asks about a deed.
_PASSIVE = re.compile(r"\bbeen (?!\w+ing\b)|^\W*(?:is|are|was|were) (?!.*ing\b)", re.IGNORECASE)


def _deed(question: QuestionAnalysis, relation: Sequence[str]) -> tuple[str | None, str | None]:
    """Whose deed a question asks about that is answered by yes or no, and the deed; None for what it does not name."""
    if not question.yes_no or _PASSIVE.search(question.text):
        return None, None
    named = [place for place, token in enumerate(question.tokens) if token.is_entity][:1]
    if not named or named[0] > 2:
        return None, None
    after = [token.term for token in question.tokens[named[0] + 1 :] if token.term in relation]
    return question.tokens[named[0]].term, after[0] if after else None


def _counted(question: QuestionAnalysis) -> tuple[str, ...]:
    """The last word for what is counted: fighters in "how many foreign fighters", civilians in "civilians killed"."""
    match = _COUNTED.search(question.text) if question.kind is Kind.NUMBER else None
    if match is None:
        return ()
    word = counted_words(next(filter(None, match.groups())).lower()).split()[-1]
    # "Americans" are a name.
    named = [token.term for token in question.tokens if token.is_entity and token.surface.lower() == word]
    return () if word in _NOBODY else (named[0] if named else stem(word),)


def lacks_cause(focus: Focus, text: str) -> bool:
    """Whether a reason is asked for and no word of the sentence gives one."""
    return focus.purpose and not _CAUSE.search(text)


def contrasts(focus: Focus, text: str) -> bool:
    """Whether it is asked how two differ, and the sentence holds one thing against another."""
    return focus.contrast and bool(_CONTRAST.search(text))


def refers_back(text: str) -> bool:
    """Whether the sentence begins with a word for what the one before it spoke of."""
    return bool(_PRONOUN.match(text))


def before_agent(tokens: Sequence[Token]) -> Iterator[Token]:
    """The words that "by" follows closely: those of a deed whose doer is named, as in "was founded by"."""
    for index, token in enumerate(tokens):
        if not token.is_stopword and any(after.surface.lower() == "by" for after in tokens[index + 1 : index + 4]):
            yield token


def after_numbers(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    """The words after each number that may say what it counts."""
    for index, token in enumerate(tokens):
        if token.is_number:
            yield tokens[index + 1 : index + 1 + _COUNTED_WITHIN]


def counts_others(focus: Focus, tokens: tuple[Token, ...], asked: Set[str], synonyms: Synonyms) -> bool:
    """Whether each number of the sentence counts those of a name, and none of the names that are asked for.

    Or those whom something else befell: "100 were injured" counts nobody who was killed.
    """
    found = False
    for after in after_numbers(tokens):
        found = True
        names = {token.term for token in after if token.is_entity}
        befell = frozenset().union(*synonyms.meanings(after).values()) & synonyms.events
        if not (names and names.isdisjoint(asked)) and not (focus.events and befell and not befell & focus.events):
            return False
    return found


def roles_held(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Roles with the names whose they are: "ISIS-K's leader", "the US leader", "the leader of ISIS-K"."""
    for place, token in enumerate(tokens):
        if token.term not in _ROLES:
            continue
        possessive = place > 0 and tokens[place - 1].surface.lower() == "s"
        first = max(0, place - 1 - possessive)
        before, after = tokens[first : first + 1], tokens[place + 1 : place + 4]
        of = after[1:] if after and after[0].surface.lower() in ("of", "for") else ()
        holder = next((other for other in (*before, *of) if other.is_entity and other is not token), None)
        if holder is not None:
            yield token.term, holder.term


def other_event(focus: Focus, tokens: tuple[Token, ...], synonyms: Synonyms, before: Set[str] = frozenset()) -> bool:
    """Whether each number of the sentence tells of something else than what the question asks after.

    1,600 killed are no answer to how many there are, nor to how many surrendered. A number alone ("there were 43")
    counts what the sentence is about, or those before it; ``before`` are their terms and marks.
    """
    meanings = synonyms.meanings(tokens)
    befell = focus.events & _events(meanings, synonyms) or any(mark(event) in before for event in focus.events)
    found = False
    for index, token in enumerate(tokens):
        if not token.is_number or token.term in ("0", "1") or years_in(token.surface):
            continue
        found = True
        beside = {
            other.term: meanings.get(other.term, frozenset())
            for other in tokens[max(0, index - _BESIDE) : index + _BESIDE + 1]
        }
        here = _events(beside, synonyms)
        if focus.events & here if focus.events else not here:
            return False
        if not here and befell and _stands_alone(tokens, index):
            return False
    return found


def _events(meanings: Mapping[str, Set[int]], synonyms: Synonyms) -> Set[int]:
    return frozenset().union(*meanings.values()) & synonyms.events


def _stands_alone(tokens: Sequence[Token], index: int) -> bool:
    """Whether no word for what is counted follows the number."""
    after = tokens[index + 1 : index + 2]
    return not after or after[0].is_stopword or after[0].start - tokens[index].end > 1


def counts_those_before(tokens: Sequence[Token]) -> bool:
    """Whether a number counts what was named before it: "of whom 40 were"."""
    return any(token.is_number and _stands_alone(tokens, index) for index, token in enumerate(tokens))


def weigh(rarity: Mapping[str, float]) -> dict[str, float]:
    """The weights of a question's terms: their rarity, less for words that only help to ask."""
    return {term: weight * (_LIGHT if term in _GENERIC else 1) for term, weight in rarity.items()}


def adjacent(question: Sequence[str], sentence: Sequence[str]) -> float:
    """Share of the question's neighbouring terms that are neighbours in the sentence too."""
    pairs = list(zip(question, question[1:], strict=False))
    there = set(zip(sentence, sentence[1:], strict=False))
    return sum(pair in there for pair in pairs) / len(pairs) if pairs else 0.0


def only_asks(text: str) -> bool:
    """Whether the sentence is a question."""
    return text.rstrip().rstrip("\"'”’)").endswith("?")


def states_something(text: str) -> bool:
    """Whether the sentence can answer: a question states nothing, nor does a heading or a cry, "Jalalabad prison."."""
    return not only_asks(text) and len(text.split()) >= _FEWEST_WORDS


_FEWEST_WORDS = 3
