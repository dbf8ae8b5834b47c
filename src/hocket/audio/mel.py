"""Triangular mel filters. Law: pure numbers of a rate, a transform and a count; no state.

Source: Slaney's mel scale (Auditory Toolbox, 1998): linear below 1 kHz, logarithmic above.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_LINEAR_HZ: Final = 200 / 3  # a mel below 1 kHz
_BREAK_HZ: Final = 1000.0
_BREAK_MEL: Final = 15.0
_LOG_STEP: Final = np.log(6.4) / 27


def mel_filters(
    *, rate_hz: int, n_fft: int, n_mels: int, area_norm: bool = True
) -> NDArray[np.float32]:
    """Filters [n_mels, n_fft / 2 + 1] from 0 Hz to half the rate.

    ``area_norm`` gives every triangle the same area (Slaney's); else every peak is 1.
    """
    bins_hz = np.linspace(0, rate_hz / 2, n_fft // 2 + 1)
    top_mel = float(_hz_to_mel(np.array([rate_hz / 2]))[0])
    edges_hz = _mel_to_hz(np.linspace(0, top_mel, n_mels + 2))
    rising = (bins_hz - edges_hz[:-2, None]) / np.diff(edges_hz)[:-1, None]
    falling = (edges_hz[2:, None] - bins_hz) / np.diff(edges_hz)[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    if area_norm:
        triangles = triangles * (2 / (edges_hz[2:] - edges_hz[:-2]))[:, None]
    return np.asarray(triangles, np.float32)


def _hz_to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _BREAK_MEL + np.log(np.maximum(hz, 1e-9) / _BREAK_HZ) / _LOG_STEP
    return np.where(hz < _BREAK_HZ, hz / _LINEAR_HZ, above)


def _mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _BREAK_HZ * np.exp((mel - _BREAK_MEL) * _LOG_STEP)
    return np.where(mel < _BREAK_MEL, mel * _LINEAR_HZ, above)
