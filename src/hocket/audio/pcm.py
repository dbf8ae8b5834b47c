"""Sound between float32 in [-1, 1] and 16-bit PCM.

Law: one scale (32,768) both ways, so int16 -> float32 -> int16 is exact. Full scale +1.0 clips to
32,767; what is no number becomes silence.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hocket.core.errors import ProtocolViolation

SCALE: Final = 32_768.0


def to_int16(samples_S: NDArray[np.float32]) -> NDArray[np.int16]:
    """Float samples [S] as int16 [S], rounded and clipped; NaN becomes 0."""
    scaled_S = np.rint(np.clip(np.nan_to_num(samples_S, posinf=1, neginf=-1), -1, 1) * SCALE)
    return np.asarray(np.minimum(scaled_S, SCALE - 1), np.int16)


def from_int16(pcm_S: NDArray[np.int16]) -> NDArray[np.float32]:
    """Int16 samples [S] as float32 [S] in [-1, 1)."""
    return (pcm_S / np.float32(SCALE)).astype(np.float32)


def to_bytes(samples_S: NDArray[np.float32]) -> bytes:
    """Float samples as little-endian 16-bit PCM."""
    return to_int16(samples_S).astype("<i2").tobytes()


def from_bytes(data: bytes) -> NDArray[np.float32]:
    """Little-endian 16-bit PCM as float samples [S].

    Raises:
        ProtocolViolation: an odd number of bytes.
    """
    if len(data) % 2:
        raise ProtocolViolation(f"expected 16-bit PCM, two bytes a sample, got {len(data)} bytes")
    return from_int16(np.frombuffer(data, "<i2").astype(np.int16))


def silence_non_finite(samples_S: NDArray[np.float32]) -> tuple[NDArray[np.float32], int]:
    """The samples with every NaN and infinity as 0, and how many there were."""
    bad_S = ~np.isfinite(samples_S)
    n_bad = int(np.count_nonzero(bad_S))
    return (np.where(bad_S, np.float32(0), samples_S) if n_bad else samples_S), n_bad
