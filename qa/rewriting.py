"""A follow-up made to stand alone by the model that is configured, checked against what was asked."""

import re
from functools import cached_property

from prompts import Prompt, load_prompt
from qa.chat import ChatModel, Message
from qa.errors import ModelError
from qa.followup import leans, standalone
from qa.models import Conversation
from vectorstore.analysis import ASKING, Analyser

MOST_CHARACTERS = 400


class Rewriter:
    """With ``chat`` None, and wherever the model fails or adds something, the rule of ``followup`` decides."""

    def __init__(self, analyser: Analyser, chat: ChatModel | None = None) -> None:
        self._analyser = analyser
        self._chat = chat

    @cached_property
    def _prompt(self) -> Prompt:
        return load_prompt("standalone")

    def standalone(self, question: str, conversation: Conversation) -> str | None:
        """None for a question that stands alone, or that nothing was found for."""
        if not conversation.questions or not leans(question, self._analyser):
            return None
        ruled = standalone(question, conversation, self._analyser)
        if self._chat is None:
            return ruled
        # One a line: a line end in a question must not look like another question.
        earlier = "\n".join(f"- {' '.join(each.split())}" for each in conversation.questions)
        prompt = self._prompt.render(earlier=earlier, question=" ".join(question.split()))
        try:
            reply = self._chat.complete([Message("system", prompt.system), Message("user", prompt.user)])
        except ModelError:
            return ruled
        written = _one_line(reply.text)
        return written if self._is_faithful(written, question, conversation) else ruled

    def _is_faithful(self, written: str, question: str, conversation: Conversation) -> bool:
        """One question, of words that were asked: names and numbers all, others nearly all."""
        if not 0 < len(written) <= MOST_CHARACTERS or written == question:
            return False
        said = {term for each in (*conversation.questions, question) for term in self._analyser.terms(each)}
        tokens = [
            token for token in self._analyser.tokens(written) if not token.is_stopword and token.term not in ASKING
        ]
        new = [token for token in tokens if token.term not in said]
        if any(token.is_entity or token.is_number or (token.is_capitalised and token.start) for token in new):
            return False
        return bool(tokens) and 4 * len(new) <= len(tokens)


def _one_line(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return (
        re.sub(r"^(?:rewritten question|question)\s*:\s*", "", lines[0], flags=re.I).strip(' "“”')
        if len(lines) == 1
        else ""
    )
