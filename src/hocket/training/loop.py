"""The training loop: a batch, a step, a row; every two minutes a checkpoint, every six a validation.

Law: what step n does is a function of configuration, data, seed and n (and, with a budget in minutes,
of the share of it that is spent); checkpoints and validations change nothing. So a resumed training
gives bit for bit what an uninterrupted one gives, on one thread. What is learned, and from what, is the
subject's affair.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol

import torch
from torch import Tensor, nn

from hocket.core.clock import Clock
from hocket.core.errors import BadInput
from hocket.training.checkpoint import (
    Card,
    Progress,
    can_resume,
    load_card,
    load_training,
    save_card,
    save_training,
)
from hocket.training.config import Optimisation
from hocket.training.curves import Curves, Row
from hocket.training.schedule import Budget, rate_factor

CHECKPOINT_EVERY_S: Final = 120.0
VALIDATION_EVERY_S: Final = 360.0
Listener = Callable[[Row], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What a batch says: a scalar with gradients, its parts as numbers, and how much was read."""

    total: Tensor
    figures: Row
    n_positions: int


class Subject(Protocol):
    """What is trained. Two of equal card give equal batches in equal order."""

    @property
    def network(self) -> nn.Module:
        """Its weights; those that want no gradient stay as they are and are not stored."""
        ...

    @property
    def card(self) -> Card:
        """What it is, from which data and seed."""
        ...

    def batches(self) -> Iterator[Any]:
        """What each step learns from, endless and cheap: a resumed training skips what was learned."""
        ...

    def loss(self, batch: Any) -> Loss:
        """Of what a step learns from, in the network's present mode."""
        ...

    def validate(self) -> Row:
        """Figures on data that is not learned from."""
        ...


def train(
    subject: Subject,
    out: Path,
    *,
    budget: Budget,
    clock: Clock,
    resume: bool = False,
    listener: Listener = lambda row: None,
) -> None:
    """Train until the budget is spent; ``out`` then holds checkpoint, curves and card.

    Raises:
        BadInput: ``out`` holds another training or, without ``resume``, any.
        StorageError: the disk refused.
    """
    if can_resume(out) and not resume:
        raise BadInput(f"expected an empty folder or --resume, got a training in {out}")
    out.mkdir(parents=True, exist_ok=True)
    Training(subject, out, clock=clock, listener=listener).run(budget)


class Training:
    """One training in its folder; goes on from its checkpoint if there is one."""

    def __init__(self, subject: Subject, out: Path, *, clock: Clock, listener: Listener) -> None:
        self._subject, self._out = subject, out
        self._clock, self._listener = clock, listener
        self._how: Optimisation = subject.card.config
        self._trained = [w for w in subject.network.parameters() if w.requires_grad]
        self._optimiser = _optimiser(self._trained, self._how)
        self._progress = self._begin(subject.card)
        self._curves = Curves(out, up_to_step=self._progress.step)
        self._started_s = clock.now() - self._progress.elapsed_s

    def _begin(self, card: Card) -> Progress:
        if not can_resume(self._out):
            save_card(self._out, card)
            return Progress()
        if difference := load_card(self._out).differs(card):
            raise BadInput(f"expected the same training in {self._out}, got {difference}")
        return load_training(self._out, self._subject.network, self._optimiser)

    def run(self, budget: Budget) -> None:
        """Learn until the budget is spent; save and validate as it goes and at its end."""
        saved_s = validated_s = self._elapsed_s()
        for batch in islice(self._subject.batches(), self._progress.step, None):
            spent = budget.spent(step=self._progress.step, elapsed_s=self._elapsed_s())
            if spent >= 1:
                break
            self._learn(batch, spent)
            if self._elapsed_s() - saved_s >= CHECKPOINT_EVERY_S:
                self._save()
                if self._elapsed_s() - validated_s >= VALIDATION_EVERY_S:
                    self._validate()
                    validated_s = self._elapsed_s()
                saved_s = self._elapsed_s()
        self._save()  # first, so that a validation that fails costs nothing
        self._validate()
        self._curves.draw()

    def _learn(self, batch: Any, spent: float) -> None:
        started_s = self._clock.now()
        factor = rate_factor(
            step=self._progress.step,
            spent=spent,
            warmup_steps=self._how.warmup_steps,
            decay_share=self._how.decay_share,
        )
        for group in self._optimiser.param_groups:
            group["lr"] = self._how.peak_rate * factor
        loss, norm = self._step(batch)
        self._progress = Progress(
            step=self._progress.step + 1,
            elapsed_s=self._elapsed_s(),
            positions=self._progress.positions + loss.n_positions,
        )
        took_s = max(self._clock.now() - started_s, 1e-9)
        pace = {"rate": factor, "positions_per_s": loss.n_positions / took_s}
        self._tell("train", {**loss.figures, "gradient_norm": norm, **pace})

    def _step(self, batch: Any) -> tuple[Loss, float]:
        self._subject.network.train()
        with self._precision():
            loss = self._subject.loss(batch)
        self._optimiser.zero_grad()
        loss.total.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self._trained, self._how.clip_norm)
        self._optimiser.step()
        return loss, norm.item()

    def _precision(self) -> AbstractContextManager[object]:
        if not self._how.bf16:
            return nullcontext()
        return torch.autocast("cpu", dtype=torch.bfloat16)

    def _save(self) -> None:
        save_training(self._out, self._subject.network, self._optimiser, self._progress)

    def _validate(self) -> None:
        self._subject.network.eval()
        self._tell("validation", self._subject.validate())

    def _tell(self, kind: str, figures: Row) -> None:
        progress = self._progress
        place = {"step": progress.step, "elapsed_s": progress.elapsed_s}
        row = {"kind": kind, **place, "positions": progress.positions, **figures}
        self._curves.add(row)
        self._listener(row)

    def _elapsed_s(self) -> float:
        return self._clock.now() - self._started_s


def _optimiser(trained: Sequence[Tensor], how: Optimisation) -> torch.optim.AdamW:
    """AdamW; vectors (norms, biases) do not decay."""
    groups = [
        {"params": [w for w in trained if w.ndim > 1], "weight_decay": how.weight_decay},
        {"params": [w for w in trained if w.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=how.peak_rate, betas=(0.9, 0.95), fused=True)
