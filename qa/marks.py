"""The mark that sets articles' text off in a prompt: not to be foreseen, unless a run is to be made the same again."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_given: ContextVar[str | None] = ContextVar("given_mark", default=None)


def new_mark() -> str:
    return _given.get() or secrets.token_hex()


@contextmanager
def given_mark(mark: str) -> Iterator[None]:
    """Inside, in this thread, every mark is this one. Only for questions whose articles cannot know it."""
    token = _given.set(mark)
    try:
        yield
    finally:
        _given.reset(token)
