"""Rooms made by rule, beside the few recorded ones: who hears two rooms only learns those two.

Law: a name is the same room everywhere; splits have names of their own. A room is its direct sound and,
behind a gap, noise that decays evenly and is darker than the sound; its energy is 1, so that speech keeps
its level. Source: late reverberation as decaying noise (Schroeder, "Natural sounding artificial
reverberation", 1962).
"""

from typing import Final
from zlib import crc32

import numpy as np

from hocket.audio.levels import from_db
from hocket.core.units import USER_RATE_HZ
from hocket.data.spans import Float32

MADE_ROOMS: Final = 24  # a split
DECAY_S: Final = (0.2, 0.9)  # by 60 dB
DIRECT_DB: Final = (-10.0, 3.0)  # of the direct sound over all that follows: from far to near
GAP_S: Final = (0.002, 0.012)
DARKER: Final = (0.0, 0.6)  # how much of a sample of the noise stays in the next
_KERNEL: Final = 16  # samples after which that is forgotten


def made_rooms(split: str) -> tuple[str, ...]:
    """The names of a split's rooms."""
    return tuple(f"made/{split}/{n}" for n in range(MADE_ROOMS))


def made_room(name: str) -> Float32:
    """The impulse response of that name, its direct sound first, float32 [R] at 16 kHz."""
    rng = np.random.default_rng((crc32(name.encode()), 31))
    decay_s, gap_s = rng.uniform(*DECAY_S), rng.uniform(*GAP_S)
    time_R = np.arange(round((gap_s + decay_s) * USER_RATE_HZ)) / USER_RATE_HZ
    kernel = rng.uniform(*DARKER) ** np.arange(_KERNEL)
    late_R = np.convolve(rng.standard_normal(len(time_R)), kernel)[: len(time_R)]
    late_R *= 10 ** (-3 * time_R / decay_s) * (time_R >= gap_s)
    late_R /= np.sqrt(np.sum(late_R**2))
    late_R[0] = from_db(rng.uniform(*DIRECT_DB))
    return np.asarray(late_R / np.sqrt(np.sum(late_R**2)), np.float32)
