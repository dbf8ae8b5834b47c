"""A summary of the last ticks for the position that decides: their sound, and the latest word.

Law: of tick k it holds ticks k - W + 1 .. k and tokens up to k, wherever the crop begins; what a crop
does without (sound, words) is zeros in it too.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hocket.core.units import TICK_S
from hocket.data.pack import SessionTicks
from hocket.model.duplex_config import (
    DMEL_BINS,
    DMEL_LEVELS,
    FADES_S,
    DuplexConfig,
    Sound,
)
from hocket.model.loudness import loudness
from hocket.training.crops import Crop
from hocket.training.word_vectors import WordVectors

Float32 = NDArray[np.float32]


def summary(
    pieces: Sequence[tuple[SessionTicks, Crop]],
    network: DuplexConfig,
    vectors: WordVectors | None,
) -> dict[str, Tensor]:
    """The fields of ``TickTensors``; empty for a network without a summary."""
    if not network.recent_ticks:
        return {}
    found: dict[str, Tensor] = {}
    if network.sound is not Sound.NONE:
        rows = [_sound(session, crop, network) for session, crop in pieces]
        found["recent_TWS"] = torch.from_numpy(np.concatenate(rows))
    if network.level:
        levels = [_loudness(session, crop, network) for session, crop in pieces]
        found["recent_TWL"] = torch.from_numpy(np.concatenate(levels))
    if network.words:
        assert vectors is not None
        latest = [_latest(session, crop, vectors) for session, crop in pieces]
        found["latest_TE"] = torch.from_numpy(np.concatenate([x for x, _ in latest]))
        found["latest_age_T"] = torch.from_numpy(np.concatenate([x for _, x in latest]))
    return found


def _sound(session: SessionTicks, crop: Crop, network: DuplexConfig) -> Float32:
    """[T, W, S]: means of the last W ticks."""
    n, width = len(crop), network.recent_ticks
    first = max(crop.first - width + 1, 0)
    means = _means(session, first, crop.stop, network.sound)
    return _windows(means * np.float32(crop.sound), n, width)


def _loudness(session: SessionTicks, crop: Crop, network: DuplexConfig) -> Float32:
    """[T, W, 4]: how loud the last W ticks were."""
    n, width = len(crop), network.recent_ticks
    heard_TL = loudness(session.level_db[: crop.stop], session.floor[: crop.stop])
    return _windows(heard_TL[max(crop.first - width + 1, 0) :] * np.float32(crop.sound), n, width)


def _windows(rows: Float32, n: int, width: int) -> Float32:
    """Of the last n rows each with those before it [n, W, S]; zeros before the first."""
    padded = np.zeros((n + width - 1, rows.shape[1]), np.float32)
    padded[len(padded) - len(rows) :] = rows
    windows: Any = np.lib.stride_tricks.sliding_window_view(padded, width, axis=0)
    return np.ascontiguousarray(windows.transpose(0, 2, 1))


def _means(session: SessionTicks, first: int, stop: int, sound: Sound) -> Float32:
    if sound is Sound.FEATURES:
        features: Float32 = np.asarray(session.features[first:stop], np.float32)
        return np.asarray(features.mean(axis=1))
    levels = np.asarray(session.dmel[first:stop], np.float32) / DMEL_LEVELS
    halves = levels.reshape(stop - first, 2, -1, DMEL_BINS).mean(axis=2)
    return np.asarray(halves.reshape(stop - first, -1))


def _latest(session: SessionTicks, crop: Crop, vectors: WordVectors) -> tuple[Float32, Float32]:
    """The latest token's vector [T, E], and how fresh it is [T]."""
    n = len(crop)
    if not crop.words or not len(session.input_ids):
        return np.zeros((n, vectors.size), np.float32), np.zeros(n, np.float32)
    end_T = np.asarray(session.input_end)
    count_T = end_T[crop.first : crop.stop]  # of tokens up to each tick
    some_T = count_T > 0
    first = int(max(count_T[0] - 1, 0))
    last = int(count_T[-1])
    table = vectors.of(session, slice(first, max(last, first + 1)))
    latest_TE = table[np.maximum(count_T - 1 - first, 0)] * some_T[:, None]
    came_T = np.searchsorted(end_T, count_T, side="left")  # the tick that brought the token
    age_T = (np.arange(crop.first, crop.stop) - came_T) * TICK_S
    return latest_TE.astype(np.float32), (np.exp(-age_T / FADES_S) * some_T).astype(np.float32)
