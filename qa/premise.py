"""Whether a sentence contradicts what a question takes for granted: opposites, negation, exchanged roles."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from enum import StrEnum
from itertools import pairwise

from qa.polarity import Hit, Polarity, averted, supposed
from qa.question import Kind, QuestionAnalysis
from qa.synonyms import Synonyms
from qa.time_and_place import places
from qa.verification.binding import is_actor, key_of, misdirected, passive_agent, roles, suffers, swapped_roles
from qa.verification.statement import Name, Reader, Statement
from vectorstore.analysis import Analyser, Token, stem
from vectorstore.lexicon import Lexicon


class Against(StrEnum):
    """How a sentence can stand against a question.

    It contradicts what the question takes for granted (PREMISE), so surely that it need not be the best one (FLATLY);
    or it says what is asked for of an opposite (OTHERWISE): of the first, where the second is asked for.
    """

    PREMISE = "premise"
    FLATLY = "flatly"
    OTHERWISE = "otherwise"


class Premise:
    """Compares a question with what a sentence says."""

    def __init__(self, analyser: Analyser, lexicon: Lexicon, polarity: Polarity, synonyms: Synonyms) -> None:
        self._analyser = analyser
        self._glossary = analyser.glossary
        self._lexicon = lexicon
        self._polarity = polarity
        self._synonyms = synonyms
        self._reader = Reader(analyser, polarity)

    def contradicted(self, question: QuestionAnalysis, text: str) -> bool:
        """Whether the text says the opposite of what the question takes for granted.

        "Why", "how did" and "when did they confirm" do; "did they confirm it?" does not, and "wiped out or strong?"
        names both sides.
        """
        takes_for_granted = question.presupposes or question.kind in (Kind.DATE, Kind.ACTOR)
        if question.yes_no or question.alternatives:
            return False
        asked, said = self._read(question.text), self._read(text)
        if swapped_roles(asked, said) is not None or suffers(asked, said) is not None:
            return True
        if _went_to_another(asked, said) or self._other_agent(asked, said) or _others_counted(asked, said):
            return True
        tokens = self._analyser.tokens(text)
        if not takes_for_granted:
            return False
        # What has little effect has not stopped anybody.
        if self._polarity.negated(asked.tokens) and any(token.surface.lower() in _SCANT for token in tokens):
            return False
        return self._opposed(asked, said) or self._denies(question, tokens)

    def flatly(self, question: QuestionAnalysis, text: str, *, touches: bool) -> bool:
        """Whether the text has one whom the question names do the opposite of what the question has them do.

        "When did the ministry confirm it?", where "the ministry denied this". Strong enough for any sentence, however
        little else it shares with the question. That they did not do it, "the Taliban did not respond", holds against
        the question where the sentence ``touches`` on it otherwise, too: they may have done so elsewhere.
        """
        if question.yes_no or question.alternatives or (question.kind is Kind.OTHER and not question.presupposes):
            return False
        asked = self._reader.read(question.text)
        if self._elsewhere(asked.tokens, self._analyser.tokens(text)):
            return False
        deeds = [(hit, actor) for hit in asked.hits if (actor := _actor(asked, hit.first)) is not None]
        said = self._reader.read(text) if deeds or touches else asked
        return (touches and (self._not_done(asked, said) or self._none_found(asked, said))) or any(
            self._polarity.opposed_hits([deed], [other]) is not None
            and deed.side not in said.sides(other.group)
            and _actor(said, other.first) == actor
            and not (supposed(said.tokens, other.first) or averted(said.tokens, other.first))
            for deed, actor in deeds
            for other in said.hits
        )

    def otherwise(self, question: QuestionAnalysis, text: str, *, alike: bool) -> bool:
        """Whether the text says it of an opposite; ``alike``: whether they have most words in common.

        "What does it not depend on?", where it depends on something, and, between texts that are alike, "what is the
        second part?", where the text has the first. Only the latter needs many words to tell that they are about one
        thing: two sides may stand in any two sentences.
        """
        if question.yes_no or question.alternatives:
            return False
        tokens = self._analyser.tokens(text)
        if self._denies(question, tokens):
            return True
        if not alike:
            return False
        sides = [self._polarity.hits(each) for each in (question.tokens, tokens)]
        asked, said = ([hit for hit in hits if not hit.turned] for hits in sides)
        said = [hit for hit in said if not _bygone(tokens, hit)]
        # "How many" is no majority.
        asked = [hit for hit in asked if not (hit.first and question.tokens[hit.first - 1].surface.lower() == "how")]
        return self._polarity.opposed_hits(asked, said, contextual=True) is not None

    def _elsewhere(self, asked: Sequence[Token], said: Sequence[Token]) -> bool:
        """Whether both name places, and none of the one lies in a place of the other or is one."""
        here, there = (places(tokens, self._glossary) for tokens in (asked, said))
        return bool(here and there) and not any(
            one is other or one in self._glossary.ancestors(other) or other in self._glossary.ancestors(one)
            for one in here
            for other in there
        )

    def _read(self, text: str) -> Statement:
        """The statement with one lemma for all verbs of one deed, so that "beat" meets "defeated"."""
        statement = self._reader.read(text)
        meanings = self._synonyms.meanings(statement.tokens)
        deeds = self._synonyms.deeds
        lemmas = [
            next((f"~{number}" for number in sorted(meanings.get(token.term, frozenset()) & deeds)), lemma)
            if not token.is_entity
            else lemma
            for token, lemma in zip(statement.tokens, statement.lemmas, strict=True)
        ]
        return replace(statement, lemmas=tuple(lemmas))

    def _other_agent(self, asked: Statement, said: Statement) -> bool:
        """Whether the deed was done by another: "how did A come to found X?", where B founded X."""
        for place, lemma in enumerate(asked.lemmas):
            before = [name for name in asked.names if name.last <= place]
            after = {key_of(name) for name in asked.names if name.first > place}
            if not lemma.startswith("~") or not before or not after:
                continue
            for other, there in enumerate(said.lemmas):
                if there == lemma and _done_by_another(said, other, before[-1], after):
                    return True
        return False

    def _opposed(self, asked: Statement, said: Statement) -> bool:
        """Whether the text says the opposite of something, and does not say it of another's deed."""
        there = [
            hit
            for hit in said.hits
            if not (averted(said.tokens, hit.first) or supposed(said.tokens, hit.first) or _bygone(said.tokens, hit))
            and not _done_by_the_one_asked_about(asked, said, hit)
        ]
        return self._polarity.opposed_hits(asked.hits, there) is not None

    def _not_done(self, asked: Statement, said: Statement) -> bool:
        """Whether one whom the question names is said not to have done what it has him do."""
        deeds = {(asked.lemmas[place], actor) for place in asked.content if (actor := _actor(asked, place)) is not None}
        if self._polarity.negated(asked.tokens) or not self._polarity.negated(said.tokens):
            return False
        lemmas = {lemma for lemma, _ in deeds}
        return any(
            (said.lemmas[place], _actor(said, place, within=_NEGATED_WITHIN)) in deeds
            if not _by_nobody(said.tokens, place)
            else said.lemmas[place] in lemmas
            for place in said.content
            if self._polarity.negates(said.tokens, place)
        )

    def _none_found(self, asked: Statement, said: Statement) -> bool:
        """Whether there is none of what the question takes for granted: "finds no sign of cooperation".

        Or nobody of whom it says what the question does: "no successor has been announced".
        """
        if self._polarity.negated(asked.tokens):
            return False
        spoken = _spoken([asked.tokens[place] for place in asked.content])
        for place, after in pairwise(said.content):
            if not place or said.tokens[place - 1].surface.lower() != "no":
                continue
            if said.tokens[place].surface.lower() in _SIGNS and after <= place + _COUNTED:
                none = self._lexicon.likeness(spoken, _spoken([said.tokens[after]]))
                return any(value >= 0.5 for close in none.values() for value in close.values())
            if {said.lemmas[place], said.lemmas[after]} <= set(asked.lemmas) and after <= place + _NEGATED_WITHIN:
                return True
        return False

    def _denies(self, question: QuestionAnalysis, said: Sequence[Token]) -> bool:
        """Whether the question negates a word that the sentence says without a negation.

        Who is reluctant to fight, and disinterested in an attack, is said to be the same in other words.
        """
        negates = self._polarity.negates
        # "The territory that is neither held nor contested" only says which is meant, and "at home and not in prison"
        # only that it was at home.
        aside = next((place for place in range(1, len(question.tokens)) if _sets_aside(question.tokens, place)), None)
        taken = question.tokens[:aside]
        denied = [token for index, token in enumerate(taken) if negates(taken, index)]
        denied = [token for token in denied if token.term in question.terms and not token.is_entity]
        if not denied or (_unwilling(taken) and _unwilling(said)):
            return False
        affirmed = [token for index, token in enumerate(said) if not token.is_stopword and not negates(said, index)]
        alike = self._lexicon.likeness(_spoken(denied), _spoken(affirmed))
        # Word vectors take what is open for what is closed.
        sides = {term: group for group, terms in self._polarity.sides(denied).items() for term in terms}
        there = {term: group for group, terms in self._polarity.sides(affirmed).items() for term in terms}
        return any(
            value >= 0.5 and (term == word or sides.get(term, -1) != there.get(word, -2))
            for term, close in alike.items()
            for word, value in close.items()
        )


