"""A model's draft -> sentences that stand on evidence, and a list of what had to be done to get there.

Weak models reply with "[1]" and nothing else, leave markers out, invent numbers, repeat themselves or the prompt, or
refuse in words of their own. What can be saved is; what cannot cite anything goes whole.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from qa.candidate import Candidate
from qa.citations import Aligned, CitedSpan, align, narrowed, verbatim
from qa.context import Context, NumberedSentence
from qa.extractive import near_best
from qa.models import Support
from qa.reply import Draft, DraftSentence
from qa.verification import Verifier
from vectorstore.models import Passage, Vector

MOST_QUOTED = 2

_NOT_THERE = (
    r"(?:(?:given|provided|above|numbered|following) )*"
    r"(?:passages?|articles?|sentences?|texts?|sources?|documents?|context|excerpts?|information)"
    r"(?: (?:provided|given|above|here))?"
)
_REFUSING = re.compile(
    rf"\b(?:{_NOT_THERE}|they) (?:do|does|did)(?: not|n['’]t) (?:\w+ ){{0,2}}?"
    r"(?:say|mention|contain|provide|give|answer|state|specify|include|address|tell|cover|name|indicate|have)\b"
    r"|\bno (?:such |relevant |specific )?(?:information|mention|answer|evidence|data|dates?|numbers?|details?)\b"
    r"(?: \w+){0,3}?"
    rf"(?: (?:in|from|by) (?:the |these )?{_NOT_THERE}| (?:is |was )?(?:available|given|provided|found|mentioned))"
    r"|\bI(?: am|['’]m)? (?:can ?not|can['’]t|unable to|not able to|do not|don['’]t|could not|couldn['’]t) "
    r"(?:\w+ ){0,2}?(?:answer|find|determine|know|provide|have|help|assist|say)\b"
    rf"|\b(?:not|n['’]t) (?:\w+ )?(?:mentioned|specified|stated|provided|answered|given|found|covered|included)\b"
    rf"(?: \w+){{0,3}}? (?:in|by|from) (?:the |these )?{_NOT_THERE}"
    r"|^\W*(?:unknown|not (?:available|mentioned|specified|known|stated)|n/a|none)\W*$",
    re.IGNORECASE,
)
_OF_THE_PROMPT = re.compile(
    r"^\W*(?:publisher|published|title|section|taken over from|question|evidence)\s*:|<<|>>", re.I
)
_WORDS = re.compile(r"\w+")


class Repair(StrEnum):
    """What was done to a reply; the record lists it."""

    CUT_OFF = "cut_off"
    FREE_REFUSAL = "free_refusal"
    REFUSAL_OVERRULED = "refusal_overruled"
    READ_AS_TEXT = "read_as_text"
    PROMPT_DROPPED = "prompt_dropped"
    REPETITION_DROPPED = "repetition_dropped"
    MARKER_DROPPED = "marker_dropped"
    MARKER_ADDED = "marker_added"
    CITATION_REPLACED = "citation_replaced"
    QUOTED = "quoted"
    UNSUPPORTED_DROPPED = "unsupported_dropped"
    UNCITED_DROPPED = "uncited_dropped"
    OFF_POINT_DROPPED = "off_point_dropped"
    BEST_ADDED = "best_added"
    EXTRACTIVE = "extractive"


@dataclass(frozen=True, slots=True)
class Repaired:
    """``refused``: the model says that the articles do not answer. Without it and without sentences nothing is left."""

    sentences: tuple[Aligned, ...]
    refused: bool
    repairs: tuple[Repair, ...]


@dataclass(frozen=True, slots=True)
class Repairer:
    """What a draft is held against. ``embed`` gives the unit vectors of sentences.

    ``quotes``, for a model that often gets it wrong: sentences that are not supported give way to the words that they
    cite, or go; so do those that cite nothing near the best evidence, however true they are. Without it they stay, and
    are marked as what they are. ``says_more`` tells a sentence that answers from one that gives the question back ("the
    group is gaining members"); of such a model, its evidence says it instead.
    """

    context: Context
    candidates: Sequence[Candidate]
    verifier: Verifier
    embed: Callable[[Sequence[str]], Iterable[Vector]]
    prompt: str
    quotes: bool
    says_more: Callable[[str], bool]
    # Each sentence is held against the articles once, though it is asked for as it comes and in the whole reply.
    _known: dict[DraftSentence, tuple[list[Aligned], list[Repair]]] = field(default_factory=dict, init=False)

    def check(self, sentence: DraftSentence) -> tuple[Aligned, ...]:
        """What will stand for a sentence of a reply that still grows, as far as it alone decides that."""
        return self.repair(Draft((sentence,), refused=False)).sentences

    def repair(
        self, draft: Draft, *, expected_form: bool = True, cut_off: bool = False, believe_no: bool = True
    ) -> Repaired:
        """The draft's sentences with their citations. Nothing is left without one.

        ``believe_no``: a refusal is one. A small model often fills in that it cannot answer, and does.
        """
        done: dict[Repair, None] = {Repair.CUT_OFF: None} if cut_off else {}
        if not expected_form:
            done[Repair.READ_AS_TEXT] = None
        if draft.refused and believe_no:
            return Repaired((), True, tuple(done))
        if draft.refused:
            done[Repair.REFUSAL_OVERRULED] = None
        kept = list(self._readable(draft.sentences, done))
        if not kept and Repair.FREE_REFUSAL in done:
            return Repaired((), believe_no, tuple(done))
        vectors = self.embed([sentence.text for sentence in kept]) if kept else []
        found: list[Aligned] = []
        for sentence, vector in zip(kept, vectors, strict=True):
            if sentence not in self._known:
                self._known[sentence] = self._stood_up(sentence, vector)
            stands, repairs = self._known[sentence]
            found += stands
            done.update(dict.fromkeys(repairs))
        if not found and (quoted := self._quoted(draft.evidence)):
            done[Repair.QUOTED] = None
            found = quoted
        return Repaired(tuple(_distinct(found)), False, tuple(done))

    def _readable(self, sentences: Sequence[DraftSentence], done: dict[Repair, None]) -> Iterator[DraftSentence]:
        """Without refusals in other words, repetitions, and what was copied from the prompt."""
        prompt = f" {_folded(self.prompt)} "
        seen: set[str] = set()
        for sentence in sentences:
            words = _folded(sentence.text)
            if _REFUSING.search(sentence.text):
                done[Repair.FREE_REFUSAL] = None
            elif f" {words} " in prompt or _OF_THE_PROMPT.search(sentence.text) or sentence.text.endswith("?"):
                done[Repair.PROMPT_DROPPED] = None
            elif words in seen:
                done[Repair.REPETITION_DROPPED] = None
            else:
                seen.add(words)
                yield sentence

    def _stood_up(self, sentence: DraftSentence, vector: Vector) -> tuple[list[Aligned], list[Repair]]:
        """A sentence with what it cites, or what takes its place; and what was done to it."""
        named = [self.context.sentences[number - 1] for number in sentence.markers]
        passages = _passages(self.context.sentences)
        markers = tuple(dict.fromkeys(passages.index(one.passage) + 1 for one in named))
        cited = align(DraftSentence(sentence.text, markers, ()), passages, self.verifier, vector)
        cited = narrowed(cited, named, self.verifier, vector)
        if self.quotes and cited.verdict.support is not Support.SUPPORTED:
            quoted = self._quoted(sentence.markers)
            return quoted, [Repair.QUOTED if quoted else Repair.UNSUPPORTED_DROPPED]
        if not cited.spans:
            return [], [Repair.UNCITED_DROPPED]
        if self.quotes:
            behind = self._behind(cited.spans)
            if not behind:
                return [], [Repair.OFF_POINT_DROPPED]
            if not self.says_more(sentence.text) and any(self.says_more(one.text) for one in behind):
                return behind, [Repair.QUOTED]
        done = [Repair.MARKER_DROPPED] if sentence.invalid_markers else []
        if not named:
            done.append(Repair.MARKER_ADDED)
        elif not any(span.meets(one.passage, one.start, one.end) for span in cited.spans for one in named):
            done.append(Repair.CITATION_REPLACED)
        return [cited], done

    def _behind(self, spans: Sequence[CitedSpan]) -> list[Aligned]:
        """The sentences that are cited and near the best evidence, in their own words."""
        return [
            verbatim(one.passage, one.evidence)
            for one in near_best(self.candidates)
            if any(span.meets(one.passage, one.evidence.start, one.evidence.end) for span in spans)
        ][:MOST_QUOTED]

    def _quoted(self, numbers: Sequence[int]) -> list[Aligned]:
        """The named sentences that can be an answer, in their own words."""
        ranked = {(one.passage.article.id, one.evidence.start): one for one in near_best(self.candidates)}
        named = (self.context.sentences[number - 1] for number in numbers)
        chosen = [ranked[key] for one in named if (key := (one.passage.article.id, one.start)) in ranked]
        return [verbatim(one.passage, one.evidence) for one in chosen[:MOST_QUOTED]]


def _passages(sentences: Sequence[NumberedSentence]) -> list[Passage]:
    return list({one.passage.chunk.id: one.passage for one in sentences}.values())


def _folded(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold()))


def _distinct(found: Sequence[Aligned]) -> Iterator[Aligned]:
    """Each once: what was quoted for one sentence may be what another says."""
    seen: set[str] = set()
    for one in found:
        if one.text not in seen:
            seen.add(one.text)
            yield one
