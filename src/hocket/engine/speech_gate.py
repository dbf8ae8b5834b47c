"""Is there anything to read in this tick? Louder than a tracked noise floor, and like speech.

Law: it only saves work and stops the word decoder from inventing words on noise. The model gets its
features and levels every tick, whatever this says.
Source: minimum statistics (Martin, IEEE Trans. Speech Audio Process. 9(5), 2001), much simplified.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hocket.audio.levels import to_db
from hocket.engine.port import Float32
from hocket.engine.speech_probe import speech_log_odds

FRAMES: Final = 4  # of 50 ms in a tick
MEMORY_TICKS: Final = 15  # 3 s: within it people nearly always fall back to the room's level once
START_DB: Final = -45.0  # the highest floor that one tick may claim at the start of a stream
MARGIN_DB: Final = 6.0
QUIETEST_DB: Final = -70.0  # below it nothing is read, whatever the floor
OPENS_AT: Final = 0.0  # log odds of speech: 1.5 % of speech ticks lie below, see the decision note
STAYS_ABOVE: Final = -2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechGate:
    """The quietest 50 ms of each of the last ticks, and the answer for the last one."""

    minima_db: tuple[float, ...] = ()
    open: bool = False
    log_odds: float = 0.0  # of speech in the last tick

    @property
    def floor_db(self) -> float:
        """The room's level."""
        if len(self.minima_db) < MEMORY_TICKS:
            return min((START_DB, *self.minima_db))
        return min(self.minima_db)

    def hear(self, samples_S: Float32, frames_TD: Float32) -> "SpeechGate":
        """After one more tick: float32 [3200] and its encoder frames [8, 288]."""
        frames_db = levels_db(samples_S, FRAMES)
        after = replace(self, minima_db=(*self.minima_db, min(frames_db))[-MEMORY_TICKS:])
        loud = max(frames_db) > max(after.floor_db + MARGIN_DB, QUIETEST_DB)
        log_odds = speech_log_odds(frames_TD)
        like_speech = log_odds > (STAYS_ABOVE if self.open else OPENS_AT)
        return replace(after, open=loud and like_speech, log_odds=log_odds)


def levels_db(samples_S: Float32, n: int) -> list[float]:
    """RMS in dBFS of ``n`` equal parts; what does not divide is left out at the end."""
    parts_NS = samples_S[: len(samples_S) // n * n].reshape(n, -1)
    return [to_db(float(rms)) for rms in np.sqrt(np.mean(parts_NS**2, axis=1))]
