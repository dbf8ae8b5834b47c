"""Token ids to embeddings. Law: the table stays on disk, mapped; only rows that are read cost memory."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hocket.engine.packing import Packed, unpack_rows


class Embeddings:
    """The embedding table of a derived directory."""

    def __init__(self, directory: Path, *, width: int) -> None:
        table = np.load(directory / "embed.npy", mmap_mode="r")
        self._width = width
        self._table_VD: NDArray[np.float32] | None = table if table.ndim == 2 else None
        self._packed: Packed | None = None
        if table.ndim == 3:
            scales = np.load(directory / "embed.scales.npy", mmap_mode="r")
            self._packed = Packed(steps=table, scales=scales, columns=width)

    def rows(self, ids: list[int]) -> NDArray[np.float32]:
        """Embeddings [N, D] of token ids; IndexError for an id outside the vocabulary."""
        index = np.asarray(ids, np.int64)
        if index.size and index.min() < 0:
            raise IndexError(f"expected token ids >= 0, got {index.min()}")
        if self._packed is not None:
            return unpack_rows(self._packed, index)
        assert self._table_VD is not None
        return np.array(self._table_VD[index], np.float32)
