"""What the backbone remembers of one session: keys and values, in place, and how many.

Law: only positions before ``length`` mean anything; going back is lowering ``length``. Memory is
taken from the system as positions are written, not when the buffer is made.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from hocket.engine.graph import past_names, present_names
from hocket.model.config import BackboneConfig


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KvSnapshot:
    """A copy of a Kv's known positions."""

    values: NDArray[np.float32]  # [layers, key or value, kv heads, positions, head size]

    @property
    def length(self) -> int:
        """Positions held."""
        return int(self.values.shape[3])


class Kv:
    """One session's memory in a backbone. Made by ``Backbone.open``; not shared by threads."""

    def __init__(
        self, session: ort.InferenceSession, config: BackboneConfig, max_positions: int
    ) -> None:
        self.length = 0
        self.max_positions = max_positions
        shape = (config.layers, 2, config.kv_heads, max_positions, config.head_size)
        self._values_LTGMS = np.zeros(shape, np.float32)
        self._last = np.zeros(1, np.int32)
        self._total = np.zeros((), np.int32)
        self._binding: Any = session.io_binding()
        self._owned = [ort.OrtValue.ortvalue_from_numpy(a) for a in (self._last, self._total)]
        for name, value in zip(("last", "total"), self._owned, strict=True):
            self._binding.bind_ortvalue_input(name, value)
        for layer in range(config.layers):
            self._bind_layer(layer)

    def _bind_layer(self, layer: int) -> None:
        names = zip(past_names(layer), present_names(layer), self._values_LTGMS[layer], strict=True)
        for past, present, buffer_GMS in names:
            value = ort.OrtValue.ortvalue_from_numpy(buffer_GMS[None])
            self._owned.append(value)
            self._binding.bind_ortvalue_input(past, value)
            self._binding.bind_ortvalue_output(present, value)

    def bound_for(self, x_ND: NDArray[np.float32], hidden_ND: NDArray[np.float32]) -> Any:
        """The binding that appends ``x`` and writes ``hidden``; both must outlive the run."""
        total = self.length + len(x_ND)
        self._last[0], self._total[()] = total - 1, total
        for bind, name, array in (
            (self._binding.bind_input, "x", x_ND),
            (self._binding.bind_output, "hidden", hidden_ND),
        ):
            shape = (1, *array.shape)
            bind(name, "cpu", 0, np.float32, shape, array.ctypes.data)
        return self._binding

    def snapshot(self) -> KvSnapshot:
        """A copy that stays as it is: 46 kB a position for SmolLM2-135M."""
        return KvSnapshot(values=self._values_LTGMS[:, :, :, : self.length].copy())

    def restore(self, snapshot: KvSnapshot) -> None:
        """Go on from a snapshot of a Kv of the same model; ValueError when it does not fit."""
        if snapshot.length > self.max_positions:
            raise ValueError(
                f"expected at most {self.max_positions} positions, got {snapshot.length}"
            )
        self._values_LTGMS[:, :, :, : snapshot.length] = snapshot.values
        self.length = snapshot.length