def _by_nobody(said: Sequence[Token], verb: int) -> bool:
    """Whether nobody did it: "was not claimed by anyone", "no group has claimed it"."""
    before = [token.surface.lower() for token in said[max(0, verb - _NEGATED_WITHIN) : verb]]
    after = [token.surface.lower() for token in said[verb + 1 : verb + 3]]
    subject = "nobody" in before or any(pair in _NO_ONE for pair in pairwise(before))
    return subject or (after[:1] == ["by"] and after[1:] in (["anyone"], ["anybody"], ["any"]))


_SIGNS = frozenset("sign signs evidence indication indications proof trace hint".split())
_NO_ONE = frozenset(("no", noun) for noun in "one group party organisation organization faction side".split())


def _unwilling(tokens: Sequence[Token]) -> bool:
    return any(token.surface.lower() in _UNWILLING for token in tokens)


_UNWILLING = frozenset("reluctant unwilling disinterested uninterested hesitant".split())


def _sets_aside(tokens: Sequence[Token], place: int) -> bool:
    """Whether what is said from there on only tells which is meant, or what else it might be."""
    word, before = tokens[place].surface.lower(), tokens[place - 1].surface.lower()
    return word in ("that", "which", "who", "whose") or (word == "not" and before in ("and", "but"))


def _bygone(tokens: Sequence[Token], hit: Hit) -> bool:
    """Whether it is only said of a time: "during the strong days of the group"."""
    return any(token.surface.lower() in ("days", "years", "times") for token in tokens[hit.last : hit.last + 1])


