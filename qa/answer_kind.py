"""Whether a sentence holds something of the kind that a question asks for, beyond what the question itself says."""

import re
from collections.abc import Sequence
from itertools import pairwise

from qa.question import Kind, QuestionAnalysis, months_in, years_in
from vectorstore.analysis import Analyser, Token, numbers, stem
from vectorstore.glossary import Entity, Glossary

_SHARE = re.compile(r"%|\bper ?cent|\b(?:half|third|quarter|fifth|tenth|majority|most|rest|all|none)\b", re.IGNORECASE)
_MONEY = re.compile(r"[$€£]|\b(?:dollars?|euros?|pounds?|rupees?|afghanis?|usd)\b", re.IGNORECASE)
_DAY = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:yesterday|today|tomorrow)\b|"
    r"\b(?:last|next|this|past|previous|following) (?:\w+ )?(?:day|week|month|year|summer|winter|spring|autumn|fall|decade)s?\b|"
    r"\b(?:in|since|until|circa|after|before) 1[0-4]\d\d\b|\b\d{3,4} (?:AD|CE|BC)\b|"
    r"\b\d{1,2}(?:st|nd|rd|th)\b|\b(?:days?|weeks?|months?|years?) (?:ago|later|earlier)\b|\ba day later\b",
    re.IGNORECASE,
)
_DAY_OF_MONTH = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?\b|"
    r"\b(\d{1,2})(?:st|nd|rd|th)? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.IGNORECASE,
)
_OF_A_DAY = re.compile(r"\b(?:what|which) (?:exact |precise |calendar )?(?:date|day)\b", re.IGNORECASE)
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\byesterday\b", re.IGNORECASE)
_DEADLINE = re.compile(r"\bby when\b|\bdeadline\b|\bhow soon\b|\bwhen (?:must|should|will|would)\b", re.IGNORECASE)
_WITHIN = re.compile(r"\b(?:in|within) (?:the next )?[\w,-]+ (?:day|week|month|year)s?\b", re.IGNORECASE)
_MANY = re.compile(r"\b(?:dozens|scores|hundreds|thousands|millions) of\b", re.IGNORECASE)
# "How long is the bridge?" asks for no time.
_HOW_LONG = re.compile(r"\bhow long (?!(?:is|are|was|were)\b(?! .*ing\b))", re.IGNORECASE)
_DURATION = re.compile(
    r"\b(?!(?:last|next|this|past|previous|following|same)\b)[\w,.]+[ -]"
    r"(?:second|minute|hour|day|night|week|month|year|decade|centur)(?:s|y|ies)?\b|"
    r"\b(?:since|until|till|from|between|for) (?:\w+ ){0,3}(?:1\d|20)\d\d\b|\b(?:overnight|forever|permanently)\b",
    re.IGNORECASE,
)
_HOW_OLD = re.compile(r"\bhow old (?:is|are|was|were)\b", re.IGNORECASE)
_AGE = re.compile(
    r"\b(?:aged?|ages|teenagers?|minors|years? old|year-olds?|born in)\b|[ -]year-old|"
    r"(?<!\bthere )\b(?:is|was|are|were|turned|under|over) (?:\d\d|\w+teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)\b(?!,\d| \w+ (?:killed|people))|"
    r"\bin (?:his|her|their) (?:\w+ )?(?:teens|\w+ties)\b|\bbetween \d\d and \d\d\b|, \d\d,",
    re.IGNORECASE,
)
# A place without a name of its own.
_SPOT = re.compile(
    r"\b(?:in|into|to|at|near|from|outside|across|along|through) (?:the |an? |its |their )?(?:\w+ )?(?:mountains?|hills?|desert|"
    r"caves?|border|borders|capital|airport|airfield|villages?|towns?|camps?|bases?|prisons?|mosques?|schools?|hospitals?|"
    r"hideouts?|countryside)\b|"
    r"\b(?:north|south|east|west|central)\w*(?: and (?:north|south|east|west|central)\w*)? "
    r"(?:(?-i:[A-Z])\w+|provinces?|regions?|districts?|areas?|parts? of)\b",
    re.IGNORECASE,
)
# What a name of two words ends in when it is no person's.
_NO_SURNAME = frozenset(
    "agency airfield airport army asia bank base center centre city college command commission committee company "
    "council court department district east forces front government group hall house index institute international "
    "ministry movement north organisation organization party police post press province region river service south "
    "state states street times union unit units university war west central western eastern northern southern muslim muslims".split()
)
# One who speaks for a governor is no governor.
_BESIDE_ROLE = (
    r"\b(?:spokes\w+|deput\w+|aides?|advis[eo]rs?|assistants?|brothers?|sons?|widow|wife|office|all(?:y|ies)|rivals?) "
    r"(?:for|of|to) (?:the |an? |its |their )?(?:\w+ )?"
)
_PARTICLE = re.compile(r" (?:de|de la|del|der|di|da|von|van|van der|bin|ibn|al|el) ")
_PLACED = re.compile(r"\b(?:in|at|near|into|across|towards?|reached|invaded) (?:the )?$")
# People come from a country, and from a group.
_ORIGIN = re.compile(
    r"\b(?:com(?:e|es|ing)|came|originat\w+|hail\w*|drawn|recruited) (?:\w+ )?from\b|\bfrom where\b.*\bc[oa]me\b",
    re.IGNORECASE,
)
# "Who did they surrender to?"
_LEFT_OVER = re.compile(r"\b(to|from)\W*$", re.IGNORECASE)
# But not in "who is leading it?".
_WHO_IS = re.compile(r"^\W*who(?:['’]s| is| are| was| were) (?!\w+ing\b)", re.IGNORECASE)
# Who may be meant without a name.
_PEOPLE = frozenset(
    map(
        stem,
        "villagers residents locals soldiers troops police officials militia militiamen commandos gunmen bomber bombers "
        "students worshippers civilians men women children elders farmers prisoners recruits defectors members "
        "relatives refugees workers doctors teachers journalists clerics commanders smugglers traders analysts army "
        "government authorities coalition".split(),
    )
)
_YES_OR_NO = re.compile(r"^\W*(?:yes|no)\b", re.IGNORECASE)
# "Norwegian special forces" tells the country.
_OF_A_COUNTRY = re.compile(
    r"(?:ian|ean|ese|ish|eli|aqi|ani|ini|udi|emi|jik|bek|kmen|urk|utch|ench|erman|eek|wiss|ane|wede|inn|ole|zech)s?$"
)
# How far below a country a place lies in the glossary.
_DEPTH = {"country": (0,), "province": (1,), "city": (1, 2), "district": (2,)}


