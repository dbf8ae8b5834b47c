"""Moonshine-tiny's graphs written anew: the published weights in a tenth of the published nodes.

Law: products are the published ones, 8-bit weights and scales untouched, so the answers are the published
graphs' to their own rounding: encoder frames differ by 3 % (as they do when the published graph's input
moves by 1e-7: rounding to 8 bits makes much of little), a decoder's scores by 1e-6 with AVX-512 and, for
the same reason, by 3 % with AVX2 alone. Twice as fast (docs/decisions/0032-moonshine-in-few-nodes.md).

* ``encoder``: samples -> frames
* ``cross``: frames -> the keys and values that every step of the decoder reads
* ``decoder``: tokens behind a past -> scores and the grown past

Source: Moonshine (arXiv 2410.15608); onnxruntime ContribOperators.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from hocket.engine.derived import file_sha, made
from hocket.engine.onnx_file import MICROSOFT, OnnxFile
from hocket.engine.ort_file import OrtFile

VERSION: Final = 1  # part of the derived directory's name: raise it with any change of a graph
LAYERS: Final = 6
HEADS: Final = 8
HEAD_SIZE: Final = 36
ROTATED: Final = 32  # of a head's numbers
WIDTH: Final = HEADS * HEAD_SIZE
MOST_POSITIONS: Final = 2_048  # frames or tokens; 49 s
NORM_EPS: Final = 1e-5
SCALE: Final = 1 / HEAD_SIZE**0.5
_FREQUENCIES: Final = (1, ROTATED // 2, 1)  # the shape of the only such constant

CROSS_NAMES: Final = tuple(f"cross.{layer}.{part}" for layer in range(LAYERS) for part in "kv")
PAST_NAMES: Final = tuple(f"past.{layer}.{part}" for layer in range(LAYERS) for part in "kv")
PRESENT_NAMES: Final = tuple(f"present.{layer}.{part}" for layer in range(LAYERS) for part in "kv")


def derive(encoder: Path, decoder: Path, cache: Path | None = None) -> Path:
    """The directory of the three graphs, written when it is not there (a second, once a machine).

    Raises:
        ModelFileError: a file is missing or is not what its name says.
        StorageError: the disk refuses.
    """

    def write(aside: Path) -> None:
        _write_encoder(OrtFile(encoder), aside)
        source = OrtFile(decoder, branch="else_branch")  # of an empty past: it has all weights
        _write_cross(source, aside)
        _write_decoder(source, aside)

    recipe = f"{file_sha(encoder)} {file_sha(decoder)} {VERSION}"
    return made("moonshine-tiny-en", recipe, write, cache)


def _write_encoder(source: OrtFile, directory: Path) -> None:
    """``samples`` float32 [1, 1, 1, S] to ``frames`` [1, T, 288]. The height of one is for ONNX Runtime's
    blocked convolutions, which want four dimensions."""
    with OnnxFile(directory, "encoder") as file:
        block = _Block(file, source)
        x = file.input("samples", [1, 1, 1, "S"])
        x = block.convolution(x, "conv1", stride=64, bias=False)
        x = block.group_norm(file.node("Tanh", [x], ["tanh"]))
        for name, stride in (("conv2", 3), ("conv3", 2)):
            x = block.convolution(x, name, stride=stride, bias=True)
            x = file.node("Gelu", [x], [f"{name}.gelu"], domain=MICROSOFT)
        flat = file.node("Squeeze", [x, file.integers("height", [2])], ["flat"])
        x = file.node("Transpose", [flat], ["rows"], perm=[0, 2, 1])
        position = file.weight("position", np.zeros(1, np.int64))
        block.rotation()
        for layer in range(LAYERS):
            at, weights = f"/layers.{layer}", f"layers.{layer}"
            normed = block.norm(x, f"{weights}.input_layernorm.weight")
            q, k, v = block.rotated(normed, f"{at}/self_attn", position)
            mixed = block.attention([q, k, v], [f"{at}.mixed"])
            x = block.added(x, block.linear(mixed, f"{at}/self_attn/o_proj/MatMul_output_0"))
            normed = block.norm(x, f"{weights}.post_attention_layernorm.weight")
            wide = block.linear(normed, f"{at}/mlp/fc1/Add_output_0")
            wide = file.node("Gelu", [wide], [f"{at}.gelu"], domain=MICROSOFT)
            x = block.added(x, block.linear(wide, f"{at}/mlp/fc2/Add_output_0"))
        block.norm(x, "layer_norm.weight", out="frames")
        file.output("frames", [1, "T", WIDTH])


def _write_cross(source: OrtFile, directory: Path) -> None:
    """``frames`` [1, T, 288] to every layer's keys and values [1, 8, T, 36]."""
    with OnnxFile(directory, "cross") as file:
        frames = file.input("frames", [1, "T", WIDTH])
        every = _Block(file, source).linear(
            frames,
            *(
                f"/model/decoder/layers.{layer}/encoder_attn/{part}_proj/MatMul_output_0"
                for layer in range(LAYERS)
                for part in "kv"
            ),
        )
        shape = file.integers("shape", [-1, len(CROSS_NAMES) * HEADS, HEAD_SIZE])
        rows = file.node("Reshape", [every, shape], ["rows"])
        heads = file.node("Transpose", [rows], ["heads"], perm=[1, 0, 2])
        parts = [f"{name}.part" for name in CROSS_NAMES]
        file.node("Split", [heads], parts, axis=0, num_outputs=len(parts))
        first = file.integers("first", [0])
        for name, part in zip(CROSS_NAMES, parts, strict=True):
            file.node("Unsqueeze", [part, first], [name])
            file.output(name, [1, HEADS, "T", HEAD_SIZE])


