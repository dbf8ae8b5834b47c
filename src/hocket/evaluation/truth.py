"""What really happened in a scene: the truth that metrics hold two lanes against.

Law: times are seconds of session time and come from the sound as it was placed, never from an engine.
A truth is a value; it is written beside the lanes as JSON and read back equal.
Source: metrics.md for what each kind is needed for.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Kind(StrEnum):
    """What a sound in the user's lane is."""

    TURN = "turn"  # wants an answer once it is finished
    INTERRUPTION = "interruption"  # over the agent's speech; a turn of its own
    BACKCHANNEL = "backchannel"  # over the agent's speech, leaves it the floor
    TIC = "tic"  # cough, laugh, "um"
    SIDE = "side"  # speech that is not for the agent
    NOISE = "noise"  # a burst, not a floor of noise


class Voices(StrEnum):
    """Whose voice the user's is: figures are kept apart by it."""

    SYNTHETIC = "synthetic"
    HUMAN = "human"


class _Truth(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(_Truth):
    """A stretch of time."""

    start_s: float
    end_s: float


class Wanted(_Truth):
    """Something the agent should say: content and window of its start (suite ``timing``)."""

    content: tuple[tuple[str, ...], ...]  # every group must be met by one of its words
    earliest_s: float
    latest_s: float


class Event(_Truth):
    """One sound in the user's lane, first to last audible sample."""

    kind: Kind
    start_s: float
    end_s: float
    text: str = ""
    voice: str = ""  # engine/name, or reader/id
    over_agent: bool = False  # was meant to fall on the agent's speech; void if it did not
    finished: bool = True  # of a turn: an answer is due at its end
    pauses: tuple[Span, ...] = ()  # silences of 0.25 s or more inside a turn
    slots: tuple[
        tuple[str, ...], ...
    ] = ()  # relevance: every group must be met by one of its words


class Truth(_Truth):
    """One scene."""

    scene: str  # suite/family/number
    suite: str
    family: str
    voices: Voices
    split: str  # validation or test: of the user's voice
    seed: int
    length_s: float
    events: tuple[Event, ...]
    wanted: tuple[Wanted, ...] = ()