def fits_kind(question: QuestionAnalysis, text: str, tokens: Sequence[Token], glossary: Glossary) -> bool:
    """True where the question asks for nothing of a certain kind."""
    match question.kind:
        case Kind.NUMBER:
            if _HOW_LONG.search(question.text):
                return bool(_DURATION.search(text))
            if _HOW_OLD.search(question.text):
                return bool(_AGE.search(text))
            # "One" counts nothing in "on the one hand", and a day of the month is no amount.
            given = {*years_in(text), *numbers(question.tokens), 1}
            dated = [match.span() for match in _DAY_OF_MONTH.finditer(text)]
            counting = [token for token in tokens if not any(start <= token.start < end for start, end in dated)]
            return any(number not in given for number in numbers(counting)) or bool(_MANY.search(text))
        case Kind.SHARE:
            return bool(_SHARE.search(text))
        case Kind.MONEY:
            return bool(_MONEY.search(text))
        case Kind.DATE:
            if _OF_A_DAY.search(question.text):
                return bool(_days(text) or _WEEKDAY.search(text))
            dates = {*years_in(text), *months_in(text)} - {*question.years, *question.months}
            return bool(dates or _DAY.search(text) or (_DEADLINE.search(question.text) and _WITHIN.search(text)))
        case Kind.NAME:
            if any(re.search(rf"{_BESIDE_ROLE}{role}", text, re.IGNORECASE) for role in question.head):
                return False
            return any(_is_person(token, tokens, text, glossary) for token in _new(question, tokens))
        case Kind.ACTOR:
            if (left := _LEFT_OVER.search(question.text)) and not re.search(rf"\b{left.group(1)} \w", text):
                return False
            # "Who is X?" asks what X is; there the name itself is the answer's subject.
            identity = bool(question.entities) and bool(_WHO_IS.match(question.text))
            return identity or bool(_new(question, tokens)) or _new_people(question, tokens)
        case Kind.PLACE:
            return _has_place(question, text, tokens, glossary)
    return True


