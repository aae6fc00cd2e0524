"""Text as a model would see it."""

import re
import unicodedata

# What a chat template may take for the end of a turn, wherever it stands in a message.
_TEMPLATE = re.compile(r"<\|+|\|+>|</?s>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>", re.I)
_BRACKETED_NUMBER = re.compile(r"[\[【](\d[\d\s,;–-]*)[\]】]")
_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\s*\n\s*")


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
