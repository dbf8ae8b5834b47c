"""Fades without a click. Law: a raised cosine; fade in + fade out over the same span sum to 1."""

import numpy as np
from numpy.typing import NDArray


def ramp(n_samples: int) -> NDArray[np.float32]:
    """Gains [n] that rise from 0 towards 1 along half a cosine, symmetric about the middle."""
    phase_n = (np.arange(n_samples) + 0.5) / max(n_samples, 1)
    return (0.5 - 0.5 * np.cos(np.pi * phase_n)).astype(np.float32)


def fade_in(samples_S: NDArray[np.float32], n_samples: int) -> NDArray[np.float32]:
    """A copy whose first ``n_samples`` (or all, if fewer) rise from silence."""
    n = min(n_samples, len(samples_S))
    out_S = samples_S.copy()
    out_S[:n] *= ramp(n)
    return out_S


def fade_out(samples_S: NDArray[np.float32], n_samples: int) -> NDArray[np.float32]:
    """A copy whose last ``n_samples`` (or all, if fewer) fall to silence."""
    return fade_in(samples_S[::-1], n_samples)[::-1]
