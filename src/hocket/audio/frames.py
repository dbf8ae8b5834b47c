"""Chunks of any length in, exact ticks out.

Law: samples leave in the order in which they came, each once, or are counted as dropped. The
backlog is bounded: when it is full the oldest samples go, because live sound must not fall behind.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hocket.core.errors import SessionMisuse
from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ

DEFAULT_BACKLOG_S: Final = 10.0


class TickAssembler:
    """The user's lane of one session: float32 mono at 16 kHz, cut into ticks of 200 ms."""

    def __init__(self, *, max_backlog_s: float = DEFAULT_BACKLOG_S) -> None:
        self._ring = np.zeros(max(TICK_USER_SAMPLES, int(max_backlog_s * USER_RATE_HZ)), np.float32)
        self._start = 0
        self.pending = 0  # samples held
        self.dropped_samples = 0  # lost because the backlog was full
        self.padded_samples = 0  # silence put in for sound that never came

    @property
    def ready(self) -> bool:
        """Whether a whole tick can be popped."""
        return self.pending >= TICK_USER_SAMPLES

    @property
    def backlog_s(self) -> float:
        """Seconds of sound held."""
        return self.pending / USER_RATE_HZ

    def push(self, samples_S: NDArray[np.float32]) -> int:
        """Take a chunk [S] of any length; returns how many old samples had to be dropped for it."""
        size = len(self._ring)
        dropped = max(0, self.pending + len(samples_S) - size)
        kept_S = samples_S[max(0, len(samples_S) - size) :]
        forgotten = min(dropped, self.pending)
        self._start = (self._start + forgotten) % size
        self.pending -= forgotten
        self._write(kept_S)
        self.dropped_samples += dropped
        return dropped

    def pad(self, n_samples: int) -> int:
        """Put in silence for sound that is missing; returns like ``push``."""
        self.padded_samples += n_samples
        return self.push(np.zeros(n_samples, np.float32))

    def pop(self) -> NDArray[np.float32]:
        """The oldest tick: float32 [3200], a copy.

        Raises:
            SessionMisuse: fewer samples are held than a tick needs.
        """
        if not self.ready:
            raise SessionMisuse(f"expected {TICK_USER_SAMPLES} samples, got {self.pending}")
        index_S = (self._start + np.arange(TICK_USER_SAMPLES)) % len(self._ring)
        self._start = (self._start + TICK_USER_SAMPLES) % len(self._ring)
        self.pending -= TICK_USER_SAMPLES
        return self._ring[index_S]

    def _write(self, samples_S: NDArray[np.float32]) -> None:
        end = (self._start + self.pending) % len(self._ring)
        first = min(len(samples_S), len(self._ring) - end)
        self._ring[end : end + first] = samples_S[:first]
        self._ring[: len(samples_S) - first] = samples_S[first:]
        self.pending += len(samples_S)
