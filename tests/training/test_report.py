from dataclasses import replace
from pathlib import Path

import pytest
import torch

from hocket.data.pack import Pack, SessionTicks
from hocket.model.duplex import Duplex
from hocket.training.report import validate
from tests.training import toy

CONFIG = replace(toy.config(), crop_ticks=30, context_ticks=10)


def inclined(floor: int) -> Duplex:
    """A network that always wants one action."""
    made = Duplex(CONFIG.network).eval()
    torch.nn.init.zeros_(made.heads.floor.weight)
    made.heads.floor.bias.data[floor] = 3.0
    return made


def marked(seed: int, *, ends_in: int) -> SessionTicks:
    marks = [
        {"kind": "turn_end", "start_s": 1.0, "end_s": ends_in},
        {"kind": "pause", "start_s": 4.0, "end_s": 4.9},
    ]
    whole = toy.session(50, seed)
    return replace(whole, about={**whole.about, "marks": marks})


def test_figures_are_of_all_ticks_with_weight(tmp_path: Path) -> None:
    one, other = toy.session(40, 1), toy.session(70, 2)
    other.weight[30:] = 0
    pack = Pack(toy.write(tmp_path, [one, other]))
    report = validate(inclined(toy.HOLD), pack, CONFIG, toy.VECTORS, torch.ones(5))
    held = (one.target.argmax(-1) == toy.HOLD).sum() + (
        other.target[:30].argmax(-1) == toy.HOLD
    ).sum()
    assert report.accuracy == pytest.approx(held / 70)
    assert report.recall == {"listen": 0.0, "speak": 0.0, "hold": 1.0}
    assert report.row()["recall"] == report.recall


def test_silences_of_all_sessions_are_compared(tmp_path: Path) -> None:
    pack = Pack(toy.write(tmp_path, [marked(1, ends_in=3), marked(2, ends_in=3)]))
    report = validate(inclined(toy.SPEAK), pack, CONFIG, toy.VECTORS, torch.ones(5))
    assert report.row()["auc"]["0.6"] == {"auc": 0.5, "ends": 2, "pauses": 2}
    assert report.separations["0.2"].auc == 0.5
