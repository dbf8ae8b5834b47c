"""How loud a piece of sound is. Law: dBFS, 0 dB = full scale 1.0, never below -90."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FLOOR_DB: Final = -90.0  # below the noise of 16-bit sound, so digital silence stays a number
_FLOOR: Final = 10 ** (FLOOR_DB / 20)


def rms_db(samples_S: NDArray[np.floating[Any]]) -> float:
    """Root mean square of float samples [S] in dBFS; -90 for silence and for no samples."""
    if not len(samples_S):
        return FLOOR_DB
    return to_db(float(np.sqrt(np.mean(np.square(samples_S, dtype=np.float64)))))


def peak_db(samples_S: NDArray[np.floating[Any]]) -> float:
    """Largest magnitude of float samples [S] in dBFS; -90 for silence and for no samples."""
    return to_db(float(np.max(np.abs(samples_S)))) if len(samples_S) else FLOOR_DB


def to_db(amplitude: float) -> float:
    """An amplitude as dBFS, floored at -90."""
    return 20 * float(np.log10(max(amplitude, _FLOOR)))


def from_db(level_db: float) -> float:
    """The amplitude of a level in dBFS."""
    return float(10 ** (level_db / 20))
