"""Whose voice it sounds like: a few numbers of the shape of a tick's spectrum.

Law: linear in the tick's levels, so that ticks may be averaged before they are compared; loudness is not in
it. The matrix is that of ``timbre.safetensors``, frozen: what tells voices, near and across a room, from each
other and differs least within one. Source: fitted by ``python -m hocket.training.voices`` (linear
discriminant analysis, Fisher 1936) on the packs that its file names; docs/decisions/0070.
"""

from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

Float32: TypeAlias = NDArray[np.float32]

TIMBRES: Final = 24  # numbers a tick
MATRIX: Final = Path(__file__).with_name("timbre.safetensors")


def shape(levels_FM: NDArray[Any]) -> Float32:
    """dMel levels 0..15 [..., F, M] of ticks: their mean, less that over mels [..., M]."""
    mean_M = levels_FM.mean(axis=-2, dtype=np.float32)
    return np.asarray(mean_M - mean_M.mean(axis=-1, keepdims=True), np.float32)


def timbre(levels_FM: NDArray[Any]) -> Float32:
    """Of dMel levels [..., F, 80] the numbers [..., 24]; only directions mean something."""
    centre_M, project_MK = _matrix()
    return np.asarray((shape(levels_FM) - centre_M) @ project_MK, np.float32)


@cache
def _matrix() -> tuple[Float32, Float32]:
    """The mean shape of voices [80], and the matrix [80, 24]."""
    arrays = load_file(MATRIX)
    return arrays["centre"], arrays["project"]
