"""The mean of checkpoints."""

from pathlib import Path

import pytest
import torch

from hocket.core.errors import BadInput
from hocket.training.average import average
from hocket.training.checkpoint import WEIGHTS, load_card, load_network, save_weights, tensors_of
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


def test_different_networks_have_no_mean(tmp_path: Path) -> None:
    first, second = trained(tmp_path / "one"), trained(tmp_path / "two", words=False)
    with pytest.raises(BadInput, match="expected trainings of one network"):
        average([first, second], tmp_path / "mean")
