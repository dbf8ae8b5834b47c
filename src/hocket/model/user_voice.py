"""Who is heard, beside the user: softer who turns away, sounding of the room who is far, in another voice.

Law: of tick k it depends on sound up to tick k and on what we did before it. The user is whom we answered:
loud as the loudest ticks behind which we began to speak, and of the last such answers the loudest counts:
what broke in on us is heard half, and a nod that was answered is soft. Dry is what falls deep within 50 ms
(audio/dmel.py): a room fills the gaps between syllables. Alike is the cosine between timbres (timbre.py).
Source: docs/decisions/0070: it tells talk to others from interruptions where words and features do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hocket.audio.dmel import lane_falls
from hocket.audio.levels import FLOOR_DB
from hocket.model.duplex_config import USER_VOICE
from hocket.model.timbre import TIMBRES, timbre
from hocket.protocol.floor import FLOORS, Floor

Float32: TypeAlias = NDArray[np.float32]
Array: TypeAlias = NDArray[Any]

UNIT_DB: Final = 6.0  # over or under the usual, that are 1 to the network
MOST_UNITS: Final = 4.0  # that are told apart
SECOND: Final = 5  # ticks
WHILE: Final = 15  # ticks: three seconds tell a voice far better than one
HEARD_TICKS: Final = 25  # before an answer: whom it answers spoke in these
LOUDEST: Final = 3  # of them: vowels, not the gaps between words
LEAST_DB: Final = -55.0  # of speech; an answer behind less was to nobody's voice
MOST_DB: Final = -16.0  # louder was clipped, or a gain control had not settled: it says little
VOICED_DB: Final = 15.0  # under the loudest: the voice still, not the room
ANSWERS: Final = 4  # that are remembered
NEAR_DB: Final = 15.0  # under the usual: it may be the user who has moved away
MOST_UNANSWERED: Final = 150  # ticks of that, and whoever speaks may be the user
SPEAK, HOLD = FLOORS.index(Floor.SPEAK), FLOORS.index(Floor.HOLD)
NOBODY: Final = np.zeros(TIMBRES, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What sounded: in a tick, or in a turn that we answered."""

    level_db: float
    fall: float  # 0 or less
    timbre_K: Float32


@dataclass(frozen=True, slots=True, kw_only=True)
class UserVoice:
    """What is known of the user's voice behind a tick."""

    lately: tuple[Voice, ...] = ()  # the last ticks, this one last
    heard: tuple[Voice, ...] = ()  # those behind our last word
    answered: tuple[Voice, ...] = ()  # the last turns that we answered
    unanswered: int = 0  # ticks since in which somebody near was heard

    def then(self, tick: Voice, last_floor: int) -> Self:
        """Behind the next tick. ``last_floor``: what we did in the tick before, its place in FLOORS."""
        now = replace(self, lately=(*self.lately, tick)[-WHILE:])
        if last_floor == HOLD:
            return now
        if last_floor == SPEAK:
            answered = (*self.answered, *_turn(self.heard))[-ANSWERS:]
            return replace(now, answered=answered, heard=(), unanswered=0)
        now = replace(now, heard=(*self.heard, tick)[-HEARD_TICKS:])
        if not self.answered or tick.level_db < self._usual_db() - NEAR_DB:
            return now
        if self.unanswered == MOST_UNANSWERED:
            return replace(now, answered=(), unanswered=0)
        return replace(now, unanswered=self.unanswered + 1)

    def numbers(self) -> tuple[float, ...]:
        """The level, -90 to 0 dB as 0 to 1; the deepest fall of the last second; then, beside the user: how
        far the level is over theirs and how far the loudest of the last second is, 6 dB as 1; how much
        deeper it fell; how alike the voices of the last second and of the last three are, -1 to 1; and
        whether a user is known, without whom all these are 0."""
        second = self.lately[-SECOND:]
        level_db, fall = self.lately[-1].level_db, min(tick.fall for tick in second)
        level = 1 - level_db / FLOOR_DB
        if not self.answered:
            return level, fall, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        usual_db = self._usual_db()
        usual_K = _unit(sum((turn.timbre_K for turn in self.answered), NOBODY))
        return (
            level,
            fall,
            _units(level_db - usual_db),
            _units(max(tick.level_db for tick in second) - usual_db),
            _mean([turn.fall for turn in self.answered]) - fall,
            float(_timbre(second) @ usual_K),
            float(_timbre(self.lately) @ usual_K),
            1.0,
        )

    def _usual_db(self) -> float:
        return max(turn.level_db for turn in self.answered)


def _turn(heard: Sequence[Voice]) -> tuple[Voice, ...]:
    """What was heard when we began to speak was the user, if it was a voice."""
    if not heard:
        return ()
    level_db = _mean(sorted(tick.level_db for tick in heard)[-LOUDEST:])
    if level_db < LEAST_DB:
        return ()
    fall = _mean(sorted(tick.fall for tick in heard)[:LOUDEST])
    return (Voice(level_db=min(level_db, MOST_DB), fall=fall, timbre_K=_timbre(heard)),)


def _timbre(ticks: Sequence[Voice]) -> Float32:
    """Of the voiced ticks, of length 1 [24]; zeros if there are none."""
    loudest_db = max(tick.level_db for tick in ticks)
    if loudest_db < LEAST_DB:
        return NOBODY
    return _unit(
        sum((tick.timbre_K for tick in ticks if tick.level_db > loudest_db - VOICED_DB), NOBODY)
    )


def _unit(timbre_K: Float32) -> Float32:
    length = float(np.sqrt(timbre_K @ timbre_K))
    return timbre_K / np.float32(length) if length else timbre_K


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _units(over_db: float) -> float:
    return min(max(over_db / UNIT_DB, -MOST_UNITS), MOST_UNITS)


def voices(level_db_T: Array, dmel_TFM: Array) -> list[Voice]:
    """The voice of each tick, from its level in dB and its dMel levels [T, 8, 80]."""
    rows = zip(level_db_T, lane_falls(dmel_TFM), timbre(dmel_TFM), strict=True)
    return [Voice(level_db=float(db), fall=float(fall), timbre_K=K) for db, fall, K in rows]


def user_voice(level_db_T: Array, dmel_TFM: Array, floor_T: Array) -> Float32:
    """The numbers of all ticks of a session [T, 8]. ``floor_T``: what we did in each tick."""
    found_TV = np.zeros((len(level_db_T), USER_VOICE), np.float32)
    state = UserVoice()
    last_floor = FLOORS.index(Floor.LISTEN)
    for tick, (voice, floor) in enumerate(zip(voices(level_db_T, dmel_TFM), floor_T, strict=True)):
        state = state.then(voice, last_floor)
        found_TV[tick] = state.numbers()
        last_floor = int(floor)
    return found_TV
