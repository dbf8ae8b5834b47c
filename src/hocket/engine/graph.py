"""The backbone as ONNX graphs written by hand: the body, and the head that scores tokens.

Law: the body equals ``hocket.model.network`` for any split of the input into pieces
(tests/engine/test_runtime.py). It takes embeddings [1, N, D] and gives normalised hidden states;
keys and values are updated in place: the caller binds one buffer as past and as present. The head
is a graph of its own because a silent tick needs no scores. Exporting the torch network instead
loses GroupQueryAttention and the 8-bit products.
Source: onnxruntime ContribOperators (GroupQueryAttention, MatMulNBits).
"""

from pathlib import Path
from typing import Literal

import numpy as np
from onnx import TensorProto

from hocket.engine.onnx_file import MICROSOFT, OnnxFile
from hocket.model.config import BackboneConfig, Weights, rope_tables

Precision = Literal["int8", "float32"]

GRAPH_VERSION = 1  # part of every derived directory's name: raise it with any change of a graph
BODY_BLOCK = 64
HEAD_BLOCK = 32  # as GGUF's Q8_0, so that SmolLM2's output matrix is kept without loss


def past_names(layer: int) -> tuple[str, str]:
    """Names of a layer's key and value inputs, each [1, G, M, S]."""
    return f"past.{layer}.k", f"past.{layer}.v"


def present_names(layer: int) -> tuple[str, str]:
    """Names of a layer's key and value outputs: bind the buffers of ``past_names``."""
    return f"present.{layer}.k", f"present.{layer}.v"


def write_body(
    config: BackboneConfig, weights: Weights, directory: Path, *, precision: Precision
) -> None:
    """Write body.onnx and body.bin.

    Inputs ``x`` float32 [1, N, D], ``last`` int32 [1] (positions known after this call, less one),
    ``total`` int32 scalar (the same, not less one), and the pasts. Outputs ``hidden`` [1, N, D]
    and the presents.
    """
    with OnnxFile(directory, "body") as file:
        x = file.input("x", [1, "N", config.width])
        file.input("last", [1], TensorProto.INT32)
        file.input("total", [], TensorProto.INT32)
        cos_MR, sin_MR = rope_tables(config, config.max_positions)
        file.weight("cos", cos_MR)
        file.weight("sin", sin_MR)
        _Body(file, config, weights, BODY_BLOCK if precision == "int8" else None).write(x)


def write_head(weights: Weights, directory: Path, *, precision: Precision) -> None:
    """Write head.onnx and head.bin: ``hidden`` [N, D] to ``logits`` [N, V]."""
    embed_VD = weights["embed.weight"]
    vocab, width = embed_VD.shape
    with OnnxFile(directory, "head") as file:
        hidden = file.input("hidden", ["N", width])
        block = HEAD_BLOCK if precision == "int8" else None
        out = file.linear(hidden, "embed", embed_VD, block=block)
        file.node("Identity", [out], ["logits"])
        file.output("logits", ["N", vocab])


class _Body:
    """Lays down the layers. The residual sum is fused with the norm that follows it."""

    def __init__(
        self, file: OnnxFile, config: BackboneConfig, weights: Weights, block: int | None
    ) -> None:
        self._file, self._config, self._weights, self._block = file, config, weights, block

    def write(self, x: str) -> None:
        config = self._config
        normed = self._first_norm(x)
        residual = x
        for layer in range(config.layers):
            name = f"layers.{layer}"
            mixed = self._attention(name, layer, normed)
            added = self._linear(mixed, f"{name}.o")
            normed, residual = self._add_norm(residual, added, f"{name}.ff_norm")
            added = self._feed_forward(name, normed)
            last = layer == config.layers - 1
            after = "norm" if last else f"layers.{layer + 1}.attn_norm"
            normed, residual = self._add_norm(residual, added, after, "hidden" if last else None)
        self._file.output("hidden", [1, "N", config.width])

    def _attention(self, name: str, layer: int, normed: str) -> str:
        config = self._config
        cache: list[int | str] = [1, config.kv_heads, "M", config.head_size]
        past, present = past_names(layer), present_names(layer)
        for name_in, name_out in zip(past, present, strict=True):
            self._file.input(name_in, cache)
            self._file.output(name_out, cache)
        qkv = self._linear(normed, f"{name}.q", f"{name}.k", f"{name}.v")
        return self._file.node(
            "GroupQueryAttention",
            [qkv, "", "", *past, "last", "total", "cos", "sin"],
            [f"{name}.mixed", *present],
            domain=MICROSOFT,
            num_heads=config.heads,
            kv_num_heads=config.kv_heads,
            do_rotary=1,
            rotary_interleaved=int(config.interleaved),
        )

    def _feed_forward(self, name: str, normed: str) -> str:
        both = self._linear(normed, f"{name}.gate", f"{name}.up")
        gate, up = f"{name}.gate.raw", f"{name}.up.raw"
        self._file.node("Split", [both], [gate, up], axis=-1, num_outputs=2)
        # QuickGelu with alpha 1 is SiLU, in one pass.
        opened = self._file.node(
            "QuickGelu", [gate], [f"{name}.opened"], domain=MICROSOFT, alpha=1.0
        )
        gated = self._file.node("Mul", [opened, up], [f"{name}.gated"])
        return self._linear(gated, f"{name}.down")

    def _first_norm(self, x: str) -> str:
        return self._file.node(
            "SimplifiedLayerNormalization",
            [x, self._norm_weight("layers.0.attn_norm")],
            ["layers.0.attn_norm.out"],
            axis=-1,
            epsilon=self._config.norm_eps,
            stash_type=1,
        )

    def _add_norm(
        self, residual: str, added: str, norm: str, out: str | None = None
    ) -> tuple[str, str]:
        """The normed sum and the sum itself."""
        names = [out or f"{norm}.out", "", "", f"{norm}.sum"]
        self._file.node(
            "SkipSimplifiedLayerNormalization",
            [residual, added, self._norm_weight(norm)],
            names,
            domain=MICROSOFT,
            epsilon=self._config.norm_eps,
        )
        return names[0], names[3]

    def _norm_weight(self, name: str) -> str:
        return self._file.weight(f"{name}.weight", self._weights[f"{name}.weight"])

    def _linear(self, x: str, *names: str) -> str:
        """One product for several matrices with the same input: fewer, larger steps."""
        stacked = np.concatenate([self._weights[f"{name}.weight"] for name in names])
        return self._file.linear(x, "+".join(names), stacked, block=self._block)
