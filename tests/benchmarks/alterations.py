"""Claims made from SQuAD 2.0: sentences that hold an answer, said in other ways (true) and altered (not supported)."""

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.altering import ALTERATIONS
from tests.benchmarks.rewording import REWORDINGS, capital, named
from tests.benchmarks.squad import SHARED, SquadQuestion, squad_questions
from vectorstore.structure import split_sentences

_SUBJECT_QUESTION = re.compile(
    r"^(?:Who|What|Which [\w’' -]{2,30}?|What [a-z]+(?: [a-z]+)?)(?= (?:was|were|is|are|has|had|have|can|could|will|"
    r"would|may|[a-z]+ed|led|made|gave|took|won|held|became|built|wrote|began|uses?|causes?|makes?|gives?|provides?)\b)"
)
# Each alteration that needs something to alter is made so often of a sentence, each time of another way to say it.
_ROUNDS = 3

TRUE_KINDS = ("same", *REWORDINGS, "named", "combined")
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


def squad_pairs(seed: int = 20, every: int = 1) -> list[Pair]:
    """The claims of all passages, or of one in so many, in the order of the questions; the same for the same seed."""
    random_ = random.Random(seed)
    lines = (SHARED / "squad2" / "passages.jsonl").read_text("utf-8").splitlines()
    texts = {record["id"]: record["text"] for record in map(json.loads, lines)}
    pairs: list[Pair] = []
    seen: set[str] = set()
    chosen = set(list(texts)[::every])
    questions = [question for question in squad_questions() if question.answers and question.passage in chosen]
    for question in questions:
        passage = texts[question.passage]
        evidence = next(
            passage[start:end] for start, end in split_sentences(passage) if start <= question.answers[0][0] < end
        )
        wider = _wider(evidence, passage, random_)
        made = list(_from_question(question, passage, questions, random_))
        if evidence not in seen and len(evidence.split()) > 4:
            seen.add(evidence)
            others = [passage[start:end] for start, end in split_sentences(passage)]
            others = [other for other in others if other != evidence]
            if others:
                pairs.append(Pair(question.title, passage, random_.choice(others), evidence, "another sentence"))
            made += dict.fromkeys(_from_sentence(evidence, passage, random_))
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
    first = {kind: list(make(sentence)) for kind, make in REWORDINGS.items()}
    true = {"same": [sentence], **first}
    true["combined"] = [
        further
        for kind, claims in first.items()
        for claim in claims
        for other, make in REWORDINGS.items()
        if other != kind
        for further in make(claim)
    ]
    # More of these than of all others would follow from there being three frames for everything.
    true["combined"] = random_.sample(true["combined"], min(3, len(true["combined"])))
    before = _before(sentence, passage)
    if before and (claim := named(sentence, before)):
        true["named"] = [claim]
    for kind, claims in true.items():
        yield from ((kind, claim) for claim in claims)
    bases = [claim for claims in true.values() for claim in claims]
    for kind, alter in ALTERATIONS.items():
        # Each round on a rewording of its own, so that an altered claim is not told by being otherwise verbatim.
        for _ in range(1 if kind in ("denied", "added") else _ROUNDS):
            altered = alter(random_.choice(bases), sentence, passage, random_)
            if altered is not None and altered not in bases:
                yield kind, altered


def _before(sentence: str, passage: str) -> str:
    """The sentence in front of one, or ""."""
    texts = [passage[start:end] for start, end in split_sentences(passage)]
    place = texts.index(sentence)
    return texts[place - 1] if place else ""


def _from_question(
    question: SquadQuestion, passage: str, questions: Sequence[SquadQuestion], random_: random.Random
) -> Iterator[tuple[str, str]]:
    """ "Who led the Norse?" with its answer as a sentence, and with the answer to another question of the passage."""
    match = _SUBJECT_QUESTION.match(question.text)
    if match is None:
        return
    rest = question.text[match.end() :].rstrip(" ?")
    start, end = question.answers[0]
    yield "answered", f"{capital(passage[start:end])}{rest}."
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
        yield "answered wrongly", f"{capital(random_.choice(others))}{rest}."
