"""A queue that cannot grow without end and says what happens when it is full.

Law: what is taken comes in the order in which it was put; nothing is lost without being counted or
refused. Audio drops its oldest (late sound is worth less than no sound), control refuses (a lost
"stop" is a fault). One owner at a time: it holds no lock and waits for nothing.
"""

from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Generic, TypeVar

from hocket.core.errors import Overloaded

Item = TypeVar("Item")


class WhenFull(StrEnum):
    """What ``put`` does when there is no room."""

    DROP_OLDEST = "drop oldest"
    REFUSE = "refuse"


def _one(_: object) -> int:
    return 1


class BoundedChannel(Generic[Item]):
    """Holds items whose sizes sum to at most ``capacity``; ``size_of`` is 1 an item by default."""

    def __init__(
        self, capacity: int, *, when_full: WhenFull, size_of: Callable[[Item], int] = _one
    ) -> None:
        if capacity < 1:
            raise ValueError(f"expected a capacity of at least 1, got {capacity}")
        self.capacity = capacity
        self.when_full = when_full
        self.size = 0  # of all items held
        self.dropped = 0  # size of all items dropped so far
        self._size_of = size_of
        self._items: deque[tuple[Item, int]] = deque()

    def put(self, item: Item) -> int:
        """Append an item; returns the size of what was dropped for it.

        An audio item larger than the whole channel is itself dropped, after all it displaces.

        Raises:
            Overloaded: the channel refuses when full; it stays as it was.
        """
        size = self._size_of(item)
        if self.when_full is WhenFull.REFUSE and self.size + size > self.capacity:
            raise Overloaded(f"expected room for {size} in a queue of {self.capacity}, got none")
        self._items.append((item, size))
        self.size += size
        before = self.dropped
        while self.size > self.capacity:
            self.dropped += self._pop()[1]
        return self.dropped - before

    def take(self) -> Item | None:
        """The oldest item, or None when there is none."""
        return self._pop()[0] if self._items else None

    def drain(self) -> list[Item]:
        """All items, oldest first; the channel is empty then."""
        items = [item for item, _ in self._items]
        self._items.clear()
        self.size = 0
        return items

    def __len__(self) -> int:
        return len(self._items)

    def _pop(self) -> tuple[Item, int]:
        item, size = self._items.popleft()
        self.size -= size
        return item, size
