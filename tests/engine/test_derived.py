import json
from pathlib import Path

import pytest

from hocket.core.errors import ModelFileError, StorageError
from hocket.engine.derived import Model, derive, derive_gguf, read_config
from hocket.model.config import BackboneConfig, random_weights

TINY = BackboneConfig(layers=1, width=32, heads=4, kv_heads=2, ff=48, vocab=50, max_positions=64)


def model() -> Model:
    return Model(config=TINY, weights=random_weights(TINY, seed=0), tokenizer_json="{}")


def test_a_model_is_built_once(tmp_path: Path) -> None:
    loads = []

    def load() -> Model:
        loads.append(1)
        return model()

    first = derive("tiny", "a1", load, cache=tmp_path)
    assert derive("tiny", "a1", load, cache=tmp_path) == first
    assert len(loads) == 1
    assert read_config(first) == TINY


def test_other_weights_and_other_precision_get_another_directory(tmp_path: Path) -> None:
    directories = {
        derive("tiny", "a1", model, cache=tmp_path),
        derive("tiny", "a2", model, cache=tmp_path),
        derive("tiny", "a1", model, precision="float32", cache=tmp_path),
    }
    assert len(directories) == 3


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Model:
        weights = random_weights(TINY, seed=0)
        del weights["layers.0.down.weight"]
        return Model(config=TINY, weights=weights, tokenizer_json="{}")

    with pytest.raises(KeyError):
        derive("tiny", "a1", broken, cache=tmp_path)
    assert list((tmp_path / "derived").iterdir()) == []


def test_losing_a_race_to_another_process_is_no_failure(tmp_path: Path) -> None:
    def overtaken() -> Model:
        if not winner:
            winner.append(derive("tiny", "a1", model, cache=tmp_path))
        return model()

    winner: list[Path] = []
    assert derive("tiny", "a1", overtaken, cache=tmp_path) == winner[0]
    assert json.loads((winner[0] / "config.json").read_text())["width"] == 32
    assert list((tmp_path / "derived").iterdir()) == winner


def test_a_disk_that_refuses_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "derived").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="expected room to write"):
        derive("tiny", "a1", model, cache=tmp_path)


def test_a_missing_source_is_a_model_file_error(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="expected a model file at"):
        derive_gguf(tmp_path / "none.gguf", cache=tmp_path)
