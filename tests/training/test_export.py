"""What was trained is what is served."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hocket.core.clock import VirtualClock
from hocket.core.errors import BadInput, ModelFileError
from hocket.engine import shipped, small_file
from hocket.engine.derived import file_sha
from hocket.training.checkpoint import begin_as, trained_of
from hocket.training.export import export_floor, export_words
from hocket.training.floor import FloorTraining, Materials
from hocket.training.loop import train
from hocket.training.predict import Predictor
from hocket.training.schedule import Budget
from tests.engine.test_floor_network import NETWORK, chances, ticks
from tests.training import toy
from tests.training.test_language import subject

pytestmark = pytest.mark.training

CONFIG = replace(toy.config(), network=NETWORK)


def trained(folder: Path, *, words: bool = True) -> Path:
    toy.pack(folder / "data", sessions=12)
    config = CONFIG if words else toy.config(words=False)
    materials = Materials(data=(folder / "data",), validation=folder / "data", vectors=toy.VECTORS)
    out = folder / "out"
    train(
        FloorTraining(config, materials, seed=0), out, budget=Budget(steps=30), clock=VirtualClock()
    )
    return out


def test_a_floor_that_was_trained_is_served(tmp_path: Path) -> None:
    out = trained(tmp_path)
    path = export_floor(out, tmp_path / "shipped")
    assert path.stat().st_size < 0.4 * (out / "model.safetensors").stat().st_size
    served = shipped.floor_network(tmp_path / "shipped", cache=tmp_path / "cache")
    session = toy.session(60, 9)
    wanted = Predictor.load(out, vectors=toy.VECTORS)(session).p_T5
    found = np.stack([each.p_C for each in chances(served.open(), ticks(session))])
    assert np.abs(found - wanted).max() < 0.1  # 8 bits, and this one is hardly trained
    assert (found.argmax(1) == wanted.argmax(1)).mean() > 0.95
    _, about = small_file.read(path)
    assert '"toy"' in about["config"] and about["seed"] == "0"


def test_what_is_served_can_be_the_start_of_another_training(tmp_path: Path) -> None:
    exported = export_floor(trained(tmp_path), tmp_path / "shipped")
    data = Materials(data=(tmp_path / "data",), validation=tmp_path / "data", vectors=toy.VECTORS)
    begun = FloorTraining(CONFIG, replace(data, start=exported), seed=1)
    weights, _ = small_file.read(exported)
    began_as = trained_of(begun.network)
    assert began_as.keys() == weights.keys()
    assert all(np.array_equal(began_as[name].numpy(), w) for name, w in weights.items())
    assert begun.card.start == file_sha(exported)[:8]
    from_nothing = FloorTraining(CONFIG, data, seed=1)
    assert begun.card.differs(from_nothing.card).startswith("start")
    other = FloorTraining(toy.config(), data, seed=1)
    with pytest.raises(BadInput, match="expected weights of this network"):
        begin_as(other.network, exported)


def test_what_a_language_model_learned_is_stored_by_name(tmp_path: Path) -> None:
    train(subject(), tmp_path / "out", budget=Budget(steps=2), clock=VirtualClock())
    weights, about = small_file.read(export_words(tmp_path / "out", tmp_path / "shipped"))
    assert "layers.0.q.a" in weights and "layers.1.down.b" in weights
    assert len(weights) == 2 * 2 * 7 + 2 and weights["meant.weight"].shape == (1, 64)
    assert "toy-words" in about["config"]


def test_what_cannot_be_served_is_not_exported(tmp_path: Path) -> None:
    out = trained(tmp_path, words=False)
    with pytest.raises(BadInput, match="expected the inputs of"):
        export_floor(out, tmp_path / "shipped")
    with pytest.raises(BadInput, match="expected a training of a language model"):
        export_words(out, tmp_path / "shipped")


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="expected weights at"):
        shipped.floor_network(tmp_path)
    small_file.write(tmp_path / shipped.FLOOR, {"x": np.zeros(3, np.float32)}, {})
    with pytest.raises(ModelFileError, match="expected a floor network"):
        shipped.floor_network(tmp_path)
    with pytest.raises(ModelFileError, match="expected weights at"):
        shipped.language_model(tmp_path, tmp_path / "base.gguf")
