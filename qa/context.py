"""Passages -> the numbered data blocks that a model reads. Pure; only the model's copy is altered."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from vectorstore.models import Passage

_MARK = re.compile(r"[0-9a-z]{8,}")
# What a chat template may take for the end of a turn, wherever it stands in a message.
_TEMPLATE = re.compile(r"<\|+|\|+>|</?s>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>", re.I)
_BRACKETED_NUMBER = re.compile(r"[\[【](\d[\d\s,;–-]*)[\]】]")
_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Context:
    """Number n in the text is ``numbered[n - 1]``. ``left_out`` passages had no room."""

    text: str
    numbered: tuple[Passage, ...]
    left_out: int
    mark: str


def build_context(passages: Sequence[Passage], *, mark: str, budget_chars: int) -> Context:
    """Put whole passages, in order, into numbered data blocks of at most ``budget_chars`` characters in all.

    ``mark`` opens and closes every block and must be new and random for each request: at least eight digits
    or lower-case letters, else ValueError. No text inside a block holds it.
    """
    if not _MARK.fullmatch(mark):
        raise ValueError("a mark is at least eight digits or lower-case letters")
    blocks: list[str] = []
    numbered: list[Passage] = []
    room = budget_chars
    for passage in passages:
        block = _block(len(numbered) + 1, passage, mark)
        # Two more for the empty line between blocks.
        cost = len(block) + (2 if blocks else 0)
        if cost <= room:
            room -= cost
            blocks.append(block)
            numbered.append(passage)
    return Context("\n\n".join(blocks), tuple(numbered), len(passages) - len(numbered), mark)


def plain(text: str, mark: str = "") -> str:
    """A copy of ``text`` with nothing that is unseen or that a prompt gives a meaning to.

    Control characters and runs of blanks become one blank, format, tag and variation characters go,
    chat-template tokens are broken up, bracketed numbers get round brackets and the mark is blotted out.
    """
    text = "".join(_seen(character) for character in text)
    text = _BRACKETED_NUMBER.sub(r"(\1)", _TEMPLATE.sub(_broken_up, text))
    if mark:
        text = re.sub(re.escape(mark), "*" * len(mark), text, flags=re.I)
    return _EMPTY_LINES.sub("\n", _BLANKS.sub(" ", text)).strip()


def _block(number: int, passage: Passage, mark: str) -> str:
    article, chunk = passage.article, passage.chunk

    def line(text: str) -> str:
        return plain(text, mark).replace("\n", " ")

    head = [
        f"Publisher: {line(article.publisher or 'unknown')}",
        f"Published: {_when(passage)}",
        f"Title: {line(article.title)}",
    ]
    if article.origin and article.origin != article.publisher:
        head.insert(1, f"Taken over from: {line(article.origin)}")
    if chunk.heading:
        head.append(f"Section: {line(chunk.heading)}")
    if chunk.caption:
        head.append("This is the caption of a picture.")
    return "\n".join(
        [f"<<passage {number} {mark}>>", *head, "Text:", plain(chunk.text, mark), f"<<end {number} {mark}>>"]
    )


def _when(passage: Passage) -> str:
    published = passage.article.published
    if published is None:
        return "date unknown"
    inferred = passage.article.published_basis.startswith("inferred")
    return f"{published.spoken()} (inferred)" if inferred else published.spoken()


def _seen(character: str) -> str:
    if character == "\n":
        return character
    kind = unicodedata.category(character)
    if kind in ("Zl", "Zp"):
        return "\n"
    if kind == "Cc":
        return " "
    if kind == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    if kind == "Cf" or "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return ""
    return character


def _broken_up(token: re.Match[str]) -> str:
    return " ".join(token[0])
