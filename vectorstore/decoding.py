"""Bytes become text, and how is recorded: byte order mark, strict UTF-8, a declared charset, then a detector."""

import codecs
import re
import unicodedata
from dataclasses import dataclass

from vectorstore.errors import LoadError
from vectorstore.structure import split_lines

# The longer marks first: UTF-32's begins with UTF-16's. The mark of UTF-8 stays in the text, as it always has.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What a page may declare: the encodings of the WHATWG standard, as Python names them. Others are not for text, or
# hide text from whoever looks at the bytes (utf-7).
_DECLARABLE = frozenset(
    "utf-8 ibm866 cp866 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-13 "
    "iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u mac-roman mac-cyrillic cp874 cp1250 cp1251 cp1252 cp1253 cp1254 "
    "cp1255 cp1256 cp1257 cp1258 gbk gb2312 gb18030 big5 big5hkscs euc_jp iso2022_jp "
    "shift_jis cp932 euc_kr cp949".split()
)
# The standard again: pages that declare the left mean the right.
_MEANT = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874", "iso8859-11": "cp874"}

# What the detector may answer. DOS and Macintosh encodings are rare today, and win ties that they should not.
_DETECTABLE = (
    "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 koi8_r iso8859_2 iso8859_5 iso8859_6 iso8859_7 "
    "iso8859_8 iso8859_9 cp874 gb18030 big5 cp932 euc_jp cp949"
).split()
_SAMPLE = 64_000
# In charset-normalizer's figures: most disorder of a reading, and how far behind the best one a rival must be in
# disorder or in looking like a language.
_MAX_CHAOS, _CHAOS_MARGIN, _COHERENCE_MARGIN = 0.1, 0.01, 0.1
_WITHIN_WORD = re.compile(r"[a-z]([^\x00-\x7f])(?=[a-z])")
_JOINERS = "’‘\u00a0\u00ad‐‑–—…·"
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """``encoding`` names the charset and how it was chosen, such as ``cp1252 (detected)``."""

    text: str
    encoding: str


def decode(data: bytes, name: str, declared: str | None = None) -> Decoded:
    """No character is changed, line ends included. ``name`` is for the message. Raises LoadError."""
    decoded = _decode(data, name, declared)
    if "\0" in decoded.text:
        raise LoadError(f"{name} is not a text file: it has zero bytes.")
    if not split_lines(decoded.text):
        raise LoadError(f"{name} is empty.")
    return decoded


def _decode(data: bytes, name: str, declared: str | None) -> Decoded:
    for mark, codec in _MARKS:
        if data.startswith(mark):
            try:
                return Decoded(data.decode(codec), f"{codec} (byte order mark)")
            except UnicodeDecodeError as error:
                raise LoadError(f"{name} begins as {codec} and is not (byte {error.start}).") from error
    if b"\0" in data:
        raise LoadError(f"{name} is not a text file: it has zero bytes and no byte order mark.")
    try:
        return Decoded(data.decode("utf-8"), "utf-8 (strict)")
    except UnicodeDecodeError as error:
        place = error.start
    if _is_damaged_utf8(data):
        raise LoadError(f"{name} is UTF-8 with damage (byte {place}); save it anew.")
    if declared and (meant := _declarable(declared)):
        try:
            return Decoded(data.decode(meant), f"{_spoken(meant)} (declared)")
        except UnicodeDecodeError:
            pass
    if detected := _detect(data):
        try:
            return Decoded(data.decode(detected), f"{detected} (detected)")
        except UnicodeDecodeError:
            pass
    raise LoadError(f"{name} is not UTF-8 (byte {place}), and its encoding cannot be told; save it as UTF-8.")


def _declarable(label: str) -> str | None:
    try:
        codec = codecs.lookup(label.strip().lower()).name
    except (LookupError, ValueError):  # ValueError: a label with a zero byte
        return None
    codec = _MEANT.get(codec, codec)
    return codec if codec in _DECLARABLE else None


def _spoken(codec: str) -> str:
    return re.sub(r"^cp(?=125)", "windows-", codec)


def _detect(data: bytes) -> str | None:
    """The only plausible reading of the lines that are not ASCII; None when there are several, or none."""
    # 0.06 s to import, for files that hardly occur.
    from charset_normalizer import from_bytes

    lines = [line for line in data.splitlines(keepends=True) if not line.isascii()]
    sample = b"".join(lines)
    if len(sample) > _SAMPLE:
        # At white space, which is no part of a character in any of these encodings.
        cut = max(sample.rfind(b"\n", 0, _SAMPLE), sample.rfind(b" ", 0, _SAMPLE))
        sample = sample[: cut + 1] or sample[:_SAMPLE]
    readings = list(
        from_bytes(sample, steps=1, chunk_size=len(sample), cp_isolation=list(_DETECTABLE), preemptive_behaviour=False)
    )
    if not readings:
        return None
    best = readings[0]
    rivals = [
        reading
        for reading in readings[1:]
        if reading.chaos <= best.chaos + _CHAOS_MARGIN and reading.coherence > best.coherence - _COHERENCE_MARGIN
    ]
    if best.chaos > _MAX_CHAOS or any(str(rival) != str(best) for rival in rivals):
        return None
    if _has_broken_words(str(best)):
        return None
    return "cp1252" if "cp1252" in best.could_be_from_charset else best.encoding


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether most of what is not ASCII is UTF-8: a file cut short, or with a byte lost. No detector sees that."""
    mended = _SURROGATE.sub("\ue000".encode(), data).decode("utf-8", "replace")
    bad = mended.count("\ufffd")
    return sum(not character.isascii() for character in mended) - bad > bad


def _has_broken_words(text: str) -> bool:
    """Whether a symbol, a capital or a foreign letter stands inside a word: an accent, read in the wrong encoding."""
    inner = set(_WITHIN_WORD.findall(text)) - set(_JOINERS)
    return any(not (each.islower() and unicodedata.name(each, "").startswith("LATIN")) for each in inner)
