"""Asks a chat model over numbered sentences, evidence first, and reads its reply.

What a reply claims is only read here. Whether it holds, and what it cites, is decided against stored data elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

from prompts import Prompt, Rendered, load_prompt
from qa.calibration import APPEALED_FROM
from qa.candidate import Candidate
from qa.chat import ChatModel, Message, Reply, ReplyStream
from qa.context import Context, NumberedSentence, build_context, sentences_of
from qa.extractive import Selection, worth
from qa.judging import judging_prompts
from qa.models import Reason
from qa.reply import REFUSAL, Draft, DraftSentence, read_text
from qa.structured import claim_sentences, looks_structured, read_structured, reply_schema, whole_claims
from qa.trace import Exchange, Weighing
from vectorstore.models import Passage
from vectorstore.plain import plain

FULL_CHARACTERS = 24_000
# About 450 tokens, some 15 s of reading for a small model on two cores.
SHORT_CHARACTERS = 1_800
# Sentences of a short context. Of sixteen a model of 1.5 billion parameters chose worse than their order does.
_SHORT_POOL = 6
# And of one for which the model has weighed them already.
_WEIGHED_POOL = 3
# Refusals that a small model's word on single sentences can undo.
_APPEALED = frozenset({Reason.NO_MATCH, Reason.INSUFFICIENT})
# Sentences after which a reply is no longer read while it grows: each look reads all of it.
_SHOWN_EARLY = 12


class PromptSize(StrEnum):
    """FULL shows whole passages and all the rules; SHORT the best sentences and few rules, for a small model."""

    FULL = "full"
    SHORT = "short"


def prompt_size(wanted: str, model: str) -> PromptSize:
    """The size to ask a model in; ``auto`` means short for one that runs in this program, where reading is slow."""
    if wanted == "auto":
        return PromptSize.SHORT if model.startswith("local:") else PromptSize.FULL
    return PromptSize(wanted)


@dataclass(frozen=True, slots=True)
class Request:
    """What a model is asked, and the context that its reply is read against."""

    messages: tuple[Message, ...]
    context: Context
    structured: bool
    # What the prompt says by itself, so that a copy of it is known for one.
    rules: str

    def has_form(self, reply: str) -> bool:
        """Whether a reply has the form that was asked for."""
        return not self.structured or looks_structured(reply)


class ModelAnswerer:
    """Asks a model in one of two sizes, for JSON or for plain text.

    ``prompt_sha256`` is of the prompt files together; the record names it. ``quotes``: where the articles do not
    support what the model wrote, its readers get the articles' words instead, for a model that often gets it wrong.
    """

    def __init__(self, size: PromptSize = PromptSize.FULL, *, structured: bool = True) -> None:
        self._size = size
        self._structured = structured
        self._prompt = load_prompt("answer" if size is PromptSize.FULL else "short")
        self._form = load_prompt("form_json" if structured else "form_text")
        self.quotes = size is PromptSize.SHORT
        self._relevance = load_prompt("relevance") if self.quotes else None
        files = [each.sha256 for each in (self._prompt, self._form, self._relevance) if each is not None]
        self.prompt_sha256 = sha256("\n".join(files).encode()).hexdigest()

    def request(
        self, question: str, passages: Sequence[Passage], candidates: Sequence[Candidate], mark: str
    ) -> Request:
        """What to ask. ``candidates`` are the passages' sentences, scored; ``mark`` is as for ``build_context``."""
        if self._size is PromptSize.FULL:
            shown, room = sentences_of(passages), FULL_CHARACTERS
        else:
            most = _SHORT_POOL if all(one.judged is None for one in candidates) else _WEIGHED_POOL
            best = sorted(candidates, key=worth, reverse=True)[:most]
            shown = [NumberedSentence(one.passage, one.evidence.start, one.evidence.end) for one in best]
            room = SHORT_CHARACTERS
        context = build_context(shown, mark=mark, budget_chars=room, brief=self._size is PromptSize.SHORT)
        values = {"question": plain(question, mark), "passages": context.text, "mark": mark, "refusal": REFUSAL}
        form = _rendered(self._form, values)
        system, user = _rendered(self._prompt, {**values, "form": form.system, "reminder": form.user})
        rules = "\n".join([system, form.user, question])
        return Request((Message("system", system), Message("user", user)), context, self._structured, rules)

    def exchange(
        self, mark: str, weighing: Weighing | None, request: Request | None = None, reply: Reply | None = None
    ) -> Exchange:
        """The calls, to be kept; without a request only the weighing."""
        messages = request.messages if request is not None else ()
        return Exchange(messages, mark, self._size.value, self._structured, reply or Reply("", "stop"), weighing)

    def settled(self, selection: Selection, *, weighed: bool = False) -> bool:
        """Whether a refusal by what the sentences say holds without asking the model.

        What has nothing to do with the articles is never sent. A small model says no too seldom to be asked for a
        whole answer then; ``weighed`` tells whether it has said what it thinks of the single sentences.
        """
        if selection.reason is None or not self.quotes:
            return selection.reason is Reason.OUT_OF_SCOPE
        appealing = selection.reason in _APPEALED and selection.confidence >= APPEALED_FROM
        return weighed or not appealing

    def weigh(self, question: str, candidates: Sequence[Candidate], mark: str, chat: ChatModel) -> Weighing | None:
        """What a small model makes of the single sentences; None for a large one, which reads them all at once."""
        if self._relevance is None:
            return None
        prompts = judging_prompts(self._relevance, question, candidates, mark)
        return Weighing(prompts, chat.weigh(prompts))

    @staticmethod
    def ask(request: Request, chat: ChatModel) -> ReplyStream:
        """Ask; the pieces are the raw reply, and ``read_reply`` reads the whole."""
        schema = reply_schema(len(request.context.sentences)) if request.structured else None
        return chat.stream(request.messages, schema)


def _rendered(prompt: Prompt, values: dict[str, str]) -> Rendered:
    return prompt.render(**{name: values[name] for name in prompt.variables})


def read_reply(reply: Reply, count: int) -> Draft:
    """A reply over ``count`` sentences, whichever form it has; of one that is cut off, what is whole."""
    if looks_structured(reply.text):
        draft = read_structured(reply.text, count)
        if draft is not None or reply.cut_off:
            return draft or Draft((), refused=False)
    draft = read_text(reply.text, count)
    # Where a sentence ends is seen by what follows it: "3." may have been "3.5".
    return replace(draft, sentences=draft.sentences[:-1]) if reply.cut_off else draft


class GrowingReply:
    """The sentences of a reply, each as soon as it is whole; a refusal is none."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._text = ""
        self._given = 0

    def feed(self, piece: str) -> list[DraftSentence]:
        """The sentences that this piece of the reply made whole."""
        self._text += piece
        # Only these can end a sentence.
        if self._given >= _SHOWN_EARLY or not set(piece) & set(".!?}\n]"):
            return []
        # The last one of a text may still grow.
        return self._fresh(whole=not looks_structured(self._text), less=1)

    def end(self, reply: Reply) -> list[DraftSentence]:
        """What is left at the end of the reply, less what its limit may have cut."""
        return self._fresh(whole=not looks_structured(self._text), less=int(reply.cut_off))

    def _fresh(self, *, whole: bool, less: int) -> list[DraftSentence]:
        if whole:
            draft = read_text(self._text, self._count)
            said = [] if draft.refused else list(draft.sentences)[: -less or None]
        else:
            said = [one for claim in whole_claims(self._text) for one in claim_sentences(claim, self._count)]
        fresh = said[self._given :]
        self._given += len(fresh)
        return fresh
