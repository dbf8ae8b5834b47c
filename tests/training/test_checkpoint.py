import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from hocket.core.errors import BadInput
from hocket.model.duplex import Duplex
from hocket.training.checkpoint import (
    CARD,
    TRAINING,
    WEIGHTS,
    Card,
    Progress,
    can_resume,
    load_card,
    load_network,
    load_training,
    save_card,
    save_training,
    trained_of,
)
from tests.training import toy

CARD_OF_TOY = Card(
    config=toy.config(),
    seed=3,
    data="0a",
    validation="0b",
    commit="unknown",
    class_weights=(1.0, 2.0, 0.5, 4.0, 1.0),
)


def network(seed: int) -> tuple[Duplex, torch.optim.AdamW]:
    torch.manual_seed(seed)
    made = Duplex(toy.config().network)
    return made, torch.optim.AdamW(made.parameters())


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    one, optimiser = network(0)
    one.heads.floor.weight.sum().backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    progress = Progress(step=7, elapsed_s=12.345678901, positions=99)
    save_training(tmp_path, one, optimiser, progress)
    drawn = torch.rand(3)
    other, its_optimiser = network(1)
    assert load_training(tmp_path, other, its_optimiser) == progress
    assert torch.equal(torch.rand(3), drawn)
    mine, theirs = trained_of(one), trained_of(other)
    assert len(mine) > 10 and "backbone.embed.weight" not in mine  # it wants no gradient
    assert all(torch.equal(weight, theirs[name]) for name, weight in mine.items())
    (moved,), (its,) = (o.state_dict()["state"].values() for o in (optimiser, its_optimiser))
    assert moved.keys() == its.keys() and all(torch.equal(moved[k], its[k]) for k in moved)


def test_the_card_comes_back(tmp_path: Path) -> None:
    save_card(tmp_path, CARD_OF_TOY)
    assert load_card(tmp_path) == CARD_OF_TOY
    save_training(tmp_path, *network(0), Progress())
    loaded, card = load_network(tmp_path)
    assert card == CARD_OF_TOY and not loaded.training


def test_cards_of_one_training_may_differ_in_commit_and_validation() -> None:
    assert CARD_OF_TOY.differs(replace(CARD_OF_TOY, commit="1", validation="2")) == ""
    assert CARD_OF_TOY.differs(replace(CARD_OF_TOY, seed=4)) == "seed 4"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"config": {"name": "x"}}'])
def test_a_card_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / CARD).write_text(text)
    with pytest.raises(BadInput, match="expected a training"):
        load_card(tmp_path)


def test_a_card_with_unknown_settings_is_refused(tmp_path: Path) -> None:
    save_card(tmp_path, CARD_OF_TOY)
    values = json.loads((tmp_path / CARD).read_text())
    values["config"]["colour"] = "red"
    (tmp_path / CARD).write_text(json.dumps(values))
    with pytest.raises(BadInput, match="colour"):
        load_card(tmp_path)


@pytest.mark.parametrize("damage", [b"", b"not safetensors at all"])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / TRAINING).write_bytes(damage)
    assert can_resume(tmp_path)
    with pytest.raises(BadInput, match="expected a checkpoint"):
        load_training(tmp_path, *network(0))


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    save_card(tmp_path, replace(CARD_OF_TOY, config=toy.config(words=False)))
    save_training(tmp_path, *network(0), Progress())
    assert (tmp_path / WEIGHTS).is_file()
    with pytest.raises(BadInput, match="expected weights of this network"):
        load_network(tmp_path)
