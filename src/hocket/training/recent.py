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

from hocket.audio.dmel import LEVELS, MELS
from hocket.core.units import TICK_S
from hocket.data.pack import SessionTicks
from hocket.model.duplex_config import (
    FADES_S,
    DuplexConfig,
    Sound,
)
from hocket.model.user_voice import user_voice
from hocket.training.crops import Crop
from hocket.training.gain import moved
from hocket.training.word_vectors import WordVectors

Float32 = NDArray[np.float32]


def summary(
    pieces: Sequence[tuple[SessionTicks, Crop]],
    network: DuplexConfig,
    vectors: WordVectors | None,
    heard: Sequence[Float32] | None = None,
) -> dict[str, Tensor]:
    """The fields of ``TickTensors``; empty for a network without a summary. ``heard``: ``user_voices``
    of the pieces, for a network that reads it."""
    if not network.recent_ticks:
        return {}
    found: dict[str, Tensor] = {}
    if network.sound is not Sound.NONE:
        rows = [_sound(session, crop, network) for session, crop in pieces]
        found["recent_TWS"] = torch.from_numpy(np.concatenate(rows))
    if heard is not None:
        width = network.recent_ticks
        levels = [
            _windows(heard_TV[max(crop.first - width + 1, 0) :], len(crop), width)
            for (_, crop), heard_TV in zip(pieces, heard, strict=True)
        ]
        found["recent_TWV"] = torch.from_numpy(np.concatenate(levels))
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


def user_voices(pieces: Sequence[tuple[SessionTicks, Crop]]) -> list[Float32]:
    """Who was heard [stop, 8]: in a piece's ticks and all before, wherever its crop begins."""
    return [
        session_voice(session, crop.stop, crop.gain) * np.float32(crop.sound)
        for session, crop in pieces
    ]


def session_voice(session: SessionTicks, stop: int, gain: int | None = None) -> Float32:
    """The numbers of model/user_voice.py of the ticks before ``stop`` [stop, 8]. ``gain``: the seed of
    how the microphone's moves, if it does."""
    dmel_TFM = np.asarray(session.dmel[:stop])
    level_db_T = session.level_db if gain is None else moved(session.level_db, gain)
    return user_voice(level_db_T[:stop], dmel_TFM, session.floor[:stop])


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
    levels = np.asarray(session.dmel[first:stop], np.float32) / LEVELS
    halves = levels.reshape(stop - first, 2, -1, MELS).mean(axis=2)
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