def _write_decoder(source: OrtFile, directory: Path) -> None:
    """``ids`` int64 [1, N] at ``position`` [1], behind pasts [1, 8, P, 36] and over the cross keys and
    values, to ``scores`` [1, M, V] of those from ``first`` [1] on, and the grown pasts."""
    with OnnxFile(directory, "decoder") as file:
        block = _Block(file, source)
        ids = file.input("ids", [1, "N"], TensorProto.INT64)
        position = file.input("position", [1], TensorProto.INT64)
        first = file.input("first", [1], TensorProto.INT64)
        for name in (*PAST_NAMES, *CROSS_NAMES):
            file.input(name, [1, HEADS, "P" if name in PAST_NAMES else "T", HEAD_SIZE])
        for name in PRESENT_NAMES:
            file.output(name, [1, HEADS, "Q", HEAD_SIZE])
        block.rotation()
        x = block.embedded(ids, "model.decoder.embed_tokens.weight_merged_0")
        for layer in range(LAYERS):
            x = _decoder_layer(block, x, layer, position)
        normed = block.norm(x, "model.decoder.norm.weight_merged_0")
        end, axis = file.integers("end", [MOST_POSITIONS]), file.integers("axis", [1])
        wanted = file.node("Slice", [normed, first, end, axis], ["wanted"])
        file.node("Identity", [block.linear(wanted, "logits")], ["scores"])
        file.output("scores", [1, "M", "V"])


def _decoder_layer(block: "_Block", x: str, layer: int, position: str) -> str:
    at, weights = f"/model/decoder/layers.{layer}", f"model.decoder.layers.{layer}"
    normed = block.norm(x, f"{weights}.input_layernorm.weight_merged_0")
    q, k, v = block.rotated(normed, f"{at}/self_attn", position)
    pair = slice(2 * layer, 2 * layer + 2)
    behind = [q, k, v, "", "", "", *PAST_NAMES[pair]]
    mixed = block.attention(behind, [f"{at}.mixed", *PRESENT_NAMES[pair]], unidirectional=1)
    x = block.added(x, block.linear(mixed, f"{at}/self_attn/o_proj/MatMul_output_0"))
    normed = block.norm(x, f"{weights}.post_attention_layernorm.weight_merged_0")
    asked = block.linear(normed, f"{at}/encoder_attn/q_proj/MatMul_output_0")
    heard = block.attention([asked, *CROSS_NAMES[pair]], [f"{at}.heard"])
    x = block.added(x, block.linear(heard, f"{at}/encoder_attn/o_proj/MatMul_output_0"))
    normed = block.norm(x, f"{weights}.final_layernorm.weight_merged_0")
    both = block.linear(normed, f"{at}/mlp/fc1/Add_output_0")
    block.file.node("Split", [both], [f"{at}.wide", f"{at}.gate"], axis=-1, num_outputs=2)
    # QuickGelu with alpha 1 is SiLU, in one pass.
    gate = block.file.node(
        "QuickGelu", [f"{at}.gate"], [f"{at}.opened"], domain=MICROSOFT, alpha=1.0
    )
    gated = block.file.node("Mul", [gate, f"{at}.wide"], [f"{at}.gated"])
    return block.added(x, block.linear(gated, f"{at}/mlp/fc2/Add_output_0"))


