"""What a question asks for, read from its words: names, numbers, years, and the kind of answer. No model."""

import re
from dataclasses import dataclass
from enum import StrEnum

from qa.errors import QuestionError
from vectorstore.analysis import STOPWORDS, Analyser, Token, numbers

MAX_CHARACTERS = 2_000

_YEAR = re.compile(r"(?<![\d,.$€£])(1[5-9]\d\d|20\d\d)(?![\d,]*\d)")
_MONTH = re.compile(
    r"\b(january|february|march|april|may|june|july|august|september|october|november|december)\b"
    r"|\b(jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?",
    re.IGNORECASE,
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


class Kind(StrEnum):
    """The kind of answer that is asked for."""

    NUMBER = "number"
    DATE = "date"
    PERSON = "person"
    PLACE = "place"
    REASON = "reason"
    OTHER = "other"


_KINDS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            Kind.NUMBER,
            r"\bhow (?:many|much|large|big|old|long|far|tall|high|often)\b|\b(?:what|which) (?:number|amount|share|percentage|"
            r"percent|proportion|size|total|toll)\b|\bnumber of\b|\b(?:death|casualty) toll\b|\bhead ?count\b|\bstrength\b",
        ),
        (
            Kind.DATE,
            r"\bwhen\b|\b(?:what|which|in what|in which) (?:exact )?(?:year|date|month|day|decade|century|time)\b|"
            r"\bsince when\b|\b(?:date|year) (?:of|when)\b",
        ),
        (
            Kind.PERSON,
            r"\bwho(?:m|se)?\b|\b(?:what|which) (?:person|people|man|woman|official|spokesman|general|leader)\b",
        ),
        (
            Kind.PLACE,
            r"\bwhere\b|\b(?:what|which|in what|in which) (?:country|countries|city|cities|region|regions|place|places|"
            r"province|provinces|district|districts|area|areas|town|location)\b",
        ),
        (
            Kind.REASON,
            r"\bwhy\b|\bwhat (?:caused|led|reason|reasons|explains)\b|\bhow come\b|\bwhat (?:is|was) the reason\b",
        ),
    )
)

# Words that tell the program what to do, not what is asked. A question keeps its other sentences.
_INSTRUCTION = re.compile(
    r"^\W*(?:(?:please|now|instead|then|and|also|first|important|system|assistant|user|developer|note|warning)\b[\s:,]*)*"
    r"(?:ignore|disregard|forget|override|bypass|pretend|act as|you are (?:now|no longer)|from now on|roleplay|"
    r"say (?:that|only|just|nothing|yes|no)\b|state that|claim that|answer (?:only|just|with|in|as|that|from)\b|"
    r"reply (?:only|just|with|in|as|that)\b|respond (?:only|just|with|in|as|that)\b|output|print|repeat|cite (?:doc|source|passage|only)|"
    r"do not (?:cite|use|mention|follow)|don't (?:cite|use|mention|follow)|reveal|show (?:me )?your (?:prompt|instructions)|"
    r"use your own knowledge|without (?:using|looking at) the (?:articles|sources))",
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
_NOT_ABOUT_THE_ASKER = re.compile(
    r"\bhow (?:do|can|could|should|would|might)\s+(?:isis|is-k|the taliban|they|it|he|she)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class QuestionAnalysis:
    """A question as the search and the evidence scoring see it.

    ``text`` is what is searched for: repaired spelling, without instructions to the program. ``terms`` are unique
    index terms; ``entities`` glossary ids; ``names`` the terms of capitalised words that the glossary does not know.
    """

    text: str
    tokens: tuple[Token, ...]
    terms: tuple[str, ...]
    entities: tuple[str, ...]
    names: tuple[str, ...]
    numbers: tuple[float, ...]
    years: tuple[int, ...]
    months: tuple[int, ...]
    kind: Kind
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


def analyse_question(question: str, analyser: Analyser) -> QuestionAnalysis:
    """Read a question that was checked."""
    text = without_instructions(question)
    tokens = tuple(analyser.tokens(text))
    years = tuple(years_in(text))
    return QuestionAnalysis(
        text=text,
        tokens=tokens,
        terms=tuple(dict.fromkeys(term for term in analyser.terms(text) if term not in _ASKING)),
        entities=tuple(dict.fromkeys(token.term[1:] for token in tokens if token.is_entity)),
        names=tuple(dict.fromkeys(_names(tokens, text))),
        numbers=tuple(number for number in numbers(tokens) if number not in years and number != 1),
        years=years,
        months=tuple(months_in(text)),
        kind=next((kind for kind, pattern in _KINDS if pattern.search(text)), Kind.OTHER),
        out_of_scope=bool(_OUT_OF_SCOPE.search(text)) and not _NOT_ABOUT_THE_ASKER.search(text),
    )


# Stems that only ask: "many" in "how many", "tell" in "tell me".
_ASKING = frozenset(
    "mani much tell know said say accord articl report mention name give describ pleas info inform".split()
)


def without_instructions(question: str) -> str:
    """The question without sentences that instruct the program, unless nothing else is left."""
    parts = re.split(r"(?<=[.!?;:])\s+|\n+", question)
    kept = [part for part in parts if not _INSTRUCTION.match(part)]
    return " ".join(kept) if any(any(map(str.isalpha, part)) for part in kept) else question


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
    """Terms of capitalised words that are no entity, no month and not merely at the start; none if all shout."""
    words = [token for token in tokens if not token.is_number and not token.is_entity]
    if not words or sum(token.is_capitalised for token in words) > max(3, len(words) // 2):
        return []
    return [
        token.term
        for token in words
        if token.is_capitalised and not _opens_sentence(text, token) and token.surface.lower() not in STOPWORDS
        and not _MONTH.fullmatch(token.surface) and len(token.surface) > 1
    ]  # fmt: skip


def _opens_sentence(text: str, token: Token) -> bool:
    return re.search(r"(?:^|[.!?:;]\s+|[\"“(])\W*$", text[: token.start]) is not None
