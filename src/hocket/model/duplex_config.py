"""The shape of a duplex network: its backbone and which inputs it sees.

Law: everything that decides the names and shapes of its weights stands here, without torch, so that
recipes and command lines read it cheaply. Source: model.md section 1.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hocket.audio.dmel import MELS
from hocket.model.config import BackboneConfig

SOUND_POSITIONS: Final = 4  # a tick: 50 ms each
FEATURE_WIDTH: Final = 576  # two frames of Moonshine-tiny, joined
TOKEN_WIDTH: Final = 576  # SmolLM2's embeddings
SIGNS: Final = 2  # beside a token: how surely a turn ends behind it, how surely it is for the agent
AGREED, TENTATIVE, TYPED, EVENT = range(4)  # kinds of tokens
TOKEN_KINDS: Final = 4
TAIL_TOKENS: Final = 4  # of the open tail that are shown, and only when they change
USER_VOICE: Final = 8  # numbers a tick of who is heard beside the user, see user_voice.py
DMEL_FRAMES: Final = 2  # of 25 ms in a position
FADES_S: Final = 2.0  # a word's freshness in the summary falls by e in this time
RECENT_LEVELS: Final = 2 * MELS  # of a tick in a summary: mean levels of its halves


class Sound(StrEnum):
    """What the sound positions of a tick are made of."""

    NONE = "none"
    FEATURES = "features"
    DMEL = "dmel"


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplexConfig:
    """A network that hears and decides; it writes no text yet, so the backbone's vocabulary is unused."""

    backbone: BackboneConfig
    sound: Sound
    words: bool
    user_voice: bool = False  # who is heard beside the user, see user_voice.py
    recent_ticks: int = 0  # the position that decides also sees a summary of so many last ticks
    recent_dropout: float = 0.0
    manner: bool = False  # whether the agent may nod and interject, beside what was played of us
    signs: bool = False  # beside each token, what engine/turn_reader.py tells of the turn

    @property
    def own_width(self) -> int:
        """Of the numbers in ``F``."""
        return 2 + USER_VOICE * self.user_voice + 2 * self.manner

    @property
    def token_width(self) -> int:
        """Of a token's vector."""
        return TOKEN_WIDTH + SIGNS * self.signs

    def __post_init__(self) -> None:
        if self.sound is Sound.NONE and not self.words and not self.user_voice:
            raise ValueError(
                "expected sound, words or the voice of the user as input, got none of them"
            )
