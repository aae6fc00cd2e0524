"""Regular expressions from data files, bounded in time.

The only module that imports ``regex``; the standard library's engine cannot stop a pattern that backtracks.
"""

import regex  # type: ignore[import-untyped]

_FLAGS = regex.IGNORECASE | regex.VERSION0
SECONDS = 2.0


class PatternError(ValueError):
    """A pattern that cannot be compiled, or that takes too long on a text."""


def check(pattern: str) -> None:
    """Raise PatternError when ``pattern`` is not a valid expression or matches an empty text."""
    try:
        compiled = regex.compile(pattern, _FLAGS)
    except regex.error as problem:
        raise PatternError(f"{pattern!r} is not a regular expression: {problem}") from None
    if compiled.search("", timeout=SECONDS):
        raise PatternError(f"{pattern!r} matches an empty text")


def found(pattern: str, text: str) -> bool:
    """Whether ``pattern`` occurs in ``text``, in any case; PatternError after SECONDS without a result."""
    try:
        return regex.search(pattern, text, _FLAGS, timeout=SECONDS) is not None
    except TimeoutError:
        raise PatternError(f"{pattern!r} takes more than {SECONDS:g} s on {len(text)} characters") from None
