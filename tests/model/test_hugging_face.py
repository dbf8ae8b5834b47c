"""A folder as Hugging Face publishes it gives the logits that its own library gives.

``tiny-llama`` was written by transformers 5.23 (``LlamaForCausalLM``, random weights, bfloat16), and so
were the logits beside it.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hocket.core.errors import ModelFileError
from hocket.model.hugging_face import HuggingFaceFolder

FOLDER = Path(__file__).parent / "tiny-llama"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "model")
    (tmp_path / "model" / "tokenizer.json").write_text("{}")
    return tmp_path / "model"


def changed(folder: Path, **values: Any) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
    return folder


def test_the_backbone_gives_the_logits_of_the_library(folder: Path) -> None:
    torch = pytest.importorskip("torch")
    from hocket.model.network import Backbone, load_weights

    source = HuggingFaceFolder(folder)
    network = Backbone(source.config).eval()
    load_weights(network, source.weights)
    with np.load(FOLDER / "expected.npz") as expected, torch.no_grad():
        ids_1N = torch.from_numpy(expected["ids"])[None]
        logits_1NV = network.logits(network(network.embed(ids_1N)))
        assert np.abs(logits_1NV[0].numpy() - expected["logits"]).max() < 1e-3
        assert expected["logits"].std() > 1


def test_older_folders_tell_of_the_rotation_beside_the_rest(folder: Path) -> None:
    changed(folder, rope_parameters=None, rope_theta=5000.0, rope_scaling=None)
    assert HuggingFaceFolder(folder).config.rope_theta == 5000.0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"architectures": ["GPT2LMHeadModel"]}, "expected one of LlamaForCausalLM"),
        ({"tie_word_embeddings": False}, "expected tied embeddings"),
        ({"attention_bias": True}, "expected attention_bias False"),
        ({"head_dim": 64}, "expected head_dim 8"),
        ({"rope_parameters": {"rope_type": "llama3"}}, "expected plain rotation"),
        ({"rope_parameters": None, "rope_scaling": {"factor": 8}}, "expected rope_scaling None"),
        ({"hidden_size": None}, "expected a model's shape"),
        ({"intermediate_size": 64}, "expected layers.0.gate.weight of"),
        ({"num_hidden_layers": 3}, "expected the weight model.layers.2"),
    ],
)
def test_what_the_backbone_cannot_do_is_refused_by_name(
    folder: Path, values: dict[str, Any], said: str
) -> None:
    with pytest.raises(ModelFileError, match=said):
        HuggingFaceFolder(changed(folder, **values))


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelFileError, match=r"expected (a file at|the weight)"):
        HuggingFaceFolder(folder)
