"""A network over whole sessions: one forward pass each, in windows where a session is longer.

Law: what is said of a tick depends on the ticks before it alone, never on how long the session goes
on. Windows are as long as the crops of training, because positions beyond them were never trained.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from hocket.data.pack import SessionTicks
from hocket.model.duplex import Duplex
from hocket.model.duplex_config import Sound
from hocket.model.heads import TickLogits
from hocket.training.batches import tick_tensors
from hocket.training.config import TrainingConfig
from hocket.training.crops import Crop, windows
from hocket.training.word_vectors import WordVectors


@torch.no_grad()
def run_session(
    network: Duplex, session: SessionTicks, config: TrainingConfig, vectors: WordVectors | None
) -> TickLogits:
    """Logits of all T ticks of a session."""
    if not len(session):
        raise ValueError("expected a session with ticks, got an empty one")
    windows_W3 = windows(
        len(session), window_ticks=config.crop_ticks, context_ticks=config.context_ticks
    )
    shown: dict[str, Any] = {
        "session": 0,
        "sound": config.network.sound is not Sound.NONE,
        "words": config.network.words,
    }
    crops = [Crop(first=int(first), stop=int(stop), **shown) for first, stop, _ in windows_W3]
    logits = network(tick_tensors([(session, crop) for crop in crops], config.network, vectors))
    counted_T = torch.from_numpy(
        np.concatenate([np.arange(first, stop) >= counts for first, stop, counts in windows_W3])
    )
    return _only(logits, counted_T)


def _only(logits: TickLogits, counted_T: Tensor) -> TickLogits:
    return TickLogits(
        floor_TC=logits.floor_TC[counted_T],
        user_ahead_TB=logits.user_ahead_TB[counted_T],
        agent_ahead_TB=logits.agent_ahead_TB[counted_T],
    )
