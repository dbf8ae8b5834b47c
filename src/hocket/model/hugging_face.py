"""A base model as Hugging Face publishes it: a folder of configuration, weights and tokenizer.

Law: numpy only, and one matrix in memory at a time. What the backbone cannot do (an output matrix of its
own, biases, scaled rotation, other architectures) is refused by name, never passed over.
Source: the safetensors format; ``LlamaForCausalLM`` for names of weights and rotation by halves.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hocket.core.errors import ModelFileError
from hocket.model.config import BackboneConfig, Weights

ARCHITECTURES: Final = ("LlamaForCausalLM", "MistralForCausalLM")
_DTYPES: Final[dict[str, np.dtype[Any]]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
}
_OUTER: Final = {"embed.weight": "model.embed_tokens.weight", "norm.weight": "model.norm.weight"}
_INNER: Final = {
    "attn_norm": "input_layernorm",
    "q": "self_attn.q_proj",
    "k": "self_attn.k_proj",
    "v": "self_attn.v_proj",
    "o": "self_attn.o_proj",
    "ff_norm": "post_attention_layernorm",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
}
# What changes the computation, and the value at which it does not.
_PLAIN: Final = {
    "hidden_act": "silu",
    "attention_bias": False,
    "mlp_bias": False,
    "rope_scaling": None,
    "sliding_window": None,
    "head_dim": None,
}


def hugging_face_name(name: str) -> str:
    """What such a folder calls one of our weights; KeyError for a name outside the scheme."""
    if name in _OUTER:
        return _OUTER[name]
    _, layer, part, _ = name.split(".")
    return f"model.layers.{layer}.{_INNER[part]}.weight"


class HuggingFaceFolder:
    """A folder with ``config.json``, ``*.safetensors`` and ``tokenizer.json``.

    Raises:
        ModelFileError: a file is missing or broken, or the model is of another kind.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.config = _config(path, _json(path / "config.json"))
        self.weights: Weights = _Tensors(self.config, path)
        self.tokenizer_json = _text(path / "tokenizer.json")


def _config(path: Path, told: dict[str, Any]) -> BackboneConfig:
    kinds = told.get("architectures") or ["none"]
    if kinds[0] not in ARCHITECTURES:
        raise ModelFileError(
            f"expected one of {', '.join(ARCHITECTURES)} in {path}, got {kinds[0]}"
        )
    if not told.get("tie_word_embeddings", False):
        raise ModelFileError(f"expected tied embeddings in {path}, got two matrices")
    # Newer folders tell of the rotation in an object of its own.
    rotation = told.get("rope_parameters") or told
    if rotation.get("rope_type", "default") != "default":
        raise ModelFileError(f"expected plain rotation in {path}, got {rotation['rope_type']}")
    try:
        config = BackboneConfig(
            layers=told["num_hidden_layers"],
            width=told["hidden_size"],
            heads=told["num_attention_heads"],
            kv_heads=told.get("num_key_value_heads") or told["num_attention_heads"],
            ff=told["intermediate_size"],
            vocab=told["vocab_size"],
            rope_theta=float(rotation.get("rope_theta", 10_000.0)),
            norm_eps=float(told["rms_norm_eps"]),
            max_positions=told["max_position_embeddings"],
            interleaved=False,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"expected a model's shape in {path}, got {error!r}") from None
    plain = _PLAIN | {"head_dim": config.head_size}
    for key, value in plain.items():
        if told.get(key) not in (None, value):
            raise ModelFileError(f"expected {key} {value} in {path}, got {told[key]}")
    return config


class _Tensors(Mapping[str, NDArray[np.float32]]):
    """Weights by our names; each access reads its own bytes and keeps nothing."""

    def __init__(self, config: BackboneConfig, path: Path) -> None:
        self._shapes = config.shapes()
        files = sorted(path.glob("*.safetensors"))
        found = {name: each for file in files for name, each in _heads(file).items()}
        missing = [n for n in self._shapes if hugging_face_name(n) not in found]
        if missing:
            name = hugging_face_name(missing[0])
            raise ModelFileError(f"expected the weight {name} in {path}, got none")
        self._places = {name: found[hugging_face_name(name)] for name in self._shapes}
        for name, (_, about) in self._places.items():
            told = (about["dtype"], tuple(about["shape"]))
            if told[0] not in _DTYPES or told[1] != self._shapes[name]:
                wanted = f"{' or '.join(_DTYPES)} {list(self._shapes[name])}"
                raise ModelFileError(f"expected {name} of {wanted} in {path}, got {told}")

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        file, about = self._places[name]
        dtype = _DTYPES[about["dtype"]]
        first, stop = about["data_offsets"]
        values: NDArray[Any] = np.fromfile(
            file, dtype, count=(stop - first) // dtype.itemsize, offset=about["behind"] + first
        )
        if about["dtype"] == "BF16":  # the upper half of a float32
            values = (values.astype(np.uint32) << 16).view(np.float32)
        return np.asarray(values, np.float32).reshape(self._shapes[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._shapes)

    def __len__(self) -> int:
        return len(self._shapes)


def _heads(file: Path) -> dict[str, tuple[Path, dict[str, Any]]]:
    """What a safetensors file holds: where, and behind how many bytes its data begins."""
    try:
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            head = json.loads(stream.read(length))
    except (OSError, ValueError) as error:
        raise ModelFileError(f"expected a safetensors file at {file}, got: {error}") from error
    head.pop("__metadata__", None)
    return {name: (file, {**about, "behind": 8 + length}) for name, about in head.items()}


def _json(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(_text(path))
    except ValueError as error:
        raise ModelFileError(f"expected JSON in {path}, got: {error}") from error
    if not isinstance(told, dict):
        raise ModelFileError(f"expected an object in {path}, got {type(told).__name__}")
    return told


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ModelFileError(f"expected a file at {path}, got: {error}") from error
