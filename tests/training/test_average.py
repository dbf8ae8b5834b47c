"""The mean of checkpoints."""

from pathlib import Path

import pytest
import torch

from hocket.core.errors import BadInput
from hocket.training.average import average
from hocket.training.checkpoint import WEIGHTS, load_card, load_network, save_weights, tensors_of
from hocket.training.export import export_floor
from tests.training.test_export import trained


def test_the_mean_lies_between_and_can_be_read(tmp_path: Path) -> None:
    first = trained(tmp_path / "one")
    doubled = {name: 3 * w for name, w in tensors_of(first / WEIGHTS).items()}
    second = trained(tmp_path / "two")
    save_weights(second, doubled, {})
    average([first, second], tmp_path / "mean")
    network, card = load_network(tmp_path / "mean")
    assert card == load_card(second)
    for name, w in tensors_of(first / WEIGHTS).items():
        assert torch.allclose(network.state_dict()[name], 2 * w), name


def test_an_exported_network_counts_as_the_one_it_came_from(tmp_path: Path) -> None:
    one = trained(tmp_path / "one")
    export_floor(one, tmp_path / "engine")
    average([tmp_path / "engine", one, one, one], tmp_path / "mean")
    eighth_of_a_percent = 0.00125  # of a block's largest weight: half a step of 8 bits, by four
    mean, own = tensors_of(tmp_path / "mean" / WEIGHTS), tensors_of(one / WEIGHTS)
    for name, w in own.items():
        assert (mean[name] - w).abs().max() <= eighth_of_a_percent * w.abs().max(), name
    assert any(not torch.equal(mean[name], w) for name, w in own.items())


def test_different_networks_have_no_mean(tmp_path: Path) -> None:
    first, second = trained(tmp_path / "one"), trained(tmp_path / "two", words=False)
    with pytest.raises(BadInput, match="expected trainings of one network"):
        average([first, second], tmp_path / "mean")
