from dataclasses import replace
from pathlib import Path

import pytest
import torch

from hocket.training.checkpoint import TRAINING, Card, save_card
from hocket.training.precision import bf16_here, precise
from tests.training import toy


@pytest.mark.parametrize("can", [True, False])
def test_a_training_is_as_precise_as_the_machine_is_fast(
    can: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": can, "avx2": True})
    assert bf16_here() is can
    assert precise(toy.config(), tmp_path) == replace(toy.config(), bf16=can)


def test_it_stays_so_on_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began = replace(toy.config(), bf16=True)
    save_card(tmp_path, Card(config=began, seed=0, data="", validation="", commit=""))
    (tmp_path / TRAINING).touch()
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    assert precise(toy.config(), tmp_path) == began
