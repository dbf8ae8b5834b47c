"""The training loop: a batch, a step, a row; every two minutes a checkpoint and a validation.

Law: what step n does is a function of configuration, data, seed and n (and, with a budget in minutes,
of the share of it that is spent); checkpoints and validations change nothing. So a resumed training
gives bit for bit what an uninterrupted one gives, on one thread.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from hocket.core.clock import Clock
from hocket.core.errors import BadInput
from hocket.core.provenance import commit
from hocket.data.pack import Pack, Packs
from hocket.model.duplex import Duplex
from hocket.training.batches import Batch, collate
from hocket.training.checkpoint import (
    Card,
    Progress,
    can_resume,
    load_card,
    load_training,
    save_card,
    save_training,
)
from hocket.training.config import TrainingConfig
from hocket.training.crops import Crop, Crops
from hocket.training.curves import Curves, Row
from hocket.training.losses import class_weights, losses
from hocket.training.provenance import data_hash
from hocket.training.report import validate
from hocket.training.schedule import Budget, rate_factor
from hocket.training.word_vectors import WordVectors

CHECKPOINT_EVERY_S: Final = 120.0
Listener = Callable[[Row], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """What a training needs beside its configuration."""

    data: Sequence[Path]  # packs, learnt from as one
    validation: Path
    vectors: WordVectors | None = None  # for networks that read words


def train(
    config: TrainingConfig,
    materials: Materials,
    out: Path,
    *,
    budget: Budget,
    clock: Clock,
    seed: int = 0,
    resume: bool = False,
    listener: Listener = lambda row: None,
) -> None:
    """Train until the budget is spent; ``out`` then holds checkpoint, curves and card.

    Raises:
        BadInput: a pack is none, or ``out`` holds another training or, without ``resume``, any.
        StorageError: the disk refused.
    """
    if can_resume(out) and not resume:
        raise BadInput(f"expected an empty folder or --resume, got a training in {out}")
    out.mkdir(parents=True, exist_ok=True)
    training = Training(config, materials, out, seed=seed, clock=clock, listener=listener)
    training.run(budget)


class Training:
    """One training in its folder; goes on from its checkpoint if there is one."""

    def __init__(
        self,
        config: TrainingConfig,
        materials: Materials,
        out: Path,
        *,
        seed: int,
        clock: Clock,
        listener: Listener,
    ) -> None:
        self._config, self._out = config, out
        self._clock, self._listener = clock, listener
        self._vectors = materials.vectors
        self._data, self._validation = Packs(materials.data), Pack(materials.validation)
        self._crops = Crops(self._data, config, seed=seed)
        torch.manual_seed(seed)
        self.network = Duplex(config.network)
        self._optimiser = _optimiser(self.network, config)
        weights_C = class_weights(self._data)
        self._class_weights_C = torch.from_numpy(weights_C)
        card = Card(
            config=config,
            seed=seed,
            data="+".join(data_hash(folder) for folder in materials.data),
            validation=data_hash(materials.validation),
            commit=commit(),
            class_weights=tuple(float(weight) for weight in weights_C),
        )
        self._progress = self._begin(card)
        self._curves = Curves(out, up_to_step=self._progress.step)
        self._started_s = clock.now() - self._progress.elapsed_s

    def _begin(self, card: Card) -> Progress:
        if not can_resume(self._out):
            save_card(self._out, card)
            return Progress()
        if difference := load_card(self._out).differs(card):
            raise BadInput(f"expected the same training in {self._out}, got {difference}")
        return load_training(self._out, self.network, self._optimiser)

    def run(self, budget: Budget) -> None:
        """Learn until the budget is spent; save and validate as it goes and at its end."""
        saved_s = self._elapsed_s()
        for crops in islice(self._crops.batches(), self._progress.step, None):
            spent = budget.spent(step=self._progress.step, elapsed_s=self._elapsed_s())
            if spent >= 1:
                break
            self._learn(crops, spent)
            if self._elapsed_s() - saved_s >= CHECKPOINT_EVERY_S:
                self._keep()
                saved_s = self._elapsed_s()
        self._keep()
        self._curves.draw()

    def _learn(self, crops: tuple[Crop, ...], spent: float) -> None:
        started_s = self._clock.now()
        factor = rate_factor(
            step=self._progress.step,
            spent=spent,
            warmup_steps=self._config.warmup_steps,
            decay_share=self._config.decay_share,
        )
        for group in self._optimiser.param_groups:
            group["lr"] = self._config.peak_rate * factor
        batch = collate(
            self._data,
            crops,
            self._config.network,
            self._vectors,
            silence_weight=self._config.silence_weight,
        )
        figures = self._step(batch)
        n_positions = len(batch.ticks.tick_at_T) + len(batch.ticks.sound_at_S)
        n_positions += len(batch.ticks.token_at_N)
        self._progress = Progress(
            step=self._progress.step + 1,
            elapsed_s=self._elapsed_s(),
            positions=self._progress.positions + n_positions,
        )
        took_s = max(self._clock.now() - started_s, 1e-9)
        self._tell("train", {**figures, "rate": factor, "positions_per_s": n_positions / took_s})

    def _step(self, batch: Batch) -> Row:
        self.network.train()
        with self._precision():
            logits = self.network(batch.ticks)
        both = losses(logits, batch.targets, self._class_weights_C)
        self._optimiser.zero_grad()
        both.total(ahead_share=self._config.ahead_share).backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self._config.clip_norm)
        self._optimiser.step()
        return {
            "floor_loss": both.floor.item(),
            "ahead_loss": both.ahead.item(),
            "gradient_norm": norm.item(),
        }

    def _precision(self) -> AbstractContextManager[object]:
        if not self._config.bf16:
            return nullcontext()
        return torch.autocast("cpu", dtype=torch.bfloat16)

    def _keep(self) -> None:
        """Checkpoint first, so that a validation that fails costs nothing."""
        save_training(self._out, self.network, self._optimiser, self._progress)
        self.network.eval()
        report = validate(
            self.network, self._validation, self._config, self._vectors, self._class_weights_C
        )
        self._tell("validation", report.row())

    def _tell(self, kind: str, figures: Row) -> None:
        progress = self._progress
        place = {"step": progress.step, "elapsed_s": progress.elapsed_s}
        row = {"kind": kind, **place, "positions": progress.positions, **figures}
        self._curves.add(row)
        self._listener(row)

    def _elapsed_s(self) -> float:
        return self._clock.now() - self._started_s


def _optimiser(network: nn.Module, config: TrainingConfig) -> torch.optim.AdamW:
    """AdamW; vectors (norms, biases) do not decay."""
    trained = [weight for weight in network.parameters() if weight.requires_grad]
    groups = [
        {"params": _of(trained, matrices=True), "weight_decay": config.weight_decay},
        {"params": _of(trained, matrices=False), "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.peak_rate, betas=(0.9, 0.95), fused=True)


def _of(weights: Sequence[Tensor], *, matrices: bool) -> list[Tensor]:
    return [weight for weight in weights if (weight.ndim > 1) == matrices]
