"""SmolLM2's chat template, piece by piece, so that a turn can be prefilled as its words arrive.

Law: joined pieces give the same ids as the template over whole messages. Words are encoded with
the space before them, because byte-level tokens carry it: ``user_opens``, then ``words`` for every
batch heard, then ``user_closes`` and ``assistant_opens``. Source: ``tokenizer.chat_template`` in
the model's own file: ``<|im_start|>role\\ncontent<|im_end|>\\n``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tokenizers import Tokenizer

Role = Literal["system", "user", "assistant"]

START = "<|im_start|>"
END = "<|im_end|>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of a chat."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """Chat turns to token ids. Text never turns into a special token: angle marks are broken."""

    tokenizer: Tokenizer

    @property
    def end_id(self) -> int:
        """The token that ends a turn: stop generating here."""
        return self.ids(END)[0]

    def opens(self, role: Role) -> list[int]:
        """The head of a turn; the assistant's is the prompt to generate from."""
        return self.ids(f"{START}{role}\n")

    def closes(self) -> list[int]:
        """The tail of a turn."""
        return self.ids(f"{END}\n")

    def words(self, text: str, *, first: bool) -> list[int]:
        """Content of a turn, whole or in part; parts split at spaces join to the whole."""
        clean = _without_specials(text).strip()
        if not clean:
            return []
        return self.ids(clean if first else f" {clean}")

    def turn(self, turn: Turn) -> list[int]:
        """A whole turn."""
        return [*self.opens(turn.role), *self.words(turn.text, first=True), *self.closes()]

    def prompt(self, turns: list[Turn]) -> list[int]:
        """Whole turns and the head of the assistant's answer."""
        ids = [index for turn in turns for index in self.turn(turn)]
        return ids + self.opens("assistant")

    def turns(self, ids: Sequence[int]) -> list[list[int]]:
        """A chat cut in front of every head; what stands before the first one is left out."""
        (start,) = self.ids(START)
        heads = [place for place, index in enumerate(ids) if index == start]
        return [list(ids[a:b]) for a, b in zip(heads, [*heads[1:], len(ids)], strict=True)]

    def said(self, turn: Sequence[int], role: Role) -> str:
        """The words of a turn of that role; of another's none."""
        head = self.opens(role)
        if list(turn[: len(head)]) != head:
            return ""
        text: str = self.tokenizer.decode(list(turn[len(head) :]))
        return text.strip()

    def ids(self, text: str) -> list[int]:
        """Token ids of text in which special tokens count."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids


def _without_specials(text: str) -> str:
    return text.replace("<|", "< |")
