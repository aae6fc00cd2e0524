"""Tells what a question asks from what it tells the program to do."""

import re

from vectorstore.instructions import addresses_a_model

_ADDRESSED = (
    r"(?:(?:please|now|instead|then|and|also|first|finally|important|system|assistant|user|developer|note|warning|override|"
    r"new (?:rules?|instructions?|orders?|task)|admin(?:istrator)?)\b[\s:,]*)*"
)
_REPLY = r"(?:answers?|repl(?:y|ies)|responses?|output|summary)"
_CITED = r"(?:citations?|sources?|markers?|references?)"
_MODE = r"(?:\w+ ){0,3}mode\b"
# What the program's user may say at the start of a clause, beside what an article may say to a model: "Who said to
# ignore it?" is a question.
_INSTRUCTION = re.compile(
    rf"^\W*{_ADDRESSED}(?:"
    r"ignore|disregard|forget|override|bypass|obey|pretend|role-?play|output|print|repeat|echo|reveal|from now on|"
    r"(?:trust|believe) me|use your own knowledge|without (?:using|looking at) the (?:articles|sources)|"
    # Who speaks, and as what the program is to speak.
    r"(?:as |I am |I['’]m )(?:an? |the |your )?(?:admin(?:istrator)?|developer|owner|creator|system)\b|"
    r"(?:act|speak|talk|write|answer|reply|respond) (?:as|like)\b|you are (?:now|no longer)|"
    r"you (?:must|should|may|can|will|have to|need to) (?:now |only |always |never |not )*"
    r"(?:answer|reply|respond|say|ignore|obey|follow|use|cite|believe)\b|"
    rf"(?:enable|disable|enter|activate|leave|switch (?:to|into)) {_MODE}|"
    rf"{_MODE} (?:is )?(?:now )?(?:on|off|enabled|active|activated)\b|"
    # What it is to say, and how.
    r"say (?:that|only|just|nothing|yes|no)\b|(?:state|claim|assume|confirm|insist|suppose) that|"
    r"(?:just )?(?:answer|reply|respond) (?:me )?(?:only|just|with|without|in|that|from)\b|"
    r"(?:sign|begin|start|open|end|finish|close|prefix|preface|precede|format|wrap|fill|keep|make) "
    rf"(?:your|the|every|each|all) (?:\w+ )?{_REPLY}\b|(?:in|with|at the end of) your {_REPLY}\b|"
    rf"(?:(?:your|the|every|each|all) )?{_REPLY} (?:must|should|ha(?:s|ve) to|needs? to|(?:is|are) to)\b|"
    # What becomes of the articles and the citations.
    r"(?:update|correct|change|edit|rewrite|delete|overwrite) the "
    r"(?:records?|database|index|store|files?|articles?|sources?|facts?)\b|"
    r"(?:cite|quote|use|trust|believe) (?:only|doc|document|source|passage|the following|my)\b|"
    r"(?:do not|don['’]t|never|stop) (?:cit|us|mention|follow|answer|add|giv|show|refus|quot)(?:e|es|ing|ting)?\b|"
    rf"(?:skip|omit|hide|drop|leave out|remove) (?:the |all |any |your )*{_CITED}\b|no {_CITED}\b|"
    rf"{_CITED} are (?:now )?(?:forbidden|not allowed|disabled)|show (?:me )?your (?:prompt|instructions|rules)|"
    # No words of a question.
    r"\[\d+\]|<|\{|#)",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(
    r"(?<=[.!?;:])\s+|(?<=[.!?][\"'”’])\s+|,\s+(?=(?:and )?then\b)|,?\s+(?=and (?:then )?(?:tell me|answer)\b)|\n+"
)
_ASKS = re.compile(
    r"^\W*(?:(?:and|but|so|then|now|also|please|just|finally)\b[\s,:]*|"
    r"(?:then |and |please )?(?:tell me|answer|say|explain|state)\b[\s:,]*)*"
    r"(?:who|whom|whose|what|when|where|which|why|how|is|are|was|were|did|do|does|has|have|had|can|could|will|would)\b",
    re.IGNORECASE,
)


def asked_part(question: str) -> str:
    """The clauses that ask, where a question also holds clauses that instruct the program."""
    parts = [part for part in _CLAUSE_END.split(question) if part.strip()]
    rest = [part for part in parts if not (_INSTRUCTION.match(part) or addresses_a_model(part))]
    if len(rest) == len(parts):
        return question
    asking = [part for part in rest if _ASKS.match(part) or part.rstrip().endswith("?")]
    return " ".join(asking or rest) or question
