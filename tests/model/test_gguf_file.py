from pathlib import Path

import numpy as np
import pytest

from hocket.core.errors import ModelFileError
from hocket.model.config import SMOLLM2_135M
from hocket.model.gguf_file import GgufFile, gguf_name
from tests.model.base import SMOLLM2_PATH


@pytest.fixture(scope="module")
def source() -> GgufFile:
    return GgufFile(SMOLLM2_PATH)


@pytest.mark.models
def test_config_is_smollm2s(source: GgufFile) -> None:
    assert source.config == SMOLLM2_135M


@pytest.mark.models
def test_every_weight_is_there_in_its_shape(source: GgufFile) -> None:
    assert list(source.weights) == list(source.config.shapes())
    assert len(source.weights) == 272
    for name in ("layers.29.k.weight", "layers.0.down.weight", "norm.weight"):
        weight = source.weights[name]
        assert weight.shape == source.config.shapes()[name]
        assert weight.dtype == np.float32
        assert 0 < np.abs(weight).max() < 100


@pytest.mark.models
def test_special_tokens_are_the_first_seventeen(source: GgufFile) -> None:
    special = source.special_tokens()
    assert special == source.tokens()[:17]
    assert special[:3] == ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"expected a GGUF file at .*nowhere\.gguf"):
        GgufFile(tmp_path / "nowhere.gguf")


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.gguf"
    path.write_bytes(b"RIFF" + bytes(100))
    with pytest.raises(ModelFileError, match="expected a GGUF file"):
        GgufFile(path)


def test_names_translate_both_outer_and_inner() -> None:
    assert gguf_name("embed.weight") == "token_embd.weight"
    assert gguf_name("layers.7.o.weight") == "blk.7.attn_output.weight"
    with pytest.raises(KeyError):
        gguf_name("layers.7.bias.weight")
