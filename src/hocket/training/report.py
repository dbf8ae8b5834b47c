"""What a validation says: losses, decisions that agree, and ends told from pauses.

Law: nothing is dropped out, every tick of every session counts once, and the class weights are those
of training, so the losses can be laid beside training's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hocket.data.pack import Pack
from hocket.model.duplex import Duplex
from hocket.model.heads import TickLogits
from hocket.protocol.floor import FLOORS, Floor
from hocket.training.batches import Targets, targets
from hocket.training.config import TrainingConfig
from hocket.training.crops import Crop
from hocket.training.losses import losses
from hocket.training.running import run_session
from hocket.training.silences import WAITS_S, Separation, separation
from hocket.training.word_vectors import WordVectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Figures of one validation."""

    floor_loss: float
    ahead_loss: float
    accuracy: float  # share of ticks of weight > 0 whose likeliest action is the target's
    recall: dict[str, float]  # the same by the target's action, where there are such ticks
    separations: dict[str, Separation]  # by seconds of silence

    def row(self) -> dict[str, Any]:
        """As JSON values."""
        aucs = {
            wait: {"auc": each.auc, "ends": each.ends, "pauses": each.pauses}
            for wait, each in self.separations.items()
        }
        return {
            "floor_loss": self.floor_loss,
            "ahead_loss": self.ahead_loss,
            "accuracy": self.accuracy,
            "recall": self.recall,
            "auc": aucs,
        }


def validate(
    network: Duplex,
    pack: Pack,
    config: TrainingConfig,
    vectors: WordVectors | None,
    class_weights_C: Tensor,
) -> Report:
    """Run a network over all sessions of a pack."""
    logits = [run_session(network, session, config, vectors) for session in pack]
    wanted = targets([(session, _whole(len(session))) for session in pack])
    said = _joined(logits)
    both = losses(said, wanted, class_weights_C)
    return Report(
        floor_loss=float(both.floor),
        ahead_loss=float(both.ahead),
        accuracy=_accuracy(said, wanted),
        recall=_recall(said, wanted),
        separations=_separations(pack, logits),
    )


def _whole(n_ticks: int) -> Crop:
    return Crop(session=0, first=0, stop=n_ticks, sound=False, words=False)


def _joined(logits: Sequence[TickLogits]) -> TickLogits:
    return TickLogits(
        floor_TC=torch.cat([each.floor_TC for each in logits]),
        user_ahead_TB=torch.cat([each.user_ahead_TB for each in logits]),
        agent_ahead_TB=torch.cat([each.agent_ahead_TB for each in logits]),
    )


def _agreeing(said: TickLogits, wanted: Targets) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    counted_T = wanted.weight_T > 0
    target_T = wanted.floor_TC[counted_T].argmax(-1)
    agree_T = said.floor_TC[counted_T].argmax(-1) == target_T
    return agree_T.numpy(), target_T.numpy()


def _accuracy(said: TickLogits, wanted: Targets) -> float:
    agree_T, _ = _agreeing(said, wanted)
    return float(agree_T.mean()) if len(agree_T) else 0.0


def _recall(said: TickLogits, wanted: Targets) -> dict[str, float]:
    agree_T, target_T = _agreeing(said, wanted)
    return {
        str(floor): float(agree_T[target_T == index].mean())
        for index, floor in enumerate(FLOORS)
        if (target_T == index).any()
    }


def _separations(pack: Pack, logits: Sequence[TickLogits]) -> dict[str, Separation]:
    speak = FLOORS.index(Floor.SPEAK)
    scored = [
        (session.about.get("marks", ()), each.floor_TC.softmax(-1)[:, speak].numpy())
        for session, each in zip(pack, logits, strict=True)
    ]
    return {str(wait_s): separation(scored, wait_s=wait_s) for wait_s in WAITS_S}
