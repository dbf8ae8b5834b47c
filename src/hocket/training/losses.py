"""What training minimises: the floor's cross-entropy, class-balanced, and voice activity ahead.

Law: targets may be distributions; a tick of weight 0 teaches nothing of the floor. Source: model.md
section 4.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from hocket.data.pack import Pack, Packs
from hocket.model.heads import TickLogits
from hocket.protocol.floor import FLOORS, Floor
from hocket.training.batches import Targets

LEAST_CLASS_WEIGHT: Final = 0.3
MOST_CLASS_WEIGHT: Final = 4.0
LISTEN, BACKCHANNEL = FLOORS.index(Floor.LISTEN), FLOORS.index(Floor.BACKCHANNEL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """Means over a batch: scalars with gradients."""

    floor: Tensor
    ahead: Tensor

    def total(self, *, ahead_share: float) -> Tensor:
        """The sum to minimise."""
        return self.floor + ahead_share * self.ahead


def losses(logits: TickLogits, targets: Targets, class_weights_C: Tensor) -> Losses:
    """Both losses of a batch."""
    return Losses(
        floor=floor_loss(
            logits.floor_TC,
            targets.floor_TC,
            targets.weight_T,
            class_weights_C,
            nods_T=targets.nods_T,
        ),
        ahead=ahead_loss(logits, targets),
    )


def floor_loss(
    logits_TC: Tensor,
    target_TC: Tensor,
    weight_T: Tensor,
    class_weights_C: Tensor,
    *,
    nods_T: Tensor | None = None,
) -> Tensor:
    """Cross-entropy against distributions, each class and each tick at its weight; mean by tick weight.

    ``nods_T``: 1 where a backchannel would be as right as to listen.
    """
    said_TC = logits_TC.log_softmax(-1)
    each_T = -(target_TC * class_weights_C * said_TC).sum(-1)
    if nods_T is not None:
        either_T = said_TC[:, [LISTEN, BACKCHANNEL]].logsumexp(-1)
        gained_T = class_weights_C[LISTEN] * (either_T - said_TC[:, LISTEN])
        each_T = each_T - nods_T * target_TC[:, LISTEN] * gained_T
    return (each_T * weight_T).sum() / weight_T.sum().clamp(min=1.0)


def ahead_loss(logits: TickLogits, targets: Targets) -> Tensor:
    """Mean binary cross-entropy over all bins of both sides."""
    ahead = torch.cat((logits.user_ahead_TB, logits.agent_ahead_TB), dim=-1)
    wanted = torch.cat((targets.user_ahead_TB, targets.agent_ahead_TB), dim=-1)
    return functional.binary_cross_entropy_with_logits(ahead, wanted)


def class_weights(pack: Pack | Packs) -> NDArray[np.float32]:
    """Weights [C] that give every floor action that occurs the same say, within limits."""
    masses = [
        np.asarray(session.weight, np.float64) @ np.asarray(session.target, np.float64)
        for session in pack
    ]
    mass_C = np.sum(masses, axis=0) if masses else np.zeros(len(FLOORS))
    occurring = mass_C > 0
    mean = mass_C[occurring].mean() if occurring.any() else 1.0
    weights_C = mean / np.where(occurring, mass_C, mean)
    return np.clip(weights_C, LEAST_CLASS_WEIGHT, MOST_CLASS_WEIGHT).astype(np.float32)
