"""The backbone at work: sessions append embeddings and get hidden states back.

Law: appending in pieces of any size equals one pass over the whole (to rounding), and sessions
know nothing of each other: they share weights and differ in their ``Kv`` alone.
Source: model.md section 2. Measurements: benchmarks/results/brain.json.
"""

from pathlib import Path
from typing import Self

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from hocket.core.errors import SessionMisuse
from hocket.engine.derived import derive_gguf, read_config
from hocket.engine.embeddings import Embeddings
from hocket.engine.graph import Precision
from hocket.engine.kv import Kv, KvSnapshot

Float32 = NDArray[np.float32]

SPIN_US = 50  # spans the gaps within one pass (measured: 25 ms for 5 positions, 30 without)
PIECE_POSITIONS = 256  # longer appends are cut: attention scores grow with the square


class Body:
    """A loaded transformer without words: embeddings in, hidden states out.

    ``threads`` counts the caller. Calls from several threads are safe on different ``Kv``.
    ``spin_us`` is how long a thread without work waits awake. docs/decisions/0010: on two
    quiet cores two threads and 50 us win; beside a busy neighbour one thread wins.
    """

    def __init__(self, directory: Path, *, threads: int = 2, spin_us: int = SPIN_US) -> None:
        self.config = read_config(directory)
        self._body = _session(directory / "body.onnx", threads, spin_us)

    def open(self, max_positions: int) -> Kv:
        """An empty memory for one session; ValueError beyond what the model was made for."""
        if not 0 < max_positions <= self.config.max_positions:
            raise ValueError(
                f"expected 1..{self.config.max_positions} positions, got {max_positions}"
            )
        return Kv(self._body, self.config, max_positions)

    def append(self, kv: Kv, x_ND: Float32) -> Float32:
        """Append N embeddings [N, D] and return their normalised hidden states [N, D].

        Raises:
            SessionMisuse: the session's memory is full; nothing was appended.
            ValueError: the embeddings are not [N, D].
        """
        if x_ND.ndim != 2 or x_ND.shape[1] != self.config.width:
            raise ValueError(f"expected embeddings [N, {self.config.width}], got {x_ND.shape}")
        if kv.length + len(x_ND) > kv.max_positions:
            raise SessionMisuse(
                f"expected at most {kv.max_positions} positions, got {kv.length + len(x_ND)}"
            )
        x_ND = np.ascontiguousarray(x_ND, np.float32)
        hidden_ND = np.empty_like(x_ND)
        for start in range(0, len(x_ND), PIECE_POSITIONS):
            piece = slice(start, start + PIECE_POSITIONS)
            self._body.run_with_iobinding(kv.bound_for(x_ND[piece], hidden_ND[piece]))
            kv.length += len(x_ND[piece])
        return hidden_ND

    def rollback(self, kv: Kv, length: int) -> None:
        """Forget all positions from ``length`` on; ValueError when it lies ahead."""
        if not 0 <= length <= kv.length:
            raise ValueError(f"expected a length in 0..{kv.length}, got {length}")
        kv.length = length

    def snapshot(self, kv: Kv) -> KvSnapshot:
        """A value from which ``restore`` continues exactly."""
        return kv.snapshot()

    def restore(self, kv: Kv, snapshot: KvSnapshot) -> None:
        """Put a memory back to a snapshot of the same model."""
        kv.restore(snapshot)


class Backbone(Body):
    """A loaded language model: a body with its tokens, shared by all sessions of a worker."""

    def __init__(self, directory: Path, *, threads: int = 2, spin_us: int = SPIN_US) -> None:
        super().__init__(directory, threads=threads, spin_us=spin_us)
        self.tokenizer: Tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        self._embeddings = Embeddings(directory, width=self.config.width)
        self._head = _session(directory / "head.onnx", threads, spin_us)

    @classmethod
    def from_gguf(
        cls,
        path: Path,
        *,
        precision: Precision = "int8",
        threads: int = 2,
        spin_us: int = SPIN_US,
        cache: Path | None = None,
    ) -> Self:
        """A base model from its own file; the first call on a machine builds the graphs."""
        directory = derive_gguf(path, precision=precision, cache=cache)
        return cls(directory, threads=threads, spin_us=spin_us)

    def step(self, kv: Kv, token_id: int) -> Float32:
        """Append one token and return its hidden state [D]."""
        hidden_D: Float32 = self.append(kv, self.embed([token_id]))[0]
        return hidden_D

    def embed(self, token_ids: list[int]) -> Float32:
        """Embeddings [N, D] of token ids."""
        return self._embeddings.rows(token_ids)

    def logits(self, hidden: Float32) -> Float32:
        """Scores over the vocabulary: [D] to [V], or [N, D] to [N, V]."""
        hidden_ND = np.ascontiguousarray(np.atleast_2d(hidden), np.float32)
        logits_NV: Float32 = self._head.run(["logits"], {"hidden": hidden_ND})[0]
        return logits_NV[0] if hidden.ndim == 1 else logits_NV


def _session(path: Path, threads: int, spin_us: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spin_us > 0)))
    if spin_us > 0:
        options.add_session_config_entry("session.intra_op.spin_duration_us", str(spin_us))
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
