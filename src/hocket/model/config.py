"""The shape of a backbone, and the one scheme of weight names.

Law: ``gguf_file``, ``network`` and ``engine.graph`` know a weight by the same name and shape, and
``BackboneConfig.shapes`` is the only place that spells them. A linear weight is [out, in].
Source: model.md section 1 (sizes); the llama family (RMS norm, rotary positions, grouped queries,
SwiGLU).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackboneConfig:
    """A causal transformer: embeddings in, hidden states out, output matrix tied to the input's.

    ``interleaved`` says how the rows of q and k pair up for the rotation: neighbours (2i, 2i + 1)
    as in GGUF files of llama models, or halves (i, i + head/2) as Hugging Face stores them.
    """

    layers: int
    width: int
    heads: int
    kv_heads: int
    ff: int
    vocab: int
    rope_theta: float = 100_000.0
    interleaved: bool = True
    norm_eps: float = 1e-5
    max_positions: int = 8192

    def __post_init__(self) -> None:
        if self.width % self.heads or (self.width // self.heads) % 2:
            raise ValueError(f"expected heads of even size, got {self.width} / {self.heads}")
        if self.heads % self.kv_heads:
            raise ValueError(f"expected kv heads that divide {self.heads}, got {self.kv_heads}")

    @property
    def head_size(self) -> int:
        """Width of one attention head."""
        return self.width // self.heads

    @property
    def kv_width(self) -> int:
        """Width of all keys (or values) of one position in one layer."""
        return self.kv_heads * self.head_size

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Every weight's name and shape, in the order of the forward pass."""
        shapes: dict[str, tuple[int, ...]] = {"embed.weight": (self.vocab, self.width)}
        for layer in range(self.layers):
            shapes |= {f"layers.{layer}.{k}": v for k, v in self._layer_shapes().items()}
        return shapes | {"norm.weight": (self.width,)}

    def _layer_shapes(self) -> dict[str, tuple[int, ...]]:
        return {
            "attn_norm.weight": (self.width,),
            "q.weight": (self.width, self.width),
            "k.weight": (self.kv_width, self.width),
            "v.weight": (self.kv_width, self.width),
            "o.weight": (self.width, self.width),
            "ff_norm.weight": (self.width,),
            "gate.weight": (self.ff, self.width),
            "up.weight": (self.ff, self.width),
            "down.weight": (self.width, self.ff),
        }


SMOLLM2_135M = BackboneConfig(layers=30, width=576, heads=9, kv_heads=3, ff=1536, vocab=49_152)
HOCKET_13M = BackboneConfig(layers=8, width=384, heads=6, kv_heads=2, ff=1024, vocab=49_152)
"""12.6 million weights besides the embeddings; the vocabulary is SmolLM2's."""


def random_weights(config: BackboneConfig, *, seed: int) -> dict[str, NDArray[np.float32]]:
    """Weights as at the start of training: norms one, matrices normal with deviation 1/sqrt(in)."""
    rng = np.random.default_rng(seed)
    return {name: _random(rng, shape) for name, shape in config.shapes().items()}


def _random(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    if len(shape) == 1:
        return np.ones(shape, np.float32)
    noise = rng.standard_normal(shape, dtype=np.float32)
    return noise * np.float32(shape[-1] ** -0.5)


def rope_tables(
    config: BackboneConfig, positions: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cosines and sines of the rotary embedding, each [positions, head_size / 2]."""
    half = config.head_size // 2
    rates = config.rope_theta ** (-np.arange(half, dtype=np.float64) / half)
    angles = np.arange(positions, dtype=np.float64)[:, None] * rates
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
