"""What a question asks for, read from its words: names, numbers, years, and the kind of answer. No model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from qa.asked_part import asked_part
from qa.asked_time import AskedTime, asked_times
from qa.errors import QuestionError
from vectorstore.analysis import ASKING, STOPWORDS, Analyser, Token, numbers, stem
from vectorstore.dates import PartialDate

MAX_CHARACTERS = 2_000

_YEAR = re.compile(r"(?<![\d,.$€£])(1[5-9]\d\d|20\d\d)(?![\d,]*\d)")
_MONTH = re.compile(
    r"\b(january|february|march|april|may|june|july|august|september|october|november|december)\b"
    r"|\b(jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?",
    re.IGNORECASE,
)
# A year that only bounds the time that is asked about.
_BOUND = re.compile(
    r"\b(?:before|after|since|until|till|by|prior to|following)\b[^,?.;]{0,80}?\b(?:1[5-9]|20)\d\d\b", re.IGNORECASE
)
_NOW = re.compile(r"today|tonight", re.IGNORECASE)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


class Kind(StrEnum):
    """The kind of answer that is asked for."""

    NUMBER = "number"
    SHARE = "share"
    MONEY = "money"
    DATE = "date"
    NAME = "name"
    ACTOR = "actor"
    PLACE = "place"
    REASON = "reason"
    OTHER = "other"


_PERSON_NOUN = (
    r"(?:person|man|woman|official|spokes(?:man|woman|person)|general|leaders?|chiefs?|commanders?|ministers?|presidents?|"
    r"members?|militants?|gunm[ae]n|bombers?|attackers?|founders?|heads?|experts?|analysts?|authors?|suspects?|hostages?|officers?|successors?|emirs?|"
    r"governors?|mayors?|ambassadors?|envoys?|senators?|journalists?|researchers?|operative|fighter|soldier)"
)
# What may stand between "which" and such a noun: no verb, or "which year did the leader die" would ask for a name.
_DESCRIBED = (
    r"(?:of (?:the|its|their|these|those) )?(?:(?!(?:is|are|was|were|did|does|do|has|have|had|will|would|can|could|may|might|"
    r"of|in|on|at|for|from|to|with|by|the|an?) )\w+[ -]){0,3}"
)
_HOLDS_POST = r"who (?:holds?|held|fills?|occupie[sd]) the (?:post|office|position|job|role) of"
_ROLE_VERB = (
    r"(?:went|succeed(?:s|ed)|replace[sd]|command(?:s|ed|ing)?|head(?:s|ed|ing)?|le(?:d|ads|ading)|runs?|ran|planned|"
    r"ordered|masterminded|wrote|authored)"
)
_ASKS = r"(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|did|do|does|has|have|had)"
# The first that fits decides.
_KINDS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        # "What explains the drop in the number of messages?" asks for no number.
        (Kind.REASON, r"(?:^|[:;,.]\s)\W*(?:why|how come|what (?:made|caused|explain(?:s|ed)|accounts for|drove|led to))\b"),
        (Kind.SHARE, r"\b(?:what|which) (?:share|percentage|percent|proportion|fraction)\b|\bhow much of\b|^\W*percent(?:age)?\b"),
        (
            Kind.MONEY,
            r"\bhow much (?:money|cash)\b|\bhow much\b.*\b(?:pay|pays|paid|paying|cost|costs|spend|spent|earn|earns|donate[ds]?|"
            r"raise[ds]?|funding|budget|salary|worth)\b|\b(?:what|which) (?:\w+ ){0,2}(?:salary|wages?|pay|price|sum|budget|cost|ransom|reward|bounty)\b|"
            r"\bwhat (?:is|was|are|were) (?:[\w'’-]+ ){1,4}(?:salary|wages?|price|budget|income|revenues?)\b|^\W*(?:\w+ ){0,2}(?:salary|wages?|budget|revenues?)\b",
        ),
        (
            Kind.NUMBER,
            r"\bhow (?:many|much(?! (?:territory|land|influence|support|power|control|freedom|progress|room))|large|big|old|long|far|tall|high|often)\b|\b(?:what|which) (?:number|amount|size|total|toll)\b|"
            r"\bnumber of\b|\bwhat (?:is|was) the (?:\w+ )?(?:population|size)\b|\b(?:death|casualty) toll\b|\bhead ?count\b|"
            # A bare phrase: "civilians killed in Kabul".
            rf"^(?!\W*{_ASKS}\b)[^?]*\b(?:deaths|casualties|fatalities|dead|killed)\b[^?]*$",
        ),
        (
            Kind.NAME,
            rf"\bby name\b|\bwhat (?:is|was|are|were) the names?\b|\bnames? of\b|\bwhich {_DESCRIBED}{_PERSON_NOUN}\b|"
            rf"\bwho (?:is|was) (?:the|an?|its|their|isis\S*) (?:\w+['’]?s? ){{0,4}}{_PERSON_NOUN}\b|"
            rf"\bwho (?:was |is )?{_ROLE_VERB}\b|\b{_HOLDS_POST} (?:\w+['’]?s? ){{0,4}}{_PERSON_NOUN}\b|"
            rf"\bwhat (?:is|was|are|were) the (?:\w+[ -]){{0,3}}{_PERSON_NOUN}\b.*\b(?:called|named)\b",
        ),
        (
            Kind.DATE,
            # After another word that asks it only begins a clause: "which provinces did it overrun when it emerged".
            r"^(?:(?!\b(?:what|which|who|whom|whose|how|where|why)\b).)*\bwhen\b|\b(?:what|which) (?:exact )?(?:year|date|month|day|decade|century)\b|\bsince when\b|"
            r"\b(?:date|year) (?:of|when)\b",
        ),
        (Kind.ACTOR, r"\bwho(?:m|se)?\b"),
        (
            Kind.PLACE,
            r"\bwhere\b(?!.*\b(?:money|funds?|funding|income|weapons?|arms|cash|support) (?:come |coming )?from\b)|\b(?:what|which) (?:country|countries|city|cities|region|regions|places?(?! (?:did|does|has|was|is)\b.*\b(?:give[ns]?|rank\w*|take|hold|occupy)\b)|province|provinces|"
            r"district|districts|area|areas|town|location|river|village)\b|\bwhich (?:\w+ ){1,2}(?:city|town|province|district|village)\b",
        ),
        (Kind.REASON, r"\bwhy\b|\bhow come\b|\bwhat (?:made|caused|led|explains)\b|\bwhat (?:is|was|were|are) the reasons?\b"),
    )
)  # fmt: skip
# What is counted: the words between "how many" and the verb.
_COUNTED = re.compile(
    r"\bhow many ((?:[\w'’.-]+ ){0,4}?[\w'’.-]+?)(?= (?:did|do|does|were|was|are|is|have|has|had|will|would|can|could|may|"
    r"might|in|at|on|of|by|from|to|and|died|left|surrendered|gave|fled|joined|with|there|under)\b|[?,;:]|[.](?:\s|$)|$)|"
    r"^\W*([\w-]+) (?:fatalities|casualties|deaths|losses)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"\bwhich {_DESCRIBED}({_PERSON_NOUN})\b|\bnames? of (?:the )?((?:\w+ ){{0,2}}{_PERSON_NOUN})\b|"
    rf"\bwho (?:is|was|are|were) (?:the|an?|its|their) (?:\w+['’]?s? ){{0,4}}?({_PERSON_NOUN})\b|"
    rf"\bwho (?:was |is )?({_ROLE_VERB})\b|\b{_HOLDS_POST} (?:\w+['’]?s? ){{0,4}}?({_PERSON_NOUN})\b",
    re.IGNORECASE,
)
_PLACE_NOUN = re.compile(
    r"\b(?:what|which) (?:\w+ ){0,2}?(district|river|town|village|city|country|province)", re.IGNORECASE
)
_YES_NO = re.compile(r"^\W*(?:is|are|was|were|did|do|does|has|have|had|can|could|will|would)\b", re.IGNORECASE)
_INDIRECT = re.compile(
    r"\b(?:know|known|say|said|tell|told|clear|certain|reveal(?:ed)?|disclosed?|mention(?:ed)?|identif\w+|named?|any idea|report(?:ed)?|stated?|"
    r"explain(?:ed)?|agree[ds]?) (?:\w+ )?(?:who|whom|whose|where|when|which|what)\b",
    re.IGNORECASE,
)
# Titles, which an article may leave out or write otherwise, and directions: a capital makes no name of them.
_NO_NAMES = frozenset(
    "mr mrs ms dr prof sir lord gen general lt lieutenant col colonel maj major capt captain sgt sergeant adm admiral rep "
    "sen senator gov governor president prime minister secretary ambassador chief commander mawlawi maulvi maulawi molvi "
    "mullah sheikh shaikh qari haji hajji hafiz imam brig brigadier western eastern northern southern central west east north south".split()
)
# Words that a title writes small.
_SMALL = frozenset("a an and as at by for from in of on or the to with".split())
_GENERIC_COUNT = frozenset(
    map(
        stem,
        "people persons men times others militants fighters members ones them total died dead killed hurt injured "
        "wounded surrendered captured lost left".split(),
    )
)

# What is asked stands or falls with something that the question takes for granted.
_PRESUPPOSES = re.compile(
    r"\bwhy\b|\bhow come\b|\bhow (?:did|do|does|was|were|has|have|had)\b|\bwhat (?:ma[dk]es?|le(?:d|ads)|cause[ds]|prompt(?:ed|s)|explains|accounts|dr(?:ove|ives))\b",
    re.IGNORECASE,
)
# What stands around a report on its page: no reporting, and no article says anything of it.
_PAGE = re.compile(
    r"\breaders?\b|\bcommenters?\b|\bcomments? (?:section|box|thread|form|field)\b|"
    r"\bcomment(?:s|ed|ing)? (?:on|under|below|beneath) (?:the|this) (?:\S+ ){0,2}(?:article|page|post|story|report|piece|explainer|site)\b|"
    r"\b(?:leave|post|write) a comment\b|\bdonat(?:e|ed|ion|ions|ors?)\b|\bfundrais\w*|\btag(?:s|ged)\b|\bshort url\b|"
    r"\bheadlines?\b|\brelated (?:stories|articles|links)\b|\bweb ?(?:page|site)\b|\bminutes? read\b|\bsubscribers?\b",
    re.IGNORECASE,
)
_LASTS = re.compile(r"\bhow long\b.*\blast\b", re.IGNORECASE)
_STRENGTH = re.compile(
    r"^\W*(?:how (?:strong|large|big|numerous) (?:is|are|was|were)|what (?:is|was) the (?:\w+ )?(?:size|strength) of) (?:the )?",
    re.IGNORECASE,
)
# Something to be made, or advice for the person who asks: not what news articles are asked for.
_OUT_OF_SCOPE = re.compile(
    r"^\W*(?:(?:please|can you|could you|would you|kindly|i want you to|i need you to|help me(?: to)?)\s+)*"
    r"(?:write|compose|draft|generate|create|make|invent|sing|draw|design|code|program|translate|tell (?:me )?a (?:joke|story)|"
    r"calculate|solve|recommend|suggest|book|order|play|rap|bake|cook|build)\b"
    r"|\bhow (?:do|can|could|should|would|might|to)\s*(?:i|we|you|one|someone|somebody|a person)?\s*"
    r"(?:make|build|bake|cook|construct|assemble|prepare|mix|buy|acquire|obtain|get|hack|join|enlist|donate|contact|reach|"
    r"travel|smuggle|fix|install|cure|treat|learn|write|invest|lose|synthesi[sz]e|produce|carry out|plan|detonate|poison|kill)\b"
    r"|\b(?:recipe|poem|haiku|limerick|sonnet|song lyrics|lyrics|joke|horoscope|weather forecast|python (?:script|function|code|program)|"
    r"step[- ]by[- ]step (?:guide|instructions?))\b"
    r"|\b(?:instructions|guide|tutorial|directions|blueprint) (?:for|to|on) (?:making|building|buying|joining|assembling)\b",
    re.IGNORECASE,
)
# Who asks how he should do something wants advice, whatever it is.
_FOR_THE_ASKER = re.compile(
    r"\bhow (?:do|can|could|should|would|might|must|shall) I (?:(?:best|safely|quickly|secretly|easily) )?"
    r"(?!know|be sure|be certain|tell|verify|find|trust|interpret|understand|read)\w+",
    re.IGNORECASE,
)
_NOT_ABOUT_THE_ASKER = re.compile(
    r"\bhow (?:do|can|could|should|would|might)\s+(?:isis|is-k|the taliban|they|it|he|she)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class QuestionAnalysis:
    """A question as the search and the evidence scoring see it.

    ``text`` is what is searched for: repaired spelling, without instructions to the program. ``terms`` are unique
    index terms; ``entities`` glossary ids; ``names`` the terms of capitalised words that the glossary does not know;
    ``head`` the terms of what is counted ("how many X") or of the role that is asked to be named ("which leader",
    "who leads"); small numbers are
    left out of ``numbers``, since they count what is asked for ("which two") or are days; ``years`` are those asked about
    themselves, ``times`` also the bounds ("since March 2018"); ``place_noun`` is the kind of place that "which" asks for.
    """

    text: str
    tokens: tuple[Token, ...]
    terms: tuple[str, ...]
    entities: tuple[str, ...]
    names: tuple[str, ...]
    numbers: tuple[float, ...]
    years: tuple[int, ...]
    months: tuple[int, ...]
    times: tuple[AskedTime, ...]
    kind: Kind
    head: tuple[str, ...]
    place_noun: str | None
    yes_no: bool
    alternatives: bool
    presupposes: bool
    page: bool
    out_of_scope: bool


def check_question(text: str) -> str:
    """The question without surrounding white space. Raises QuestionError when it is empty, too long or unreadable."""
    question = text.strip()
    if not any(character.isalnum() for character in question):
        raise QuestionError("The question is empty; ask something in words.")
    if len(question) > MAX_CHARACTERS:
        raise QuestionError(f"The question has {len(question):,} characters; ask in at most {MAX_CHARACTERS:,}.")
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise QuestionError("The question is not valid UTF-8 text.")
    return question


def analyse_question(question: str, analyser: Analyser, asked: PartialDate | None = None) -> QuestionAnalysis:
    """Read a question that was checked. ``asked`` is the day it is asked as of, which "last year" counts from."""
    text = _strength_in_numbers(asked_part(question), analyser)
    tokens = tuple(analyser.tokens(text))
    times = asked_times(text, asked)
    # How things are today is asked of whatever is known; only another day narrows the search.
    counted = [time for time in times if time.relative and not _NOW.fullmatch(text, time.start, time.end)]
    years = tuple(dict.fromkeys([*years_in(_BOUND.sub("", text)), *(year for time in counted for year in time.years)]))
    # "How long did it last?" asks for no last year.
    asking = {*ASKING, "last"} if _LASTS.search(text) else ASKING
    return QuestionAnalysis(
        text=text,
        tokens=tokens,
        terms=tuple(dict.fromkeys(term for term in analyser.terms(text) if term not in asking)),
        entities=tuple(dict.fromkeys(token.term[1:] for token in tokens if token.is_entity)),
        names=tuple(dict.fromkeys(_names(tokens, text))),
        numbers=tuple(number for number in numbers(tokens) if number not in years_in(text) and number > 31),
        years=years,
        months=tuple(months_in(text)),
        times=times,
        kind=_kind(text),
        head=_head(text, analyser),
        place_noun=place.group(1).lower() if (place := _PLACE_NOUN.search(text)) else None,
        yes_no=bool(_YES_NO.match(text)),
        alternatives=bool(re.search(r"\bor\b", text, re.IGNORECASE)),
        presupposes=bool(_PRESUPPOSES.search(text)),
        page=bool(_PAGE.search(text)),
        out_of_scope=bool(_FOR_THE_ASKER.search(text))
        or (bool(_OUT_OF_SCOPE.search(text)) and not _NOT_ABOUT_THE_ASKER.search(text)),
    )


def _kind(text: str) -> Kind:
    kind = next((kind for kind, pattern in _KINDS if pattern.search(text)), Kind.OTHER)
    # "Is the man who planned it dead?" asks for no name; "did they say who planned it?" does.
    named_aside = kind in (Kind.NAME, Kind.ACTOR, Kind.PLACE, Kind.DATE) and _YES_NO.match(text)
    return Kind.OTHER if named_aside and not _INDIRECT.search(text) else kind


def _strength_in_numbers(text: str, analyser: Analyser) -> str:
    """ "How strong is X?" as it is answered of a group: how many fighters it has."""
    match = _STRENGTH.match(text)
    groups = [
        mention
        for mention in analyser.glossary.mentions(text)
        if match and mention.entity.kind == "group" and mention.start == match.end()
    ]
    if match is None or not groups:
        return text
    does = "did" if re.search(r"\bw(?:as|ere)\b", match.group(), re.IGNORECASE) else "does"
    return f"How many fighters {does} {text[groups[0].start : groups[0].end]} have{text[groups[0].end :]}"


def _head(text: str, analyser: Analyser) -> tuple[str, ...]:
    match = _COUNTED.search(text) or _NAMED.search(text)
    if match is None:
        return ()
    tokens = analyser.tokens(counted_words(next(filter(None, match.groups()))))
    terms = [token.term for token in tokens if not token.is_stopword and not token.is_number]
    return tuple(term for term in terms if term not in _GENERIC_COUNT)


def counted_words(words: str) -> str:
    """Without a verb behind the noun: "people" of "people lived", "fighters" of "fighters perished"."""
    noun = re.split(r"(?<=\w) (?=\w+ed$)", words)[0]
    first = re.match(r"(?:people|persons|men|women)\b", noun)
    return first.group() if first else noun


def years_in(text: str) -> list[int]:
    """Four-digit years in order, once each: 1500 to 2099, not part of a larger number."""
    return list(dict.fromkeys(int(year) for year in _YEAR.findall(text)))


def months_in(text: str) -> list[int]:
    """Months by number, 1 to 12; "may" counts only with a capital."""
    found = []
    for match in _MONTH.finditer(text):
        word = match.group().rstrip(".")
        if word.lower() != "may" or word[0] == "M":
            found.append(_MONTHS.index(word[:3].lower()) + 1)
    return list(dict.fromkeys(found))


def _names(tokens: tuple[Token, ...], text: str) -> list[str]:
    """Terms of capitalised words that are no entity, no month and not merely at the start; none in title case."""
    words = [token for token in tokens if not token.is_number and not token.is_entity]
    if _is_title_case(words):
        return []
    return [
        token.term
        for token in words
        if token.is_capitalised and not _opens_sentence(text, token) and token.surface.lower() not in STOPWORDS
        and not _MONTH.fullmatch(token.surface) and len(token.surface) > 1 and token.surface.lower() not in _NO_NAMES
    ]  # fmt: skip


def surnames(question: QuestionAnalysis) -> tuple[str, ...]:
    """The last of each run of names, by which a report calls one whom it has named in full: Farooqi, the Monitor."""
    last = [
        token.term
        for token, after in zip_longest(question.tokens, question.tokens[1:])
        if token.term in question.names
        and not (after is not None and after.term in question.names and after.start - token.end <= 1)
    ]
    return tuple(dict.fromkeys(last))


def _is_title_case(words: Sequence[Token]) -> bool:
    """Whether every word but the small ones has a capital, so that a capital says nothing; "was" is none of these."""
    return len(words) > 3 and all(word.is_capitalised or word.surface.lower() in _SMALL for word in words)


def _opens_sentence(text: str, token: Token) -> bool:
    return re.search(r"(?:^|[.!?:;]\s+|[\"“(])\W*$", text[: token.start]) is not None
