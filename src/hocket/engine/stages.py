"""The three stages of a tick as requests and results, so that a session can ask without computing.

Law: hear -> think -> voice, always in this order; a result carries the tick it belongs to and the time
it cost. ``Worker`` (worker.py) answers them.
"""

from dataclasses import dataclass
from typing import TypeAlias

from hocket.engine.port import Float32, HeardTick, Phrase, TickInput, TickOutput
from hocket.protocol.floor import Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseText:
    """A phrase to be prepared."""

    text: str
    seed: int
    rate: float = 1.0
    level_db: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hear:
    """Run the ears over one tick of user audio, float32 [3200]."""

    tick: int
    samples: Float32


@dataclass(frozen=True, slots=True, kw_only=True)
class Think:
    """Run the engine."""

    tick: int
    tick_input: TickInput
    permit: Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """Prepare phrases, then render ``n_samples`` walking along ``queue`` + the prepared ones.

    Rendering starts ``start`` samples into the first phrase of that walk and stops early where it ends.
    """

    tick: int
    prepare: tuple[PhraseText, ...] = ()
    queue: tuple[Phrase, ...] = ()
    start: int = 0
    n_samples: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Result of ``Hear``."""

    tick: int
    result: HeardTick
    compute_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    """Result of ``Think``."""

    tick: int
    result: TickOutput
    compute_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounded:
    """Result of ``Sound``: the phrases prepared and float32 [<= n_samples]."""

    tick: int
    prepared: tuple[Phrase, ...]
    samples: Float32
    compute_ms: float


StageRequest: TypeAlias = Hear | Think | Sound
StageResult: TypeAlias = Heard | Thought | Sounded
