"""How loud somebody is beside how loud the user usually is: who turns away, or sits far off, is softer.

Law: of tick k it depends on sound up to tick k and on what we did before it. The user is whom we answered:
their loudness is that of the loudest ticks behind which we began to speak, and of the last such answers the
loudest counts: what broke in on us is heard half, and a nod that was answered is soft.
Source: docs/decisions/0070: it tells talk to others from interruptions where words and features do not.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hocket.audio.levels import FLOOR_DB
from hocket.model.duplex_config import LOUDNESS
from hocket.protocol.floor import FLOORS, Floor

Float32: TypeAlias = NDArray[np.float32]
Array: TypeAlias = NDArray[Any]

UNIT_DB: Final = 6.0  # over or under the usual, that are 1 to the network
MOST_UNITS: Final = 4.0  # that are told apart
LATELY_TICKS: Final = 5  # a second
HEARD_TICKS: Final = 25  # before an answer: whom it answers spoke in these
LOUDEST: Final = 3  # of them: vowels, not the gaps between words
LEAST_DB: Final = -55.0  # of speech; an answer behind less was to nobody's voice
ANSWERS: Final = 4  # that are remembered
NEAR_DB: Final = 15.0  # under the usual: it may be the user who has moved away
MOST_UNANSWERED: Final = 150  # ticks of that, and whoever speaks may be the user
SPEAK, HOLD = FLOORS.index(Floor.SPEAK), FLOORS.index(Floor.HOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """What is known of the user's loudness behind a tick."""

    lately_db: tuple[float, ...] = (FLOOR_DB,)  # of the last ticks, this one last
    heard_db: tuple[float, ...] = ()  # of those behind our last word
    answered_db: tuple[float, ...] = ()  # of the last turns that we answered
    unanswered: int = 0  # ticks since in which somebody near was heard

    def then(self, level_db: float, last_floor: int) -> Self:
        """Behind the next tick. ``last_floor``: what we did in the tick before, its place in FLOORS."""
        now = replace(self, lately_db=(*self.lately_db, level_db)[-LATELY_TICKS:])
        if last_floor == HOLD:
            return now
        if last_floor == SPEAK:
            return replace(now, answered_db=self._answered(), heard_db=(), unanswered=0)
        now = replace(now, heard_db=(*self.heard_db, level_db)[-HEARD_TICKS:])
        if not self.answered_db or level_db < max(self.answered_db) - NEAR_DB:
            return now
        if self.unanswered == MOST_UNANSWERED:
            return replace(now, answered_db=(), unanswered=0)
        return replace(now, unanswered=self.unanswered + 1)

    def numbers(self) -> tuple[float, float, float, float]:
        """The level, -90 to 0 dB as 0 to 1; how far it is over the usual, and how far the loudest of the
        last second is, 6 dB as 1; whether a usual is known."""
        level_db = self.lately_db[-1]
        level = 1 - level_db / FLOOR_DB
        if not self.answered_db:
            return level, 0.0, 0.0, 0.0
        usual_db = max(self.answered_db)
        return level, _units(level_db - usual_db), _units(max(self.lately_db) - usual_db), 1.0

    def _answered(self) -> tuple[float, ...]:
        """The turns that we answered, when we begin to speak."""
        if not self.heard_db:
            return self.answered_db
        said_db = sum(sorted(self.heard_db)[-LOUDEST:]) / min(LOUDEST, len(self.heard_db))
        if said_db < LEAST_DB:
            return self.answered_db
        return (*self.answered_db, said_db)[-ANSWERS:]


def _units(over_db: float) -> float:
    return min(max(over_db / UNIT_DB, -MOST_UNITS), MOST_UNITS)


def loudness(level_db_T: Array, floor_T: Array) -> Float32:
    """The numbers of all ticks of a session [T, 4]. ``floor_T``: what we did in each tick."""
    found_TL = np.zeros((len(level_db_T), LOUDNESS), np.float32)
    state = Loudness()
    last_floor = FLOORS.index(Floor.LISTEN)
    for tick, (level_db, floor) in enumerate(zip(level_db_T, floor_T, strict=True)):
        state = state.then(float(level_db), last_floor)
        found_TL[tick] = state.numbers()
        last_floor = int(floor)
    return found_TL
