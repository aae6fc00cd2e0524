"""Whether a sentence and its evidence negate the same words."""

from collections import Counter
from dataclasses import dataclass

from qa.verification.statement import Statement

# How many words after a negation it may be about, when another text puts it elsewhere.
_REACH = 3
_WITH_NOUNS = frozenset("no none nothing nobody neither nor without nowhere".split())
_VERBLESS = frozenset("never cannot hardly scarcely barely".split())


@dataclass(frozen=True, slots=True)
class _Negation:
    """``verb`` is the lemma of a verb that negates, such as "deny", else ""; ``words`` what it reaches, in order."""

    written: str
    verb: str
    with_noun: bool
    words: tuple[str, ...]

    @property
    def nearest(self) -> str:
        return self.words[0] if self.words else ""


def negation_clash(claim: Statement, evidence: Statement) -> str | None:
    """The negation that one side has and the other has not, about a word that both have; None when they agree.

    The claim may not negate a word more often than the evidence, nor have it more often without a negation: so a clause
    may be left out with its negation, but neither alone.
    """
    own, there = _negations(claim), _negations(evidence)
    if not own and not there:
        return None
    reached, unreached = _counts(evidence, there)
    for word, count in Counter(negation.nearest for negation in own if negation.nearest).items():
        about = [negation for negation in own if negation.nearest == word]
        if count <= reached[word] or any(_alike(one, other) for one in about for other in there):
            continue
        if word in evidence.terms or not _said_otherwise(claim, evidence):
            return about[0].written
    words = Counter(claim.lemmas)
    negated, _ = _counts(claim, own)
    for negation in there:
        word = negation.nearest
        if not word or words[word] - negated[word] <= unreached[word]:
            continue
        if not any(_alike(one, negation) for one in own) and not _said_otherwise(claim, evidence):
            return f"not {claim.tokens[claim.lemmas.index(word)].surface}"
    return None


def _alike(one: _Negation, other: _Negation) -> bool:
    """ "killed no civilians" and "did not kill civilians"; "denied the reports" and "denies that"."""
    if one.verb and one.verb == other.verb:
        return True
    return (one.with_noun or other.with_noun) and bool(set(one.words) & set(other.words))


def _negations(statement: Statement) -> list[_Negation]:
    found = []
    for first, last in statement.negations:
        token = statement.tokens[first]
        word = token.surface.lower()
        verbless = token.is_stopword or word in _VERBLESS or "n't" in word.replace("’", "'")
        words = [
            statement.lemmas[index]
            for index in range(last, len(statement.tokens))
            if not statement.tokens[index].is_stopword and statement.sentence[index] == statement.sentence[first]
        ]
        written = " ".join(token.surface for token in statement.tokens[first:last])
        verb = "" if verbless or word in _WITH_NOUNS else statement.lemmas[first]
        found.append(_Negation(written, verb, word in _WITH_NOUNS, tuple(words[:_REACH])))
    return found


def _counts(statement: Statement, negations: list[_Negation]) -> tuple[Counter[str], Counter[str]]:
    """How often each word may be negated, and how often it is surely not."""
    reached = Counter(word for negation in negations for word in set(negation.words))
    nearest = Counter(negation.nearest for negation in negations)
    return reached, Counter(statement.lemmas) - nearest


def _said_otherwise(claim: Statement, evidence: Statement) -> bool:
    """Whether one side says with a word what the other says with a negation: "failed" for "did not succeed"."""
    there = {(hit.group, hit.side, hit.turned) for hit in evidence.hits}
    return any((hit.group, hit.side, not hit.turned) in there for hit in claim.hits)
