import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from hocket.core.clock import VirtualClock
from hocket.core.errors import BadInput
from hocket.training import loop
from hocket.training.checkpoint import Progress
from hocket.training.config import TrainingConfig
from hocket.training.curves import Row
from hocket.training.floor import FloorTraining, Materials
from hocket.training.loop import train
from hocket.training.schedule import Budget
from tests.training import toy

pytestmark = pytest.mark.training

CONFIG = replace(toy.config(), batch_crops=3, words_dropout=0.2, sound_dropout=0.2)


class Killed(Exception):
    """As if the process had ended."""


class Listener:
    """Lets half a minute pass each step, and ends it all after one."""

    def __init__(self, clock: VirtualClock, *, kill_after_step: int | None = None) -> None:
        self.rows: list[Row] = []
        self._clock, self._kill_after_step = clock, kill_after_step

    def __call__(self, row: Row) -> None:
        self.rows.append(row)
        if row["kind"] == "train":
            self._clock.advance_to(self._clock.now() + 30)
            if row["step"] == self._kill_after_step:
                raise Killed


@pytest.fixture
def materials(tmp_path: Path) -> Materials:
    data, validation = tmp_path / "data", tmp_path / "validation"
    toy.pack(data, sessions=6)
    toy.pack(validation, sessions=2, seed=1)
    return Materials(data=(data,), validation=validation, vectors=toy.VECTORS)


def trained(
    materials: Materials,
    out: Path,
    *,
    config: TrainingConfig = CONFIG,
    minutes: float | None = None,
    steps: int | None = 11,
    seed: int = 0,
    resume: bool = False,
    kill_after_step: int | None = None,
) -> list[Row]:
    clock = VirtualClock()
    listener = Listener(clock, kill_after_step=kill_after_step)
    budget = Budget(minutes=minutes, steps=steps)
    with suppress(Killed):
        train(
            FloorTraining(config, materials, seed=seed),
            out,
            budget=budget,
            clock=clock,
            resume=resume,
            listener=listener,
        )
    return listener.rows


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def same(a: Path, b: Path) -> bool:
    left, right = (load_file(folder / "training.safetensors") for folder in (a, b))
    return left.keys() == right.keys() and all(torch.equal(left[k], right[k]) for k in left)


def test_stopped_and_resumed_equals_uninterrupted(materials: Materials, tmp_path: Path) -> None:
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    trained(materials, whole)
    trained(materials, halves, kill_after_step=6)  # the last checkpoint is of step 4
    rows = trained(materials, halves, resume=True)
    assert [row["step"] for row in rows if row["kind"] == "train"] == [5, 6, 7, 8, 9, 10, 11]
    assert same(whole, halves)
    assert steps_of(whole) == steps_of(halves) == list(range(1, 12))


def steps_of(folder: Path) -> list[int]:
    rows = [json.loads(line) for line in (folder / "curves.jsonl").read_text().splitlines()]
    return [row["step"] for row in rows if row["kind"] == "train"]


def test_the_seed_decides(materials: Materials, tmp_path: Path) -> None:
    one, again, other = (tmp_path / name for name in "abc")
    for out, seed in ((one, 3), (again, 3), (other, 4)):
        trained(materials, out, steps=2, seed=seed)
    assert same(one, again) and not same(one, other)


def test_a_checkpoint_comes_every_two_minutes_and_a_validation_every_six(
    materials: Materials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[int] = []

    def save(folder: Path, network: Any, optimiser: Any, progress: Progress) -> None:
        saved.append(progress.step)

    monkeypatch.setattr(loop, "save_training", save)
    rows = trained(materials, tmp_path / "out", steps=14)
    validations = [row for row in rows if row["kind"] == "validation"]
    assert saved == [4, 8, 12, 14]
    assert [row["step"] for row in validations] == [12, 14]
    assert set(validations[0]["auc"]) == {"0.2", "0.4", "0.6"}
    assert (tmp_path / "out" / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_budget_in_minutes_ends_in_time_with_a_rate_near_zero(
    materials: Materials, tmp_path: Path
) -> None:
    rows = trained(materials, tmp_path / "out", minutes=10, steps=None)
    rates = [row["rate"] for row in rows if row["kind"] == "train"]
    assert len(rates) == 20
    assert max(rates) == rates[10] == 1 and 0 < rates[-1] < 0.2


def test_the_card_says_what_was_trained_on_what(materials: Materials, tmp_path: Path) -> None:
    trained(materials, tmp_path / "out", steps=1, seed=5)
    card = json.loads((tmp_path / "out" / "config.json").read_text())
    assert (card["config"]["name"], card["seed"]) == ("toy", 5)
    assert card["data"] != card["validation"] and len(card["commit"]) >= 7
    assert len(card["class_weights"]) == 5


def test_a_folder_with_a_training_is_not_overwritten(materials: Materials, tmp_path: Path) -> None:
    trained(materials, tmp_path / "out", steps=1)
    with pytest.raises(BadInput, match="--resume"):
        trained(materials, tmp_path / "out", steps=1)


@pytest.mark.parametrize(
    ("change", "word"), [({"seed": 1}, "seed"), ({"config": toy.config()}, "config")]
)
def test_another_training_is_not_resumed(
    materials: Materials, tmp_path: Path, change: dict[str, object], word: str
) -> None:
    trained(materials, tmp_path / "out", steps=1)
    with pytest.raises(BadInput, match=f"the same training .* got {word}"):
        trained(materials, tmp_path / "out", resume=True, **change)  # type: ignore[arg-type]


def test_other_data_is_not_resumed(materials: Materials, tmp_path: Path) -> None:
    trained(materials, tmp_path / "out", steps=1)
    toy.pack(tmp_path / "other", sessions=6, seed=2)
    with pytest.raises(BadInput, match="got data"):
        trained(replace(materials, data=(tmp_path / "other",)), tmp_path / "out", resume=True)


def test_bfloat16_learns_too(materials: Materials, tmp_path: Path) -> None:
    rows = trained(materials, tmp_path / "out", config=replace(CONFIG, bf16=True), steps=3)
    exact = trained(materials, tmp_path / "exact", steps=3)
    assert rows[2]["floor_loss"] == pytest.approx(exact[2]["floor_loss"], rel=0.05)
    assert rows[2]["floor_loss"] != exact[2]["floor_loss"]
