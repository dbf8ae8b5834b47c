"""What the judge knows of a session: its marks, its length, and when the user was speaking.

Law: times are whole samples at 16 kHz. Ticks are 3,200 of them, so shifting a session by whole ticks
shifts every verdict and changes none; seconds in floats would not keep that.
Source: docs/data.md for the marks of a packed session.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ

Bools: TypeAlias = NDArray[np.bool_]

PAUSE, TURN_END, INTERRUPTION = "pause", "turn_end", "interruption"
BYSTANDERS: Final = ("backchannel", "noise", "tic", "side")  # what an agent should speak through
EARLY_SAMPLES: Final = USER_RATE_HZ * 4 // 10  # before a turn's end: an answer, not a false start
# A decision is heard this long after its tick: compute, charged alike to all engines.
COMPUTE_SAMPLES: Final = USER_RATE_HZ // 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing that happened in a session, in samples at 16 kHz."""

    kind: str
    start: int
    end: int
    sentence_end: bool = False  # a pause after a finished sentence, where people may answer

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """From a pack's ``marks``, which are in seconds."""
        start, end = (round(float(raw[key]) * USER_RATE_HZ) for key in ("start_s", "end_s"))
        final = bool(raw.get("sentence_end", False))
        return cls(kind=str(raw["kind"]), start=start, end=end, sentence_end=final)

    @property
    def length_s(self) -> float:
        """How long it lasts, in seconds."""
        return (self.end - self.start) / USER_RATE_HZ


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A session to be judged.

    ``running_T`` are the ticks whose decision would be heard while the user speaks, in no answerable
    place: a start there is a false start.
    """

    id: str
    marks: tuple[Mark, ...]
    running_T: Bools

    def of_kind(self, *kinds: str) -> tuple[Mark, ...]:
        """The marks of these kinds, in order."""
        return tuple(mark for mark in self.marks if mark.kind in kinds)

    def __len__(self) -> int:
        return len(self.running_T)


def case_of(about: Mapping[str, Any], user_ahead_T: Any, agent_silent_T: Bools) -> Case:
    """A case from a session's ``about``, the share of user speech in the 200 ms after each tick
    [T], and whether the agent was silent in the tick [T]."""
    marks = tuple(Mark.of(raw) for raw in about["marks"])
    running_T = (np.asarray(user_ahead_T, np.float64) >= 0.5) & agent_silent_T
    ends = input_ends(len(running_T))
    for mark in marks:
        if mark.kind == TURN_END:
            running_T &= (ends <= mark.start - EARLY_SAMPLES) | (ends > mark.end)
    return Case(id=str(about["id"]), marks=marks, running_T=running_T)


def input_ends(n_ticks: int) -> NDArray[np.int64]:
    """The sample at which the input of each tick ends: [n_ticks]."""
    return TICK_USER_SAMPLES * np.arange(1, n_ticks + 1)


def first_tick_after(sample: int) -> int:
    """The first tick whose input ends after that sample."""
    return max(0, sample // TICK_USER_SAMPLES)


def ticks_heard_before(sample: int) -> int:
    """How many ticks' decisions are heard before that sample."""
    return max(0, -(-(sample - COMPUTE_SAMPLES) // TICK_USER_SAMPLES) - 1)


def heard_s(tick: int | NDArray[np.int64], mark: Mark) -> Any:
    """Seconds from a mark's start until the decision of ``tick`` is heard."""
    return (TICK_USER_SAMPLES * (tick + 1) + COMPUTE_SAMPLES - mark.start) / USER_RATE_HZ