_SCANT = frozenset("little few limited ineffective insufficient".split())


def _went_to_another(asked: Statement, said: Statement) -> bool:
    """Whether what the question has go to one who acts goes to another; the name of a place may be part of one."""
    name = misdirected(asked, said)
    return any(is_actor(each) and asked.written(each.first, each.last) == name for each in asked.names)


def _done_by_another(said: Statement, verb: int, agent: Name, patients: Set[str]) -> bool:
    """Whether the verb has another agent there, and one of the patients."""
    by = passive_agent(said, verb)
    if by is not None:
        agents = {key_of(name) for name in said.names if by <= name.first < by + _AGENT}
        return bool(agents) and key_of(agent) not in agents and bool(patients & _keys(said, until=verb))
    acting, suffering = roles(said, verb)
    # Of one that the glossary does not know, another name may stand there.
    if acting is None or agent.entity is None or key_of(agent) in _keys(said) or key_of(acting) in patients:
        return False
    return key_of(suffering) in patients if suffering is not None else bool(patients & _keys(said))


def _keys(statement: Statement, until: int | None = None) -> set[str]:
    return {key_of(name) for name in statement.names if until is None or name.last <= until}


def _others_counted(asked: Statement, said: Statement) -> bool:
    """Whether a number that the question gives of some is there that of others: 250 Taliban, and 250 of ISIS."""
    return any(
        number in there and there[number].isdisjoint(counted)
        for here, there in ((_groups(asked), _groups(said)), (_sorts(asked), _sorts(said)))
        for number, counted in here.items()
    )


