"""Weights in one small file: matrices in 8-bit blocks, vectors in 16 bits, safetensors around both.

Law: what was read and is written again is the same to the bit, so that a network that was shipped is the one
that was judged. Source: engine/packing.py for the blocks; the served graphs cut the same ones.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from hocket.core.errors import ModelFileError
from hocket.engine.packing import Packed, pack, unpack_rows

Array: TypeAlias = NDArray[Any]

BLOCK: Final = 64
STEPS, SCALES = ".steps", ".scales"
TURNED: Final = (
    ".turned"  # blocks run down the columns: of matrices whose rows are too short for one
)


def write(path: Path, weights: Mapping[str, NDArray[Any]], about: Mapping[str, str]) -> None:
    """Write weights by name; ``about`` are texts of the file's head."""
    tensors: dict[str, NDArray[Any]] = {}
    for name, weight in weights.items():
        if weight.ndim == 2 and weight.shape[1] % BLOCK == 0:
            tensors |= _packed(name, weight)
        elif weight.ndim == 2 and weight.shape[0] % BLOCK == 0:
            tensors |= _packed(name + TURNED, weight.T)
        else:
            tensors[name] = np.asarray(weight, np.float16)
    save_file(tensors, path, metadata=dict(about))


def read(path: Path) -> tuple[dict[str, NDArray[np.float32]], dict[str, str]]:
    """Weights as float32, and the texts of the head.

    Raises:
        ModelFileError: there is no such file, or it is none of ours.
    """
    try:
        with safe_open(path, framework="np") as file:
            stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            about = dict(file.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise ModelFileError(f"expected weights at {path}, got: {error}") from None
    weights: dict[str, NDArray[np.float32]] = {}
    for name, tensor in stored.items():
        if name.endswith(STEPS):
            plain = name.removesuffix(STEPS)
            weight = _unpacked(tensor, stored[plain + SCALES])
            turned = plain.endswith(TURNED)
            weights[plain.removesuffix(TURNED)] = weight.T if turned else weight
        elif not name.endswith(SCALES):
            weights[name] = tensor.astype(np.float32)
    return weights, about


def _packed(name: str, weight_RC: NDArray[Any]) -> dict[str, NDArray[Any]]:
    packed = pack(np.ascontiguousarray(weight_RC, np.float32), block=BLOCK)
    return {name + STEPS: packed.steps.reshape(weight_RC.shape), name + SCALES: packed.scales}


def _unpacked(steps_RC: NDArray[np.uint8], scales_RB: NDArray[np.float32]) -> NDArray[np.float32]:
    rows, columns = steps_RC.shape
    packed = Packed(steps=steps_RC.reshape(rows, -1, BLOCK), scales=scales_RB, columns=columns)
    return unpack_rows(packed, np.arange(rows))
