"""A scene of the bench: what a simulated user says, and on what condition.

Law: a scene is a value that names every text, voice and made sound by what it is made from; when a
sound comes is settled while the engine talks, by the conditions written here and by nothing else.
Times are seconds. Source: metrics.md; docs/bench-scenes.md.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from hocket.data.stock import Request
from hocket.evaluation.truth import Kind, Voices

BABBLE: Final = "babble"  # the noise that the scene's own talkers make
VERSION: Final = 1  # of how scenes become lanes: a new one makes all sets other sets


class Anchor(StrEnum):
    """What a move's ``after_s`` counts from."""

    START = "start"  # of the scene
    FIRST = "first"  # the end of the scene's first sound
    PREVIOUS = "previous"  # the end of the sound before
    VOICE = "voice"  # the agent's voice began, or the sound before ended, whichever is later
    SILENCE = "silence"  # both sides fell silent, an answer that is due being over or given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """One sound of the user's lane, known by its source."""

    kind: Kind
    source: str  # id of an utterance in the bank, or the name of a sound made by rule
    text: str
    voice: str  # engine/name, reader/id, meeting/clip@speaker, or made/name
    request: Request | None = None  # how a synthetic voice says it
    slots: tuple[tuple[str, ...], ...] = ()
    finished: bool = True  # an answer is due at its end
    piece: tuple[int, int] | None = None  # samples of a person's recording
    stretch_s: float = 0.0  # silence put into its longest silence
    gain_db: float = 0.0
    far: bool = False  # across the room
    seed: int = 0  # of a sound made by rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One thing that the user does. Over the agent's speech (``VOICE``) or not at all."""

    sound: Sound
    anchor: Anchor
    after_s: float

    @property
    def over_agent(self) -> bool:
        """Whether it is meant to fall on the agent's speech."""
        return self.anchor is Anchor.VOICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the agent should say, in seconds after an edge of the move number ``after``."""

    content: tuple[tuple[str, ...], ...]
    after: int
    edge: str  # start or end
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What lies between the user's mouth and the engine."""

    hiss_db: float = -65.0  # of the microphone
    tone: str = ""  # an utterance whose room goes on behind the scene
    noise: str = ""  # goes on behind the scene: recorded, made by rule, or babble
    snr_db: float = 0.0  # of the user's voice over it
    room: str = ""  # of the user's own voice; others are always across a room
    echo_db: float | None = None  # of the agent's lane in the user's
    echo_delay_s: float = 0.0
    telephone: bool = False  # 8 kHz, mu-law
    lost_share: float = 0.0  # of pieces of 20 ms
    late_a_minute: float = 0.0  # stretches of 60 to 300 ms that come late


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One scene: a user with things to do. ``fuel`` is what they say to get the agent talking."""

    id: str  # suite/family/number
    suite: str
    family: str
    voices: Voices
    split: str
    seed: int
    moves: tuple[Move, ...]
    fuel: tuple[Sound, ...] = ()
    wishes: tuple[Wish, ...] = ()
    around: Around = Around()
    babble: tuple[Sound, ...] = ()  # who talks in a babble
    tail_s: float | None = None  # behind the last sound or window; None: until the answer is over

    @property
    def sounds(self) -> tuple[Sound, ...]:
        """All sounds that may come."""
        return (*(move.sound for move in self.moves), *self.fuel, *self.babble)


def set_hash(scenes: Iterable[Scene]) -> str:
    """Twelve hex digits over texts, voices, moves, sounds and surroundings, in order."""
    digest = hashlib.sha256(f"bench {VERSION}\n".encode())
    for scene in scenes:
        digest.update(json.dumps(asdict(scene), sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()[:12]