class _Block:
    """The steps that the graphs are made of, with the weights that the published graph has there."""

    def __init__(self, file: OnnxFile, source: OrtFile) -> None:
        self.file, self._source = file, source

    def linear(self, x: str, *places: str) -> str:
        """The products that made the tensors ``places``, side by side: one rounding of ``x`` for all."""
        products = [self._product(place) for place in places]
        # Signed weights multiply twice as fast, and mean the same: both they and their zero move by 128.
        steps_IO = np.concatenate([_signed(steps_IO) for steps_IO, _, _, _ in products], axis=1)
        widths = [steps_IO.shape[1] for steps_IO, _, _, _ in products]
        scale_O = np.repeat([scale for _, scale, _, _ in products], widths).astype(np.float32)
        zero_O = np.repeat([_signed(zero) for _, _, zero, _ in products], widths)
        bias = products[0][3]
        assert bias is None or len(places) == 1
        name = "+".join(places)
        weights = [
            self.file.weight(f"{name}.steps", steps_IO),
            self.file.weight(f"{name}.scale", scale_O),
            self.file.weight(f"{name}.zero", zero_O),
        ]
        if bias is not None:
            weights.append(self.file.weight(f"{name}.bias", bias))
        return self.file.node(
            "DynamicQuantizeMatMul", [x, *weights], [f"{name}.out"], domain=MICROSOFT
        )

    def _product(self, place: str) -> "tuple[_Array, _Array, _Array, _Array | None]":
        """Weights [in, out], their scale and zero, and the bias of the product that makes ``place``."""
        source = self._source
        names = source.inputs_of(place)
        if len(names) == 6:  # MatMulIntegerToFloat: x, w and their scales and zeros in turn
            return source.weight(names[1]), source.weight(names[3]), source.weight(names[5]), None
        _, steps, scale, zero, bias = names  # DynamicQuantizeMatMul
        return (
            source.weight(steps),
            source.weight(scale),
            source.weight(zero),
            source.weight(bias) if bias else None,
        )

    def norm(self, x: str, name: str, out: str = "") -> str:
        weight = self.file.weight(name, self._source.weight(name))
        # SkipLayerNormalization would add too, and takes five times as long.
        return self.file.node(
            "LayerNormalization", [x, weight], [out or f"{name}.out"], axis=-1, epsilon=NORM_EPS
        )

    def added(self, x: str, more: str) -> str:
        return self.file.node("Add", [x, more], [f"{more}.sum"])

    def attention(self, inputs: list[str], outputs: list[str], **more: Any) -> str:
        return self.file.node(
            "MultiHeadAttention",
            inputs,
            outputs,
            domain=MICROSOFT,
            num_heads=HEADS,
            scale=SCALE,
            **more,
        )

    def rotation(self) -> None:
        """The tables that ``rotated`` reads."""
        frequency_F = self._source.of_shape(_FREQUENCIES).reshape(-1)
        angle_PF = np.arange(MOST_POSITIONS)[:, None] * frequency_F[None]
        self.file.weight("cos", np.cos(angle_PF).astype(np.float32))
        self.file.weight("sin", np.sin(angle_PF).astype(np.float32))

    def rotated(self, normed: str, at: str, position: str) -> tuple[str, str, str]:
        """Queries and keys turned by their places, and values."""
        parts = [f"{at}.{part}" for part in "qkv"]
        together = self.linear(normed, *(f"{at}/{part}_proj/MatMul_output_0" for part in "qkv"))
        self.file.node("Split", [together], parts, axis=-1, num_outputs=3)
        q, k = (
            self.file.node(
                "RotaryEmbedding",
                [part, position, "cos", "sin"],
                [f"{part}.turned"],
                domain=MICROSOFT,
                interleaved=1,
                num_heads=HEADS,
                rotary_embedding_dim=ROTATED,
            )
            for part in parts[:2]
        )
        return q, k, parts[2]

    def convolution(self, x: str, name: str, *, stride: int, bias: bool) -> str:
        filters_OIK = self._source.weight(f"{name}.weight_add_tensor")
        inputs = [x, self.file.weight(f"{name}.filters", filters_OIK[:, :, None])]
        if bias:
            inputs.append(self.file.weight(f"{name}.bias", self._source.weight(f"{name}.bias")))
        size = [1, filters_OIK.shape[-1]]
        return self.file.node("Conv", inputs, [name], kernel_shape=size, strides=[1, stride])

    def group_norm(self, x: str) -> str:
        """All channels are one group: normalised as one long row."""
        file, source = self.file, self._source
        one, none = np.ones(1, np.float32), np.zeros(1, np.float32)
        row = file.node("Reshape", [x, file.integers("row.shape", [1, 1, -1])], ["row"])
        even = file.node(
            "InstanceNormalization",
            [row, file.weight("one", one), file.weight("none", none)],
            ["even"],
            epsilon=NORM_EPS,
        )
        shape = file.integers("channels.shape", [1, WIDTH, 1, -1])
        x = file.node("Reshape", [even, shape], ["channels"])
        for op, name in (("Mul", "/groupnorm/Mul_output_0"), ("Add", "/groupnorm/Add_output_0")):
            values = source.weight(source.inputs_of(name)[1])
            x = file.node(op, [x, file.weight(f"{name}.by", values[:, :, None])], [f"{name}.out"])
        return x

    def embedded(self, ids: str, name: str) -> str:
        parts = [f"{name}_quantized", f"{name}_scale", f"{name}_zero_point"]
        table, scale, zero = (self.file.weight(part, self._source.weight(part)) for part in parts)
        rows = self.file.node("Gather", [table, ids], ["embedded.steps"], axis=0)
        return self.file.node("DequantizeLinear", [rows, scale, zero], ["embedded"])


_Array = NDArray[Any]


def _signed(steps: _Array) -> _Array:
    return (steps.astype(np.int16) - 128).astype(np.int8)
