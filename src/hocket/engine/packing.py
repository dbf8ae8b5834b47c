"""Matrices as blocks of 8-bit numbers, the way ONNX Runtime's MatMulNBits reads them.

Law: ``unpack_rows(pack(w))`` differs from ``w`` by at most half a step (largest of the block / 254).
A matrix that was stored as GGUF Q8_0 (blocks of 32) is packed without loss at block 32, because
its largest number is 127 steps already. Source: onnxruntime ContribOperators, MatMulNBits.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ZERO = 128  # MatMulNBits' implied zero point at 8 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A matrix [rows, columns] whose rows are cut into blocks, each with a scale."""

    steps: NDArray[np.uint8]  # [rows, blocks, block]: value = (step - 128) * scale
    scales: NDArray[np.float32]  # [rows, blocks]
    columns: int

    @property
    def block(self) -> int:
        """Values that share a scale."""
        return int(self.steps.shape[2])


_ROWS_AT_ONCE = 1024  # keeps the float copies of a vocabulary-sized matrix small


def pack(weight_RC: NDArray[np.float32], *, block: int) -> Packed:
    """Round a matrix to 8 bits, symmetric around zero; columns are padded to whole blocks."""
    rows, columns = weight_RC.shape
    blocks = -(-columns // block)
    packed = Packed(
        steps=np.empty((rows, blocks, block), np.uint8),
        scales=np.empty((rows, blocks), np.float32),
        columns=columns,
    )
    for start in range(0, rows, _ROWS_AT_ONCE):
        some = slice(start, start + _ROWS_AT_ONCE)
        padded = np.pad(weight_RC[some], ((0, 0), (0, -columns % block)))
        _round(padded.reshape(-1, blocks, block), packed.steps[some], packed.scales[some])
    return packed


def _round(
    blocks_RBK: NDArray[np.float32], bytes_RBK: NDArray[np.uint8], scales_RB: NDArray[np.float32]
) -> None:
    scales_RB[:] = np.abs(blocks_RBK).max(axis=2) / np.float32(127)
    steps_RB = np.where(scales_RB > 0, scales_RB, np.float32(1))
    bytes_RBK[:] = np.rint(blocks_RBK / steps_RB[:, :, None]) + ZERO


def unpack_rows(packed: Packed, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """The chosen rows as numbers: float32 [len(rows), columns]."""
    centred = packed.steps[rows].astype(np.float32) - np.float32(ZERO)
    values = centred * packed.scales[rows][:, :, None]
    width = values.shape[1] * values.shape[2]  # -1 could not be told for no rows
    return values.reshape(len(rows), width)[:, : packed.columns]
