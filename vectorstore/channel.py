"""A queue between two threads that is bounded by the size of what waits in it."""

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class StoppedError(Exception):
    """Nobody takes from the channel any more."""


class Channel(Generic[T]):
    """One thread puts, one takes. Sizes are in whatever unit the two agree on."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: deque[tuple[T, int]] = deque()
        self._waiting = 0
        self._closed = self._stopped = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def put(self, item: T, size: int) -> None:
        """Wait until there is room, or until the channel is empty for what is larger than all of it.

        Raises StoppedError when the other side has stopped.
        """
        with self._changed:
            while not self._stopped and self._items and self._waiting + size > self._capacity:
                self._changed.wait()
            if self._stopped:
                raise StoppedError
            self._items.append((item, size))
            self._waiting += size
            self._changed.notify_all()

    def close(self, error: BaseException | None = None) -> None:
        """Nothing more will be put; ``error`` is raised on the other side after what was."""
        with self._changed:
            self._closed, self._error = True, error
            self._changed.notify_all()

    def take(self, limit: int) -> list[T]:
        """What waits, up to a size, but at least one; waits for that. Empty when the channel was closed."""
        with self._changed:
            while not self._items and not self._closed:
                self._changed.wait()
            if not self._items and self._error is not None:
                raise self._error
            taken: list[T] = []
            size = 0
            while self._items and (not taken or size + self._items[0][1] <= limit):
                item, weight = self._items.popleft()
                taken.append(item)
                size += weight
            self._waiting -= size
            self._changed.notify_all()
            return taken

    def stop(self) -> None:
        """Take nothing more; what waits is dropped."""
        with self._changed:
            self._stopped = True
            self._items.clear()
            self._waiting = 0
            self._changed.notify_all()
