"""Whose voice it sounds like: a few numbers of a tick, by a small network over its spectrum.

Law: of a tick they depend on its own sound alone; how loud it is is not in them. Ticks are averaged before
they are compared, and what tells more is longer; only directions of averages mean something. The weights are
those of ``timbre.safetensors``, frozen: two convolutions over the tick's frames, then their means and
largest values, then a matrix. Source: fitted by ``python -m hocket.training.voices``, which lets voices
find themselves again among others; docs/decisions/0070.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from hocket.audio.dmel import MELS

Float32: TypeAlias = NDArray[np.float32]

TIMBRES: Final = 48  # numbers a tick
WEIGHTS: Final = Path(__file__).with_name("timbre.safetensors")
INPUTS: Final = MELS + 1
KERNEL: Final = 3  # frames
LEVEL_STEPS: Final = 4.0  # dMel levels that are 1 to the network


def frames(levels_FM: NDArray[Any]) -> Float32:
    """What the network sees of dMel levels 0..15 [..., F, 80]: of each frame the spectrum less its mean,
    and how far that mean lies under the tick's loudest [..., F, 81]."""
    levels = np.asarray(levels_FM, np.float32)
    mean_F = levels.mean(axis=-1, keepdims=True)
    under_F = mean_F - mean_F.max(axis=-2, keepdims=True)
    seen = np.concatenate((levels - mean_F, under_F), axis=-1)
    return np.asarray(seen / LEVEL_STEPS, np.float32)


def timbre(levels_FM: NDArray[Any]) -> Float32:
    """Of ticks of dMel levels [..., 8, 80] the numbers [..., 48]."""
    weights = _weights()
    x = frames(levels_FM)
    for layer in ("first", "second"):
        x = np.maximum(_convolved(x, weights, layer), 0)
    pooled = np.concatenate((x.mean(axis=-2), x.max(axis=-2)), axis=-1)
    return np.asarray(pooled @ weights["out.weight"].T + weights["out.bias"], np.float32)


def _convolved(x_FC: Float32, weights: Mapping[str, Float32], layer: str) -> Float32:
    """Over the frames of a tick, with silence around them [..., F, C]."""
    side = KERNEL // 2
    around = [(0, 0)] * (x_FC.ndim - 2) + [(side, side), (0, 0)]
    padded = np.pad(x_FC, around)
    n_frames = x_FC.shape[-2]
    shifted = [padded[..., k : k + n_frames, :] for k in range(KERNEL)]
    kernel_OCK = weights[f"{layer}.weight"]
    flat = kernel_OCK.transpose(2, 1, 0).reshape(-1, kernel_OCK.shape[0])
    return np.asarray(np.concatenate(shifted, axis=-1) @ flat + weights[f"{layer}.bias"])


@cache
def _weights() -> Mapping[str, Float32]:
    return {name: np.asarray(x, np.float32) for name, x in load_file(WEIGHTS).items()}
