import pytest

pytest.importorskip("torch")

from hocket.model.duplex import Duplex
from hocket.recipes.floor_probe import RECIPES
from hocket.training.config import TrainingConfig, from_json, to_json

CONFIGS = [recipe() for recipe in RECIPES.values()]


def test_recipes_are_found_by_their_names() -> None:
    assert list(RECIPES) == [
        "floor-probe-words",
        "floor-probe-sound",
        "floor-probe-dmel",
        "floor-probe-words-sound",
        "floor-probe-states-sound",
    ]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
def test_a_recipe_survives_json(config: TrainingConfig) -> None:
    assert from_json(to_json(config)) == config


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
def test_it_is_hocket_13m_whatever_it_sees(config: TrainingConfig) -> None:
    network = Duplex(config.network)
    millions = sum(weight.numel() for weight in network.parameters()) / 1e6
    assert 12.6 < millions < 16.0
    assert (network.embedding.words is not None) == bool(config.vocabulary)
