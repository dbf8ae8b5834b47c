"""The base model's token embeddings, frozen: what a word looks like before it is learned.

Law: read once from the model's own file and never stored again; 57 MB in memory as float16, whose
error (2^-11) is below that of the file's 8 bits.
"""

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hocket.model.gguf_file import GgufFile


class TokenVectors:
    """Embeddings [V, E] by token id."""

    def __init__(self, table_VE: NDArray[Any]) -> None:
        self._table_VE = table_VE.astype(np.float16)

    @classmethod
    def from_gguf(cls, path: Path) -> Self:
        """Of a GGUF file. Raises ModelFileError if it is none."""
        return cls(GgufFile(path).weights["embed.weight"])

    def rows(self, ids_N: NDArray[Any]) -> NDArray[np.float32]:
        """Embeddings [N, E] of token ids; IndexError for an id outside the vocabulary."""
        rows_NE: NDArray[np.float32] = self._table_VE[ids_N].astype(np.float32)
        return rows_NE

    def of(self, ids: list[int]) -> NDArray[np.float32]:
        """The same of a list, also of an empty one."""
        return self.rows(np.array(ids, np.int64))