def says_more(question: QuestionAnalysis, text: str, analyser: Analyser) -> bool:
    """Whether a text says more than the question does and yes or no, and something of the kind that it asks for."""
    tokens = analyser.tokens(_YES_OR_NO.sub("", text))
    more = any(not token.is_stopword and token.term not in question.terms for token in tokens)
    return more and fits_kind(question, text, tokens, analyser.glossary)


def _days(text: str) -> set[float]:
    return {float(day) for pair in _DAY_OF_MONTH.findall(text) for day in pair if day}


def _new(question: QuestionAnalysis, tokens: Sequence[Token]) -> list[Token]:
    """Names that the question does not say; those of months and days name nothing that it can ask for."""
    asked = {*question.terms, *question.names}
    return [
        token
        for token in tokens
        if token.term not in asked
        and (token.is_entity or (token.is_capitalised and not token.is_stopword))
        and not months_in(token.surface)
        and not _WEEKDAY.fullmatch(token.surface)
    ]


def _new_people(question: QuestionAnalysis, tokens: Sequence[Token]) -> bool:
    return any(token.term in _PEOPLE and token.term not in question.terms for token in tokens)


def _is_person(token: Token, tokens: Sequence[Token], text: str, glossary: Glossary) -> bool:
    """A person of the glossary, or two capitalised words in a row that name nothing else; no photo's credit.

    "Guy de Lusignan" and "Rashid bin Omar" are in a row too.
    """
    if token.is_entity:
        return glossary.by_id[token.term[1:]].kind == "person"
    particle = _PARTICLE.match(text, token.end)
    following = [after for after in tokens if after.start == (particle.end() if particle else token.end + 1)][:1]
    return bool(following) and all(
        word.is_capitalised
        and not word.is_entity
        and not word.is_stopword
        and not word.surface.isupper()
        and not months_in(word.surface)
        and word.surface.lower() not in _NO_SURNAME
        and text[word.end : word.end + 1] != "]"
        for word in (token, *following)
    )


def _has_place(question: QuestionAnalysis, text: str, tokens: Sequence[Token], glossary: Glossary) -> bool:
    noun = question.place_noun
    if noun is not None and re.search(rf"\b{noun}", text, re.IGNORECASE):
        return True
    if noun is None and (_SPOT.search(text) or (_ORIGIN.search(question.text) and _new(question, tokens))):
        return True
    for token in _new(question, tokens):
        if not token.is_entity:
            if noun == "country" and _OF_A_COUNTRY.search(token.surface):
                return True
            # One that the glossary does not know can be of any sort.
            if noun is None or noun not in _DEPTH or _PLACED.search(text, max(0, token.start - 16), token.start):
                return True
            continue
        entity = glossary.by_id[token.term[1:]]
        if entity.kind != "place":
            continue
        above = list(glossary.ancestors(entity))
        # "Which Iranian city" asks for none in Afghanistan.
        within = _within(question, noun, glossary) if noun else None
        if noun is None or (len(above) in _DEPTH.get(noun, ()) and (within is None or within in above)):
            return True
    return False


def _within(question: QuestionAnalysis, noun: str, glossary: Glossary) -> Entity | None:
    """The place whose name stands before the word for the sort of place that is asked for."""
    for token, after in pairwise(question.tokens):
        if token.is_entity and after.surface.lower().startswith(noun):
            entity = glossary.by_id[token.term[1:]]
            return entity if entity.kind == "place" else None
    return None
