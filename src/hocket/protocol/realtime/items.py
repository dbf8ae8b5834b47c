"""The conversation's items as the client knows them.

Law: an item of ours holds words with the stream position at which each was complete, so its text can be
cut to what the user heard, word by word. The newest 256 items are kept; older ones are unknown again.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

from hocket.protocol.realtime.refusal import Refusal

KEPT: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidAt:
    """A word of ours and the absolute stream position behind its last sample."""

    text: str
    end: int


@dataclass(slots=True, kw_only=True)
class Item:
    """One message."""

    id: str
    role: str  # "user" or "assistant"
    kind: str  # of its one content part: input_audio, input_text, output_audio, output_text
    status: str = "in_progress"
    text: str = ""  # of a user
    words: list[SaidAt] = field(default_factory=list)  # of ours
    start: int = 0  # our stream: position of its first sample
    stop: int = 0  # and behind its last one

    @property
    def said(self) -> str:
        """The text of the item."""
        return " ".join(word.text for word in self.words) if self.words else self.text

    def keep_until(self, position: int) -> None:
        """Forget words that were not complete at a stream position."""
        self.words = [word for word in self.words if word.end <= position]

    def shown(self, *, empty: bool = False) -> dict[str, Any]:
        """The protocol's item object; ``empty`` leaves the content out, as in "added"."""
        spoken = self.kind.endswith("_audio")
        part: dict[str, Any] = {"type": self.kind}
        part["transcript" if spoken else "text"] = self.said
        return {
            "id": self.id,
            "object": "realtime.item",
            "type": "message",
            "status": self.status,
            "role": self.role,
            "content": [] if empty else [part],
        }


class Items:
    """All items, in order; hands out ids."""

    def __init__(self) -> None:
        self._items: OrderedDict[str, Item] = OrderedDict()
        self._count = 0
        self.last_id: str | None = None

    def new_id(self) -> str:
        """The next free id."""
        self._count += 1
        return f"item_{self._count:04d}"

    def add(self, item: Item) -> str | None:
        """Append an item; returns the id of the one before it.

        Raises:
            Refusal: its id is taken.
        """
        if item.id in self._items:
            raise Refusal("item_id_taken", f"expected a new id, got {item.id}", param="item.id")
        previous, self.last_id = self.last_id, item.id
        self._items[item.id] = item
        if len(self._items) > KEPT:
            self._items.popitem(last=False)
        return previous

    def get(self, item_id: str) -> Item:
        """An item.

        Raises:
            Refusal: there is none of that id.
        """
        if item_id not in self._items:
            message = f"expected the id of an item, got {item_id}"
            raise Refusal("item_not_found", message, param="item_id")
        return self._items[item_id]

    def write(self, item_id: str, text: str) -> None:
        """Set a user's text, if the item is still there."""
        if (item := self._items.get(item_id)) is not None:
            item.text = text

    def delete(self, item_id: str) -> None:
        """Forget an item.

        Raises:
            Refusal: there is none of that id.
        """
        self.get(item_id)
        del self._items[item_id]
        if self.last_id == item_id:
            self.last_id = next(reversed(self._items), None)
