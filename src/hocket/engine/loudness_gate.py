"""Is there anything to read in this tick? A noise floor that is tracked, and a margin above it.

Law: it only saves work and stops the word decoder from inventing words on noise. The model gets its
features and levels every tick, whatever this says.
Source: minimum statistics (Martin, IEEE Trans. Speech Audio Process. 9(5), 2001), much simplified.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hocket.audio.levels import FLOOR_DB, to_db
from hocket.engine.port import Float32

FRAMES: Final = 4  # of 50 ms in a tick
MEMORY_TICKS: Final = 15  # 3 s: within it people nearly always fall back to the room's level once
START_DB: Final = -45.0  # the highest floor that one tick may claim at the start of a stream
MARGIN_DB: Final = 9.0
QUIETEST_DB: Final = -65.0  # below it nothing is read, whatever the floor


@dataclass(frozen=True, slots=True, kw_only=True)
class LoudnessGate:
    """The quietest 50 ms of each of the last ticks."""

    minima_db: tuple[float, ...] = ()
    open: bool = False

    @property
    def floor_db(self) -> float:
        """The room's level."""
        if len(self.minima_db) < MEMORY_TICKS:
            return min((START_DB, *self.minima_db))
        return min(self.minima_db)

    def hear(self, samples_S: Float32) -> "LoudnessGate":
        """After one more tick: float32 [3200]."""
        frames_db = levels_db(samples_S, FRAMES)
        minima_db = (*self.minima_db, min(frames_db))[-MEMORY_TICKS:]
        after = replace(self, minima_db=minima_db)
        loud = max(frames_db) > max(after.floor_db + MARGIN_DB, QUIETEST_DB)
        return replace(after, open=loud)


def levels_db(samples_S: Float32, n: int) -> list[float]:
    """RMS in dBFS of ``n`` equal parts; what does not divide is left out at the end."""
    parts_NS = samples_S[: len(samples_S) // n * n].reshape(n, -1)
    return [max(to_db(float(rms)), FLOOR_DB) for rms in np.sqrt(np.mean(parts_NS**2, axis=1))]
