"""What reaches a session from outside and what it asks its shell to do.

Law: events are facts in the past tense, actions are imperatives; both are plain values. Stage requests
to the models are actions too (engine/stages.py). Times are session seconds and are passed beside the
event, never inside it.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hocket.protocol.modes import Mode
from hocket.protocol.score import ScoreTick, ScoreTotals

Float32: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioReceived:
    """A chunk of the user's lane, any length, float32 mono at 16 kHz."""

    samples: Float32


@dataclass(frozen=True, slots=True, kw_only=True)
class InputEnded:
    """No more user audio will come; the session may finish when it has nothing left to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The wire is gone, or the server ends: finish with the next tick, whatever was being said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTyped:
    """Keystrokes as they were typed, not only on Enter; ``\\b`` deletes, ``\\n`` sends."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackReported:
    """The client has played our stream up to this absolute sample position."""

    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackStopped:
    """The client stopped at this absolute position and dropped what lay behind it."""

    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted:
    """The person muted (or unmuted) the agent."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPressed:
    """The person told the agent to stop what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeChosen:
    """The person chose when the agent may speak."""

    mode: Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseAsked:
    """The client asks for an answer now, whatever the floor (Realtime's ``response.create``)."""


OutsideEvent: TypeAlias = (
    AudioReceived
    | InputEnded
    | Closed
    | TextTyped
    | PlaybackReported
    | PlaybackStopped
    | Muted
    | StopPressed
    | ModeChosen
    | ResponseAsked
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidWord:
    """A word of ours and the session time at which it is expected to sound."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Play these samples behind what is still queued. ``position`` is the first one's, absolute."""

    samples: Float32
    position: int
    words: tuple[SaidWord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPlayout:
    """Fade out within ``fade_ms``, drop the queue, answer with ``PlaybackStopped``."""

    fade_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Append a line to the score."""

    line: ScoreTick


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The session is over."""

    totals: ScoreTotals


ShellAction: TypeAlias = Play | StopPlayout | Record | Finish
