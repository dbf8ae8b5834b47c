"""The seam between a session and what computes: ears, engine, voice.

Law: neither torch nor ONNX is known here. A session hands each tick through three stages, always in
this order: ``Ears.step`` -> ``Engine.step`` -> ``voice_tick`` (voicing.py). Arrays are float32, mono,
in [-1, 1]. Streams are cheap values of one session; ports are shared by all sessions of a worker.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hocket.audio.dmel import FRAMES, MELS
from hocket.protocol.floor import Floor, Permit
from hocket.protocol.modes import MANNERS, Manner, Mode

Float32: TypeAlias = NDArray[np.float32]

FEATURES_SHAPE = (4, 576)  # 200 ms of Moonshine-tiny frames, joined in pairs


def silent_dmel() -> NDArray[np.uint8]:
    """The dMel levels of a tick of silence [8, 80]."""
    return np.zeros((FRAMES, MELS), np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardTick:
    """What the ears make of one tick of user audio."""

    features: Float32  # [4, 576]
    level_db: float  # RMS of the tick in dBFS, floored at -90
    dmel_FM: NDArray[np.uint8] = field(default_factory=silent_dmel)  # levels 0..15 [8, 80]
    heard: tuple[str, ...] = ()  # words newly agreed: final, never repeated, never taken back
    tentative: tuple[str, ...] = ()  # the tail still open, whole, as it stands now


class EarsStream(Protocol):
    """The ears of one session. ``step`` must be called once a tick, in order."""

    def step(self, samples_S: Float32) -> HeardTick:
        """Hear 200 ms: float32 [3200] at 16 kHz."""
        ...

    def snapshot(self) -> object:
        """A value from which ``restore`` continues exactly."""
        ...

    def restore(self, snapshot: object) -> None:
        """Go back to a snapshot of a stream of the same ears."""
        ...


class Ears(Protocol):
    """A recogniser that is shared by all sessions of a worker."""

    def open(self) -> EarsStream:
        """A fresh stream."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedTick:
    """What the user really got to hear of us during the tick: the echo reference."""

    samples: Float32  # [n <= voice.rate_hz / 5], at the voice's rate; empty in silence
    level_db: float = -90.0
    fraction: float = 0.0  # share of the tick in which we sounded
    words: tuple[str, ...] = ()  # our words whose end was played in this tick
    breath: bool = False  # the voice is between two words: to hold now would sound as a stop


@dataclass(frozen=True, slots=True, kw_only=True)
class TickInput:
    """All that an engine may know of one tick."""

    tick: int
    audio: Float32  # [3200] at 16 kHz: for the baselines' detectors; the model uses features
    heard: HeardTick
    played: PlayedTick
    last_floor: Floor
    plan: str  # our text not voiced yet, after what the last tick voiced
    typed: str = ""  # keystrokes since the last tick, as typed
    manner: Manner = MANNERS[Mode.RESPONSIVE]  # what mode and switches let it do unasked
    events: tuple[str, ...] = ()  # 'timer fired', 'job 3 result: ...', 'user heard up to "..."'


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A delegation, timer or tool call that the model decided on, beside its speech."""

    kind: str
    argument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TickOutput:
    """What an engine decided in one tick.

    Text goes to the plan: ``drop`` empties the plan first, then ``append`` is added. A plan that
    grows while the floor is ``listen`` is a draft: it is not voiced before ``speak``.
    """

    floor: Floor
    p: tuple[float, float, float, float, float]  # over FLOORS, sums to 1, before the permit's mask
    append: str = ""
    drop: bool = False
    ended: bool = False  # the text is complete: nothing will be appended to this plan
    act: Act | None = None
    pace: float = 1.0  # of the voice from the next phrase on; above 1 is faster
    user_ahead: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)  # 200, 400, 600, 800 ms
    agent_ahead: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


class Slot(Protocol):
    """An engine's state for one session; opaque to everybody else."""


class Engine(Protocol):
    """Decides the floor and the words of every tick."""

    name: str

    def open(self, *, seed: int = 0, instructions: str = "") -> Any:
        """A fresh slot for one session."""
        ...

    def step(self, slot: Any, tick_input: TickInput, permit: Permit) -> TickOutput:
        """Decide one tick. The returned floor must be in ``permit.allowed``."""
        ...

    def close(self, slot: Any) -> None:
        """Give the slot's memory back."""
        ...

    def snapshot(self, slot: Any) -> object:
        """A value from which ``restore`` continues exactly."""
        ...

    def restore(self, slot: Any, snapshot: object) -> None:
        """Put a slot back to a snapshot of the same engine."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WordSpan:
    """One word of a phrase and where it sounds, in samples of the phrase at the voice's rate."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A phrase whose timing and latents are known; its sound is rendered piece by piece."""

    text: str
    words: tuple[WordSpan, ...]  # in order, covering every whitespace-separated word of ``text``
    n_samples: int
    payload: Any = field(default=None, repr=False, compare=False)  # the voice's own


class Voice(Protocol):
    """Text to sound. Rate and level are arguments of every phrase, so pace can change at once."""

    @property
    def rate_hz(self) -> int:
        """Samples a second of all its sound; 200 ms of it are whole samples."""
        ...

    def prepare(
        self, text: str, *, seed: int = 0, rate: float = 1.0, level_db: float = 0.0
    ) -> Phrase:
        """Compute a phrase's timing and latents. Never fails on odd text; may be silent."""
        ...

    def render(self, phrase: Phrase, start: int, stop: int) -> Float32:
        """Samples [start, stop) of the phrase; any pieces joined equal the whole."""
        ...
