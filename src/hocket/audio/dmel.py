"""dMel: sound as discrete log-mel levels, no network in between.

Law: a frame depends on its own 25 ms only, so ticks stream exactly and need no context.
Source: Bai et al., "dMel: Speech Tokenization made Simple" (arXiv 2407.15835): log10 of the mel
magnitude between -7 and 2, the nearest of 16 evenly spaced levels. A full-scale sine under a Hann
window has magnitude 100, log10 2, with triangles of peak 1: it reaches the highest level exactly.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hocket.audio.mel import mel_filters
from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ

FRAME_SAMPLES: Final = USER_RATE_HZ // 40  # 25 ms
FRAMES: Final = TICK_USER_SAMPLES // FRAME_SAMPLES  # 8 a tick
MELS: Final = 80
LEVELS: Final = 16
LOW, HIGH = -7.0, 2.0  # log10 of the magnitude
_WINDOW: Final = np.hanning(FRAME_SAMPLES + 1)[:-1].astype(np.float32)
_FILTERS_MF: Final = mel_filters(
    rate_hz=USER_RATE_HZ, n_fft=FRAME_SAMPLES, n_mels=MELS, area_norm=False
)


def lane_dmel(samples_S: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Levels 0..15 [T, 8, 80] of the whole ticks in samples [S] at 16 kHz; a rest is left out."""
    return levels_of(lane_log_mel(samples_S))


def lane_log_mel(samples_S: NDArray[np.float32]) -> NDArray[np.float32]:
    """log10 of the mel magnitudes [T, 8, 80] of the whole ticks in samples [S], -7 or more."""
    return _log10(_magnitudes(samples_S))


def levels_of(log_mel: NDArray[Any]) -> NDArray[np.uint8]:
    """Levels 0..15 of log10 of magnitudes, the shape kept."""
    inside = np.clip(log_mel, LOW, HIGH)
    return np.asarray(np.rint((inside - LOW) / (HIGH - LOW) * (LEVELS - 1)), np.uint8)


def tick_dmel(samples_S: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Levels 0..15 [8, 80] of one tick. Raises ValueError for another shape than [3200]."""
    if samples_S.shape != (TICK_USER_SAMPLES,):
        raise ValueError(f"expected float32 [{TICK_USER_SAMPLES}], got {samples_S.shape}")
    return np.asarray(lane_dmel(samples_S)[0])


def lane_falls(levels_TFM: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How far the level fell within 50 ms of each tick, in levels (12 dB) over all mels [T]; 0 or less.

    A room fills the gaps between syllables: what is said near the microphone falls deeper.
    """
    level_TF = levels_TFM.mean(axis=2, dtype=np.float32)
    deepest_T = (level_TF[:, 2:] - level_TF[:, :-2]).min(axis=1)
    return np.asarray(np.minimum(deepest_T, 0), np.float32)


def lane_mean_dmel(samples_S: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Levels 0..15 [T, 80] of each tick's mean magnitude: what was played of us, coarsely."""
    return levels_of(_log10(_magnitudes(samples_S).mean(axis=1)))


def tick_mean_dmel(samples_S: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Levels 0..15 [80] of one tick's mean magnitude. Raises ValueError unless [3200]."""
    if samples_S.shape != (TICK_USER_SAMPLES,):
        raise ValueError(f"expected float32 [{TICK_USER_SAMPLES}], got {samples_S.shape}")
    return np.asarray(lane_mean_dmel(samples_S)[0])


def _magnitudes(samples_S: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mel magnitudes [T, 8, 80]."""
    n_ticks = len(samples_S) // TICK_USER_SAMPLES
    frames = samples_S[: n_ticks * TICK_USER_SAMPLES].reshape(n_ticks, FRAMES, FRAME_SAMPLES)
    spectrum = np.abs(np.fft.rfft(frames * _WINDOW)).astype(np.float32)
    return np.asarray(spectrum @ _FILTERS_MF.T, np.float32)


def _log10(magnitudes: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.log10(np.maximum(magnitudes, 10**LOW))
