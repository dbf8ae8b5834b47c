"""Who plays which conversation: one user's voice, others beside it, and all sounds that this takes.

Law: a rendition is a function of the conversation and its number, so that scenes made later find the same
sounds in the bank again: a rendition is played many times, in other rooms and at another pace. Voices and
conversations of a split stay in it.
Source: docs/data.md; splits.py; conversations.py.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hocket.core.errors import BadInput
from hocket.data.casting import ASIDE
from hocket.data.conversations import Conversation, Kind, Line, filled
from hocket.data.splits import split_of
from hocket.data.stock import Request, request
from hocket.data.texts import Kind as Sounding

SEED: Final = 0  # of how a text is said; the bank would grow without end with many
# What a line is in the bank. The agent's own stand in AGENT.
OWN: Final = {
    Kind.USER: Sounding.TURN,
    Kind.MORE: Sounding.TURN,
    Kind.INTERRUPTION: Sounding.INTERRUPTION,
    Kind.BACKCHANNEL: Sounding.BACKCHANNEL,
}
OTHERS: Final = {Kind.SIDE: Sounding.SIDE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """A conversation with its slots filled, and who speaks: the user, and who talks beside.

    ``other`` may be the user too, who says something to somebody else.
    """

    conversation: Conversation
    voice: str
    other: str

    @property
    def requests(self) -> list[Request]:
        """Every sound of the user's lane."""
        return [
            request(kinds[line.kind], line.text, voice, SEED)
            for kinds, voice in ((OWN, self.voice), (OTHERS, self.other))
            for line in self.conversation.lines
            if line.kind in kinds
        ]

    @property
    def phrases(self) -> list[str]:
        """Everything that the agent would say."""
        return [text for line in self.conversation.lines for text in _phrases(line)]


def _phrases(line: Line) -> tuple[str, ...]:
    if line.kind in (Kind.NOD, Kind.CUED):
        return (line.text,)
    return line.phrases


def rendition(conversation: Conversation, number: int, voices: Sequence[str]) -> Rendition:
    """Rendition so-and-so of a conversation, by voices of its split.

    Raises:
        BadInput: no two speakers, or a voice of another split.
    """
    strangers = [voice for voice in voices if split_of(voice) is not conversation.split]
    if strangers or len({_speaker(voice) for voice in voices}) < 2:
        wanted = f"two speakers or more of {conversation.split} for {conversation.id}"
        raise BadInput(f"expected {wanted}, got {', '.join(strangers or voices) or 'none'}")
    key = f"{conversation.id} {number}".encode()
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(key).digest()[:8], "big"))
    voice = str(voices[int(rng.integers(len(voices)))])
    turns_away = rng.random() < ASIDE
    beside = [other for other in voices if _speaker(other) != _speaker(voice)]
    return Rendition(
        conversation=filled(conversation, rng),
        voice=voice,
        other=voice if turns_away else str(beside[int(rng.integers(len(beside)))]),
    )


def _speaker(voice: str) -> str:
    """A pitched voice is the same speaker."""
    return voice.partition("@")[0]