def _groups(statement: Statement) -> dict[float, set[str]]:
    """The groups that closely follow a number; those of each number that any does."""
    found: dict[float, set[str]] = {}
    for value, place in _numbers(statement):
        beside = range(place, place + _COUNTED)
        groups = {key_of(name) for name in statement.names if name.first in beside and is_actor(name)}
        if groups:
            found.setdefault(value, set()).update(groups)
    return found


def _sorts(statement: Statement) -> dict[float, set[int]]:
    """The same of sorts of people: civilians, soldiers, fighters."""
    found: dict[float, set[int]] = {}
    for value, place in _numbers(statement):
        beside = statement.tokens[place : place + _COUNTED + 1]
        if sorts := {_SORTS[token.term] for token in beside if token.term in _SORTS}:
            found.setdefault(value, set()).update(sorts)
    return found


def _numbers(statement: Statement) -> Iterator[tuple[float, int]]:
    """The firm numbers that are no years, and where each ends."""
    return ((each.value, each.last) for each in statement.quantities if each.firm and not each.is_year)


def _done_by_the_one_asked_about(asked: Statement, said: Statement, hit: Hit) -> bool:
    """Whether one whom the question has suffer a deed does it there: "who supports X?", and "not supported by X"."""
    agent = _passive_agent(said, hit.first)
    deeds = [other for other in asked.hits if other.group == hit.group]
    return agent in {key_of(name) for name in asked.names} and all(_actor(asked, deed.first) != agent for deed in deeds)


def _passive_agent(statement: Statement, verb: int) -> str | None:
    by = passive_agent(statement, verb)
    return next((key_of(name) for name in statement.names if by is not None and name.first >= by), None)


def _actor(statement: Statement, verb: int, within: int = 2) -> str | None:
    """The name that stands before the verb with at most two words between, or behind its "by"."""
    if passive_agent(statement, verb) is not None:
        return _passive_agent(statement, verb)
    before = [name for name in statement.names if name.last <= verb and verb - name.last <= within]
    if not before or before[-1].entity is None:
        return None
    between = statement.tokens[before[-1].last : verb]
    return key_of(before[-1]) if all(map(_leaves_the_subject, between)) else None


def _leaves_the_subject(token: Token) -> bool:
    """Whether the name before the word may still be the subject: not in "ISIS activity fell"."""
    small = token.is_stopword or token.surface.endswith(("ly", "n't", "n’t"))
    return small or token.term in _SORTS or token.term in _BODIES


# "Did not yet" may stand between them.
_NEGATED_WITHIN = 4
# Who is counted, where no group is named.
_PEOPLE = (
    "civilian resident inhabitant villager bystander child woman refugee journalist",
    "soldier troop serviceman servicemen policeman policemen officer",
    "fighter militant insurgent jihadist terrorist extremist gunman gunmen",
)
_SORTS = {stem(word): sort for sort, words in enumerate(_PEOPLE) for word in words.split()}
_BODIES = frozenset(map(stem, "force group branch member leader movement official command government army".split()))
# How many words after "by" the agent's name may begin, and after a number that of those who are counted.
_AGENT = 8
_COUNTED = 2


def _spoken(tokens: Sequence[Token]) -> dict[str, str]:
    return {token.term: token.surface.lower() for token in tokens if not token.is_number}
