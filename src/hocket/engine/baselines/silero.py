"""Silero VAD: the probability of speech in every 32 ms of the user's lane.

Law: state is a value of one session; the graph is shared. Source: the package's own ONNX graph, inputs
``input`` [1, 64 + 512] (64 samples of context), ``state`` [2, 1, 128], ``sr``.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime as ort

from hocket.core.units import USER_RATE_HZ
from hocket.engine.port import Float32

CHUNK = 512
CONTEXT = 64
CHUNK_MS = 1000 * CHUNK / USER_RATE_HZ


def _rest() -> Float32:
    return np.zeros(0, np.float32)


@dataclass(slots=True)
class VadState:
    """What the detector remembers of one session."""

    state: Float32 = field(default_factory=lambda: np.zeros((2, 1, 128), np.float32))
    context: Float32 = field(default_factory=lambda: np.zeros(CONTEXT, np.float32))
    rest: Float32 = field(default_factory=_rest)

    def copy(self) -> "VadState":
        """An independent copy."""
        return VadState(self.state.copy(), self.context.copy(), self.rest.copy())


class SileroVad:
    """The shared graph."""

    def __init__(self, path: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._rate = np.array(USER_RATE_HZ, np.int64)

    def step(self, state: VadState, samples_S: Float32) -> tuple[float, ...]:
        """Speech probabilities of the 32 ms chunks that these samples complete."""
        pending = np.concatenate([state.rest, samples_S])
        whole = len(pending) // CHUNK * CHUNK
        state.rest = pending[whole:]
        return tuple(self._chunk(state, chunk) for chunk in pending[:whole].reshape(-1, CHUNK))

    def _chunk(self, state: VadState, chunk: Float32) -> float:
        framed = np.concatenate([state.context, chunk])
        p, state.state = self._session.run(
            None, {"input": framed[None], "state": state.state, "sr": self._rate}
        )
        state.context = chunk[-CONTEXT:]
        return float(p[0, 0])
