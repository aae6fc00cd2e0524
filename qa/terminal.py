"""What is safe to send to a terminal.

Article, model and question text may hold escape sequences, direction overrides and characters that take
no room. Each such code point is replaced by one other, so that offsets and lengths hold.
"""

import re
import unicodedata

STAND_IN = "\ufffd"

_NON_JOINER, _JOINER = "\u200c", "\u200d"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
# Everything that Unicode calls control, format, surrogate or separator (Cc, Cf, Cs, Zl, Zp) or
# default-ignorable, except newline, tab and the signs that the Arabic, Syriac and Kaithi scripts put before a
# number. The two joiners and the variation selectors depend on what they stand between.
_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SELECTOR = re.compile(f"[{_SELECTORS}]")
_PICTOGRAPH = re.compile("[\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
_EMOJI_MODIFIER = re.compile("[\ufe0f\U0001f3fb-\U0001f3ff]")


def sanitise(text: str) -> str:
    """``text`` with every unsafe code point replaced by U+FFFD, one for one; length and offsets hold.

    Kept are combining marks, a joiner (U+200D) between two emoji, a non-joiner (U+200C) between two Arabic
    letters (RFC 5892, appendix A.1), and one variation selector after a visible character. The carriage
    return of a CR LF line end becomes a space. Sanitise a whole text, then slice it: what a joiner stands
    between is not known at the ends of a slice.
    """
    return _SUSPECT.sub(_stand_in, text)


def escape_json(document: str) -> str:
    r"""The output of ``json.dumps`` with every unsafe code point as ``\uXXXX``: the same values."""
    return _SUSPECT.sub(_json_escape, document)


def _stand_in(match: re.Match[str]) -> str:
    if _in_place(match):
        return match[0]
    return " " if match[0] == "\r" and match.string.startswith("\n", match.end()) else STAND_IN


def _json_escape(match: re.Match[str]) -> str:
    if _in_place(match):
        return match[0]
    units = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(rf"\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _in_place(match: re.Match[str]) -> bool:
    """Whether a joiner or variation selector stands where it does what it is for."""
    text, at = match.string, match.start()
    before, after = text[max(at - 1, 0) : at], text[at + 1 : at + 2]
    if match[0] == _JOINER:
        base = text[at - 2 : at - 1] if at > 1 and _EMOJI_MODIFIER.match(before) else before
        return bool(_PICTOGRAPH.match(base) and _PICTOGRAPH.match(after))
    if match[0] == _NON_JOINER:
        return all(side and unicodedata.bidirectional(side) == "AL" for side in (before, after))
    if _SELECTOR.match(match[0]):
        return bool(before) and not before.isspace() and not _SUSPECT.match(before)
    return False
